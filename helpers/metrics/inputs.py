"""Reads what the user passes in, and says what is wrong with it."""

import numpy as np

from helpers.errors import UserError

_SUM_TOLERANCE = 1e-2  # float16 probabilities of a hundred classes still pass


def read_labels(labels: np.ndarray, name: str, classes: int | None = None) -> np.ndarray:
    """Labels as (n,) int64.

    Args:
        labels: (n,) or (n, 1) integers, at least one.
        name: what the messages call them.
        classes: labels must be 0 to classes - 1, if given.

    Raises:
        UserError: wrong shape, no labels, no integers, or out of range.
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise UserError(
            f"{name} has shape {labels.shape}: pass one class number a picture, (n,); "
            f"from probabilities or one-hot rows take `{name}.argmax(axis=1)`"
        )
    if not labels.size:
        raise UserError(f"{name} is empty: pass at least one label")
    if labels.dtype.kind not in "iu":
        raise UserError(f"{name} has dtype {labels.dtype}: pass integers, the number of each class")
    if classes is not None and not 0 <= labels.min() <= labels.max() < classes:
        raise UserError(
            f"{name} goes from {labels.min()} to {labels.max()}: "
            f"{classes} classes are numbered 0 to {classes - 1}"
        )
    return labels.astype(np.int64)


def read_probabilities(p: np.ndarray, name: str = "p") -> np.ndarray:
    """Probabilities as (n, k) float64.

    Raises:
        UserError: wrong shape, no rows, NaN, or rows that are no probabilities.
    """
    p = read_scores(p, name)
    if not np.isfinite(p).all():
        raise UserError(f"{name} holds NaN or infinity: look at the model's output")
    if p.min() < 0 or p.max() > 1 + _SUM_TOLERANCE:
        raise UserError(
            f"{name} goes from {p.min():.3g} to {p.max():.3g}: pass probabilities in 0 to 1, "
            "from logits take keras.ops.softmax"
        )
    off = np.abs(p.sum(axis=1) - 1)
    if off.max() > _SUM_TOLERANCE:
        row = int(off.argmax())
        raise UserError(
            f"row {row} of {name} sums to {p[row].sum():.3g}: pass probabilities, whose rows "
            "sum to 1"
        )
    return p


def read_scores(scores: np.ndarray, name: str) -> np.ndarray:
    """Any numbers as (n, k) float64, with n >= 1 and k >= 2.

    Raises:
        UserError: wrong shape or no numbers.
    """
    scores = np.asarray(scores)
    if scores.ndim != 2 or scores.shape[0] < 1 or scores.shape[1] < 2:
        raise UserError(
            f"{name} has shape {scores.shape}: pass (n, classes), as model.predict returns them"
        )
    if scores.dtype.kind not in "fiu":
        raise UserError(f"{name} has dtype {scores.dtype}: pass floats")
    return scores.astype(np.float64)


def read_right(right: np.ndarray, name: str = "right") -> np.ndarray:
    """Right or wrong for each picture, as (n,) bool.

    Raises:
        UserError: wrong shape, empty, or something else than True and False (or 1 and 0).
    """
    right = np.asarray(right)
    if right.ndim != 1 or not right.size:
        raise UserError(
            f"{name} has shape {right.shape}: pass one True or False a picture, "
            "as `y == p.argmax(axis=1)`"
        )
    if right.dtype != bool and not (right.dtype.kind in "iuf" and np.isin(right, (0, 1)).all()):
        raise UserError(f"{name} holds other values than True and False: pass `y == predicted`")
    return right.astype(bool)


def read_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """Finite numbers as (n,) float64.

    Raises:
        UserError: wrong shape, empty, no numbers, NaN or infinity.
    """
    values = np.asarray(values)
    if values.ndim != 1 or not values.size:
        raise UserError(f"{name} has shape {values.shape}: pass one number a picture, (n,)")
    if values.dtype.kind not in "fiub":
        raise UserError(f"{name} has dtype {values.dtype}: pass numbers")
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise UserError(f"{name} holds NaN or infinity: leave these pictures out")
    return values


def same_length(**arrays: np.ndarray) -> None:
    """Hold the lengths of named arrays together.

    Raises:
        UserError: they differ.
    """
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
        raise UserError(f"rows differ in number, {listed}: pass one row for each picture")
