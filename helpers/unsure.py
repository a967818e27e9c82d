"""When a model should say "I don't know": repaired confidence, a threshold, and what it costs.

A softmax always names one of its classes, whatever the picture shows. Three steps help: divide the
logits by a temperature, so that a confidence of 90 % means right in 90 % of all cases; choose the
confidence below which no answer is given; see how many pictures are then answered, and how well.
All three are fitted on validation data. The method is selective classification (Geifman and
El-Yaniv, 2017, "Selective classification for deep neural networks").
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from helpers.errors import UserError
from helpers.metrics.calibration import fit_temperature, with_temperature
from helpers.metrics.inputs import read_labels, read_probabilities, same_length

UNKNOWN = -1  # the label of a picture that gets no answer
WORDS = "I don't know"


class Coverage(NamedTuple):
    """What is won and lost with each threshold, from the highest to the lowest of them.

    Only answered pictures count for the accuracy, which is therefore also the precision of the
    answers. Equal confidences come together, so m can be smaller than n.
    """

    threshold: np.ndarray  # (m,) float64, descending; pictures with this confidence are answered
    coverage: np.ndarray  # (m,) float64 in (0, 1], ascending: share of the pictures answered
    accuracy: np.ndarray  # (m,) float64 in [0, 1]: share of the answers that is right


def temperature(p: np.ndarray, y: np.ndarray) -> float:
    """Find the temperature T for which softmax(log(p) / T) fits the labels best.

    T above 1: the model was too sure of itself (Guo et al., 2017, "On calibration of modern
    neural networks").

    Args:
        p: (n, k) probabilities of validation pictures.
        y: (n,) integers, 0 to k - 1.

    Returns:
        T in [0.01, 100].

    Raises:
        UserError: shapes, lengths or ranges do not fit.
    """
    with np.errstate(divide="ignore"):  # the logarithm of 0 is taken care of
        return fit_temperature(np.log(read_probabilities(p)), y)


def cool(p: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities as the model would give them with its logits divided by a temperature.

    The order of the classes stays, so the accuracy stays too.

    Args:
        p: (n, k) probabilities.
        temperature: above 0; 1 changes nothing.

    Returns:
        (n, k) float64 probabilities.

    Raises:
        UserError: no probabilities, or the temperature is not above 0.
    """
    return with_temperature(p, temperature)


def coverage(p: np.ndarray, y: np.ndarray) -> Coverage:
    """Share of pictures answered and accuracy of these answers, for every useful threshold.

    Args:
        p: (n, k) probabilities.
        y: (n,) integers, 0 to k - 1.

    Raises:
        UserError: shapes, lengths or ranges do not fit.
    """
    p = read_probabilities(p)
    y = read_labels(y, "y", p.shape[1])
    same_length(p=p, y=y)
    confidence = p.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    confidence, right = confidence[order], (p.argmax(axis=1) == y)[order]
    last = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True))  # of equal ones
    answered = last + 1
    return Coverage(confidence[last], answered / len(y), right.cumsum()[last] / answered)


def threshold(p: np.ndarray, y: np.ndarray, target_precision: float) -> float:
    """The lowest confidence from which on answers are right often enough.

    It is the choice that answers most pictures. The precision on other pictures is a little lower
    as a rule, for the threshold was chosen where these pictures looked good.

    Args:
        p: (n, k) probabilities of validation pictures.
        y: (n,) integers, 0 to k - 1.
        target_precision: share of the answers that has to be right, above 0 and at most 1.

    Returns:
        A confidence in (0, 1] for `answer`.

    Raises:
        UserError: shapes, lengths or ranges do not fit, or no threshold is high enough.
    """
    if not (_is_number(target_precision) and 0 < target_precision <= 1):
        raise UserError(f"target_precision is {target_precision!r}: pass a share, as 0.95")
    curve = coverage(p, y)
    enough = np.flatnonzero(curve.accuracy >= target_precision)
    if not len(enough):
        raise UserError(
            f"no threshold reaches a precision of {100 * target_precision:.4g} %: the best one "
            f"reaches {100 * curve.accuracy.max():.1f} %; aim lower, or train a better model"
        )
    return float(curve.threshold[enough[-1]])


def answer(p: np.ndarray, threshold: float) -> np.ndarray:
    """The likeliest class of each picture, or -1 where the model is not sure enough.

    Args:
        p: (n, k) probabilities.
        threshold: confidence in [0, 1] from which on the class is named.

    Returns:
        (n,) int64, 0 to k - 1, or `UNKNOWN` (-1).

    Raises:
        UserError: no probabilities, or threshold is out of range.
    """
    p = read_probabilities(p)
    if not (_is_number(threshold) and 0 <= threshold <= 1):
        raise UserError(f"threshold is {threshold!r}: pass a confidence from 0 to 1")
    return np.where(p.max(axis=1) >= threshold, p.argmax(axis=1), UNKNOWN).astype(np.int64)


def in_words(labels: np.ndarray, class_names: Sequence[str]) -> list[str]:
    """The answers as texts: a class name each, or "I don't know".

    Args:
        labels: (n,) integers, what `answer` returns.
        class_names: (k,) names.

    Raises:
        UserError: a label is neither -1 nor the number of a name.
    """
    labels = read_labels(labels, "labels")
    if labels.min() < UNKNOWN or labels.max() >= len(class_names):
        raise UserError(
            f"labels go from {labels.min()} to {labels.max()}: {len(class_names)} class names are "
            f"numbered 0 to {len(class_names) - 1}, and -1 is '{WORDS}'"
        )
    return [WORDS if label == UNKNOWN else str(class_names[label]) for label in labels]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
