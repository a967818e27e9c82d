"""What lesson 07 compares, on regrouped Fashion-MNIST, with the lesson's own functions.

The images are split as in the lesson, 70 to 15 to 15 %; all runs are judged on the first 2,000
validation images, and nobody looks at the test part. Adam at its own rate, 32 images in a batch.
"""

from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import NamedTuple

import keras
import numpy as np
from keras import layers
from sklearn.metrics import recall_score
from sklearn.model_selection import train_test_split

from helpers import datasets
from helpers.authoring import notebooks
from helpers.authoring.recipes.first_lessons import Values, figures
from helpers.settings import SEED

SHEET = [f"architecture_{number}" for number in range(1, 11)]
S5_CLASSES = (0, 1, 0, 0, 0, 2, 0, 2, -1, 2)  # of the ten classes: upper, lower, shoes, or dropped
SIMILAR = (0, -1, 1, -1, -1, -1, 2, -1, -1, -1)  # T-shirt, Pullover, Shirt


class Parts(NamedTuple):
    """Training and validation images (n, 28, 28, 1) uint8 with their labels (n,)."""

    x: np.ndarray
    y: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


@cache
def lesson() -> SimpleNamespace:
    """What lesson 07 defines and the comparisons train."""
    names = "network", *SHEET, "s5_own", "train", "modified", "fill_up"
    return notebooks.taught("07", *names, keras=keras, layers=layers, np=np)


@cache
def regrouped(new_class: tuple[int, ...]) -> Parts:
    """All images of Fashion-MNIST that keep a class, split as in the lesson."""
    data = datasets.fetch("fashion_mnist")
    splits = (data.train, data.val, data.test)
    images = np.concatenate([np.array(split.images) for split in splits])
    original = np.concatenate([np.array(split.labels) for split in splits])
    labels = np.array(new_class)[original]
    rows = np.flatnonzero(labels >= 0)
    split = partial(train_test_split, random_state=SEED)
    train, rest = split(rows, train_size=0.7, stratify=original[rows])
    val, _ = split(rest, train_size=0.5, stratify=original[rest])
    return Parts(images[train], labels[train], images[val[:2000]], labels[val[:2000]])


def first(count: int, new_class: tuple[int, ...] = S5_CLASSES) -> Parts:
    """So many training images, stratified; a larger part contains the smaller ones."""
    parts = regrouped(new_class)
    rows = np.arange(len(parts.y))
    for size in (4000, 2000, 500, 125):
        if size >= count:
            rows, _ = train_test_split(
                rows, train_size=size, stratify=parts.y[rows], random_state=SEED
            )
    return parts._replace(x=parts.x[rows], y=parts.y[rows])


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Fraction of right answers."""
    return float((model.predict(x, batch_size=500, verbose=0).argmax(axis=1) == y).mean())


# --- architectures and outputs ------------------------------------------------------------------


def architecture(name: str) -> Callable:
    """A network of the sheet on 4,000 images, ten epochs, as a function of the seed."""

    def run(seed: int) -> Values:
        parts = first(4000)
        val = {"validation_data": (parts.x_val, parts.y_val), "validation_batch_size": 500}
        _, history = lesson().train(
            getattr(lesson(), name), parts.x, parts.y, seed, epochs=10, **val
        )
        return figures(history)

    return run


class Outputs(keras.callbacks.Callback):
    """Collects after each epoch what a network answers and which of its outputs are always 0."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        super().__init__()
        self.x, self.y, self.found = x, y, []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """One row for each figure."""
        p = self.model.predict(self.x, batch_size=500, verbose=0)
        answers, dead = p.argmax(axis=1), (p == 0).all(axis=0)
        row = {"val_accuracy": (answers == self.y).mean(), "loss": logs["loss"]}
        row |= {"always 0": dead.sum(), "classes answered": len(np.unique(answers))}
        row |= {f"output {number} is 0": dead[number] for number in range(p.shape[1])}
        self.found += [(epoch + 1, metric, float(value)) for metric, value in row.items()]


def relu_output(more: int) -> Callable:
    """Architecture 5 with a ReLU at its end, four epochs; `more` is added to the seed."""

    def run(seed: int) -> Values:
        parts = first(4000)
        watch = Outputs(parts.x_val, parts.y_val)
        build = partial(lesson().architecture_5, output="relu")
        lesson().train(build, parts.x, parts.y, seed + more, epochs=4, callbacks=[watch])
        return iter(watch.found)

    return run


# --- imbalance, leak, amount --------------------------------------------------------------------


def rare_shirts() -> Parts:
    """450 T-shirts, 450 pullovers and 50 shirts to train on."""
    parts = regrouped(SIMILAR)
    counts = enumerate((450, 450, 50))
    rows = np.concatenate([np.flatnonzero(parts.y == k)[:count] for k, count in counts])
    return parts._replace(x=parts.x[rows], y=parts.y[rows])


def way(name: str, make_parts: Callable[[], Parts], epochs: int) -> Callable:
    """One of four ways to treat an imbalance, with architecture 4."""

    def run(seed: int) -> Values:
        x, y, x_val, y_val = make_parts()
        rows, options = np.arange(len(y)), {}
        if name in ("oversampling", "modified copies"):
            rows = lesson().fill_up(y, seed)
        if name == "class weights":
            counts = np.bincount(y)
            options["class_weight"] = dict(enumerate(len(y) / (len(counts) * counts)))
        x_way = x[rows]
        if name == "modified copies":
            x_way[len(y) :] = lesson().modified(x_way[len(y) :], seed)
        model, _ = lesson().train(
            lesson().architecture_4, x_way, y[rows], seed, epochs=epochs, **options
        )
        answers = model.predict(x_val, batch_size=500, verbose=0).argmax(axis=1)
        recalls = recall_score(y_val, answers, average=None)
        yield epochs, "balanced_accuracy", float(recalls.mean())
        yield epochs, "val_accuracy", float((answers == y_val).mean())
        for number, recall in enumerate(recalls):
            yield epochs, f"recall {number}", float(recall)

    return run


WAYS = ("nothing", "class weights", "oversampling", "modified copies")


def leak(split_first: bool, originals: int = 120, copies: int = 30, epochs: int = 15) -> Callable:
    """Many modified copies of few originals, split before the copies are made or behind."""

    def run(seed: int) -> Values:
        parts = regrouped(SIMILAR)
        split = partial(train_test_split, random_state=seed)
        few, _ = split(np.arange(len(parts.y)), train_size=originals, stratify=parts.y)
        if split_first:
            pair = split(few, test_size=0.3, stratify=parts.y[few])
            train, val = (np.repeat(part, copies) for part in pair)
        else:
            rows = np.repeat(few, copies)
            train, val = split(rows, test_size=0.3, stratify=parts.y[rows])
        x = lesson().modified(parts.x[np.concatenate([train, val])], seed)
        x_train, x_part = x[: len(train)], x[len(train) :]
        model, history = lesson().train(
            lesson().architecture_4, x_train, parts.y[train], seed, epochs=epochs
        )
        yield epochs, "accuracy", float(history.history["accuracy"][-1])
        yield epochs, "val_accuracy", accuracy(model, x_part, parts.y[val])
        yield epochs, "new_accuracy", accuracy(model, parts.x_val, parts.y_val)

    return run


def amount(count: int) -> Callable:
    """Architecture 4 on so many images, repeated to 4,000: as many steps for each amount."""

    def run(seed: int) -> Values:
        parts = first(count)
        rows = np.resize(np.arange(count), 4000)
        model, _ = lesson().train(
            lesson().architecture_4, parts.x[rows], parts.y[rows], seed, epochs=5
        )
        yield 5, "val_accuracy", accuracy(model, parts.x_val, parts.y_val)

    return run


# --- file, experiment, variant ------------------------------------------------------------------

EXPERIMENTS = {
    "fashion": {
        "architectures": {
            **{name.removeprefix("architecture_"): architecture(name) for name in SHEET},
            "S5's own": architecture("s5_own"),
        },
        "output": {
            f"ReLU {name}": relu_output(more) for name, more in zip("abc", (0, 10, 20), strict=True)
        },
        "imbalance": {name: way(name, lambda: first(2000), 6) for name in WAYS},
        "rare shirts": {name: way(name, rare_shirts, 12) for name in WAYS},
        "leak": {"copied, then split": leak(False), "split, then copied": leak(True)},
        "learning curve": {f"{n:,} images": amount(n) for n in (125, 500, 2000, 4000)},
    },
}
