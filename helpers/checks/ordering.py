"""Exercises in which given lines are put in order (Parsons and Haden, Parson's programming
puzzles, 2006)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from helpers.checks.core import Wrong, describe

# Pairs of letters, the earlier line first, and why it must come first.
Before = Mapping[tuple[str, str], str]


def require_order(
    answer: Any, lines: Sequence[str], before: Before, unused: Mapping[str, str] | None = None
) -> None:
    """Check an order of lines that are named by letters.

    Args:
        answer: the student's, as "B A C" or ["B", "A", "C"]; small letters will do.
        lines: the letters of the lines that the program needs.
        before: which line must come before which, and why; every order that fits is right.
        unused: letters of lines that don't belong there, and why not.

    Raises:
        Wrong: letters are missing, unknown or there twice, or one comes too early.
    """
    given = [answer] if isinstance(answer, str) else answer
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        example = " ".join(sorted(lines))
        raise Wrong("type", f'expected letters such as "{example}", got {describe(answer)}.')
    order = re.findall(r"\w", " ".join(given).upper()[:1000])
    for letter, why in (unused or {}).items():
        if letter in order:
            raise Wrong("value", f"line {letter} does not belong in this program.", why)
    if wrong := sorted(set(order) - set(lines)):
        raise Wrong("value", f"there is no line {wrong[0]}.")
    if double := sorted({letter for letter in order if order.count(letter) > 1}):
        raise Wrong("value", f"line {double[0]} is there more than once.")
    if missing := sorted(set(lines) - set(order)):
        raise Wrong("shape", f"still missing: {', '.join(missing)}.")
    for (first, second), why in before.items():
        if order.index(first) > order.index(second):
            raise Wrong("value", f"line {second} comes too early.", why)
