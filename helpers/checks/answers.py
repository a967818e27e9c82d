"""Exercises that are answered with a dictionary, some of whose values may still be open."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from helpers.checks.core import Todo, Wrong, as_array, describe, likely

# The right number, {usual wrong number: what it comes from}, and a nudge.
Numbers = Mapping[str, tuple[float, Mapping[float, str], str]]


def walk(answers: Any, known: Collection[str], examine: Callable[[str, Any], None]) -> None:
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


def require_threshold(
    work: Any, p: np.ndarray, y: np.ndarray, accuracy: float, coverage: float
) -> np.ndarray:
    """Which answers from a confidence threshold on are right, (answers,) booleans.

    Args:
        work: the student's threshold, chosen on other images than these.
        p: (n, k) probabilities.
        y: (n,) integers, the labels.
        accuracy: fraction of the answers that must be right.
        coverage: fraction of the images that must get an answer.

    Raises:
        Wrong: no number from 0 to 1, too few answers, or too few that are right.
    """
    number = float(as_array(work, "one number", shape=(), nudge="a confidence such as 0.9."))
    if not 0 <= number <= 1:
        cause = "a percentage: divide by 100; 90 % is 0.9." if 1 < number <= 100 else ""
        raise Wrong("range", f"a confidence lies from 0 to 1, yours is {number:.4g}.", cause)
    right = (p.argmax(axis=1) == y)[p.max(axis=1) >= number]
    if (covered := len(right) / len(y)) < coverage:
        text = f"{covered:.1%} of the other images get an answer; at least {coverage:.0%} must."
        raise Wrong("value", text, "the threshold is too high.", "aim a little lower.")
    if (reached := right.mean()) < accuracy:
        text = f"{reached:.2%} of the answers on the other images are right; the bar is "
        cause = "the threshold is too low."
        if reached > accuracy - 0.01:
            cause = "chosen where these images looked good, with no margin for chance."
        nudge = "let the *lower* end of the interval reach the bar, on the images that choose."
        raise Wrong("value", f"{text}{accuracy:.0%}.", cause, nudge)
    return right


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
