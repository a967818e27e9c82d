"""Fine classes and the superclasses they belong to."""

import math
from typing import NamedTuple

import numpy as np

from helpers.errors import UserError
from helpers.metrics.inputs import read_labels, read_probabilities, same_length


class InsideRow(NamedTuple):
    """How many mistakes stay inside the superclass of the true class."""

    mistakes: int  # pictures with a wrong fine class
    inside: int  # those of them whose superclass is right
    share: float  # inside / mistakes, in [0, 1]; NaN without a mistake
    by_chance: float  # share to expect if mistakes fell evenly on all other classes


def to_coarse(fine: np.ndarray, fine_to_coarse: np.ndarray) -> np.ndarray:
    """Turn fine labels, or probabilities of fine classes, into those of the superclasses.

    The superclass of the most probable class need not be the most probable superclass: five
    classes of 15 % each outweigh one of 20 %. So both ways can be compared.

    Args:
        fine: (n,) or (n, 1) integers, 0 to k - 1; or (n, k) probabilities, whose rows sum to 1.
        fine_to_coarse: (k,) integers, the superclass of each class, 0 to m - 1.

    Returns:
        (n,) int64 labels in 0 to m - 1; or (n, m) float64 probabilities, sums over the classes of
        each superclass.

    Raises:
        UserError: neither labels nor probabilities, or they do not fit the map.
    """
    fine_to_coarse = read_map(fine_to_coarse)
    classes = len(fine_to_coarse)
    fine = np.asarray(fine)
    if fine.ndim != 2 or fine.shape[1] == 1:
        return fine_to_coarse[read_labels(fine, "fine", classes)]
    p = read_probabilities(fine, "fine")
    if p.shape[1] != classes:
        raise UserError(
            f"fine has {p.shape[1]} columns for {classes} classes in fine_to_coarse: "
            "pass a column for each class"
        )
    return p @ np.eye(fine_to_coarse.max() + 1)[fine_to_coarse]


def inside_superclass(
    y_fine: np.ndarray, predicted_fine: np.ndarray, fine_to_coarse: np.ndarray
) -> InsideRow:
    """Count the mistakes that stay inside the superclass, as a maple taken for an oak.

    For a picture of class c, `by_chance` expects (size of c's superclass - 1) / (k - 1), and
    averages this over the mistakes that were made. With 100 classes in 20 superclasses of 5 that
    is 4/99.

    Args:
        y_fine: (n,) integers, 0 to k - 1.
        predicted_fine: (n,) integers, 0 to k - 1.
        fine_to_coarse: (k,) integers, the superclass of each class; k is 2 or more.

    Raises:
        UserError: the arrays differ in length, hold something else, or the map has one class.
    """
    fine_to_coarse = read_map(fine_to_coarse)
    classes = len(fine_to_coarse)
    if classes < 2:
        raise UserError("fine_to_coarse has 1 class: a mistake needs 2 or more")
    y_fine = read_labels(y_fine, "y_fine", classes)
    predicted_fine = read_labels(predicted_fine, "predicted_fine", classes)
    same_length(y_fine=y_fine, predicted_fine=predicted_fine)
    wrong = y_fine != predicted_fine
    mistakes = int(wrong.sum())
    if not mistakes:
        return InsideRow(0, 0, math.nan, math.nan)
    true = fine_to_coarse[y_fine[wrong]]
    inside = int((true == fine_to_coarse[predicted_fine[wrong]]).sum())
    siblings = np.bincount(fine_to_coarse)[true] - 1
    return InsideRow(mistakes, inside, inside / mistakes, float(siblings.mean() / (classes - 1)))


def read_map(fine_to_coarse: np.ndarray) -> np.ndarray:
    """A map from classes to superclasses as (k,) int64.

    Raises:
        UserError: no list of whole numbers, or a superclass between 0 and the last has no class.
    """
    fine_to_coarse = np.asarray(fine_to_coarse)
    if fine_to_coarse.ndim != 1:
        raise UserError(
            f"fine_to_coarse has shape {fine_to_coarse.shape}: pass (classes,), the superclass "
            "of each class"
        )
    fine_to_coarse = read_labels(fine_to_coarse, "fine_to_coarse")
    if fine_to_coarse.min() < 0:
        raise UserError(
            f"fine_to_coarse holds {fine_to_coarse.min()}: superclasses are numbered from 0"
        )
    if fine_to_coarse.max() >= len(fine_to_coarse):
        raise UserError(
            f"fine_to_coarse holds {fine_to_coarse.max()} for {len(fine_to_coarse)} classes: "
            "there cannot be more superclasses than classes"
        )
    if empty := np.flatnonzero(np.bincount(fine_to_coarse) == 0).tolist():
        raise UserError(
            f"no class of fine_to_coarse is in superclass {empty[0]}: number them without gaps"
        )
    return fine_to_coarse
