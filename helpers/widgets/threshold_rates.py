"""Precision, recall and coverage at each threshold, for one class or for all answers."""

from typing import NamedTuple

import numpy as np

from helpers.metrics.inputs import read_labels, read_probabilities, same_length

THRESHOLDS = np.linspace(0, 0.99, 100)


class ThresholdRates(NamedTuple):
    """What a threshold does; each array is (t,), one value a threshold."""

    precision: np.ndarray  # share of the answers that are right; NaN where there is none
    recall: np.ndarray  # share of the pictures in question that are answered and right
    coverage: np.ndarray  # share of all pictures that are answered
    answered: np.ndarray  # number of these, int64
    right: np.ndarray  # number of those answered rightly, int64
    asked: int  # pictures in question: all, or those of the class


def threshold_rates(
    y: np.ndarray,
    p: np.ndarray,
    number: int | None = None,
    thresholds: np.ndarray = THRESHOLDS,
) -> ThresholdRates:
    """Count answers at each threshold.

    Args:
        y: (n,) integers, 0 to k - 1.
        p: (n, k) probabilities.
        number: of a class: a picture is called so if the class's probability reaches the
            threshold. None: a picture gets its most probable class if that one's does.
        thresholds: (t,) in [0, 1].

    Raises:
        UserError: labels and probabilities do not fit together.
    """
    p = read_probabilities(p)
    y = read_labels(y, "y", p.shape[1])
    same_length(y=y, p=p)
    if number is None:
        score, good, asked = p.max(axis=1), p.argmax(axis=1) == y, len(y)
    else:
        score, good = p[:, number], y == number
        asked = int(good.sum())
    answered = _reaching(score, thresholds)
    right = _reaching(score[good], thresholds)
    with np.errstate(invalid="ignore"):
        return ThresholdRates(
            precision=np.where(answered > 0, right / np.maximum(answered, 1), np.nan),
            recall=right / asked if asked else np.full(len(right), np.nan),
            coverage=answered / len(y),
            answered=answered,
            right=right,
            asked=asked,
        )


def _reaching(score: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """How many scores reach each threshold, (t,) int64."""
    return len(score) - np.searchsorted(np.sort(score), thresholds, side="left")
