"""Check of lesson 00."""

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, check, describe, likely


@check("start_here.predicted_class")
def predicted_class(answer: Any, probabilities: np.ndarray, class_names: Sequence[str]) -> str:
    """Check the name of the most probable class.

    `probabilities` are (classes,) or (1, classes) floats in [0, 1].
    """
    probabilities = np.asarray(probabilities, dtype=float).reshape(-1)
    names = [str(name) for name in class_names]
    best = int(probabilities.argmax())
    if not isinstance(answer, str):
        text = f"expected the name of a class, got {describe(answer)}."
        raise Wrong("type", text, _no_text(answer, best, probabilities), "`class_names[index]`")
    if answer not in names:
        close = difflib.get_close_matches(answer[:40].strip().lower(), names, n=1)
        cause = f"names must match to the letter: did you mean '{close[0]}'?" if close else ""
        if answer.strip().isdigit():
            cause = "that is an index written as text."
        text = f"there is no class named {describe(answer).removeprefix('the text ')}."
        raise Wrong("range", text, cause, "pick the name from `class_names`, do not type it.")
    value = probabilities[names.index(answer)]
    if answer != names[best]:
        cause = "a list sorted in another order, or the true class instead of the predicted."
        if value == probabilities.min():
            cause = "`argmin` instead of `argmax`, or a sorted list read from the wrong end."
        text = f"'{answer}' is a class, but its probability is {value:.1%}; another has more."
        nudge = "look for the position of the greatest probability, then for the name there."
        raise Wrong("value", text, cause, nudge)
    return f"'{answer}' has the greatest of {len(names)} probabilities, {value:.1%}."


def _no_text(answer: Any, best: int, probabilities: np.ndarray) -> str:
    """Why it is no name: the index, the probability, or all of them."""
    array = as_array(answer, "the name of a class")
    causes = {
        "that is the whole list of probabilities, not yet the choice: `argmax`.": array.size != 1,
        "that is the class's index, and the right one; now its name.": (array == best).all(),
        "that is the greatest probability (`max`), not where it stands (`argmax`).": (
            np.isclose(array, probabilities[best]).all()
        ),
        "that is a number, and a class is asked for.": True,
    }
    return likely(causes)
