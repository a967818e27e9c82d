"""Does a confidence of 80 % mean right in 80 % of all cases? And how to repair it."""

from typing import NamedTuple

import numpy as np

from helpers.errors import UserError
from helpers.metrics.inputs import (
    read_labels,
    read_numbers,
    read_probabilities,
    read_right,
    read_scores,
    same_length,
)

_SMALLEST = float(np.log(np.finfo(np.float32).tiny))  # stands for the logarithm of 0
_COLDEST, _HOTTEST = 0.01, 100.0


class Reliability(NamedTuple):
    """Confidence against accuracy, in b bins of equal width; bins without pictures are NaN."""

    edges: np.ndarray  # (b + 1,) from 0 to 1; a bin holds its upper edge, not its lower one
    confidence: np.ndarray  # (b,) mean confidence
    accuracy: np.ndarray  # (b,) share that is right
    count: np.ndarray  # (b,) int64 pictures
    ece: float  # expected calibration error, in [0, 1]


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> Reliability:
    """Compare confidence with accuracy, bin by bin.

    The expected calibration error (ECE) is the mean distance of the two, weighted by the number
    of pictures in each bin (Naeini, Cooper, Hauskrecht 2015; Guo et al. 2017, "On calibration of
    modern neural networks").

    Args:
        confidence: (n,) probability of the predicted class, in [0, 1].
        right: (n,) booleans, whether the predicted class is true.
        bins: number of bins of equal width.

    Raises:
        UserError: lengths differ, or values are out of range.
    """
    confidence = read_numbers(confidence, "confidence")
    right = read_right(right)
    same_length(confidence=confidence, right=right)
    if confidence.min() < 0 or confidence.max() > 1 + 1e-6:
        raise UserError(
            f"confidence goes from {confidence.min():.3g} to {confidence.max():.3g}: "
            "pass probabilities, `p.max(axis=1)`"
        )
    if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
        raise UserError(f"bins is {bins!r}: pass a whole number, 1 or more")
    edges = np.linspace(0, 1, bins + 1)
    # side="left" puts a value on an edge into the bin below it.
    place = (np.searchsorted(edges, confidence, side="left") - 1).clip(0, bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN, as promised
        mean = np.bincount(place, confidence, minlength=bins) / count
        accuracy = np.bincount(place, right, minlength=bins) / count
    ece = float(np.nansum(np.abs(mean - accuracy) * count) / len(right))
    return Reliability(edges, mean, accuracy, count, ece)


def fit_temperature(logits: np.ndarray, y: np.ndarray) -> float:
    """Find the temperature T that makes softmax(logits / T) fit the labels best.

    T above 1 makes a model less sure, T below 1 surer; the predicted classes stay the same. Fit
    it on validation data (Guo et al. 2017).

    Args:
        logits: (n, k) logits; or the logarithm of probabilities, which differs from logits by a
            constant a row only. Minus infinity (the logarithm of 0) is read as -87.
        y: (n,) integers, 0 to k - 1.

    Returns:
        The T in [0.01, 100] with the smallest mean cross-entropy.

    Raises:
        UserError: shapes or lengths do not fit, NaN, or probabilities instead of logits.
    """
    logits = read_scores(logits, "logits")
    y = read_labels(y, "y", logits.shape[1])
    same_length(logits=logits, y=y)
    if np.isnan(logits).any() or np.isposinf(logits).any():
        raise UserError("logits hold NaN or infinity: look at the model's output")
    if logits.min() >= 0 and np.allclose(logits.sum(axis=1), 1, atol=1e-2):
        raise UserError("logits are probabilities, for they sum to 1: pass np.log(p)")
    logits = _from_top(logits)
    true = logits[np.arange(len(y)), y]

    def loss(log_temperature: float) -> float:
        heat = np.exp(log_temperature)
        return float(np.mean(np.log(np.exp(logits / heat).sum(axis=1)) - true / heat))

    from scipy.optimize import minimize_scalar  # a slow import, seldom needed

    # The loss has one minimum: it is convex in 1 / T.
    bounds = (np.log(_COLDEST), np.log(_HOTTEST))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def with_temperature(p: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities as the model would give them with logits divided by a temperature.

    Args:
        p: (n, k) probabilities.
        temperature: above 0; 1 changes nothing.

    Returns:
        (n, k) float64 probabilities with the same order in each row.

    Raises:
        UserError: no probabilities, or the temperature is not above 0.
    """
    p = read_probabilities(p)
    if not (np.isscalar(temperature) and np.isfinite(temperature) and temperature > 0):
        raise UserError(f"temperature is {temperature!r}: pass a number above 0")
    with np.errstate(divide="ignore"):
        powers = np.exp(_from_top(np.log(p)) / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def _from_top(logits: np.ndarray) -> np.ndarray:
    """Logits with the largest of each row moved to 0, so that exp() can't overflow."""
    return np.maximum(logits - logits.max(axis=1, keepdims=True), _SMALLEST)
