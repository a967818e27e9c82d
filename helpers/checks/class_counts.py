"""Check of lesson 01's exercise to count classes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array


@check("data_preparation.class_counts")
def check_class_counts(counts: Any, labels: np.ndarray, *, classes: int = 10) -> str:
    """Check the number of images of each class.

    Args:
        counts: the student's: (classes,) integers, or a dictionary or Counter by class index.
        labels: (n,) or (n, 1) integers in [0, classes).
        classes: number of classes.
    """
    labels = np.asarray(labels).reshape(-1)
    right = np.bincount(labels, minlength=classes)
    if isinstance(counts, Mapping):
        counts = _from_mapping(counts, classes)
    elif isinstance(counts, tuple) and len(counts) == 2:
        raise Wrong(
            "type",
            "expected one array of counts, got two.",
            "`np.unique(…, return_counts=True)` gives the classes first, then the counts.",
            "take the second of the two.",
        )
    array = as_array(counts, "an array of counts")
    if array.shape != (classes,):
        causes = {
            (): "that is the number of all images."
            if array.size == 1 and array == len(labels)
            else "",
            (len(labels),): "that is one entry per image; count how often each label occurs.",
            (classes, 1): "there is an axis too many.",
        }
        text = f"expected {classes} counts, got {describe(counts)}."
        raise Wrong(
            "shape",
            text,
            causes.get(array.shape, ""),
            "one count per class, in the order of the labels.",
        )
    if np.isclose(array.sum(), 1) or (array.dtype.kind == "f" and np.isclose(array.sum(), 100)):
        raise Wrong(
            "range",
            f"the values sum to {array.sum():.3g}, not to {len(labels):,} images.",
            "these are shares (proportions), not counts.",
            "leave out the division.",
        )
    if np.array_equal(array, right):
        return (
            f"{len(labels):,} images in {classes} classes, {right.min():,} to {right.max():,} each."
        )
    if np.array_equal(array, np.arange(classes)):
        cause = "these are the labels themselves, not how often they occur."
    elif np.array_equal(array[1:], right[:-1]) or np.array_equal(array[:-1], right[1:]):
        cause = "every count stands one class too far; the first class is 0."
    elif np.array_equal(np.sort(array), np.sort(right)):
        cause = "the counts are right, but sorted by size or by first appearance, not by class."
    elif array.sum() != len(labels):
        cause = "another split was counted, or one class fell out."
    else:
        cause = ""
    place = int(np.flatnonzero(array != right)[0])
    raise Wrong(
        "value",
        f"class {place} has {right[place]:,} images, your count says {array[place]:,}; "
        f"in all {len(labels):,}, yours {array.sum():,}.",
        cause,
        "`np.bincount` counts integers in the order of their values.",
    )


def _from_mapping(counts: Mapping, classes: int) -> np.ndarray:
    try:
        keys = {int(key): value for key, value in counts.items()}
    except (TypeError, ValueError):
        raise Wrong(
            "type",
            "the keys of your dictionary are no class indexes.",
            "names or other texts as keys.",
            f"use the labels 0 to {classes - 1} as keys, or make an array.",
        ) from None
    if not set(keys) <= set(range(classes)):
        text = f"the keys of your dictionary go from {min(keys)} to {max(keys)}."
        raise Wrong(
            "range", text, "classes were counted from 1.", f"labels go from 0 to {classes - 1}."
        )
    return np.array([keys.get(number, 0) for number in range(classes)])
