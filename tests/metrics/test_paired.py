"""Two models on the same pictures."""

import numpy as np
import pytest

from helpers import metrics
from helpers.errors import UserError


def _pair(only_a: int, only_b: int, both: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    a = np.repeat([True, False, True, False], [only_a, only_b, both, neither])
    b = np.repeat([False, True, True, False], [only_a, only_b, both, neither])
    return a, b


def test_by_hand():
    """One against five: both tails of six fair coins with at most one head, 2 (1 + 6) / 64."""
    result = metrics.mcnemar(*_pair(1, 5, 10, 4))
    assert (result.only_a, result.only_b) == (1, 5)
    assert result.p_value == pytest.approx(14 / 64)
    assert result.difference == result.interval.value == pytest.approx(4 / 20)
    assert result.interval.low < 0.2 < result.interval.high


def test_exchanging_the_models_changes_the_sign_only():
    a, b = _pair(30, 60, 100, 10)
    forward, backward = metrics.mcnemar(a, b), metrics.mcnemar(b, a)
    assert backward.p_value == pytest.approx(forward.p_value)
    assert backward.difference == pytest.approx(-forward.difference)
    assert backward.interval.high == pytest.approx(-forward.interval.low, abs=0.01)


def test_agreement_of_both_tells_nothing_about_the_test():
    few, many = metrics.mcnemar(*_pair(3, 9, 0, 1)), metrics.mcnemar(*_pair(3, 9, 900, 88))
    assert few.p_value == pytest.approx(many.p_value)
    assert few.difference > many.difference


def test_the_same_answers_are_no_difference():
    right = np.array([True, False, True])
    assert metrics.mcnemar(right, right) == (0, 0, 1.0, 0.0, (0.0, 0.0, 0.0))


def test_is_rarely_significant_where_there_is_no_difference():
    rng = np.random.default_rng(1001)
    a, b = rng.random((2, 200, 300)) < 0.8
    p_values = [metrics.mcnemar(*pair).p_value for pair in zip(a, b, strict=True)]
    assert np.mean(np.array(p_values) < 0.05) < 0.09


def test_the_interval_holds_the_bootstrap_of_rows():
    a, b = _pair(20, 45, 120, 15)
    slow = metrics.bootstrap(lambda a, b: b.mean() - a.mean(), a, b, rounds=3000)
    np.testing.assert_allclose(metrics.mcnemar(a, b).interval, slow, atol=0.015)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ([True], [True, False], "right_a has 1, right_b has 2"),
        ([], [], "right_a has shape"),
        ([True], [3], "right_b holds other"),
        ([[True]], [[True]], "shape"),
        ([np.nan], [1.0], "right_a holds other"),
    ],
)
def test_refuses(a, b, words):
    with pytest.raises(UserError, match=words):
        metrics.mcnemar(np.array(a), np.array(b))
