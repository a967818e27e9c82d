"""Checks of lesson 03 that are answered with a table: what factors mean, which labels stay true."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk
from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe

# Right number, then what each usual wrong number comes from.
_RANGES = {
    "rotation_degrees": (
        18,
        {
            36: "that is the whole span; the turn goes by at most half of it each way.",
            9: "that is half of it: the factor holds for each of the two directions.",
            0.05: "that is the factor; asked for is the angle.",
            5: "the factor is no percentage of 100°.",
            4.5: "that is a share of a quarter turn; the factor is one of a full turn.",
            0.31: "that is the angle in radians.",
        },
        "a full turn has 360 degrees.",
    ),
    "translation_pixels": (
        8,
        {
            16: "that is the whole span; a picture moves by at most half of it each way.",
            4: "that is half of it: the factor holds for each of the two directions.",
            0.25: "that is the factor; asked for are pixels.",
            25: "the factor is a share of the picture's side, which has 32 pixels.",
        },
        "the factor is a share of 32 pixels.",
    ),
    "contrast_factor": (
        1.4,
        {
            0.4: "that is the change; the contrast is multiplied by 1 and this much more.",
            0.6: "that is the smallest factor; the largest was asked for.",
            40: "that is the change in per cent; asked for is the factor.",
            140: "that is a percentage; asked for is the factor.",
        },
        "the factor is drawn between 1 − 0.4 and a number above 1.",
    ),
}
# What stays true, then why, for those who said the other thing.
_LABELS = {
    "digit, mirrored": (False, "look at the mirrored 2 and 3: they are digits no more."),
    "digit, moved by 1 pixel": (True, "a digit means the same one pixel further to the left."),
    "digit, half a turn": (False, "a 6 becomes a 9, so the label would be wrong."),
    "car, mirrored": (True, "a car seen from the left or from the right is a car."),
    "traffic sign, mirrored": (False, "'turn left' becomes 'turn right'."),
    "cell under a microscope, quarter turn": (True, "under a microscope nothing is up or down."),
}


@check("augmentation.ranges")
def check_augmentation_ranges(answers: Mapping[str, Any]) -> str:
    """Check the largest change that three of Keras' layers make on 32 x 32 pictures.

    Args:
        answers: numbers by "rotation_degrees" (`RandomRotation(0.05)`), "translation_pixels"
            (`RandomTranslation(0.25, 0.25)`) and "contrast_factor" (`RandomContrast(0.4)`).
    """
    walk(answers, _RANGES, _check_range)
    return "18 degrees, 8 pixels, 1.4 times the contrast."


@check("augmentation.label_preserving")
def check_label_preserving(answers: Mapping[str, Any]) -> str:
    """Check for which data and changes a label stays true.

    Args:
        answers: truth values by data and change, with the keys of the exercise.
    """
    walk(answers, _LABELS, _check_label)
    return "six of six: no label would become wrong."


def _check_range(key: str, answer: Any) -> None:
    right, causes, nudge = _RANGES[key]
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
        raise Wrong("type", f"`{key}`: expected a number, got {describe(answer)}.")
    number = float(answer)
    if not 0 < number < np.inf:
        cause = "changes go both ways; give the largest as a positive number." if number < 0 else ""
        raise Wrong("range", f"`{key}`: {number:g} is no positive number.", cause)
    if not np.isclose(number, right, rtol=1e-3):
        found = [cause for wrong, cause in causes.items() if np.isclose(number, wrong, rtol=0.02)]
        raise Wrong("value", f"`{key}`: it is not {number:g}.", found[0] if found else "", nudge)


def _check_label(key: str, answer: Any) -> None:
    if not isinstance(answer, bool | np.bool_):
        raise Wrong("type", f"`{key}`: expected `True` or `False`, got {describe(answer)}.")
    right, reason = _LABELS[key]
    if bool(answer) != right:
        raise Wrong("value", f"`{key}`: not {answer}.", reason, "imagine the changed picture.")
