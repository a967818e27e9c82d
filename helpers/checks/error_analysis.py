"""Checks of lesson 08: an interval, recalls, the mistakes of one class, label thresholds."""

from typing import Any

import numpy as np
from scipy import stats

from helpers.checks.core import Wrong, as_array, check, compare, likely
from helpers.metrics import wilson_interval

_BY_CHANCE = np.array([0.4, 1.7])  # times the right size: the least and the most of a drawn tail


@check("error_analysis.interval")
def interval(work: Any, right: np.ndarray) -> str:
    """Check (low, high), a 95 % interval of a fraction: by bootstrap or by a formula.

    `right` are (n,) booleans, neither all true nor all false.
    """
    causes = {(): "that is one number, such as the standard error or one end."}
    nudge = "from all rounds, `np.quantile(draws, [0.025, 0.975])` takes both ends."
    pair = as_array(work, "a pair (low, high)", shape=(2,), shapes=causes, nudge=nudge)
    low, high = pair = pair.astype(float)
    right = np.asarray(right, dtype=bool)
    n, fraction = len(right), right.mean()
    if _is_interval(pair, right):
        return f"{fraction:.1%} of {n} images are right, the interval is {low:.1%} to {high:.1%}."
    text = f"{low:.3g} to {high:.3g} is no 95 % interval of the measured fraction {fraction:.3g}."
    nudge = f"draw {n} images *with* replacement in each round, and leave 2.5 % on each side."
    raise Wrong("value", text, _interval_cause(pair, right), nudge)


def _is_interval(pair: np.ndarray, right: np.ndarray) -> bool:
    """Whether a pair is a 95 % interval of the fraction, by one of the usual ways."""
    n, hits, fraction = len(right), int(right.sum()), right.mean()
    error = np.sqrt(fraction * (1 - fraction) / n)
    exact = stats.binomtest(hits, n).proportion_ci()
    normal = (fraction - 1.96 * error, fraction + 1.96 * error)
    corrected = stats.bootstrap((right,), np.mean, random_state=0).confidence_interval  # BCa
    formulas = (wilson_interval(hits, n), normal, (exact.low, exact.high))
    return (
        any(np.allclose(pair, ends, rtol=0, atol=5e-4) for ends in formulas)
        or np.allclose(pair, corrected, rtol=0, atol=max(1 / n, error / 5))
        or _drawn(pair, right, 0.025)
    )


def _drawn(pair: np.ndarray, right: np.ndarray, tail: float) -> bool:
    """Whether the ends can be quantiles of the means of n draws, with such a tail on each side.

    A mean of n draws is binomial. Of some hundred rounds, the tails come out larger or smaller.
    """
    draws = stats.binom(len(right), right.mean())
    low, high = np.round(pair * len(right), 6)
    tails = draws.cdf([low, low - 1]), draws.sf([high - 1, high])  # with the end and without
    least, most = tail * _BY_CHANCE
    return all(larger >= least and smaller <= most for larger, smaller in tails)


def _interval_cause(pair: np.ndarray, right: np.ndarray) -> str:
    (low, high), n = pair, len(right)
    half, off = (high - low) / 2, pair.mean() - right.mean()
    width = half * np.sqrt(n) / right.std()  # in standard errors
    causes = {
        "the ends are not finite: a mean of no images.": not np.isfinite(pair).all(),
        "low is above high: the ends are swapped.": low > high,
        "these are percentages: leave out the `* 100`.": _is_interval(pair / 100, right),
        "these are counts: use `.mean()` instead of `.sum()`.": _is_interval(pair / n, right),
        "a fraction lies from 0 to 1.": high > 1,
        "drawn without replacement: each round then holds the same images.": low == high,
        "other images were drawn: all of them, or those of another class.": abs(off) > half,
        "quantiles at 5 % and 95 %: that holds 90 %.": _drawn(pair, right, 0.05),
        "quantiles at 0.5 % and 99.5 %: that holds 99 %.": _drawn(pair, right, 0.005),
        "plus and minus *one* standard error: that holds 68 %.": _drawn(pair, right, 0.16),
        "too many images in each draw, as all classes, or hardly any rounds.": width < 1,
        "too few images in each draw, or the smallest and the largest round.": width > 2.3,
        "wide enough, but not around the fraction: other images, or unequal tails.": width > 1.65,
    }
    return likely(causes)


@check("error_analysis.recalls")
def recalls(work: Any, matrix: np.ndarray) -> str:
    """Check the recall of every class, (k,) fractions.

    `matrix` are (k, k) counts, rows true, columns predicted; every class has images.
    """
    matrix = np.asarray(matrix)
    diagonal = matrix.diagonal()
    right = diagonal / matrix.sum(axis=1)
    shapes = {
        (): "that is one number for all classes, the accuracy or an average.",
        matrix.shape: "the whole matrix was divided, not only its diagonal.",
    }
    array = as_array(work, f"{len(right)} fractions", shape=right.shape, shapes=shapes)
    precision = diagonal / matrix.sum(axis=0).clip(1)
    causes = {
        "that is precision: the sum went over a column, all images *called* so.": precision,
        "divided by all images, not by those of one class.": diagonal / matrix.sum(),
        "these are counts: divide by the number of images of each class.": diagonal,
        "these are percentages: leave out the `* 100`.": 100 * right,
        "that is the fraction of each class that is *missed*.": 1 - right,
    }
    nudge = "rows are the true classes; `matrix.sum(axis=1)` sums over a row."
    compare(array, right, causes=causes, nudge=nudge)
    return f"recall from {right.min():.1%} to {right.max():.1%}."


@check("error_analysis.class_mistakes")
def class_mistakes(work: Any, y: np.ndarray, p: np.ndarray, label: int) -> str:
    """Check the positions (m,) of the mistakes of the class `label`, the most confident first.

    y: (n,) integers, the labels. p: (n, k) probabilities.
    """
    y, p = np.asarray(y), np.asarray(p)
    predicted, confidence = p.argmax(axis=1), p.max(axis=1)
    wanted = np.flatnonzero((y == label) & (predicted != y))
    nudge = "`np.flatnonzero` gives one array; `np.nonzero` gives a tuple with it inside."
    array = as_array(work, "positions", shape=(None,), nudge=nudge)
    if array.size and array.dtype.kind not in "iu":
        cause = "that is the condition, or these are the confidences."
        raise Wrong("type", f"`{array.dtype}` is no position.", cause, nudge)
    if not np.array_equal(np.sort(array), wanted):
        of_class, called, wrong = y == label, predicted == label, predicted != y
        short = np.arange(len(y)) < len(wanted)
        sets = {
            "all mistakes of all classes.": wrong,
            "other classes that are *called* so; asked for is the label.": called & wrong,
            "the right answers; the condition is the wrong way round.": called & of_class,
            "all images of the class, the right ones too.": of_class,
            "the order of the *short* list: index the positions with it.": short,
            "a position occurs more than once.": of_class & wrong,
        }
        causes = {why: set(np.flatnonzero(rows)) == set(array) for why, rows in sets.items()}
        text = f"of {len(wanted)} wanted images, yours are {np.isin(wanted, array).sum()}."
        nudge = "both must hold: the label is this class, and the prediction is another."
        raise Wrong("value", text, likely(causes), nudge)
    steps = np.diff(confidence[array])
    if (steps > 1e-7).any():
        cause = "sorted from small to large." if (steps >= -1e-7).all() else "not sorted."
        nudge = "`np.argsort` of the *negative* confidence of these images gives the order."
        raise Wrong("value", "these are the right images in the wrong order.", cause, nudge)
    return f"{len(wanted)} mistakes, the most confident first."


@check("error_analysis.thresholds")
def thresholds(work: Any, y: np.ndarray, p: np.ndarray) -> str:
    """Check the mean probability of each class over the images labeled so, (k,) numbers.

    y: (n,) integers, the labels; every class occurs. p: (n, k) probabilities.
    """
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    n, classes = p.shape
    labeled, called = (np.eye(classes)[labels] for labels in (y, p.argmax(axis=1)))

    def means(members: np.ndarray, columns: np.ndarray = p) -> np.ndarray:
        """(k,) mean of each class's column over its members, (n, k) ones and zeros."""
        return (members * columns).sum(axis=0) / members.sum(axis=0).clip(1)

    right = means(labeled)
    shapes = {
        (): "that is one threshold for all classes.",
        (n,): "one number an image: its own probability, not yet the mean of its class.",
        p.shape: "these are the probabilities themselves.",
        (classes, classes): "the means of *all* columns for each label; one of them is needed.",
    }
    array = as_array(work, f"{classes} numbers", shape=(classes,), shapes=shapes)
    confidences = means(labeled, p.max(axis=1, keepdims=True))
    causes = {
        "these are sums, not means.": right * labeled.sum(axis=0),
        "the mean over *all* images, whatever their label.": p.mean(axis=0),
        "the mean *confidence* of the images, whatever they were called.": confidences,
        "images *predicted* as the class were taken, not those labeled so.": means(called),
        "only images that are right were taken.": means(called * labeled),
    }
    nudge = "rows with the label c, column c: `p_before[y_val == c, c]`."
    compare(array, right, causes=causes, nudge=nudge, atol=1e-4)
    return f"thresholds from {right.min():.2f} to {right.max():.2f}."
