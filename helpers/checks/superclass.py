"""Check of lesson 09 on the map from fine classes to superclasses."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe, shorten
from helpers.checks.student import as_array


@check("cifar100_superclasses.fine_to_coarse")
def check_fine_to_coarse(
    answer: Any, fine_labels: Sequence[int], coarse_labels: Sequence[int]
) -> str:
    """Check the map from fine to coarse labels that was read off the raw file's two lists.

    Args:
        answer: the student's: (k,) integers, or a dictionary by fine label.
        fine_labels: (n,) integers in [0, k), each occurring.
        coarse_labels: (n,) integers in [0, m).
    """
    fine, coarse = np.asarray(fine_labels), np.asarray(coarse_labels)
    classes, superclasses = int(fine.max()) + 1, int(coarse.max()) + 1
    right = np.full(classes, -1)
    right[fine] = coarse
    if isinstance(answer, Mapping):
        answer = _from_mapping(answer, classes)
    array = as_array(answer, f"{classes} integers")
    _check_map_shape(array, answer, classes, superclasses, len(fine))
    if not np.isfinite(array).all() or (array != np.round(array)).any():
        text = "some entries are no whole numbers."
        raise Wrong("type", text, "an average was taken; all pictures of a class agree.")
    if array.min() < 0 or array.max() >= superclasses:
        cause = ""
        if array.min() == 1 and array.max() == superclasses:
            cause = "superclasses were counted from 1."
        elif np.array_equal(array, np.arange(classes)):
            cause = "these are the fine labels themselves."
        raise Wrong(
            "range",
            f"entries go from {int(array.min())} to {int(array.max())}, coarse labels from 0 to "
            f"{superclasses - 1}.",
            cause,
        )
    if np.array_equal(array, right):
        return f"each of the {classes} classes lies in one of {superclasses} superclasses."
    place = int(np.flatnonzero(array != right)[0])
    raise Wrong(
        "value",
        f"fine label {place} belongs to superclass {right[place]}, not to {int(array[place])}.",
        _cause_of_map(array, right, fine, coarse),
        "take any picture of a fine class: its coarse label is the answer for that class.",
    )


def _from_mapping(answer: Mapping, classes: int) -> list:
    values = {}
    for key, value in answer.items():
        if isinstance(key, bool) or not isinstance(key, int | np.integer):
            raise Wrong(
                "type",
                f"the key '{shorten(key, 30)}' is no fine label.",
                "names were used as keys.",
                "the raw file's lists hold numbers; names stand in `meta`.",
            )
        values[int(key)] = value
    if sorted(values) != list(range(classes)):
        raise Wrong(
            "shape",
            f"the dictionary has {len(values)} keys; expected are the fine labels 0 to "
            f"{classes - 1}.",
            "keys and values changed places: a superclass is no key."
            if len(values) < classes
            else "",
        )
    if any(np.ndim(value) or isinstance(value, set | frozenset) for value in values.values()):
        text = "each fine label needs one superclass, not a list or a set."
        raise Wrong("type", text, "", "all pictures of a class have the same coarse label.")
    return [values[label] for label in range(classes)]


def _check_map_shape(
    array: np.ndarray, answer: Any, classes: int, superclasses: int, pictures: int
) -> None:
    if array.shape == (classes,):
        return
    causes = {
        (pictures,): "that is one entry a picture; asked for is one a class.",
        (superclasses,): "that is one entry a superclass; asked for is one a fine class.",
        (pictures, 2): "these are the pairs of all pictures; keep one for each class.",
        (classes, 2): "these are pairs of fine and coarse label; keep the second column.",
        (classes, superclasses): "that is a table of counts; which column is not zero?",
    }
    raise Wrong(
        "shape",
        f"expected {classes} integers, got {describe(answer)}.",
        causes.get(array.shape, ""),
        "entry number i is the superclass of fine label i.",
    )


def _cause_of_map(
    array: np.ndarray, right: np.ndarray, fine: np.ndarray, coarse: np.ndarray
) -> str:
    classes = len(right)
    first_seen = list(dict.fromkeys(fine.tolist()))
    if np.array_equal(array, right[first_seen]):
        return "the classes stand in the order in which they occur; they must be sorted by number."
    if np.array_equal(array, coarse[:classes]):
        return f"these are the labels of the first {classes} pictures, not of the classes."
    if np.array_equal(array, np.sort(right)):
        return (
            "the superclasses stand in ascending order; fine labels are sorted by name, not by "
            "superclass."
        )
    if np.array_equal(array[1:], right[:-1]) or np.array_equal(array[:-1], right[1:]):
        return "every entry stands one class too far; the first class is 0."
    return ""
