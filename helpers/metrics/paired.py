"""Two models on the same pictures."""

from typing import NamedTuple

import numpy as np

from helpers.metrics.inputs import read_right, same_length
from helpers.metrics.intervals import Interval

_ROUNDS, _SEED = 10_000, 1001


class Paired(NamedTuple):
    """What changes from model a to model b. Pictures that both get right or wrong tell nothing."""

    only_a: int  # pictures that a alone gets right
    only_b: int  # pictures that b alone gets right
    p_value: float  # chance of a split at least as uneven if both models were equally good
    difference: float  # accuracy of b minus accuracy of a
    interval: Interval  # the difference with its 95 % interval


def mcnemar(right_a: np.ndarray, right_b: np.ndarray) -> Paired:
    """Exact McNemar test: are two models equally often right?

    If they are, each picture on which they disagree is a fair coin (McNemar 1947; recommended for
    one test set by Dietterich 1998, "Approximate statistical tests for comparing supervised
    classification learning algorithms"). The interval comes from resampling the pictures.

    Args:
        right_a: (n,) booleans, whether model a (before) is right.
        right_b: (n,) booleans, whether model b (after) is right, on the same pictures.

    Raises:
        UserError: lengths differ, empty, or no booleans.
    """
    right_a = read_right(right_a, "right_a")
    right_b = read_right(right_b, "right_b")
    same_length(right_a=right_a, right_b=right_b)
    only_a = int(np.sum(right_a & ~right_b))
    only_b = int(np.sum(right_b & ~right_a))
    from scipy.stats import binomtest  # a slow import, seldom needed

    p_value = binomtest(only_b, only_a + only_b).pvalue if only_a + only_b else 1.0
    n = len(right_a)
    difference = (only_b - only_a) / n
    return Paired(only_a, only_b, float(p_value), difference, _interval(only_a, only_b, n))


def _interval(only_a: int, only_b: int, n: int) -> Interval:
    """Bootstrap of the difference; rows fall into three kinds, so counts can be drawn at once."""
    shares = np.array([only_a, only_b, n - only_a - only_b]) / n
    counts = np.random.default_rng(_SEED).multinomial(n, shares, _ROUNDS)
    low, high = np.quantile((counts[:, 1] - counts[:, 0]) / n, [0.025, 0.975])
    return Interval((only_b - only_a) / n, float(low), float(high))
