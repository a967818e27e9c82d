"""The confusion matrix: which class is taken for which."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from helpers.errors import UserError
from helpers.metrics.inputs import read_labels, same_length


class Pair(NamedTuple):
    """Two classes that the model mixes up; `first` is mistaken for `second` more often."""

    first: str
    second: str
    count: int  # mistakes in both directions
    first_as_second: int  # pictures of first that the model calls second
    second_as_first: int


def confusion(y_true: np.ndarray, y_pred: np.ndarray, classes: int) -> np.ndarray:
    """Count how often each true class got each predicted class.

    Args:
        y_true: (n,) integers, 0 to classes - 1.
        y_pred: (n,) integers, 0 to classes - 1.
        classes: number of classes.

    Returns:
        (classes, classes) int64, rows true, columns predicted; the diagonal is right.

    Raises:
        UserError: the arrays differ in length, or hold something else.
    """
    if isinstance(classes, bool) or not isinstance(classes, int | np.integer) or classes < 2:
        raise UserError(f"classes is {classes!r}: pass their number, 2 or more")
    y_true = read_labels(y_true, "y_true", classes)
    y_pred = read_labels(y_pred, "y_pred", classes)
    same_length(y_true=y_true, y_pred=y_pred)
    cells = np.bincount(y_true * classes + y_pred, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def rates(matrix: np.ndarray) -> np.ndarray:
    """Divide each row by its sum: the diagonal becomes the recall of each class.

    Args:
        matrix: (k, k) counts, rows true.

    Returns:
        (k, k) float64 in [0, 1]; a row without pictures is NaN, for nothing is known of it.

    Raises:
        UserError: no square matrix of counts.
    """
    matrix = read_matrix(matrix)
    totals = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, totals, out=np.full(matrix.shape, np.nan), where=totals > 0)


def order(matrix: np.ndarray) -> np.ndarray:
    """Order of the classes that puts those which are mixed up next to each other.

    Average linkage on the rate of confusion in both directions, leaves ordered optimally
    (Bar-Joseph, Gifford, Jaakkola 2001, "Fast optimal leaf ordering for hierarchical clustering").

    Args:
        matrix: (k, k) counts, rows true.

    Returns:
        (k,) int64 permutation: use `matrix[np.ix_(o, o)]`. Where nothing is mixed up, 0 to k - 1.

    Raises:
        UserError: no square matrix of counts.
    """
    shares = np.nan_to_num(rates(matrix))
    similarity = (shares + shares.T) / 2
    np.fill_diagonal(similarity, 0)
    if len(shares) < 3 or similarity.max() == 0:
        return np.arange(len(shares))
    from scipy.cluster import hierarchy  # slow imports, seldom needed
    from scipy.spatial.distance import squareform

    distance = 1 - similarity / similarity.max()
    np.fill_diagonal(distance, 0)
    condensed = squareform(distance, checks=False)
    tree = hierarchy.optimal_leaf_ordering(hierarchy.average(condensed), condensed)
    leaves = hierarchy.leaves_list(tree).astype(np.int64)
    # Both directions are equally good: begin at the end with the smaller number.
    return leaves if leaves[0] < leaves[-1] else leaves[::-1].copy()


def most_confused(matrix: np.ndarray, class_names: Sequence[str], n: int = 10) -> list[Pair]:
    """The pairs of classes with the most mistakes in both directions together, most first.

    Args:
        matrix: (k, k) counts, rows true.
        class_names: (k,) names.
        n: how many pairs at most; pairs without a mistake are left out.

    Raises:
        UserError: no square matrix of counts, or the names do not fit it.
    """
    matrix = read_matrix(matrix)
    if len(class_names) != len(matrix):
        raise UserError(f"{len(class_names)} names for {len(matrix)} classes: pass one for each")
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise UserError(f"n is {n!r}: pass a whole number of pairs, 1 or more")
    both = matrix + matrix.T
    rows, columns = np.triu_indices(len(matrix), k=1)
    most = np.argsort(-both[rows, columns], kind="stable")[:n]
    pairs = []
    for a, b in zip(rows[most], columns[most], strict=True):
        if both[a, b] == 0:
            break
        if matrix[b, a] > matrix[a, b]:
            a, b = b, a
        counts = (int(both[a, b]), int(matrix[a, b]), int(matrix[b, a]))
        pairs.append(Pair(class_names[a], class_names[b], *counts))
    return pairs


def read_matrix(matrix: np.ndarray) -> np.ndarray:
    """A confusion matrix as (k, k) int64.

    Raises:
        UserError: not square, empty, negative, or not whole numbers.
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise UserError(f"a matrix of shape {matrix.shape}: pass (classes, classes) counts")
    if matrix.dtype.kind not in "iu" or matrix.min() < 0:
        raise UserError(
            f"a matrix of {matrix.dtype} from {matrix.min():.3g}: pass counts, as `confusion` "
            "returns them, not rates"
        )
    return matrix.astype(np.int64)
