"""Check of lesson 08's exercise on the thresholds of confident learning."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array


@check("error_analysis.thresholds")
def check_thresholds(thresholds: Any, y: np.ndarray, p: np.ndarray) -> str:
    """Check the mean probability of each class over the pictures labeled so.

    Args:
        thresholds: the student's: (k,) numbers in [0, 1].
        y: (n,) integers, the labels; every class occurs.
        p: (n, k) probabilities.
    """
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    n, classes = p.shape
    array = as_array(thresholds, f"{classes} numbers").astype(float)
    if array.shape != (classes,):
        causes = {
            (): "that is one threshold for all classes.",
            (n,): "one number a picture: its own probability, not yet the mean of its class.",
            p.shape: "these are the probabilities themselves.",
            (classes, classes): "the means of *all* columns for each label; one of them is needed.",
        }
        raise Wrong(
            "shape",
            f"expected {classes} numbers, got {describe(thresholds)}.",
            causes.get(array.shape, ""),
            "one number per class.",
        )
    if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        text = f"the values go from {array.min():.3g} to {array.max():.3g}; a mean probability "
        text += "lies from 0 to 1."
        raise Wrong("range", text, "sums or percentages instead of means.", "use `.mean()`.")
    right = np.array([p[y == label, label].mean() for label in range(classes)])
    if np.allclose(array, right, atol=1e-4):
        return f"thresholds from {right.min():.2f} to {right.max():.2f}."
    place = int(np.abs(array - right).argmax())
    raise Wrong(
        "value",
        f"class {place}: expected {right[place]:.3f}, got {array[place]:.3f}.",
        _cause(array, y, p),
        "rows with the label c, column c: `p_before[y_val == c, c]`.",
    )


def _cause(array: np.ndarray, y: np.ndarray, p: np.ndarray) -> str:
    """What else was computed."""
    classes = range(p.shape[1])
    predicted, top = p.argmax(axis=1), p.max(axis=1)
    others = {
        "the mean over *all* pictures, whatever their label.": p.mean(axis=0),
        "the mean *confidence* of the pictures, whatever they were called.": _means(
            top, [y == label for label in classes]
        ),
        "pictures *predicted* as the class were taken, not those labeled so.": _means(
            p, [predicted == label for label in classes], own=True
        ),
        "only pictures that are right were taken.": _means(
            p, [(predicted == label) & (y == label) for label in classes], own=True
        ),
    }
    for cause, values in others.items():
        if np.allclose(array, values, atol=1e-4):
            return cause
    return ""


def _means(values: np.ndarray, members: list[np.ndarray], own: bool = False) -> np.ndarray:
    """(k,) mean of each group, of its own column if asked for; NaN for a group of none."""
    columns = [values[:, k] if own else values for k in range(len(members))]
    return np.array(
        [c[m].mean() if m.any() else np.nan for c, m in zip(columns, members, strict=True)]
    )
