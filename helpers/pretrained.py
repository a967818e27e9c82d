"""Pretrained networks: ImageNet weights where they can be had, else small ones of our own.

The quick profile always takes the small network that ships with the course, so that it needs no
internet. The full profile takes what lies in Keras' cache, else downloads it there.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.paths import DATA
from helpers.sources import imagenet_weights
from helpers.sources.imagenet_weights import PUBLISHED
from helpers.sources.rounds import NoMirrorDelivered

SMALL_FILE = "mobilenet_v2_035_cifar100.weights.h5"
SMALL_ALPHA = 0.35  # the narrowest MobileNetV2 that Keras knows
SMALL_SIZE = 64


@dataclass(frozen=True)
class Pretrained:
    """A network and where its weights lie.

    Attributes:
        network: name in `keras.applications`.
        options: further arguments of the application.
        path: weights file, without the top layer.
        input_size: pixels a side that it works well at here.
        source: one sentence on where the weights come from.
    """

    network: str
    options: dict = field(hash=False)
    path: Path
    input_size: int
    source: str

    def build(self, input_tensor: object) -> object:
        """The network with its weights, without a top layer, behind a symbolic tensor.

        Args:
            input_tensor: (n, height, width, 3) preprocessed pictures, such as
                `found.preprocess(keras.Input(…))`.

        Returns:
            Uncompiled model; go on from its `.output`, (n, height / 32, width / 32, channels).

        Raises:
            UserError: the weights file is missing, damaged or of another network.
        """
        import keras

        application = getattr(keras.applications, self.network)
        if not self.path.is_file():
            raise UserError(
                f"weights file {self.path} is missing: check the course out again, or call "
                "pretrained.find again"
            )
        model = application(
            input_tensor=input_tensor, include_top=False, weights=None, **self.options
        )
        try:
            model.load_weights(self.path)
        except Exception as error:  # h5py and Keras raise many kinds for a damaged file
            reason = (str(error) or type(error).__name__).strip().splitlines()[0][:120]
            raise UserError(
                f"weights file {self.path} is damaged or of another network ({reason}): delete "
                "it and run this again"
            ) from error
        return model

    def preprocess(self, x: object) -> object:
        """Pixels 0..255, (n, height, width, 3), as the network was trained on them.

        Args:
            x: float or uint8 array, or a symbolic tensor of a model under construction.

        Returns:
            The same shape, float32.
        """
        import keras

        if not keras.backend.is_keras_tensor(x):
            x = np.array(x, dtype="float32")  # a copy, for Keras works in place
        elif not keras.backend.is_float_dtype(x.dtype):
            x = keras.ops.cast(x, "float32")
        module = {"MobileNetV2": "mobilenet_v2", "ResNet50": "resnet50"}[self.network]
        return getattr(keras.applications, module).preprocess_input(x)


def find(
    name: str,
    profile: str,
    *,
    weights_dir: Path | str | None = None,
    patience: float = 6.0,
    progress: bool = True,
) -> Pretrained:
    """The best weights that can be had for a network.

    Args:
        name: "mobilenet_v2" or "resnet50".
        profile: "quick" always takes the small MobileNetV2 that ships with the course; "full"
            takes ImageNet weights from Keras' cache or the internet. Where there is neither it
            says so, and takes another network's from Keras' cache, or else the small ones.
        weights_dir: folder of the small weights; by default the course's own `data/weights`.
        patience: seconds to wait for an answer before the internet counts as out of reach.
        progress: show a bar while downloading.

    Returns:
        Network and weights file.

    Raises:
        UserError: the network or the profile is unknown, or the disk is full.
    """
    if name not in PUBLISHED:
        raise UserError(f"no pretrained network '{name}': choose one of {', '.join(PUBLISHED)}")
    if profile not in ("quick", "full"):
        raise UserError(f"the profile is '{profile}': use 'quick' or 'full'")
    if profile == "quick":
        return _small(weights_dir)
    wanted = PUBLISHED[name]
    path, how = imagenet_weights.folder() / wanted.file, "from Keras' cache"
    if not imagenet_weights.is_right(path, wanted):
        if path.exists():
            print(f"{path} is damaged: it is fetched again.")
        try:
            imagenet_weights.fetch(wanted, path, patience, progress)
            how = "downloaded into Keras' cache"
        except NoMirrorDelivered:
            print(f"The ImageNet weights of {wanted.network} can't be downloaded now.")
            return _stand_in(wanted, weights_dir)
    return _imagenet(wanted, path, how)


def _stand_in(missed: imagenet_weights.Published, weights_dir: Path | str | None) -> Pretrained:
    """Another network with ImageNet weights in Keras' cache, or else the small one."""
    for other in PUBLISHED.values():
        path = imagenet_weights.folder() / other.file
        if other is not missed and imagenet_weights.is_right(path, other):
            return _imagenet(other, path, "from Keras' cache")
    return _small(weights_dir)


def _imagenet(published: imagenet_weights.Published, path: Path, how: str) -> Pretrained:
    return Pretrained(
        network=published.network,
        options=dict(published.options),
        path=path,
        input_size=published.input_size,
        source=f"{published.network} with ImageNet weights as Keras publishes them, {how}.",
    )


def _small(weights_dir: Path | str | None) -> Pretrained:
    """The network that ships with the course."""
    return Pretrained(
        network="MobileNetV2",
        options={"alpha": SMALL_ALPHA},
        path=Path(weights_dir or DATA / "weights") / SMALL_FILE,
        input_size=SMALL_SIZE,
        source=(
            f"MobileNetV2 (alpha {SMALL_ALPHA}), trained on CIFAR-100 by the course itself; "
            "it ships with the course."
        ),
    )
