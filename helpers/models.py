"""Networks that a lesson imports after it has built them by hand once.

All of them take pictures as they are, pixels from 0 to 255, because their first layer divides by
255. A saved model can then be handed a picture without a word on how to prepare it.
"""

from pathlib import Path

import keras
from keras import layers

from helpers.errors import UserError
from helpers.fast.network import network as fast_network
from helpers.paths import DATA

SMALL_WEIGHTS = {"cifar10": "cifar10_small.weights.h5"}
FAST_WEIGHTS = {"cifar10": "cifar10_fast.weights.h5"}


def s1_network(classes: int = 10, input_shape: tuple[int, int, int] = (32, 32, 3)) -> keras.Model:
    """Report S1's network: three times convolution, pooling, dropout; 160,202 parameters.

    S1 put its augmentation behind the first pooling, where it distorts feature maps instead of
    pictures. It is left out here: it belongs in front of the network and is lesson 03's topic.

    Args:
        classes: number of outputs.
        input_shape: (height, width, channels), both sides 22 pixels or more.

    Returns:
        Uncompiled model: (n, height, width, channels) pixels 0..255, uint8 or float,
        to (n, classes) probabilities.
    """
    model = keras.Sequential(name="s1_network")
    model.add(keras.Input(input_shape))
    model.add(layers.Rescaling(1 / 255))
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, 3, activation="relu"))
        model.add(layers.MaxPooling2D())
        model.add(layers.Dropout(0.3))
    _add_head(model, classes)
    return model


def s2_network(classes: int = 10, input_shape: tuple[int, int, int] = (32, 32, 3)) -> keras.Model:
    """Report S2's network: three blocks of 32, 64 and 128 filters; 552,362 parameters.

    A block is Conv-BN-Conv-BN-MaxPool-Dropout, the ReLU sits in the convolution, before the batch
    normalization (Ioffe and Szegedy, 2015). The convolutions keep their bias as in S2's listing,
    although the normalization after them could do its work. The moving statistics have momentum
    0.9, not Keras' 0.99 as in S2, for small samples have too few batches for that.

    Args:
        classes: number of outputs.
        input_shape: (height, width, channels), both sides 8 pixels or more.

    Returns:
        Uncompiled model: (n, height, width, channels) pixels 0..255, uint8 or float,
        to (n, classes) probabilities. Of the parameters 896 are moving statistics, not trained.
    """
    model = keras.Sequential(name="s2_network")
    model.add(keras.Input(input_shape))
    model.add(layers.Rescaling(1 / 255))
    for filters in (32, 64, 128):
        for _ in range(2):
            model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.MaxPooling2D())
        model.add(layers.Dropout(0.25))
    _add_head(model, classes)
    return model


def s4_network(classes: int = 100, input_shape: tuple[int, int, int] = (32, 32, 3)) -> keras.Model:
    """Report S4's network for CIFAR-100, nine layers with weights; 13,870,484 parameters.

    Three times two convolutions, of 128, 256 and 512 filters, each pair with pooling and dropout,
    then two dense layers of 1,000: the first of them alone holds 8.2 million parameters.

    Args:
        classes: number of outputs.
        input_shape: (height, width, channels), both sides 8 pixels or more.

    Returns:
        Uncompiled model: (n, height, width, channels) pixels 0..255, uint8 or float,
        to (n, classes) probabilities.
    """
    model = keras.Sequential(name="s4_network")
    model.add(keras.Input(input_shape))
    model.add(layers.Rescaling(1 / 255))
    for filters, dropout in ((128, 0.25), (256, 0.25), (512, 0.5)):
        for _ in range(2):
            model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
        model.add(layers.Dropout(dropout))
    model.add(layers.Flatten())
    for _ in range(2):
        model.add(layers.Dense(1000, activation="relu"))
        model.add(layers.Dropout(0.5))
    model.add(layers.Dense(classes, activation="softmax"))
    return model


def small_cnn(classes: int = 10, input_shape: tuple[int, int, int] = (32, 32, 3)) -> keras.Model:
    """The compact network whose weights ship with the course; 289,642 parameters.

    Six 3 x 3 convolutions, each with batch normalization and ReLU. Where the picture shrinks,
    the pooling comes straight after the convolution: normalization and ReLU then work on a
    quarter of the values. Global max pooling replaces the large dense layer.

    Args:
        classes: number of outputs.
        input_shape: (height, width, channels), both sides 8 pixels or more.

    Returns:
        Uncompiled model: (n, height, width, channels) pixels 0..255, uint8 or float,
        to (n, classes) probabilities.
    """
    model = keras.Sequential(name="small_cnn")
    model.add(keras.Input(input_shape))
    model.add(layers.Rescaling(1 / 255))
    for filters in (32, 64, 128):
        _add_conv(model, filters, pool=True)
        _add_conv(model, filters)
    model.add(layers.GlobalMaxPooling2D())
    model.add(layers.Dense(classes, activation="softmax"))
    return model


def load_small(name: str = "cifar10", weights_dir: Path | str | None = None) -> keras.Model:
    """`small_cnn` with the weights that ship with the course: a prediction without training.

    Args:
        name: data set the weights were trained on; "cifar10" is the one there is.
        weights_dir: folder of the weights; by default the course's own `data/weights`.

    Returns:
        Uncompiled model, (n, 32, 32, 3) pixels 0..255 to (n, 10) probabilities.

    Raises:
        UserError: no such weights, or their file is missing or damaged.
    """
    return _load(small_cnn(), "small", SMALL_WEIGHTS, name, weights_dir)


def load_fast(name: str = "cifar10", weights_dir: Path | str | None = None) -> keras.Model:
    """The fast network (`helpers.fast`) with the weights that ship with the course.

    Args:
        name: data set the weights were trained on; "cifar10" is the one there is.
        weights_dir: folder of the weights; by default the course's own `data/weights`.

    Returns:
        Uncompiled model, (n, 32, 32, 3) pixels 0..255 to (n, 10) probabilities.

    Raises:
        UserError: no such weights, or their file is missing or damaged.
    """
    return _load(fast_network(), "fast", FAST_WEIGHTS, name, weights_dir)


def _load(
    model: keras.Model, kind: str, files: dict[str, str], name: str, folder: Path | str | None
) -> keras.Model:
    """Give a model the weights that ship for it, or say what is wrong with them."""
    if name not in files:
        raise UserError(f"no weights for '{name}': choose one of {', '.join(files)}")
    path = Path(folder or DATA / "weights") / files[name]
    way_out = f"check the course out again, or train it with `python -m helpers weights {kind}`"
    if not path.is_file():
        raise UserError(f"weights file {path} is missing: {way_out}")
    try:
        model.load_weights(path)
    except Exception as error:  # h5py and Keras raise many kinds for a damaged file
        raise UserError(
            f"weights file {path} is damaged or of another network ({_first_line(error)}): "
            f"{way_out}"
        ) from error
    return model


def _add_head(model: keras.Sequential, classes: int) -> None:
    """Flatten, a hidden dense layer with dropout, and the probabilities."""
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(classes, activation="softmax"))


def _add_conv(model: keras.Sequential, filters: int, pool: bool = False) -> None:
    """Convolution without bias, for the normalization adds its own, then perhaps pooling."""
    model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
    if pool:
        model.add(layers.MaxPooling2D())
    model.add(layers.BatchNormalization(momentum=0.9))
    model.add(layers.ReLU())


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0][:120]
