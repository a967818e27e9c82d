"""Checks of lesson 08: recalls, a bootstrap in order, an area under the ROC curve, a threshold."""

from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from helpers.checks.answers import require_threshold
from helpers.checks.core import as_array, check, compare
from helpers.checks.ordering import require_order

_NO_DRAW = "without replacement each round holds the same images, and the score never changes."
_BEFORE = {
    ("D", "F"): "the list must be empty once, before the first round.",
    ("F", "B"): "the images are drawn anew in each round, inside the loop.",
    ("B", "C"): "the score of a round needs the images that were drawn.",
    ("C", "A"): "the ends of the interval are taken when all rounds are done.",
}


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


@check("error_analysis.bootstrap")
def bootstrap(order: Any) -> str:
    """Check the order of the lines of a bootstrap, one of which does not belong there."""
    require_order(order, "ABCDF", _BEFORE, {"E": _NO_DRAW})
    return "empty list, rounds; in each, draw and score; then both ends of the interval."


@check("error_analysis.area")
def area(work: Any, y: np.ndarray, p: np.ndarray, label: int) -> str:
    """Check the area under the ROC curve of one class against the rest, a number.

    y: (n,) integers, in which `label` and others occur. p: (n, k) probabilities.
    """

    def area_of(scores: np.ndarray) -> float:
        return roc_auc_score(np.asarray(y) == label, scores)

    right = area_of(p[:, label])
    others = [area_of(column) for column in np.delete(p, label, axis=1).T]
    shapes = {
        (p.shape[1],): "these are the areas of all classes; one of them is needed.",
        p.shape[:1]: "these are the scores, not yet the area under their curve.",
    }
    number = as_array(work, "one number", shape=(), shapes=shapes)
    causes = {
        "the scores are only 0 and 1: a curve with a single corner.": area_of(
            p.argmax(axis=1) == label
        ),
        "the scores are the confidence, whatever the answer was.": area_of(p.max(axis=1)),
        "the curve is upside down: a high score must mean this class.": 1 - right,
        "that is the mean over all classes.": roc_auc_score(np.eye(p.shape[1])[y], p),
        "these are another class's probabilities.": lambda found: np.isclose(others, found).any(),
    }
    nudge = "the probability of the class is the score that images can be sorted by."
    compare(number, right, causes=causes, nudge=nudge)
    return f"an area of {right:.3f}, from scores that can be sorted."


@check("error_analysis.threshold")
def threshold(
    work: Any, y: np.ndarray, p: np.ndarray, accuracy: float = 0.95, coverage: float = 0.7
) -> str:
    """Check a confidence threshold on images that did not choose it.

    y: (n,) integers. p: (n, k) probabilities. Of all images the fraction `coverage` must get an
    answer, and of those the fraction `accuracy` must be right.
    """
    right = require_threshold(work, p, y, accuracy, coverage)
    covered = len(right) / len(y)
    return f"on the other images {covered:.1%} get an answer; {right.mean():.1%} of it is right."
