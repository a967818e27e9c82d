"""Figures that a large class does not drown: each class counts the same."""

import numpy as np

from helpers.metrics.confusion import confusion


def balanced_accuracy(y: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    """The mean of the classes' recalls (Brodersen et al., 2010).

    Whoever always names the largest class gets 1 / classes, however large it is.

    Args:
        y: (n,) integers, 0 to classes - 1, the true classes.
        predicted: (n,) integers, 0 to classes - 1.
        classes: number of classes, 2 or more; one without a picture in `y` is left out.

    Returns:
        A share in [0, 1].

    Raises:
        UserError: the arrays differ in length, are empty, or hold something else.
    """
    counts = right_wrong(y, predicted, classes)
    present = counts[counts.sum(axis=1) > 0]
    return float((present[:, 0] / present.sum(axis=1)).mean())


def right_wrong(y: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """How many pictures of each class are right and how many are wrong.

    Args:
        y: (n,) integers, 0 to classes - 1, the true classes.
        predicted: (n,) integers, 0 to classes - 1.
        classes: number of classes, 2 or more.

    Returns:
        (classes, 2) int64: right, wrong.

    Raises:
        UserError: the arrays differ in length, are empty, or hold something else.
    """
    matrix = confusion(y, predicted, classes)
    right = np.diag(matrix)
    return np.stack([right, matrix.sum(axis=1) - right], axis=1)
