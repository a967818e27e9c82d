"""Measures of a model that scikit-learn and SciPy lack.

What they have, a lesson calls by its own name: `classification_report`, `scipy.stats.bootstrap`
and so on. Throughout, `p` are probabilities (n, k) of k classes whose rows sum to 1, and `y` are
labels (n,), integers from 0 to k - 1. An array whose shape, type, length or range does not fit
raises CourseError.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import ndimage, optimize, special, stats
from sklearn.metrics import pairwise_distances_argmin

from helpers.settings import CourseError

_SUM_TOLERANCE = 1e-2  # float16 probabilities of a hundred classes still pass
_THUMBNAIL = 8  # pixels a side: coarse enough to forgive a shift by one pixel
_SHIFT = 3  # pixels each way that two images of one scene may be moved against each other


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """95 % interval (low, high) of right / total, good for few cases too (Wilson, 1927).

    The bootstrap sees no chance at all where all cases are right, or all are wrong; this formula
    does. It is `scipy.stats.binomtest(right, total).proportion_ci(method="wilson")`.
    """
    counts = np.ndim(right) == np.ndim(total) == 0 and right % 1 == total % 1 == 0
    if not (counts and 0 <= right <= total and total):
        raise CourseError("wilson_interval takes two counts: pass right.sum() and len(right)")
    interval = stats.binomtest(int(right), int(total)).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


class PairedTest(NamedTuple):
    """What changes from model a to model b."""

    only_a: int  # images that a alone gets right
    only_b: int  # images that b alone gets right
    difference: float  # accuracy of b minus accuracy of a, -1 to 1
    interval: tuple[float, float]  # the difference's 95 % interval
    p_value: float  # chance of a split at least as uneven if both models were equally good


def mcnemar_test(right_a: np.ndarray, right_b: np.ndarray) -> PairedTest:
    """Are two models right equally often on the same images? The exact test of McNemar (1947).

    If they are, each image on which they disagree is a fair coin. Dietterich (1998, "Approximate
    statistical tests …") recommends it for one test set. The interval is that of Agresti and Min
    (2005, "Simple improved confidence intervals for comparing matched proportions"): half a case
    is added to each of the four cells, so it has a width even where the models never disagree.

    Args:
        right_a, right_b: (n,) booleans, whether each model is right, on the same images.
    """
    right_a, right_b = np.asarray(right_a), np.asarray(right_b)
    if right_a.shape != right_b.shape or not right_a.dtype == right_b.dtype == bool:
        raise CourseError("mcnemar_test takes booleans of one length: pass y == p.argmax(axis=1)")
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    disagree, n = only_a + only_b, len(right_a)
    p_value = stats.binomtest(only_b, disagree).pvalue if disagree else 1.0
    middle = (only_b - only_a) / (n + 2)
    spread = 1.96 * np.sqrt(((disagree + 1) / (n + 2) - middle**2) / (n + 2))
    interval = (max(-1.0, float(middle - spread)), min(1.0, float(middle + spread)))
    return PairedTest(only_a, only_b, (only_b - only_a) / n, interval, float(p_value))


def fit_temperature(p: np.ndarray, y: np.ndarray) -> float:
    """The temperature T in [0.01, 100] for which softmax(logits / T) has the least cross-entropy.

    T above 1 makes a model less sure, T below 1 surer; the predicted classes stay the same. Fit
    it on validation data (Guo et al., 2017, "On calibration of modern neural networks").
    """
    p, y = _read(p, y)
    logits = _logits(p)

    def loss(log_temperature: float) -> float:
        logs = special.log_softmax(logits / np.exp(log_temperature), axis=1)
        return -logs[np.arange(len(y)), y].mean()

    # The loss has one minimum: it is convex in 1 / T.
    bounds = (np.log(0.01), np.log(100))
    return float(np.exp(optimize.minimize_scalar(loss, bounds=bounds, method="bounded").x))


def apply_temperature(p: np.ndarray, temperature: float) -> np.ndarray:
    """(n, k) float64 probabilities as of a model whose logits are divided by a temperature.

    Args:
        p: probabilities.
        temperature: above 0; 1 changes nothing. The order in each row stays.
    """
    if not 0 < temperature < np.inf:
        raise CourseError(f"temperature is {temperature!r}: pass a number above 0")
    return special.softmax(_logits(p) / temperature, axis=1)


def _logits(p: np.ndarray) -> np.ndarray:
    """The logarithms of probabilities: logits, up to a constant in each row."""
    return np.log(_read_p(p).clip(np.finfo(np.float32).tiny))  # of 0 it is -87


def coverage_table(p: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """What each confidence threshold costs and gains (Geifman and El-Yaniv, 2017).

    Returns:
        A row for each confidence that occurs, from the highest down: `threshold` (images at or
        above it get an answer), `coverage` (the fraction of images that do) and `accuracy` (the
        fraction of the answers that is right).
    """
    p, y = _read(p, y)
    confidence = p.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = (p.argmax(axis=1) == y)[order]
    answered = np.arange(1, len(y) + 1)
    table = pd.DataFrame({"threshold": confidence[order], "coverage": answered / len(y)})
    table["accuracy"] = right.cumsum() / answered
    return table.drop_duplicates("threshold", keep="last", ignore_index=True)


def confidence_threshold(p: np.ndarray, y: np.ndarray, accuracy: float) -> float:
    """The lowest confidence from which on a fraction of the answers, `accuracy`, is right.

    On other images than these of validation the accuracy is a little lower as a rule, for the
    threshold was chosen where these looked good.

    Returns:
        A confidence in (0, 1]: answer where `p.max(axis=1) >= confidence`.

    Raises:
        CourseError: no threshold is high enough.
    """
    table = coverage_table(p, y)
    enough = table["threshold"][table["accuracy"] >= accuracy]
    if enough.empty:
        best = table["accuracy"].max()
        raise CourseError(f"no threshold reaches {accuracy:.4g}, the best {best:.3f}: aim lower")
    return float(enough.iloc[-1])


def to_coarse(p: np.ndarray, fine_to_coarse: np.ndarray) -> np.ndarray:
    """Add up the probabilities of the classes of each superclass.

    The superclass of the most probable class need not be the most probable superclass: five
    classes of 15 % outweigh one of 20 %. Labels need no function: `fine_to_coarse[labels]`.

    Args:
        p: probabilities of the classes.
        fine_to_coarse: (k,) integers, the superclass of each class, 0 to m - 1.

    Returns:
        (n, m) float64 probabilities of the superclasses.
    """
    p, fine_to_coarse = _read_p(p), np.asarray(fine_to_coarse)
    if p.shape[1] != len(fine_to_coarse):
        raise CourseError(f"p has {p.shape[1]} columns for {len(fine_to_coarse)} classes")
    return p @ np.eye(fine_to_coarse.max() + 1)[fine_to_coarse]


class Inside(NamedTuple):
    """How many mistakes stay inside the superclass of the true class."""

    mistakes: int  # images with a wrong class
    inside: int  # those of them whose superclass is right
    fraction: float  # inside / mistakes, in [0, 1]; NaN without a mistake
    by_chance: float  # fraction to expect if mistakes fell evenly on all other classes


def inside_superclass(y: np.ndarray, predicted: np.ndarray, fine_to_coarse: np.ndarray) -> Inside:
    """Count the mistakes that stay inside the superclass, as a maple taken for an oak.

    `by_chance` is the mean of (size of the true class's superclass - 1) / (k - 1) over the
    mistakes: with 100 classes in 20 superclasses of 5 it is 4/99.

    Args:
        y, predicted: (n,) labels, the true classes and those of a model.
        fine_to_coarse: (k,) integers, the superclass of each class.
    """
    y, predicted, fine_to_coarse = map(np.asarray, (y, predicted, fine_to_coarse))
    wrong = y != predicted
    if not wrong.any():
        return Inside(0, 0, np.nan, np.nan)
    true = fine_to_coarse[y[wrong]]
    stays = true == fine_to_coarse[predicted[wrong]]
    siblings = np.bincount(fine_to_coarse)[true] - 1
    by_chance = siblings.mean() / (len(fine_to_coarse) - 1)
    return Inside(len(stays), int(stays.sum()), float(stays.mean()), float(by_chance))


def near_duplicates(a: np.ndarray, b: np.ndarray) -> pd.DataFrame:
    """For each image of one set its closest partner in another: the same photo, or nearly so.

    Copies are found though they are mirrored, moved, noisy, brighter or darker. First all pairs
    are compared as thumbnails of 8 x 8 pixels, and the best partner by cosine stays. Blue skies
    are all alike there, so the second step looks at the pair's detail, the gray image less its
    blurred self, moved up to 3 pixels each way: the distance is 1 less the best correlation.

    With 0.3 as the limit this finds, on CIFAR-10, about two thirds of the pairs in the hand-checked
    list of Barz and Denzler (2020, "Do we train on test data?"). Some pairs near the limit are only
    similar: look at them. 10,000 x 45,000 images take about a minute on two cores.

    Args:
        a, b: (n, h, w, c) and (m, h, w, c) images, uint8 or finite floats, 8 x 8 pixels or more.

    Returns:
        A row for each image of a, the closest pair first: `image` (position in a), `partner`
        (position in b), `distance` (0: the same lines and edges, 1: nothing in common, at most 2)
        and `mirrored` (whether the partner's mirror image is what is close).
    """
    a, b = np.asarray(a), np.asarray(b)
    sets = a.ndim == 4 and a.shape[1:] == b.shape[1:] and len(a) and len(b)
    if not sets or min(a.shape[1:3]) < _THUMBNAIL:
        shapes = f"images of shape {a.shape} and {b.shape}"
        raise CourseError(f"{shapes}: pass two sets (n, h, w, c) of one size, 8 x 8 or more")
    candidates = np.concatenate([thumbnails(b), thumbnails(b[:, :, ::-1])])
    place = pairwise_distances_argmin(thumbnails(a), candidates)
    partner, mirrored = place % len(b), place >= len(b)
    partners = b[partner]
    partners[mirrored] = partners[mirrored, :, ::-1]
    distance = 1 - _best_correlation(_detail(a), _detail(partners))
    columns = {"partner": partner, "distance": distance, "mirrored": mirrored}
    table = pd.DataFrame({"image": np.arange(len(a))} | columns)
    return table.sort_values("distance", kind="stable", ignore_index=True)


def thumbnails(images: np.ndarray) -> np.ndarray:
    """(n, 8 * 8 * c) float32 thumbnails without their mean, of length 1; 0 if all is one color."""
    _, height, width, _ = images.shape
    rows = np.linspace(0, height, _THUMBNAIL + 1).astype(int)
    columns = np.linspace(0, width, _THUMBNAIL + 1).astype(int)
    sums = np.add.reduceat(images, rows[:-1], axis=1, dtype=np.float32)
    sums = np.add.reduceat(sums, columns[:-1], axis=2)
    small = sums / np.outer(np.diff(rows), np.diff(columns)).astype(np.float32)[:, :, None]
    return _directions(small)


def _detail(images: np.ndarray) -> np.ndarray:
    """(n, h, w) float32: edges and texture."""
    gray = images.mean(axis=-1, dtype=np.float32)
    # A little blur first: two copies saved anew differ in their finest noise.
    smooth, coarse = (ndimage.gaussian_filter(gray, (0, sigma, sigma)) for sigma in (0.5, 2))
    return smooth - coarse


def _best_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n,) correlation of images (n, h, w), the best of all shifts; 0 where one is flat."""
    height, width = (side - 2 * _SHIFT for side in a.shape[1:])
    center = _directions(a[:, _SHIFT:-_SHIFT, _SHIFT:-_SHIFT])
    best = np.full(len(a), -1.0)
    for down, right in np.ndindex(2 * _SHIFT + 1, 2 * _SHIFT + 1):
        moved = _directions(b[:, down : down + height, right : right + width])
        np.maximum(best, np.einsum("ij,ij->i", center, moved), out=best)
    return np.minimum(best, 1)


def _directions(images: np.ndarray) -> np.ndarray:
    """One row an image, without its mean, of length 1; an image of one value becomes 0."""
    rows = images.reshape(len(images), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-3)


def _read_p(p: np.ndarray) -> np.ndarray:
    """Probabilities as (n, k) float64, or what is wrong with them."""
    p = np.asarray(p)
    numbers = p.ndim == 2 and p.size and p.dtype.kind in "fiu"
    sums = p.sum(axis=1, dtype=float) if numbers else np.nan
    if not (np.allclose(sums, 1, atol=_SUM_TOLERANCE) and p.min() >= 0):
        advice = "pass probabilities (n, k), rows that sum to 1; keras.ops.softmax(logits) has them"
        raise CourseError(f"p has shape {p.shape} and dtype {p.dtype}: {advice}")
    return p.astype(np.float64)


def _read(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and labels (n,) int64 that fit them."""
    p, y = _read_p(p), np.asarray(y)
    n, classes = p.shape
    if y.shape != (n,) or y.dtype.kind not in "iu" or not 0 <= y.min() <= y.max() < classes:
        advice = f"pass {n:,} whole numbers from 0 to {classes - 1}, one class an image"
        raise CourseError(f"labels have shape {y.shape} and dtype {y.dtype}: {advice}")
    return p, y.astype(np.int64)
