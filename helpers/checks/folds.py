"""Check of folds for cross-validation."""

from collections.abc import Mapping
from types import GeneratorType
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array


@check("fashion_mnist_regrouping.folds")
def check_folds(folds: Any, labels: np.ndarray, *, k: int = 5) -> str:
    """Check a list of k pairs (train_rows, val_rows): disjoint, complete and stratified.

    Args:
        folds: the student's.
        labels: (n,) or (n, 1) integers.
        k: number of folds asked for.
    """
    labels = np.asarray(labels).reshape(-1)
    pairs = [_pair(pair, place, len(labels)) for place, pair in enumerate(_list_of(folds, k), 1)]
    for place, (train, val) in enumerate(pairs, 1):
        _check_pair(train, val, place, len(labels))
    _check_cover([val for _, val in pairs], len(labels))
    _check_stratified([val for _, val in pairs], labels)
    return f"{k} folds: each image is in validation once, and each class is spread evenly."


def _list_of(folds: Any, k: int) -> list:
    if isinstance(folds, GeneratorType):
        nudge = "`list(…)` around it makes folds that every candidate can use."
        text = "that is a generator: it gives its folds once and is empty then."
        raise Wrong("type", text, "`split` of scikit-learn gives a generator.", nudge)
    try:
        number = len(folds)
    except TypeError:
        number = -1
    if number < 0 or isinstance(folds, str | Mapping):
        raise Wrong("type", f"expected a list of pairs, got {describe(folds)}.")
    if number != k:
        cause = "that is one split, not a list of folds." if number == 2 else ""
        raise Wrong("shape", f"expected {k} folds, got {number}.", cause)
    return list(folds)


def _pair(pair: Any, place: int, total: int) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(pair, str | Mapping) or not hasattr(pair, "__len__") or len(pair) != 2:
        raise Wrong("type", f"fold {place}: expected (train_rows, val_rows), got {describe(pair)}.")
    train, val = (as_array(part, "an array of row numbers") for part in pair)
    for name, part in (("training", train), ("validation", val)):
        if part.dtype == bool:
            nudge = "`np.flatnonzero` turns a mask into row numbers."
            raise Wrong("type", f"fold {place}: the {name} part is a mask.", "", nudge)
        if part.ndim != 1 or not part.size:
            text = f"fold {place}: the {name} part has shape {part.shape}."
            raise Wrong("shape", text, "", "one axis of row numbers, one number an image.")
        if part.dtype.kind not in "ui":
            raise Wrong("type", f"fold {place}: the {name} part has dtype `{part.dtype}`.")
        if part.min() < 0 or part.max() >= total:
            text = f"fold {place}: {name} rows go from {part.min()} to {part.max()}."
            raise Wrong("range", text, "", f"rows of {total:,} images go from 0 to {total - 1:,}.")
    return train, val


def _check_pair(train: np.ndarray, val: np.ndarray, place: int, total: int) -> None:
    for name, part in (("training", train), ("validation", val)):
        if double := len(part) - len(np.unique(part)):
            text = f"fold {place}: {double:,} images are more than once in the {name} part."
            cause = "these are labels, not row numbers." if len(np.unique(part)) <= 10 else ""
            raise Wrong("value", text, cause)
    if common := len(np.intersect1d(train, val)):
        cause = "training holds all images, also those of validation." * (len(train) == total)
        raise Wrong("value", f"fold {place}: {common:,} images are in both parts: a leak.", cause)
    if lost := total - len(train) - len(val):
        nudge = "training is all that validation leaves over."
        raise Wrong("value", f"fold {place}: {lost:,} images are in neither part.", "", nudge)


def _check_cover(parts: list[np.ndarray], total: int) -> None:
    times = np.bincount(np.concatenate(parts), minlength=total)
    if (times == 1).all():
        return
    cause = "each fold was drawn on its own, as `ShuffleSplit` does."
    if len({tuple(np.sort(part)) for part in parts}) < len(parts):
        cause = "the same fold stands there more than once."
    elif len(parts[0]) > total / 2:
        cause = "training and validation are exchanged in each pair."
    raise Wrong(
        "value",
        f"{np.count_nonzero(times == 0):,} images are in validation never and "
        f"{np.count_nonzero(times > 1):,} more than once.",
        cause,
        "cut the images into k parts once; each part is validation in one fold.",
    )


def _check_stratified(parts: list[np.ndarray], labels: np.ndarray) -> None:
    classes = int(labels.max()) + 1
    table = np.stack([np.bincount(labels[part], minlength=classes) for part in parts])
    spread = table.max(axis=0) - table.min(axis=0)
    if spread.max() <= 2:  # some ways to cut a class leave two more in a fold
        return
    worst = int(spread.argmax())
    raise Wrong(
        "value",
        f"class {worst} has from {table[:, worst].min():,} to {table[:, worst].max():,} images in "
        "the validation parts.",
        "the folds are not stratified: `KFold` does not look at the labels.",
        "cut each class into k parts, or see `StratifiedKFold`.",
    )
