"""Reliability and temperature."""

import numpy as np
import pytest

from helpers import metrics
from helpers.errors import UserError


def test_reliability_by_hand():
    confidence = np.array([0.55, 0.6, 0.9, 1.0, 1.0])
    right = np.array([True, False, True, True, False])
    result = metrics.reliability(confidence, right, bins=5)
    # 0.6 is the upper edge of the third bin and belongs to it.
    assert result.count.tolist() == [0, 0, 2, 0, 3]
    np.testing.assert_allclose(result.confidence, [np.nan, np.nan, 0.575, np.nan, 2.9 / 3])
    np.testing.assert_allclose(result.accuracy, [np.nan, np.nan, 0.5, np.nan, 2 / 3])
    assert result.ece == pytest.approx((2 * 0.075 + 3 * 0.3) / 5)
    np.testing.assert_allclose(result.edges, np.linspace(0, 1, 6))


def test_extremes_fall_into_the_outer_bins():
    result = metrics.reliability(np.array([0.0, 1.0, 1 + 1e-7]), np.array([0, 1, 1]), bins=4)
    assert result.count.tolist() == [1, 0, 0, 2]
    assert result.ece == pytest.approx(0, abs=1e-6)


def test_a_calibrated_model_has_a_small_error_and_a_boaster_a_large_one():
    rng = np.random.default_rng(1001)
    confidence = rng.uniform(0.2, 1, 50_000)
    right = rng.random(50_000) < confidence
    assert metrics.reliability(confidence, right).ece < 0.01
    boast = metrics.reliability(np.full(50_000, 0.99), right).ece
    assert boast == pytest.approx(0.99 - right.mean())


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_temperature_is_found_again(temperature):
    """Labels drawn from softmax(logits) and logits multiplied by T: T must come back."""
    rng = np.random.default_rng(1001)
    logits = rng.normal(0, 2, (20_000, 5))
    p = metrics.with_temperature(_softmax(logits), 1)
    y = (p.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    assert metrics.fit_temperature(logits * temperature, y) == pytest.approx(temperature, rel=0.05)
    blurred = _softmax(logits * temperature)
    assert metrics.fit_temperature(np.log(blurred), y) == pytest.approx(temperature, rel=0.05)


def test_temperature_keeps_the_answers_and_repairs_confidence(predictions):
    y, p, predicted, right = predictions
    sure = metrics.with_temperature(p, 0.3)
    cooled = metrics.with_temperature(sure, metrics.fit_temperature(np.log(sure), y))
    np.testing.assert_array_equal(cooled.argmax(axis=1), predicted)
    np.testing.assert_allclose(cooled.sum(axis=1), 1)
    before = metrics.reliability(sure.max(axis=1), right).ece
    assert metrics.reliability(cooled.max(axis=1), right).ece < before / 2


def test_one_changes_nothing_and_heat_makes_all_equal(predictions):
    np.testing.assert_allclose(metrics.with_temperature(predictions.p, 1), predictions.p)
    np.testing.assert_allclose(metrics.with_temperature(predictions.p, 1e6), 0.25, atol=1e-4)


def test_probabilities_of_exactly_zero_are_taken():
    p = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert np.isfinite(metrics.with_temperature(p, 2.0)).all()
    with np.errstate(divide="ignore"):
        heat = metrics.fit_temperature(np.log(p), np.array([0, 1, 1]))
    assert np.isfinite(heat) and heat > 10  # sure and wrong: hot


@pytest.mark.parametrize(
    ("confidence", "right", "bins", "words"),
    [
        ([0.5], [True, False], 10, "differ in number"),
        ([1.5], [True], 10, "from 1.5"),
        ([-0.1], [True], 10, "from -0.1"),
        ([np.nan], [True], 10, "NaN"),
        ([[0.5]], [True], 10, "shape"),
        ([], [], 10, "shape"),
        ([0.5], [2], 10, "True and False"),
        ([0.5], [True], 0, "bins is 0"),
        ([0.5], [True], 2.5, "bins is 2.5"),
    ],
)
def test_reliability_refuses(confidence, right, bins, words):
    with pytest.raises(UserError, match=words):
        metrics.reliability(np.array(confidence), np.array(right), bins)


def test_temperature_refuses(predictions):
    y, p, *_ = predictions
    with pytest.raises(UserError, match=r"pass np\.log\(p\)"):
        metrics.fit_temperature(p, y)
    with pytest.raises(UserError, match="differ in number"):
        metrics.fit_temperature(np.log(p), y[:5])
    with pytest.raises(UserError, match="NaN"):
        metrics.fit_temperature(np.full((2, 2), np.nan), np.array([0, 1]))
    with pytest.raises(UserError, match="from logits"):
        metrics.with_temperature(np.log(p), 2)
    for temperature in (0, -1, np.nan, None):
        with pytest.raises(UserError, match="temperature is"):
            metrics.with_temperature(p, temperature)


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
