"""ROC and precision-recall curves for many classes, each class against the rest.

Both kinds of curve belong to a question with two answers. With k classes there are k such
questions, "is it class c, or not?", each with the probability of c as its score. The *micro*
average puts all n x k answers into one question; the *macro* average is the mean of the classes'
curves.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from helpers.metrics.inputs import read_labels, read_probabilities, same_length

_GRID = np.linspace(0, 1, 1001)  # where the macro curve is computed


class Curve(NamedTuple):
    """A curve and one number for it."""

    x: np.ndarray  # (m,) false positive rate (ROC) or recall, ascending
    y: np.ndarray  # (m,) true positive rate (ROC) or precision
    thresholds: np.ndarray  # (m,) score from which a picture counts as the class; NaN if none
    area: float  # area under the ROC curve, or average precision; NaN where undefined


class RocCurves(NamedTuple):
    """Curves of one kind, ROC or precision-recall, for all classes."""

    classes: tuple[Curve, ...]
    micro: Curve
    macro: Curve  # its area is the mean of the classes' areas
    absent: tuple[int, ...]  # classes whose curve is undefined, left out of macro

    @property
    def note(self) -> str:
        """What to print below the curves if some classes are left out, else an empty text."""
        if not self.absent:
            return ""
        numbers = ", ".join(map(str, self.absent))
        return f"left out of the macro average, for their curve is undefined here: class {numbers}"


def roc(y: np.ndarray, p: np.ndarray) -> RocCurves:
    """Receiver operating characteristic of every class against the rest.

    The area is the probability that a random picture of the class gets a higher score than a
    random picture of the rest (Fawcett 2006, "An introduction to ROC analysis").

    Args:
        y: (n,) integers, 0 to k - 1.
        p: (n, k) probabilities.

    Returns:
        k curves, micro and macro. A class without pictures, or with all of them, has an empty
        curve with area NaN.

    Raises:
        UserError: shapes, lengths or ranges do not fit.
    """
    return _one_vs_rest(y, p, _roc_curve, _interpolate_roc)


def precision_recall(y: np.ndarray, p: np.ndarray) -> RocCurves:
    """Precision over recall of every class against the rest; the area is average precision.

    Args:
        y: (n,) integers, 0 to k - 1.
        p: (n, k) probabilities.

    Returns:
        k curves, micro and macro. A class without pictures has an empty curve with area NaN.

    Raises:
        UserError: shapes, lengths or ranges do not fit.
    """
    return _one_vs_rest(y, p, _precision_recall_curve, _interpolate_precision)


def _one_vs_rest(
    y: np.ndarray,
    p: np.ndarray,
    curve: Callable[[np.ndarray, np.ndarray], Curve | None],
    interpolate: Callable[[Curve], np.ndarray],
) -> RocCurves:
    p = read_probabilities(p)
    y = read_labels(y, "y", p.shape[1])
    same_length(y=y, p=p)
    is_class = y[:, None] == np.arange(p.shape[1])  # (n, k)
    found = [curve(is_class[:, k], p[:, k]) for k in range(p.shape[1])]
    known = [one for one in found if one is not None]
    empty = Curve(*[np.empty(0)] * 3, area=float("nan"))
    if known:
        heights = np.mean([interpolate(one) for one in known], axis=0)
        area = float(np.mean([one.area for one in known]))
        macro = Curve(_GRID, heights, np.full(len(_GRID), np.nan), area)
    else:
        macro = empty
    return RocCurves(
        tuple(one or empty for one in found),
        curve(is_class.ravel(), p.ravel()),
        macro,
        tuple(k for k, one in enumerate(found) if one is None),
    )


def _roc_curve(is_class: np.ndarray, scores: np.ndarray) -> Curve | None:
    if is_class.all() or not is_class.any():
        return None
    from sklearn import metrics  # a slow import, seldom needed

    x, y, thresholds = metrics.roc_curve(is_class, scores)
    return Curve(x, y, thresholds, float(metrics.auc(x, y)))


def _precision_recall_curve(is_class: np.ndarray, scores: np.ndarray) -> Curve | None:
    if not is_class.any():
        return None
    from sklearn import metrics

    precision, recall, thresholds = metrics.precision_recall_curve(is_class, scores)
    area = float(metrics.average_precision_score(is_class, scores))
    # scikit-learn goes from recall 1 down to 0 and gives no threshold for the last point.
    return Curve(recall[::-1], precision[::-1], np.append(np.inf, thresholds[::-1]), area)


def _interpolate_roc(curve: Curve) -> np.ndarray:
    heights = np.interp(_GRID, curve.x, curve.y)
    heights[0] = 0.0  # the curve begins at the origin, where np.interp sees only the step's top
    return heights


def _interpolate_precision(curve: Curve) -> np.ndarray:
    """Precision is a staircase: to reach a recall, one needs the next point that has it."""
    return curve.y[np.searchsorted(curve.x, _GRID).clip(max=len(curve.x) - 1)]
