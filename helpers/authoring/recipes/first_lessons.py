"""What the recorded runs train: the comparisons of lessons 02 to 05 and 13.

The networks and the augmentation are the lessons' own functions, read from their cells. All train
on the first images of CIFAR-10's training split and are judged on its validation images; the test
split is not used.
"""

import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import SimpleNamespace

import keras
import keras_tuner
import numpy as np
import pandas as pd
from keras import layers
from keras.optimizers.schedules import CosineDecay, ExponentialDecay, PiecewiseConstantDecay

from helpers import datasets, fast_cnn, tuning
from helpers.authoring import notebooks
from helpers.course import recorded
from helpers.optimizers import OneCycle
from helpers.settings import BUILD, SEED

Values = Iterator[tuple[int, str, float]]  # epoch from 1, metric, value


def cifar10(images: int, side: int = 32) -> tuple:
    """The first training images and all validation images, each with class numbers."""
    data = datasets.fetch("cifar10")
    train = data.train.images[:images], data.train.labels[:images]
    if side == 32:
        return train, tuple(data.val)
    halve = lesson("04").halve
    return (halve(train[0]), train[1]), (halve(data.val.images), data.val.labels)


@cache
def lesson(number: str) -> SimpleNamespace:
    """What a lesson defines and the comparisons train."""
    known = {"keras": keras, "layers": layers, "np": np, "plan": SimpleNamespace(seed=SEED)}
    return notebooks.taught(number, *_TAUGHT[number], **known)


_TAUGHT = {
    "02": ("build_first", "build_s1", "build_s2", "with_dense_end", "build_width"),
    "03": ("s1_augmentation", "build_first", "flip_shift"),
    "04": ("halve", "build_narrow", "BatchLosses"),
    "05": ("build",),
}


def figures(history: keras.callbacks.History) -> Values:
    """Every figure of every epoch."""
    for metric, values in history.history.items():
        for epoch, value in enumerate(values, 1):
            yield epoch, metric, float(value)


def fit(
    model, images: int, epochs: int, *, rate: float = 1e-3, peak: float = 0, judged: int = 5000
) -> Values:
    """Train on 32 x 32 images, 64 in a batch, and judge so many validation images.

    Adam keeps its learning rate; with a `peak` it is AdamW, with a cosine from there to 0.
    """
    train, (x_val, y_val) = cifar10(images)
    val = x_val[:judged], y_val[:judged]
    optimizer = keras.optimizers.Adam(rate)
    if peak:
        optimizer = keras.optimizers.AdamW(CosineDecay(peak, -(-images // 64) * epochs))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    options = {"epochs": epochs, "batch_size": 64, "validation_data": val, "verbose": 0}
    return figures(model.fit(*train, **options))


# --- lesson 02 ----------------------------------------------------------------------------------


def of_width(filters: int, images: int, epochs: int = 40, dropout: float = 0, **more) -> Callable:
    """A run of the network for under- and overfitting, as a function of its seed."""
    return lambda seed: fit(lesson("02").build_width(filters, dropout), images, epochs, **more)


def s2_curves(seed: int) -> Values:
    """S2's network and its four curves, which need labels as one-hot rows."""
    train, val = cifar10(5000)
    model = lesson("02").build_s2()
    metrics = ["accuracy", keras.metrics.Precision(name="precision")]
    metrics.append(keras.metrics.Recall(name="recall"))
    model.compile(keras.optimizers.Adam(1e-3), "categorical_crossentropy", metrics=metrics)
    (x, y), judged = ((x, keras.utils.to_categorical(y)) for x, y in (train, val))
    options = {"epochs": 12, "batch_size": 64, "validation_data": judged, "verbose": 0}
    return figures(model.fit(x, y, **options))


# --- lesson 03 ----------------------------------------------------------------------------------

_JUDGED = 2000  # validation images, the same in all runs: judging takes as long as training here


def augmented(images: int, epochs: int, front: str = "", inside: str = "") -> Callable:
    """A run as a function of its seed; `front` and `inside` name lesson 03's lists of layers."""

    def run(seed: int) -> Values:
        places = [getattr(lesson("03"), name)() if name else [] for name in (front, inside)]
        model = lesson("03").build_first(*places)
        return fit(model, images, epochs, peak=3e-3, judged=_JUDGED)

    return run


class CutMixBatches(keras.utils.PyDataset):
    """Shuffled batches after CutMix, which changes images and one-hot labels (Yun et al., 2019)."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, seed: int) -> None:
        super().__init__()
        self.images, self.labels = images.astype("float32"), keras.utils.to_categorical(labels)
        self.mix, self.rng = layers.CutMix(seed=seed), np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.images) // 64)

    def __getitem__(self, index: int) -> tuple:
        rows = self.order[64 * index : 64 * (index + 1)]
        mixed = self.mix({"images": self.images[rows], "labels": self.labels[rows]}, training=True)
        return np.asarray(mixed["images"]), np.asarray(mixed["labels"])

    def on_epoch_end(self) -> None:
        """Draw a new order."""
        self.order = self.rng.permutation(len(self.images))


def cut_mixed(images: int, epochs: int) -> Callable:
    """Flip, shift and CutMix, as a function of the seed."""

    def run(seed: int) -> Values:
        train, (x_val, y_val) = cifar10(images)
        batches = CutMixBatches(*train, seed)
        model = lesson("03").build_first(lesson("03").flip_shift())
        optimizer = keras.optimizers.AdamW(CosineDecay(3e-3, len(batches) * epochs))
        model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
        val = x_val[:_JUDGED], keras.utils.to_categorical(y_val[:_JUDGED], 10)
        return figures(model.fit(batches, epochs=epochs, validation_data=val, verbose=0))

    return run


# --- lesson 04 ----------------------------------------------------------------------------------

_IMAGES, _EPOCHS = 9984, 12
_STEPS = _IMAGES // 128 * _EPOCHS
_S1_STEPS = 31_260  # of S1's 20 epochs
PEAKS = {"constant": 3e-3, "staircase": 1e-2, "step": 1e-2, "cosine": 2e-2, "one-cycle": 2e-2}


def schedule(name: str, peak: float | None = None):
    """A learning rate, or a schedule over the whole run, with its own peak."""
    peak = peak or PEAKS[name]
    warmup = _STEPS // 5
    return {
        "constant": lambda: peak,
        "staircase": lambda: ExponentialDecay(
            peak, _STEPS * 1000 / _S1_STEPS, decay_rate=0.96, staircase=True
        ),
        "step": lambda: PiecewiseConstantDecay(
            [_STEPS // 2, 3 * _STEPS // 4], [peak, 0.3 * peak, 0.1 * peak]
        ),
        "cosine": lambda: CosineDecay(
            0.0, _STEPS - warmup, warmup_target=peak, warmup_steps=warmup
        ),
        "one-cycle": lambda: OneCycle(peak, _STEPS),
    }[name]()


def scheduled(make_optimizer: Callable, make_callbacks: Callable = list) -> Callable:
    """A run of lesson 04's network, as a function of its seed."""

    def run(seed: int) -> Values:
        train, val = cifar10(_IMAGES, side=16)
        model = lesson("04").build_narrow()
        model.compile(make_optimizer(), "sparse_categorical_crossentropy", metrics=["accuracy"])
        options = {"epochs": _EPOCHS, "batch_size": 128, "validation_data": val, "verbose": 0}
        return figures(model.fit(*train, **options, callbacks=make_callbacks()))

    return run


def with_rate(name: str, peak: float | None = None) -> Callable:
    """Adam with a schedule."""
    return scheduled(lambda: keras.optimizers.Adam(schedule(name, peak)))


def on_plateau() -> list:
    """The callback that lesson 04 shows."""
    return [keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=1)]


def range_test(seed: int) -> Values:
    """Rate and batch loss at each step of two epochs (the column `epoch` counts steps here)."""
    train, _ = cifar10(_IMAGES, side=16)
    steps = 2 * _IMAGES // 128
    rising, losses = ExponentialDecay(1e-5, steps, decay_rate=1e5), lesson("04").BatchLosses()
    model = lesson("04").build_narrow()
    model.compile(keras.optimizers.Adam(rising), "sparse_categorical_crossentropy")
    model.fit(*train, epochs=2, batch_size=128, callbacks=[losses], verbose=0)
    for step, loss in enumerate(losses.losses):
        yield step + 1, "rate", float(rising(step))
        yield step + 1, "loss", loss


# --- lesson 05 ----------------------------------------------------------------------------------


def search(make_tuner: Callable, **more) -> Callable:
    """A search of 240 epochs, as a function of its seed; finished trials survive a kill."""

    def run(seed: int) -> pd.DataFrame:
        (x, y), val = cifar10(4000, side=16)
        name = f"{make_tuner.__name__}-{seed}"
        tuner = make_tuner(
            partial(lesson("05").build, seed=seed),
            objective="val_accuracy",
            seed=seed,
            directory=BUILD / "runs" / "search",
            project_name=name,
            overwrite=False,
            **more,
        )
        # Hyperband sets the number of epochs itself.
        length = {} if "max_epochs" in more else {"epochs": 4}
        tuner.search(x, y, validation_data=val, batch_size=32, verbose=0, **length)
        found = tuning.trials(tuner).reset_index(drop=True)
        found = found.drop(columns=["status", "bracket", "round"], errors="ignore")
        found["variant"] = [f"trial {number:02d}" for number in range(1, len(found) + 1)]
        found["epoch"] = found.get("epochs", 4)
        return found.drop(columns="epochs", errors="ignore").melt(
            ["variant", "epoch"], var_name="metric"
        )

    return run


def retrained(which: str) -> Callable:
    """The default settings or the winner of the recorded random search, with a new seed."""

    def run(seed: int) -> Values:
        settings = keras_tuner.HyperParameters()
        if which == "winner":
            rows = recorded("search").query("experiment == 'random' and seed == 1001")
            table = rows.pivot(index="variant", columns="metric", values="value")
            best = table.loc[table["score"].idxmax()]
            settings.values = best.drop("score").to_dict()
            for name in ("filters", "blocks"):
                settings.values[name] = int(settings.values[name])
        model = lesson("05").build(settings, seed + 10)
        train, val = cifar10(4000, side=16)
        options = {"epochs": 4, "batch_size": 32, "validation_data": val, "verbose": 0}
        return figures(model.fit(*train, **options))

    return run


# --- lesson 13 ----------------------------------------------------------------------------------

# What the recipe is without one of its parts.
PARTS = {
    "whole": {},
    "no whitening": {"whitened": False},
    "no one-cycle": {"one_cycle": False},
    "no label smoothing": {"label_smoothing": 0.0},
    "no Muon": {"orthogonal": False},
    "no flip and shift": {"flip_shift": False},
    "no small images": {"sizes": ((0.0, 32),)},
    "slow statistics": {"statistics_momentum": 0.99},
    "average pooling": {"maximum_at_end": False},
    "no logit scale": {"logit_scale": 1.0},
    "no bfloat16": {"precision": "float32"},
}


def fast(images: int, **changes) -> Callable:
    """The fast network with some of its choices changed, as a function of the seed."""

    def run(seed: int) -> Values:
        train, val = cifar10(images)
        recipe = fast_cnn.Recipe(seed=seed, **{"precision": "mixed_bfloat16"} | changes)
        begin = time.perf_counter()
        model, history = fast_cnn.train(*train, recipe, validation_data=val, verbose=False)
        yield from figures(history)
        yield recipe.epochs, "seconds", time.perf_counter() - begin
        views = val[0], val[0][:, :, ::-1]
        p = sum(model.predict(view, batch_size=500, verbose=0) for view in views)
        accuracy = float((p.argmax(axis=1) == val[1]).mean())
        yield recipe.epochs, "val_accuracy_mirrored", accuracy  # the image and its mirror image

    return run


# --- file, experiment, variant ------------------------------------------------------------------

EXPERIMENTS = {
    "baseline": {
        "networks": {
            "S1": lambda seed: fit(lesson("02").build_s1(), 8000, 15),
            "S2": lambda seed: fit(lesson("02").build_s2(), 8000, 15),
        },
        "capacity": {
            "too small": of_width(2, images=8000, epochs=60),
            "large": of_width(24, images=8000),
            "large, low rate": of_width(24, images=8000, rate=1e-6),
            "large, 500 images": of_width(24, images=500),
            "large, 500 images, dropout": of_width(24, images=500, dropout=0.5),
        },
        "images": {
            "1,800 images": lambda seed: fit(lesson("02").build_first(), 1800, 20, peak=3e-3),
            "8,000 images": lambda seed: fit(lesson("02").build_first(), 8000, 20, peak=3e-3),
        },
    },
    "error_analysis": {"four curves": {"S2": s2_curves}},
    "augmentation": {
        "1,800 images": {
            "none": augmented(1800, 40),
            "flip and shift": augmented(1800, 40, front="flip_shift"),
        },
        "1,800 images, 120 epochs": {
            "none": augmented(1800, 120),
            "flip and shift": augmented(1800, 120, front="flip_shift"),
        },
        "5,000 images": {
            "none": augmented(5000, 30),
            "flip and shift": augmented(5000, 30, front="flip_shift"),
            "S1, in front": augmented(5000, 30, front="s1_augmentation"),
            "S1, behind the first block": augmented(5000, 30, inside="s1_augmentation"),
            "flip, shift, CutMix": cut_mixed(5000, 30),
        },
    },
    "schedules": {
        "schedules": {name: with_rate(name) for name in PEAKS}
        | {"plateau": scheduled(lambda: keras.optimizers.Adam(1e-2), on_plateau)},
        "one peak": {name: with_rate(name, 1e-2) for name in PEAKS},
        "one-cycle and more": {
            "weight decay": scheduled(
                lambda: keras.optimizers.AdamW(schedule("one-cycle"), weight_decay=0.05)
            ),
            "moving average": scheduled(
                lambda: keras.optimizers.Adam(
                    schedule("constant"), use_ema=True, ema_momentum=0.95
                ),
                lambda: [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)],
            ),
        },
        "range test": {"Adam": range_test},
    },
    "search": {
        "random": {"search": search(keras_tuner.RandomSearch, max_trials=60)},
        "Hyperband": {
            "search": search(keras_tuner.Hyperband, max_epochs=9, factor=3, hyperband_iterations=3)
        },
        "Bayesian": {
            "search": search(keras_tuner.BayesianOptimization, max_trials=60, num_initial_points=10)
        },
    },
    "winner": {"again": {which: retrained(which) for which in ("default", "winner")}},
    "fast": {
        "parts": {
            name: fast(20_000, **{"widths": (16, 32, 64), "epochs": 6} | change)
            for name, change in PARTS.items()
        },
        "whole": {"mixed_bfloat16": fast(45_000)},
    },
}
