"""Intervals: do they hold the truth as often as they say?"""

import numpy as np
import pytest
from scipy.stats import binomtest

from helpers import metrics
from helpers.errors import UserError


def test_is_written_as_percent_or_as_asked():
    interval = metrics.Interval(0.8594, 0.8418, 0.8744)
    assert str(interval) == f"{interval}" == "85.9 % (84.2 to 87.4)"
    assert f"{interval:.3f}" == "0.859 (0.842 to 0.874)"


def test_bootstrap_is_reproducible_and_holds_the_value(predictions):
    first = metrics.bootstrap(np.mean, predictions.right)
    assert first == metrics.bootstrap(np.mean, predictions.right)
    assert first != metrics.bootstrap(np.mean, predictions.right, seed=1)
    assert first.low < first.value == predictions.right.mean() < first.high
    wide = metrics.bootstrap(np.mean, predictions.right, level=0.99)
    assert wide.low < first.low and wide.high > first.high


def test_the_fast_paths_agree_with_the_plain_one(predictions):
    right = predictions.right
    plain = metrics.bootstrap(lambda values: values.mean(), right, rounds=4000)
    shares = metrics.bootstrap(np.mean, right, rounds=4000)
    floats = metrics.bootstrap(np.mean, right + 0.5, rounds=4000)
    np.testing.assert_allclose(shares, plain, atol=0.004)
    np.testing.assert_allclose(np.subtract(floats, 0.5), plain, atol=0.004)


def test_rows_of_all_arrays_are_drawn_together(predictions):
    """Equal arrays stay equal in every round."""
    same = metrics.bootstrap(
        lambda a, b: float(np.mean(a == b)), predictions.y, predictions.y.copy(), rounds=200
    )
    assert same == (1, 1, 1)
    shapes = metrics.bootstrap(
        lambda y, p: p[np.arange(len(y)), y].mean(), predictions.y, predictions.p, rounds=200
    )
    assert shapes.low < shapes.value < shapes.high


def test_coverage_of_both_intervals():
    """Of 300 samples with a true accuracy of 80 %, about 95 % of the intervals hold it."""
    samples = np.random.default_rng(1001).random((300, 400)) < 0.8
    for interval in (
        lambda right: metrics.bootstrap(np.mean, right, rounds=500),
        metrics.wilson,
    ):
        found = [interval(right) for right in samples]
        assert 0.91 < np.mean([one.low <= 0.8 <= one.high for one in found]) < 0.99


@pytest.mark.parametrize("right", [[True], [False] * 7, [True] * 20, [True, False, True, True]])
def test_wilson_agrees_with_scipy(right):
    ours = metrics.wilson(np.array(right))
    theirs = binomtest(sum(right), len(right)).proportion_ci(method="wilson")
    assert ours[1:] == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert ours.high > ours.low  # where the bootstrap finds no spread


def test_rounds_without_a_value_are_left_out():
    values = np.array([np.nan, 1.0, 2.0])

    def mean_of_known(drawn):
        known = drawn[~np.isnan(drawn)]
        return known.mean() if len(known) else np.nan

    interval = metrics.bootstrap(mean_of_known, values, rounds=400)
    assert interval == (1.5, 1, 2)


def test_ten_thousand_pictures_are_drawn_as_counts():
    """2,000 rounds over 10,000 pictures draw 2,000 numbers, not 20 million."""
    right = np.random.default_rng(1001).random(10_000) < 0.9
    interval = metrics.bootstrap(np.mean, right)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 0.003, rel=0.1)


@pytest.mark.parametrize(
    ("arrays", "options", "words"),
    [
        ([], {}, "without rows"),
        ([np.array([])], {}, "without rows"),
        ([np.array(1.0)], {}, "without rows"),
        ([np.ones(2), np.ones(3)], {}, "array 1 has 2, array 2 has 3"),
        ([np.array([1, np.nan])], {}, "nan"),
        ([np.ones(2)], {"rounds": 0}, "rounds is 0"),
        ([np.ones(2)], {"rounds": 10.5}, "rounds is 10.5"),
        ([np.ones(2)], {"level": 95}, "level is 95"),
    ],
)
def test_bootstrap_refuses(arrays, options, words):
    with pytest.raises(UserError, match=words):
        metrics.bootstrap(lambda *drawn: np.mean(drawn[0]), *arrays, **options)


def test_wilson_refuses():
    with pytest.raises(UserError, match="shape"):
        metrics.wilson(np.array([]))
    with pytest.raises(UserError, match="True and False"):
        metrics.wilson(np.array([0.5]))
    with pytest.raises(UserError, match="level is 0"):
        metrics.wilson(np.array([True]), level=0)
