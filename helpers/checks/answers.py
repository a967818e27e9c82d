"""Exercises that are answered with a dictionary, some of whose values may still be open."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.core import Todo, Wrong, describe, likely

# The right number, {usual wrong number: what it comes from}, and a nudge.
Numbers = Mapping[str, tuple[float, Mapping[float, str], str]]


def walk(answers: Any, known: Mapping[str, Any], examine: Callable[[str, Any], None]) -> None:
    """Examine the answers that are given, in the order of the `known` keys.

    Raises:
        Wrong: no dictionary, a key is missing, or what `examine(key, answer)` raises.
        Todo: some answers, or all, are `...` or None; the others are right.
    """
    if not isinstance(answers, Mapping):
        raise Wrong("type", f"expected a dictionary, got {describe(answers)}.")
    if missing := [key for key in known if key not in answers]:
        text = f"no entry for `{'`, `'.join(missing)}`."
        raise Wrong("shape", text, "a key was renamed or deleted.")
    todo = [key for key in known if answers[key] is ... or answers[key] is None]
    for key in known:
        if key not in todo:
            examine(key, answers[key])
    if todo:
        done = f"{len(known) - len(todo)} of {len(known)} right so far; "
        raise Todo((done if len(todo) < len(known) else "") + f"still open: {'; '.join(todo)}.")


def walk_numbers(answers: Any, known: Numbers, *, atol: float = 1e-8) -> None:
    """Examine a dictionary of numbers, which may differ by `atol`; raises as `walk` does."""

    def examine(key: str, answer: Any) -> None:
        right, causes, nudge = known[key]
        if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
            raise Wrong("type", f"`{key}`: expected a number, got {describe(answer)}.")
        number = float(answer)
        if not np.isclose(number, right, rtol=1e-6, atol=atol):
            rtol = 1e-2 if number % 1 else 1e-9  # 18,432 and 18,464 have other causes
            fits = {text: np.isclose(number, wrong, rtol, atol) for wrong, text in causes.items()}
            raise Wrong("value", f"`{key}`: it is not {number:,.10g}.", likely(fits), nudge)

    walk(answers, known, examine)
