"""Checks of lesson 10: how little a few images prove, splits without leaks, a better head."""

from typing import Any

import numpy as np

from helpers.checks.answers import walk_numbers
from helpers.checks.core import Wrong, check, describe
from helpers.checks.ordering import require_order
from helpers.checks.rows import two_parts


@check("photos.standard_error")
def standard_error(work: Any, right: int, total: int) -> str:
    """Check standard error and 95 % interval (normal approximation) of `right` of `total` images.

    `work` is the student's {"standard_error": …, "low": …, "high": …}, all fractions.
    """
    p = right / total
    variance = p * (1 - p)
    error = (variance / total) ** 0.5
    low, high = p - 1.96 * error, p + 1.96 * error
    nudge = "the formula stands above the exercise; all are fractions: 0.9, not 90."
    causes = {
        variance**0.5: "not divided by the number of images.",
        variance / total: "the square root is missing.",
        variance**0.5 / total: "n and p (1 - p) belong under one root.",
        1.96 * error: "that is half the interval, 1.96 standard errors.",
    }
    known = {"standard_error": (error, causes, nudge)}
    for key, end, other in (("low", low, high), ("high", high, low)):
        causes = {
            p + (end - p) / 1.96: "one standard error only: that holds 68 %.",
            end - p: "the fraction itself is missing: the interval lies around it.",
            other: "low and high are swapped.",
            p: "that is the fraction itself.",
            1.0: "cut off at 1. Leave it as the formula gives it.",
        }
        known[key] = (end, causes, nudge)
    # Two figures are enough, and 2 in place of 1.96 is as good.
    walk_numbers(work, known, atol=max(0.0055, 0.045 * error))
    return f"{right} of {total} is {p:.0%}, give or take {error:.1%}: {low:.0%} to {high:.0%}."


@check("photos.grouped_split")
def grouped_split(work: Any, labels: np.ndarray, groups: np.ndarray) -> str:
    """Check rows of (training, validation), from labels (n,) and groups (n,).

    Every group is whole, each class is on both sides, validation gets 20 to 30 % of the images.
    """
    is_group = {
        "these are numbers of groups, not rows.": (
            lambda rows: np.isin(rows, groups).all() and len(rows) == len(np.unique(groups))
        )
    }
    train, val = two_parts(work, len(labels), causes=is_group)
    if len(torn := np.intersect1d(groups[train], groups[val])):
        text = f"{len(torn)} groups are on both sides, such as number {torn[0]}."
        nudge = "which class of scikit-learn knows groups? Its `split` must be given them."
        raise Wrong("value", text, "the split does not know the groups.", nudge)
    for name, rows in (("training", train), ("validation", val)):
        if len(missing := np.setdiff1d(labels, labels[rows])):
            text = f"{name} has no image of class {missing[0]}."
            raise Wrong("value", text, "the split is not stratified.")
    fraction = len(val) / len(labels)
    if not 0.2 <= fraction <= 0.3:
        cause = "the two sides are in the wrong order." if fraction >= 0.6 else ""
        text = f"validation gets {fraction:.0%} of the images, asked was a quarter."
        raise Wrong("range", text, cause, "four parts: `n_splits=4`.")
    return f"every group is whole, every class on both sides, {fraction:.0%} for validation."


@check("photos.lines_of_a_split")
def lines_of_a_split(order: Any) -> str:
    """Check the order of seven lines: photos, groups, splits, rows, features, head, accuracy."""
    before = {
        ("C", "E"): "`find_groups` compares the photos, which line C loads.",
        ("E", "B"): "the splits must know the `groups`, which line E finds.",
        ("C", "H"): "the backbone takes the photos, which line C loads.",
        ("B", "F"): "line F takes the first of the `splits`.",
        ("F", "A"): "the head is trained on the rows `train`, which line F names.",
        ("H", "A"): "the head is trained on the `features`, which line H computes.",
        ("A", "D"): "a head is judged after it was trained.",
    }
    cause = "copies that are made before the split land on both sides of it."
    require_order(order, "CEBFHAD", before, {"G": cause})
    return "photos, groups, splits, rows; features; train, and only then judge."


@check("photos.head_reaches")
def head_reaches(work: Any, features: np.ndarray, labels: np.ndarray, splits: list) -> str:
    """Check an untrained scikit-learn classifier: 60 % in the mean over the splits.

    `features` (n, m) and `labels` (n,) of the photos; `splits`, pairs of rows.
    """
    from sklearn.base import is_classifier
    from sklearn.model_selection import cross_val_score

    if isinstance(work, type) or not hasattr(work, "get_params"):
        cause = "the parentheses are missing." if isinstance(work, type) else ""
        nudge = "such as `KNeighborsClassifier(n_neighbors=5)`."
        raise Wrong("type", f"expected a classifier, got {describe(work)}.", cause, nudge)
    if not is_classifier(work):
        cause = "a regressor predicts amounts, not classes."
        raise Wrong("type", f"`{type(work).__name__}` is no classifier.", cause)
    accuracy = cross_val_score(work, features, labels, cv=splits, error_score="raise").mean()
    if accuracy < 0.6:
        text = f"{accuracy:.1%} in the mean over {len(splits)} splits; the bar is 60 %."
        nudge = "try a linear classifier: the features are good already."
        raise Wrong("value", text, nudge=nudge)
    return f"{accuracy:.1%} in the mean over {len(splits)} splits; the bar is 60 %."
