"""Check of lesson 08's exercise to compute a bootstrap interval."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array

_Z95 = 1.96


@check("error_analysis.interval")
def check_interval(interval: Any, right: np.ndarray) -> str:
    """Check a 95 % interval for a share.

    A bootstrap is a matter of chance, so the ends are held against the normal approximation with
    room for some 500 rounds.

    Args:
        interval: the student's: (low, high) fractions.
        right: (n,) booleans, neither all true nor all false.
    """
    right = np.asarray(right, dtype=bool)
    share, n = float(right.mean()), len(right)
    array = as_array(interval, "a pair (low, high)").astype(float)
    if array.shape != (2,):
        causes = {(): "that is one number, such as the standard error or one end."}
        cause = "these are the results of all rounds." if array.size > 20 else ""
        raise Wrong(
            "shape",
            f"expected a pair (low, high), got {describe(interval)}.",
            causes.get(array.shape, cause),
            "`np.quantile(draws, [0.025, 0.975])` gives both ends.",
        )
    low, high = array
    _check_range(low, high)
    if not low - 1e-9 <= share <= high + 1e-9:
        raise Wrong(
            "value",
            f"the interval {low:.1%} to {high:.1%} does not hold the measured share {share:.1%}.",
            "other pictures were drawn: all of them, or those of another class.",
            "draw from `right[y_val == …]`, as many as it has.",
        )
    ratio = (high - low) / (2 * _Z95 * np.sqrt(share * (1 - share) / n))
    if not 0.84 <= ratio <= 1.2:
        raise Wrong(
            "value",
            f"the interval {low:.1%} to {high:.1%} is "
            f"{'narrower' if ratio < 1 else 'wider'} than 95 % of the draws need.",
            _why(ratio, n),
            f"draw {n} pictures *with* replacement in each round, and leave 2.5 % on each side.",
        )
    return f"{share:.1%} of {n} pictures, and 95 % of the draws from {low:.1%} to {high:.1%}."


def _check_range(low: float, high: float) -> None:
    if not np.isfinite([low, high]).all():
        raise Wrong("range", "the ends of the interval are not finite.", "a mean of no pictures.")
    if max(low, high) > 1 and min(low, high) >= 0:
        text = f"the ends are {low:.3g} and {high:.3g}; a fraction lies from 0 to 1."
        raise Wrong("range", text, "percentages, or counts instead of means.", "use `.mean()`.")
    if low > high:
        raise Wrong("range", f"low ({low:.3g}) is above high ({high:.3g}).", "the ends swapped.")
    if low == high:
        text = f"both ends are {low:.3g}."
        cause = "drawn without replacement: each round then holds the same pictures."
        raise Wrong("value", text, cause, "`rng.choice(a, size=len(a))` draws with replacement.")


def _why(ratio: float, n: int) -> str:
    if 0.45 <= ratio <= 0.58:
        return "plus and minus *one* standard error: that holds 68 %."
    if 0.76 <= ratio < 0.84:
        return "quantiles at 5 % and 95 %: that holds 90 %."
    if 1.2 < ratio <= 1.45:
        return "quantiles at 0.5 % and 99.5 %: that holds 99 %."
    if ratio < 0.45:
        return "too many pictures in each draw, as all classes, or hardly any rounds."
    return "too few pictures in each draw, or the smallest and the largest of all rounds."
