"""Check of lesson 01's exercise to split a data set."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array, call

_FRACTION = 0.1


@check("data_preparation.split")
def check_split(
    function: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], labels: np.ndarray
) -> str:
    """Check a function from labels (n,) to the indexes of a training and a validation set.

    Validation gets 10 % of each class, drawn at random but the same in each call.
    """
    labels = np.asarray(labels).reshape(-1)
    train, val = _index_pair(call(function, labels), len(labels))
    _check_partition(train, val, len(labels))
    _check_fraction(val, labels)
    again = _index_pair(call(function, labels), len(labels))
    if not (np.array_equal(np.sort(val), np.sort(again[1])) and np.array_equal(train, again[0])):
        raise Wrong(
            "value",
            "a second call gives another split.",
            "the random numbers have no seed (`random_state`).",
            "fix the seed inside the function, to 1001 for example.",
        )
    if _is_regular(val, labels):
        raise Wrong(
            "value",
            "the validation images of each class stand at regular places.",
            "the first, the last or every tenth image was taken, not a random choice.",
            "files are often sorted, so shuffle before you choose.",
        )
    return (
        f"{len(train):,} training and {len(val):,} validation images, {_FRACTION:.0%} of each "
        "class, none twice, none lost, the same in every call."
    )


def _index_pair(result: Any, total: int) -> tuple[np.ndarray, np.ndarray]:
    try:
        number = len(result)
    except TypeError:
        number = 0
    if isinstance(result, str | Mapping) or number != 2:
        cause = "`train_test_split` returns four arrays if you give it two." if number == 4 else ""
        raise Wrong("type", f"expected a pair (train, validation), got {describe(result)}.", cause)
    train, val = (as_array(part, "an array of indexes") for part in result)
    for name, part in (("training", train), ("validation", val)):
        if part.dtype == bool:
            text = f"the {name} part is an array of booleans, a mask."
            raise Wrong("type", text, "", "`np.flatnonzero` turns a mask into indexes.")
        if part.ndim != 1:
            raise Wrong("shape", f"the {name} part has shape {part.shape}, expected one axis.")
        if part.size and part.dtype.kind not in "ui":
            raise Wrong("type", f"the {name} part has dtype `{part.dtype}`, expected integers.")
        if not part.size:
            raise Wrong("shape", f"the {name} part is empty.")
        if part.min() < 0 or part.max() >= total:
            text = f"{name} indexes go from {part.min()} to {part.max()}."
            raise Wrong("range", text, "", f"indexes of {total} images go from 0 to {total - 1}.")
    return train, val


def _check_partition(train: np.ndarray, val: np.ndarray, total: int) -> None:
    if len(train) + len(val) == total and len(np.unique(train)) <= 100 < len(train):
        raise Wrong(
            "value",
            "the training part holds the same few numbers again and again.",
            "you returned labels, not the positions of images.",
            "split `np.arange(len(labels))`, and use the labels only to stratify.",
        )
    for name, part in (("training", train), ("validation", val)):
        double = len(part) - len(np.unique(part))
        if double:
            text = f"{double:,} images are more than once in the {name} part."
            raise Wrong("value", text, "drawn with replacement (`choice`, `integers`).")
    common = np.intersect1d(train, val)
    if len(common):
        cause = "training must be what validation leaves over."
        if len(train) == total:
            cause = "the training part holds all images, those of validation too."
        raise Wrong("value", f"{len(common):,} images are in both parts: a leak.", cause)
    lost = total - len(train) - len(val)
    if lost:
        cause = "a part was cut off by rounding, or filtered away."
        raise Wrong("value", f"{lost:,} images are in neither part.", cause)
    if len(train) < len(val):
        cause = "the two parts are returned in the wrong order, or the fraction is reversed."
        raise Wrong("value", "the training part is the smaller one.", cause)


def _check_fraction(val: np.ndarray, labels: np.ndarray) -> None:
    right = _FRACTION * np.bincount(labels)
    counts = np.bincount(labels[val], minlength=len(right))
    if abs(len(val) - right.sum()) > len(right):
        share = len(val) / len(labels)
        cause = "0.25 is the default of `train_test_split`." if round(share, 2) == 0.25 else ""
        text = f"validation gets {share:.1%} of the images, asked for was {_FRACTION:.0%}."
        raise Wrong("range", text, cause)
    if np.any(np.abs(counts - right) > 1):
        worst = int(np.argmax(np.abs(counts - right)))
        raise Wrong(
            "value",
            f"class {worst} has {counts[worst]:,} validation images, 10 % would be "
            f"{right[worst]:.0f}.",
            "the split is not stratified: a plain random draw hits classes unequally, and a cut "
            "through sorted data misses some.",
            "choose 10 % within each class, or see `stratify` in `train_test_split`.",
        )


def _is_regular(val: np.ndarray, labels: np.ndarray) -> bool:
    """Whether in every class the chosen images are equally spaced."""
    chosen = np.zeros(len(labels), dtype=bool)
    chosen[val] = True
    steps = [np.diff(np.flatnonzero(chosen[labels == number])) for number in np.unique(labels)]
    # Two images are always equally spaced, so small classes prove nothing.
    return all(len(step) > 1 and np.all(step == step[0]) for step in steps)
