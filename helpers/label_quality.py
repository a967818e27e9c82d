"""Is it the data? Pictures whose label is probably wrong."""

import numpy as np

from helpers.metrics.inputs import read_labels, read_probabilities, same_length


def suspect_labels(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Pictures whose label is probably wrong, by confident learning; the most suspect first.

    A class's threshold is the mean probability that its own pictures get for it. A picture is
    suspect where another class than its label reaches that class's threshold, and is the most
    probable of those that do: the off-diagonal entries of the confident joint. They are ranked
    by margin, the probability of the label less that of the most probable other class
    (Northcutt, Jiang and Chuang, "Confident learning", 2021).

    The probabilities must come from a model that did not train on these pictures: one that did
    has learned the wrong labels as well.

    Args:
        y: (n,) integers in [0, k), the labels given.
        p: (n, k) probabilities.

    Returns:
        (m,) int64 positions, m from 0 to n.

    Raises:
        UserError: shapes, labels or probabilities do not fit.
    """
    p = read_probabilities(p)
    y = read_labels(y, "y", p.shape[1])
    same_length(y=y, p=p)
    rows = np.arange(len(y))
    own = p[rows, y]
    confident = p >= _thresholds(y, p)
    confident_class = np.where(confident, p, -1).argmax(axis=1)
    suspect = confident.any(axis=1) & (confident_class != y)
    others = p.copy()
    others[rows, y] = -1
    margin = own - others.max(axis=1)
    found = np.flatnonzero(suspect)
    return found[np.argsort(margin[found], kind="stable")]


def _thresholds(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """(k,) mean probability of each class over the pictures labeled so; infinite without any."""
    counts = np.bincount(y, minlength=p.shape[1])
    sums = np.bincount(y, weights=p[np.arange(len(y)), y], minlength=p.shape[1])
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
