"""How much would a figure differ on other pictures of the same kind?"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from helpers.errors import UserError
from helpers.metrics.inputs import read_right, same_length

_CHUNK = 1_000_000  # random numbers drawn at once: bounds the memory


class Interval(NamedTuple):
    """A figure with its confidence interval.

    `str` and `f"{interval}"` write a share as percentages, "85.9 % (84.2 to 87.4)"; with a
    format, as in `f"{interval:.3f}"`, all three numbers are written in it.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} % ({100 * self.low:.1f} to {100 * self.high:.1f})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        return f"{self.value:{spec}} ({self.low:{spec}} to {self.high:{spec}})"


def bootstrap(
    statistic: Callable[..., float],
    *arrays: np.ndarray,
    rounds: int = 2000,
    level: float = 0.95,
    seed: int = 1001,
) -> Interval:
    """Percentile interval of a statistic (Efron 1979, "Bootstrap methods").

    Each round draws n rows with replacement, the same rows of all arrays, and computes the
    statistic again. What the rows can't show, such as another training run, is not in it.

    Args:
        statistic: takes arrays like those given, returns a number. `np.mean` of one (n,) array is
            computed for many rounds at once.
        arrays: each (n, …), one row a picture.
        rounds: how often to draw.
        level: share of the rounds inside the interval.
        seed: of the draws.

    Returns:
        The statistic of the data themselves, and the interval. Rounds in which the statistic is
        undefined (NaN) are left out.

    Raises:
        UserError: the arrays differ in length or are empty, or the statistic is NaN.
    """
    rows = [np.asarray(array) for array in arrays]
    _check(rows, rounds, level)
    value = float(statistic(*rows))
    if not np.isfinite(value):
        raise UserError(f"the statistic of the data is {value}: look for NaN in the arrays")
    rng = np.random.default_rng(seed)
    if statistic is np.mean and len(rows) == 1 and rows[0].ndim == 1:
        results = _means(rows[0], rounds, rng)
    else:
        draws = (rng.integers(0, len(rows[0]), len(rows[0])) for _ in range(rounds))
        results = np.array([statistic(*(row[drawn] for row in rows)) for drawn in draws], float)
    outside = (1 - level) / 2
    low, high = np.nanquantile(results, [outside, 1 - outside])
    return Interval(value, float(low), float(high))


def wilson(right: np.ndarray, level: float = 0.95) -> Interval:
    """Interval of a share, good for few pictures too (Wilson 1927).

    The bootstrap finds no spread where all pictures are right or all are wrong; this does.

    Args:
        right: (n,) booleans.
        level: share of such intervals that hold the true share.

    Raises:
        UserError: no pictures, or no booleans.
    """
    right = read_right(right)
    _check_level(level)
    from statistics import NormalDist

    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    n, share = len(right), float(right.mean())
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return Interval(share, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def _means(values: np.ndarray, rounds: int, rng: np.random.Generator) -> np.ndarray:
    """Means of resampled values, (rounds,)."""
    n = len(values)
    if values.dtype.kind in "biuf" and np.isin(values, (0, 1)).all():
        # The number of hits among n draws is binomial: no need to draw rows.
        return rng.binomial(n, values.mean(), rounds) / n
    step = max(1, _CHUNK // n)
    sizes = [min(step, rounds - done) for done in range(0, rounds, step)]
    return np.concatenate([values[rng.integers(0, n, (size, n))].mean(axis=1) for size in sizes])


def _check(rows: list[np.ndarray], rounds: int, level: float) -> None:
    if not rows or any(row.ndim == 0 or not len(row) for row in rows):
        raise UserError("bootstrap without rows: pass arrays with at least one picture each")
    same_length(**{f"array {number}": row for number, row in enumerate(rows, start=1)})
    if isinstance(rounds, bool) or not isinstance(rounds, int | np.integer) or rounds < 1:
        raise UserError(f"rounds is {rounds!r}: pass a whole number, 1,000 or more for an interval")
    _check_level(level)


def _check_level(level: float) -> None:
    if not (np.isscalar(level) and 0 < level < 1):
        raise UserError(f"level is {level!r}: pass a share between 0 and 1, such as 0.95")
