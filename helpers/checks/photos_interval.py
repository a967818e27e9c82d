"""Check of lesson 10's exercise on how little a few pictures prove."""

from typing import Any

import numpy as np

from helpers.checks.answers import walk
from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe

_KEYS = ("standard_error", "low", "high")
_Z95 = 1.96


@check("your_own_photos.standard_error")
def check_standard_error(answer: Any, right: int, total: int) -> str:
    """Check standard error and 95 % interval (normal approximation) of a share.

    Args:
        answer: the student's: {"standard_error": …, "low": …, "high": …}, all fractions.
        right: pictures that were right, neither 0 nor all.
        total: all pictures.
    """
    share = right / total
    error = float(np.sqrt(share * (1 - share) / total))
    wanted = dict(zip(_KEYS, (error, share - _Z95 * error, share + _Z95 * error), strict=True))
    causes = _causes(share, error, total)

    def examine(key: str, given: Any) -> None:
        number = _number(key, given)
        # Two figures are enough, and 2 in place of 1.96 is as good.
        if abs(number - wanted[key]) <= max(0.0055, 0.045 * error):
            return
        found = [
            (abs(number - value), why)
            for name, value, why in causes
            if name == key and abs(number - value) <= 0.006
        ]
        raise Wrong(
            "value",
            f"`{key}` is {number:.3g}, expected another number for {right} of {total}.",
            min(found)[1] if found else "",
            "the formula stands in the hint; every number is a fraction from 0 to 1, or just over.",
        )

    walk(answer, wanted, examine)
    return (
        f"{right} of {total} is {share:.0%}, give or take {error:.1%}; the interval goes from "
        f"{wanted['low']:.0%} to {wanted['high']:.0%}."
    )


def _number(key: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | np.number):
        raise Wrong("type", f"`{key}` should be one number, got {describe(given)}.")
    number = float(given)
    if not np.isfinite(number):
        raise Wrong("range", f"`{key}` is {number}.", "a division by 0, or the root of a negative.")
    if number > 1.5:
        text = f"`{key}` is {number:.4g}, far above 1."
        raise Wrong("range", text, "a percentage, or a count.", "give fractions: 0.9, not 90.")
    return number


def _causes(share: float, error: float, total: int) -> list[tuple[str, float, str]]:
    """Usual mistakes: the key, the number it leads to, and what it is."""
    variance = share * (1 - share)
    rows = [
        ("standard_error", variance**0.5, "not divided by the number of pictures."),
        ("standard_error", variance / total, "the square root is missing."),
        ("standard_error", variance / total**0.5, "p (1 − p) belongs under the root too."),
        ("standard_error", variance**0.5 / total, "divided by n, not by the root of n."),
        ("standard_error", _Z95 * error, "that is half the interval, 1.96 standard errors."),
    ]
    for key, sign in (("low", -1), ("high", 1)):
        rows += [
            (key, share + sign * error, "one standard error only: that holds 68 %."),
            (key, sign * _Z95 * error, "the share itself is missing: the interval lies around it."),
            (key, share - sign * _Z95 * error, "low and high are swapped."),
            (key, share, "that is the share itself."),
        ]
    return [*rows, ("high", 1.0, "cut off at 1. Leave it: what the formula it gives matters.")]
