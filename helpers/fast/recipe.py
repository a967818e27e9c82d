"""The recipe that trains the fast network, and everything in it that can be taken out."""

import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from helpers import training
from helpers.errors import UserError
from helpers.fast.muon import Muon
from helpers.fast.network import network
from helpers.fast.resizing import GrowingPictures
from helpers.schedules import OneCycle


@dataclass(frozen=True)
class Recipe:
    """Every choice of the recipe; lesson 04 explains them one by one.

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
    sizes: tuple[tuple[float, int], ...] = ((0.0, 24), (0.5, 32))  # from this share of the epochs
    precision: str = "float32"  # or "mixed_bfloat16": see `faster_precision`


# Chosen on the validation splits of the two data sets; see `python -m helpers fast --help`.
CIFAR100 = Recipe(epochs=20, widths=(64, 128, 256))
FASHION = Recipe(epochs=20, widths=(32, 64, 80), sizes=((0.0, 28),))


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
        validation_data: (pictures, class numbers), judged after each epoch.
        run_dir, restart, verbose: as for `training.fit`.

    Returns:
        The model, compiled with accuracy as its metric, and the history.

    Raises:
        UserError: labels are no class numbers, or as for `training.fit`.
    """
    recipe = recipe or Recipe()
    y = _class_numbers(y)
    classes = classes or int(y.max()) + 1
    keras.utils.set_random_seed(recipe.seed)
    model = network(
        x,
        classes=classes,
        channels=x.shape[3] if x.ndim == 4 else 3,
        widths=recipe.widths,
        whitened=recipe.whitened,
        statistics_momentum=recipe.statistics_momentum,
        maximum_at_end=recipe.maximum_at_end,
        logit_scale=recipe.logit_scale,
        precision=recipe.precision,
    )
    steps = recipe.epochs * -(-len(x) // recipe.batch_size)
    model.compile(
        optimizer(recipe, steps),
        keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
    )
    if validation_data is not None:
        images, labels = validation_data
        validation_data = images, keras.utils.to_categorical(_class_numbers(labels), classes)
    history = training.fit(
        model,
        x,
        keras.utils.to_categorical(y, classes),
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        validation_data=validation_data,
        augment=GrowingPictures(
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
        rate = OneCycle(recipe.peak_rate, steps, end_share=0.01)
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
    "mixed_bfloat16"; others emulate it and are slower.
    """
    seconds = {policy: _convolution_seconds(policy) for policy in ("float32", "mixed_bfloat16")}
    # A precision that many users lack must pay for the difference it makes.
    much_faster = seconds["mixed_bfloat16"] < 0.8 * seconds["float32"]
    return "mixed_bfloat16" if much_faster else "float32"


def _convolution_seconds(policy: str) -> float:
    model = network(widths=(32, 64), precision=policy)
    model.compile("sgd", "sparse_categorical_crossentropy")
    images, labels = np.zeros((128, 32, 32, 3), np.uint8), np.zeros(128, np.int64)
    model.train_on_batch(images, labels)  # traces the step
    times = []
    for _ in range(3):
        start = time.perf_counter()
        float(np.asarray(model.train_on_batch(images, labels)))  # waits for the result
        times.append(time.perf_counter() - start)
    return min(times)


def _class_numbers(y: np.ndarray) -> np.ndarray:
    y = np.asarray(y)
    if y.ndim != 1 or y.dtype.kind not in "iu" or len(y) == 0 or y.min() < 0:
        raise UserError(f"labels of shape {y.shape} and type {y.dtype}: pass (n,) class numbers")
    return y
