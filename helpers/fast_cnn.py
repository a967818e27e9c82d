"""A fast network: from nothing to 90 % on CIFAR-10 in minutes on two CPU cores.

`network` builds the layers, `Recipe` holds every choice of how it is trained, `train` does it. The
design follows K. Jordan, 94 % on CIFAR-10 in 3.29 seconds on a single GPU, 2024
(arXiv:2404.00498). Lesson 13 explains the parts one by one; `python -m helpers runs fast` records
what each of them is worth.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import layers

from helpers import training
from helpers.augment import shift_and_flip
from helpers.optimizers import Muon, OneCycle
from helpers.settings import CourseError

_PATCH_IMAGES = 5000  # enough for a covariance of a few dozen numbers
_SMALLEST_VARIANCE = 5e-4  # pixels are in 0..1; keeps noise from being blown up


@dataclass(frozen=True)
class Recipe:
    """Every choice of the recipe; lesson 13 explains them one by one.

    Chosen on CIFAR-10's validation split.
    """

    epochs: int = 7
    batch_size: int = 512
    seed: int = 1001
    widths: tuple[int, ...] = (32, 128, 256)
    whitened: bool = True  # the first layer is computed, not learned
    maximum_at_end: bool = True  # global max pooling, not average
    statistics_momentum: float = 0.6  # of batch normalization
    logit_scale: float = 1 / 9
    peak_rate: float = 0.75
    one_cycle: bool = True  # False: the rate stays at a third of the peak
    momentum: float = 0.85  # Nesterov's
    orthogonal: bool = True  # Muon for the convolutions; False: plain SGD
    weight_decay: float = 9e-3  # of plain SGD: times the rate, in each step; Muon needs none
    label_smoothing: float = 0.2
    flip_shift: bool = True  # augmentation
    max_shift: int = 2  # pixels
    # Sides in pixels, each from this fraction of the epochs on.
    sizes: tuple[tuple[float, int], ...] = ((0.0, 24), (0.5, 32))
    precision: str = "float32"  # or "mixed_bfloat16": see `faster_precision`


# Chosen on the validation splits of the two data sets.
CIFAR100 = Recipe(epochs=20, widths=(64, 128, 256))
FASHION = Recipe(epochs=20, widths=(32, 64, 80), sizes=((0.0, 28),))


def network(
    images: np.ndarray | None = None,
    recipe: Recipe | None = None,
    *,
    classes: int = 10,
    channels: int = 3,
) -> keras.Model:
    """Build the network; it takes images of any size from 16 pixels on.

    A frozen 2 x 2 convolution whitens the image. Each stage is Conv-Pool-BN-ReLU-Conv-BN-ReLU:
    the pooling stands directly behind the convolution, so that normalization and ReLU work on a
    quarter of the values. It is narrower than Jordan's and lacks its identity-like first weights.

    Args:
        images: (n, height, width, channels) pixels 0..255, to compute the whitening from; None
            leaves it random, for a network whose weights are loaded afterwards.
        recipe: its choices about the layers are followed; by default `Recipe()`.
        classes: number of outputs.
        channels: 3 in color, 1 in gray.

    Returns:
        Uncompiled model: (n, height, width, channels) pixels 0..255, uint8 or float, to
        (n, classes) float32 probabilities.
    """
    recipe = recipe or Recipe()
    policy = {"dtype": recipe.precision}
    inputs = keras.Input((None, None, channels))
    x = layers.Rescaling(1 / 255, **policy)(inputs)
    # One filter for each of a patch's values, and its negative.
    first = layers.Conv2D(
        2 * 4 * channels, 2, trainable=not recipe.whitened, name="whitening", **policy
    )
    x = layers.ReLU(**policy)(first(x))
    if recipe.whitened and images is not None:
        first.set_weights(whitening(images))
    for width in recipe.widths:
        for pool in (True, False):
            x = layers.Conv2D(width, 3, padding="same", use_bias=False, **policy)(x)
            if pool:
                x = layers.MaxPooling2D(**policy)(x)
            x = layers.BatchNormalization(
                scale=False, momentum=recipe.statistics_momentum, **policy
            )(x)
            x = layers.ReLU(**policy)(x)
    end = layers.GlobalMaxPooling2D if recipe.maximum_at_end else layers.GlobalAveragePooling2D
    x = end(**policy)(x)
    # The last steps in full precision: differences between small probabilities count here.
    x = layers.Dense(classes, use_bias=False, dtype="float32")(x)
    x = layers.Rescaling(recipe.logit_scale, dtype="float32")(x)
    outputs = layers.Softmax(dtype="float32")(x)
    return keras.Model(inputs, outputs, name="fast_network")


def whitening(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kernels and biases that turn 2 x 2 patches into uncorrelated values of equal variance.

    The kernels are the eigenvectors of the patches' covariance, each divided by the standard
    deviation along it, and their negatives, for the ReLU behind them lets only one sign through.

    Args:
        images: (n, height, width, channels) pixels 0..255; the first 5,000 are looked at.

    Returns:
        (2, 2, channels, 8 * channels) float32 kernels and (8 * channels,) float32 biases, for
        pixels divided by 255: 24 kernels in color.
    """
    if images.ndim != 4 or images.shape[3] not in (1, 3) or len(images) == 0:
        raise CourseError(
            f"images of shape {images.shape}: whitening needs (n, height, width, 1 or 3 channels)"
        )
    channels = images.shape[3]
    sample = np.asarray(images[:_PATCH_IMAGES], dtype=np.float32) / 255
    patches = np.lib.stride_tricks.sliding_window_view(sample, (2, 2), axis=(1, 2))[:, ::2, ::2]
    patches = np.moveaxis(patches, 3, -1).reshape(
        -1, 4 * channels
    )  # rows, columns, channels of a kernel
    mean = patches.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(patches - mean, rowvar=False))
    directions = directions[:, ::-1] / np.sqrt(variances[::-1] + _SMALLEST_VARIANCE)
    kernels = np.concatenate([directions, -directions], axis=1)
    biases = -mean @ kernels
    return kernels.reshape(2, 2, channels, -1).astype(np.float32), biases.astype(np.float32)


def train(
    x: np.ndarray,
    y: np.ndarray,
    recipe: Recipe | None = None,
    *,
    classes: int | None = None,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    run_dir: Path | str | None = None,
    restart: bool = False,
    verbose: bool = True,
) -> tuple[keras.Model, keras.callbacks.History]:
    """Train the fast network by a recipe; with a `run_dir` it survives a kill.

    Args:
        x: (n, height, width, 3) or (n, height, width, 1) pixels 0..255, uint8.
        y: (n,) class numbers.
        recipe: by default `Recipe()`.
        classes: number of outputs; by default the largest label plus 1.
        validation_data: (images, class numbers), judged after each epoch.
        run_dir, restart, verbose: as for `training.fit`.

    Returns:
        The model, compiled with accuracy as its metric, and the history.

    Raises:
        CourseError: as for `training.fit`.
    """
    recipe = recipe or Recipe()
    classes = classes or int(y.max()) + 1
    keras.utils.set_random_seed(recipe.seed)
    channels = x.shape[3] if x.ndim == 4 else 3
    model = network(x, recipe, classes=classes, channels=channels)
    steps = recipe.epochs * -(-len(x) // recipe.batch_size)
    model.compile(
        optimizer(recipe, steps),
        keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
    )
    if validation_data is not None:
        images, labels = validation_data
        validation_data = images, keras.utils.to_categorical(labels, classes)
    history = training.fit(
        model,
        x,
        keras.utils.to_categorical(y, classes),
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        validation_data=validation_data,
        augment=GrowingImages(
            recipe.epochs, recipe.sizes, recipe.max_shift if recipe.flip_shift else None
        ),
        run_dir=run_dir,
        seed=recipe.seed,
        restart=restart,
        verbose=verbose,
    )
    return model, history


def optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """The recipe's optimizer for a run of so many steps."""
    rate = recipe.peak_rate / 3
    if recipe.one_cycle:
        rate = OneCycle(recipe.peak_rate, steps, end_fraction=0.01)
    if recipe.orthogonal:
        return Muon(rate, momentum=recipe.momentum, nesterov=True)
    sgd = keras.optimizers.SGD(
        rate, momentum=recipe.momentum, nesterov=True, weight_decay=recipe.weight_decay or None
    )
    if recipe.weight_decay:
        sgd.exclude_from_weight_decay(var_names=["beta"])  # shifts have no size to be kept small
    return sgd


def faster_precision() -> str:
    """The dtype policy in which this machine convolves faster, found out by trying both.

    Processors with matrix units for bfloat16, and GPUs, are up to twice as fast in
    "mixed_bfloat16"; others emulate it and are slower, or refuse it.
    """
    seconds = {policy: _convolution_seconds(policy) for policy in ("float32", "mixed_bfloat16")}
    # A precision that many users lack must pay for the difference it makes.
    faster = seconds["mixed_bfloat16"] < 0.8 * seconds["float32"]
    return "mixed_bfloat16" if faster else "float32"


def _convolution_seconds(policy: str) -> float:
    model = network(recipe=Recipe(widths=(32, 64), precision=policy))
    model.compile("sgd", "sparse_categorical_crossentropy")
    images, labels = np.zeros((128, 32, 32, 3), np.uint8), np.zeros(128, np.int64)
    times = []
    for _ in range(4):  # the first time traces the step
        start = time.perf_counter()
        try:
            float(np.asarray(model.train_on_batch(images, labels)))  # waits for the result
        except Exception:  # of TensorFlow, where oneDNN has no such convolution
            return np.inf
        times.append(time.perf_counter() - start)
    return min(times)


@dataclass(frozen=True)
class GrowingImages:
    """Augmentation for `training.fit` whose images are small in the first epochs.

    A convolution's cost grows with the number of pixels, and rough shapes can be learned from few
    of them (J. Howard, Training Imagenet in 3 hours for 25 minutes, 2018,
    https://www.fast.ai/posts/2018-04-30-dawnbench-fastai.html).

    Attributes:
        epochs: of the whole run.
        sizes: pairs (fraction of the epochs done, side in pixels), the first fraction 0, rising.
        max_shift: pixels each way at full size; None neither shifts nor mirrors.
    """

    epochs: int
    sizes: tuple[tuple[float, int], ...]
    max_shift: int | None = 2

    def at_epoch(self, epoch: int) -> Callable:
        """What is done with the batches of an epoch, counted from 0."""
        size = [side for fraction, side in self.sizes if fraction * self.epochs <= epoch][-1]
        return partial(self._change, size)

    def _change(
        self, size: int, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.max_shift is not None:
            images = shift_and_flip(images, self.max_shift, rng)
        return shrink(images, size), labels


def shrink(images: np.ndarray, size: int) -> np.ndarray:
    """Square images made smaller; each new pixel is the mean of the area it covers.

    Args:
        images: (n, side, side, channels), any dtype.
        size: new side in pixels, at most the old one.

    Returns:
        (n, size, size, channels) float32 in the range given; the images themselves where they
        have that size already.
    """
    n, height, width, channels = images.shape
    if size == height:
        return images
    weights = _area_weights(height, size)
    rows = weights @ images.reshape(n, height, width * channels).astype(np.float32)
    return (weights @ rows.reshape(n * size, width, channels)).reshape(n, size, size, channels)


def _area_weights(side: int, size: int) -> np.ndarray:
    """(size, side) float32: how much each old pixel adds to each new one; rows sum to 1."""
    edges = np.arange(size + 1) * side / size
    pixel = np.arange(side)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return (overlap.clip(min=0) * size / side).astype(np.float32)
