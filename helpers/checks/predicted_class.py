"""Check of lesson 00's exercise to read a prediction."""

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array


@check("start_here.predicted_class")
def check_predicted_class(
    answer: Any, probabilities: np.ndarray, class_names: Sequence[str]
) -> str:
    """Check the name of the most probable class.

    Args:
        answer: the student's: a name.
        probabilities: (classes,) or (1, classes) floats in [0, 1].
        class_names: (classes,) names.
    """
    probabilities = np.asarray(probabilities, dtype=float).reshape(-1)
    names = [str(name) for name in class_names]
    best = int(probabilities.argmax())
    if not isinstance(answer, str):
        raise Wrong(
            "type",
            f"expected the name of a class, got {describe(answer)}.",
            *_why(answer, best, probabilities),
        )
    if answer not in names:
        raise _no_such_name(answer, names)
    share = probabilities[names.index(answer)]
    if answer != names[best]:
        if share == probabilities.min():
            cause = "`argmin` instead of `argmax`, or a sorted list read from the wrong end."
        else:
            cause = "a list sorted in another order, or the true class instead of the predicted."
        raise Wrong(
            "value",
            f"'{answer}' is a class, but its probability is {share:.1%}; another has more.",
            cause,
            "look for the position of the greatest probability, then for the name there.",
        )
    return f"'{answer}' has the greatest of {len(names)} probabilities, {share:.1%}."


def _why(answer: Any, best: int, probabilities: np.ndarray) -> tuple[str, str]:
    """Cause and nudge for an answer that is no text."""
    try:
        array = as_array(answer, "a number")
    except Wrong:
        return "", 'the answer is a text, such as `"cat"`.'
    if array.size > 1:
        cause = "that is the whole list of probabilities, not yet the choice."
        return cause, "find the position of the greatest one with `argmax`."
    number = float(array.reshape(-1)[0]) if array.size else np.nan
    if number == best:
        return "that is the class's index, and the right one.", "use it to pick from `class_names`."
    if np.isclose(number, probabilities[best]):
        cause = "that is the greatest probability (`max`), not where it stands."
        return cause, "`argmax` tells the position; `class_names` tells the name there."
    return "that is a number, and a class is asked for.", "pick the name from `class_names`."


def _no_such_name(answer: str, names: Sequence[str]) -> Wrong:
    """Finding for a text that is no class name."""
    text = f"there is no class named {describe(answer).removeprefix('the text ')}."
    if answer.strip().lower() in (name.lower() for name in names):
        cause = "capital letters or spaces: names must match to the letter."
        return Wrong("range", text, cause, "pick the name from `class_names`, do not type it.")
    if answer.strip().isdigit():
        return Wrong(
            "range", text, "that is an index written as text.", "use it to pick from `class_names`."
        )
    close = difflib.get_close_matches(answer[:40], names, n=1)
    cause = f"did you mean '{close[0]}'?" if close else ""
    return Wrong("range", text, cause, f"the names are: {', '.join(names)}.")
