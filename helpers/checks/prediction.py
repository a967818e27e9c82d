"""Check of lesson 11's exercise to name the likeliest classes of a picture."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import call, require_function

_NAMES = ("cat", "dog", "frog", "ship", "truck", "bird")
_CASES = (  # (probabilities, k); no two are alike, so the order is certain
    (np.array([0.05, 0.31, 0.02, 0.4, 0.12, 0.1]), 3),
    (np.array([0.6, 0.01, 0.2, 0.04, 0.06, 0.09], dtype=np.float32), 1),
    (np.array([0.1, 0.2, 0.7]), 5),
)


@check("predict_and_share.top_k")
def check_top_k(function: Any) -> str:
    """Check a function that picks the k likeliest classes.

    Args:
        function: the student's: takes (classes,) probabilities, (classes,) names and k; returns
            a list of k pairs (name, probability), the likeliest first.
    """
    require_function(function)
    for p, k in _CASES:
        names = list(_NAMES[: len(p)])
        _examine(call(_with(function, names, k), p), p, names, k)
    return "the likeliest first, each with its name; and all classes where there are fewer than k."


def _with(function: Callable, names: list[str], k: int) -> Callable:
    """The function of the probabilities alone."""

    class Bound:
        # So that the message about an error names the line in the student's code.
        __code__ = getattr(function, "__code__", None)

        def __call__(self, p: np.ndarray) -> Any:
            return function(p, names, k)

    return Bound()


def _examine(result: Any, p: np.ndarray, names: list[str], k: int) -> None:
    given = f"for {len(p)} classes and k = {k}"
    pairs = _pairs(result, given)
    wanted = min(k, len(p))
    if len(pairs) != wanted:
        cause = "the slice `[:k]` is missing." if len(pairs) == len(p) else ""
        cause = "k is not used." if len(pairs) not in (len(p), wanted) else cause
        raise Wrong("shape", f"{len(pairs)} pairs {given}, expected {wanted}.", cause)
    found = np.array([share for _, share in pairs])
    if not ((found >= 0) & (found <= 1)).all():
        cause = (
            "percent in place of shares." if np.isclose(found.max() / 100, p, 1e-4).any() else ""
        )
        text = f"probabilities from {found.min():.3g} to {found.max():.3g}, expected 0 to 1."
        raise Wrong("range", text, cause)
    order = np.argsort(-p)[:wanted]
    if not np.allclose(found, p[order], atol=1e-6):
        causes = [
            (np.sort(p)[:wanted], "`argsort` begins with the smallest, and nothing was reversed."),
            (p[order][::-1], "the right classes, but the least likely of them first."),
            (p[:wanted], "the first k classes were taken, not the likeliest."),
        ]
        cause = next((why for values, why in causes if np.allclose(found, values, atol=1e-6)), "")
        text = f"the probabilities are {_listed(found)}, expected {_listed(p[order])}."
        raise Wrong("value", text, cause, "`np.argsort(p)[::-1]` begins with the likeliest.")
    for (name, share), label in zip(pairs, order, strict=True):
        if name != names[label]:
            raise Wrong(
                "value",
                f"'{name}' got {share:.2f}, which is the probability of '{names[label]}'.",
                "the probabilities were sorted, the names were not.",
                "take name and probability with the same index.",
            )


def _pairs(result: Any, given: str) -> list[tuple[str, float]]:
    if not isinstance(result, list | tuple):
        cause = "a dictionary: its pairs are `list(d.items())`." if isinstance(result, dict) else ""
        cause = "an array holds texts or numbers, not both." if hasattr(result, "dtype") else cause
        raise Wrong("type", f"expected a list of pairs {given}, got {describe(result)}.", cause)
    pairs = []
    for pair in result:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            cause = "the names alone, or the probabilities alone." if result else ""
            raise Wrong("type", f"expected pairs (name, probability), got {describe(pair)}.", cause)
        name, share = pair
        if isinstance(share, str) and not isinstance(name, str):
            raise Wrong("type", "the pairs are (probability, name).", "", "the name comes first.")
        if not isinstance(name, str):
            cause = "that is the number of the class."
            raise Wrong(
                "type", f"expected a name, got {describe(name)}.", cause, "`class_names[i]`"
            )
        if not isinstance(share, int | float | np.number) or np.size(share) != 1:
            raise Wrong("type", f"expected a number beside '{name}', got {describe(share)}.")
        pairs.append((name, float(share)))
    return pairs


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:.2f}" for value in values)
