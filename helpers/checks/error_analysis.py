"""Checks of lesson 08's exercises on the confusion matrix and on a class's mistakes."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array


@check("error_analysis.recalls")
def check_recalls(recalls: Any, matrix: np.ndarray) -> str:
    """Check the recall of every class.

    Args:
        recalls: the student's: (k,) fractions.
        matrix: (k, k) counts, rows true, columns predicted; every class has pictures.
    """
    matrix = np.asarray(matrix)
    array = as_array(recalls, f"{len(matrix)} fractions").astype(float)
    if array.shape != (len(matrix),):
        causes = {
            (): "that is one number for all classes, the accuracy or an average.",
            matrix.shape: "the whole matrix was divided, not only its diagonal.",
        }
        raise Wrong(
            "shape",
            f"expected {len(matrix)} fractions, got {describe(recalls)}.",
            causes.get(array.shape, ""),
            "one number per class: take the diagonal first.",
        )
    _check_fractions(array)
    diagonal, right = matrix.diagonal(), matrix.diagonal() / matrix.sum(axis=1)
    if np.allclose(array, right, atol=1e-6):
        return f"recall from {right.min():.1%} to {right.max():.1%}."
    with np.errstate(invalid="ignore", divide="ignore"):
        if np.allclose(array, diagonal / matrix.sum(axis=0), atol=1e-6):
            cause = "that is precision: the sum went over a column, all pictures *called* so."
        elif np.allclose(array, diagonal / matrix.sum(), atol=1e-6):
            cause = "divided by all pictures, not by those of one class."
        elif np.allclose(array, 1 - right, atol=1e-6):
            cause = "that is the share of each class that is *missed*."
        elif np.allclose(array, right, atol=0.006):
            cause = "the values are rounded."
        elif np.allclose(np.sort(array), np.sort(right), atol=1e-6):
            cause = "the values are right but in another order."
        else:
            cause = ""
    place = int(np.abs(array - right).argmax())
    raise Wrong(
        "value",
        f"class {place}: expected {right[place]:.3f}, got {array[place]:.3f}.",
        cause,
        "rows are the true classes; `matrix.sum(axis=1)` sums over a row.",
    )


@check("error_analysis.class_mistakes")
def check_class_mistakes(positions: Any, y: np.ndarray, p: np.ndarray, label: int) -> str:
    """Check the positions of one class's mistakes, the most confident first.

    Args:
        positions: the student's: (m,) integers.
        y: (n,) integers, the labels.
        p: (n, k) probabilities.
        label: the class.
    """
    y, p = np.asarray(y), np.asarray(p)
    predicted, confidence = p.argmax(axis=1), p.max(axis=1)
    wanted = np.flatnonzero((y == label) & (predicted != y))
    array = as_array(positions, "an array of positions")
    _check_positions(positions, array, len(y))
    if set(array.tolist()) != set(wanted.tolist()):
        raise Wrong(
            "value",
            f"expected {len(wanted)} pictures, got {len(array)}, of which "
            f"{np.isin(array, wanted).sum()} are wanted.",
            _which(array, y, predicted, label),
            "both must hold: the label is this class, and the prediction is another.",
        )
    if len(array) != len(wanted):
        raise Wrong("value", "some positions occur more than once.", "", "each mistake once.")
    ordered = confidence[array]
    if (np.diff(ordered) > 1e-7).any():
        ascending = (np.diff(ordered) >= -1e-7).all()
        cause = "sorted from small to large." if ascending else "not sorted by confidence."
        nudge = "`np.argsort` of the *negative* confidence of these pictures gives the order."
        raise Wrong("value", "these are the right pictures in the wrong order.", cause, nudge)
    return f"{len(wanted)} mistakes, the most confident first."


def _which(array: np.ndarray, y: np.ndarray, predicted: np.ndarray, label: int) -> str:
    """The likely reason for a wrong set of positions."""
    sets = {
        "all mistakes of all classes.": predicted != y,
        "other classes that are *called* so; asked for is the label.": (
            (predicted == label) & (y != label)
        ),
        "the right answers; the condition is the wrong way round.": (
            (predicted == label) & (y == label)
        ),
        "all pictures of the class, the right ones too.": y == label,
    }
    for cause, members in sets.items():
        if np.array_equal(np.unique(array), np.flatnonzero(members)):
            return cause
    if len(array) and len(array) <= np.sum((predicted != y) & (y == label)) and array.min() == 0:
        return "the order of the *short* list was not used as an index into the positions."
    return ""


def _check_positions(positions: Any, array: np.ndarray, n: int) -> None:
    if array.ndim != 1:
        raise Wrong(
            "shape",
            f"expected one axis of positions, got {describe(positions)}.",
            "`np.nonzero` and `np.where` return a tuple with one array in it."
            if isinstance(positions, tuple) or (array.ndim == 2 and len(array) == 1)
            else "",
            "use `np.flatnonzero`.",
        )
    if array.dtype.kind == "b":
        raise Wrong(
            "type",
            "expected positions, got true and false.",
            "that is the condition itself.",
            "`np.flatnonzero` turns it into positions.",
        )
    if array.dtype.kind == "f" and len(array):
        raise Wrong(
            "type",
            "expected whole numbers, got floats.",
            "these look like confidences." if 0 <= array.min() <= array.max() <= 1 else "",
            "collect where the pictures stand, not what the network said.",
        )
    if len(array) and not 0 <= array.min() <= array.max() < n:
        raise Wrong("range", f"positions go from 0 to {n - 1}, yours to {array.max()}.")


def _check_fractions(array: np.ndarray) -> None:
    if not np.isfinite(array).all():
        raise Wrong("range", "some values are not finite (NaN).", "divided by 0.")
    if array.max() > 1 + 1e-9 or array.min() < 0:
        percent = 1 < array.max() <= 100 and array.min() >= 0
        raise Wrong(
            "range",
            f"the values go from {array.min():.3g} to {array.max():.3g}, a fraction from 0 to 1.",
            "percentages, or counts that were not divided." if percent else "",
            "divide by the number of pictures of each class.",
        )
