"""Check of lesson 07's exercise to weigh classes of different size."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array, call

_COUNTS = ((60, 15, 25), (8, 40), (5, 10, 20, 65))  # pictures of each class, in three tries


@check("fashion_mnist_regrouping.class_weights")
def check_class_weights(function: Callable[[np.ndarray], dict[int, float]]) -> str:
    """Check a function from labels to the weight of each class, n / (classes * count).

    Args:
        function: the student's: (n,) int64 labels, 0 to classes - 1, to a dictionary of weights.
    """
    for counts in _COUNTS:
        labels = np.repeat(np.arange(len(counts)), counts)
        labels = np.random.default_rng(0).permutation(labels)
        _examine(call(function, labels), np.array(counts))
    return (
        f"{len(_COUNTS)} sets of labels: every class adds the same to the loss, and the mean "
        "weight of all pictures is 1."
    )


def _examine(weights: Any, counts: np.ndarray) -> None:
    given = f"for classes of {', '.join(map(str, counts))} pictures"
    found = _values(weights, len(counts), given)
    n, k = int(counts.sum()), len(counts)
    right = n / (k * counts)
    if not np.isfinite(found).all() or (found <= 0).any():
        raise Wrong(
            "range",
            f"{given} you give the weights {_listed(found)}.",
            "a division by zero, or a difference where a quotient is meant.",
            "a weight is a number above 0.",
        )
    if np.allclose(found, right, rtol=1e-3):
        return
    causes = [
        (n / counts, "the number of classes is missing: the mean weight of all pictures is k."),
        (counts / n, "these are the shares of the classes: the largest class weighs most."),
        (counts, "these are the counts: the largest class weighs most."),
        (1 / counts, "1 / count alone: all weights are tiny, and so are the steps of training."),
        (counts.max() / counts, "the largest class has weight 1, so the mean weight is above 1."),
        (1 / counts / (1 / counts).sum(), "the weights were scaled to sum to 1."),
        (k * (1 / counts) / (1 / counts).sum(), "the mean over the *classes* is 1, not over all "
         "pictures."),
        (np.ones(k), "all weights are 1: that is no weighting."),
        (np.round(right), "the weights were rounded, perhaps by `//`."),
        (np.floor(right), "the weights were rounded down, perhaps by `//`."),
    ]  # fmt: skip
    cause = next((why for wrong, why in causes if np.allclose(found, wrong, rtol=1e-3)), "")
    raise Wrong(
        "value",
        f"{given} the weights are {_listed(right)}; yours are {_listed(found)}.",
        cause,
        "n / (k * count): n pictures in all, k classes.",
    )


def _values(weights: Any, classes: int, given: str) -> np.ndarray:
    """The weights in the order of the classes, (classes,) float64."""
    if not isinstance(weights, Mapping):
        raise Wrong(
            "type",
            f"expected a dictionary, got {describe(weights)}.",
            "`fit(class_weight=…)` takes no array or list.",
            "`dict(enumerate(weights))` makes one of the other.",
        )
    if set(weights) != set(range(classes)):
        cause = "classes were counted from 1." if set(weights) == set(range(1, classes + 1)) else ""
        raise Wrong(
            "shape",
            f"{given} your dictionary has the keys {_keys(weights)}.",
            cause,
            f"one key for each class, the integers 0 to {classes - 1}.",
        )
    array = as_array([weights[number] for number in range(classes)], "one number for each class")
    if array.shape != (classes,):
        raise Wrong("shape", f"expected one number for each class, got {describe(array)}.")
    return array.astype(np.float64)


def _keys(weights: Mapping) -> str:
    shown = ", ".join(repr(key)[:20] for key in list(weights)[:5])
    return (shown or "none") + (" …" if len(weights) > 5 else "")


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:.3g}" for value in values)
