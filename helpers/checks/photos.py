"""Checks of lesson 10: how little a few images prove, leaks between splits, heat at the border."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.answers import walk_numbers
from helpers.checks.core import Wrong, as_array, call, check, compare
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


@check("photos.leak")
def leak(work: Any, groups: np.ndarray, train: np.ndarray, val: np.ndarray) -> str:
    """Check which of the `groups` (n,) have images in the rows `train` and in the rows `val`."""
    here, there = np.unique(groups[train]), np.unique(groups[val])
    right = np.intersect1d(here, there)
    work = sorted(work) if isinstance(work, set) else work
    counted = {(): "that counts them; asked is which."}
    found = as_array(work, "one axis of group numbers", shape=(None,), shapes=counted)
    if found.dtype == bool:
        raise Wrong("type", "that is a mask.", "", "`groups[…]` with the mask gives the numbers.")
    if len(found) != len(np.unique(found)):
        text = "some groups stand there more than once: `np.unique` keeps each once."
        raise Wrong("value", text, "one entry for each image.")
    causes = {
        "rows were compared: no image is on both sides, but its group may be.": np.array([]),
        "all groups there are.": np.unique(groups),
        "all groups of validation, also those that are only there.": there,
        "all groups of training, also those that are only there.": here,
        "the groups on *one* side only: the opposite.": np.setxor1d(here, there),
        "rows of images, not numbers of their groups.": np.flatnonzero(np.isin(groups, right)),
    }
    nudge = "`groups[train_rows]` are the groups of one side; which are in the other one too?"
    compare(np.sort(found), right, causes=causes, nudge=nudge)
    return f"{len(right)} groups have images on both sides: each of them is a leak."


@check("photos.grouped_split")
def grouped_split(
    work: Callable[[np.ndarray, np.ndarray], tuple], labels: np.ndarray, groups: np.ndarray
) -> str:
    """Check a function from labels (n,) and groups (n,) to the rows of training and validation.

    Every group is whole, each class is on both sides, validation gets 20 to 40 % of the images.
    """
    # Other photos: 60 of four classes, in 24 groups of 1 to 5, numbered in no order.
    sizes = np.tile([1, 2, 5, 1, 4, 2], 4)
    others = np.repeat(np.repeat(np.arange(4), 6), sizes)
    numbers = np.repeat(np.random.default_rng(10).permutation(len(sizes)), sizes)
    for where, *photos in (("", labels, groups), ("on other photos ", others, numbers)):
        _examine(call(work, *photos), *photos, where)
    return "every group is whole and every class on both sides, on these photos and on others."


def _examine(result: Any, labels: np.ndarray, groups: np.ndarray, where: str) -> None:
    groups_returned = {
        "these are numbers of groups, not rows: `np.flatnonzero(np.isin(groups, chosen))`.": (
            lambda rows: np.isin(rows, groups).all() and len(rows) == len(np.unique(groups))
        )
    }
    train, val = two_parts(result, len(labels), where=where, causes=groups_returned)
    if len(torn := np.intersect1d(groups[train], groups[val])):
        text = f"{where}{len(torn)} groups are torn apart, such as number {torn[0]}."
        nudge = "draw from `np.unique(groups)`, then take all images of the groups drawn."
        raise Wrong("value", text, "single images were drawn, not groups.", nudge)
    for name, rows in (("training", train), ("validation", val)):
        if len(missing := np.setdiff1d(labels, labels[rows])):
            text = f"{where}{name} has no image of class {missing[0]}."
            raise Wrong("value", text, "the draw is not stratified.", "draw within each class.")
    fraction = len(val) / len(labels)
    if not 0.2 <= fraction <= 0.4:
        cause = "the two sides are returned in the wrong order." if fraction >= 0.6 else ""
        text = f"{where}validation gets {fraction:.0%} of the images, asked were 20 to 40 %."
        raise Wrong("range", text, cause)


@check("photos.border_share")
def border_share(work: Callable[[np.ndarray], float]) -> str:
    """Check a function from a heat map (h, w) to the fraction of its heat at the border.

    The border is the outer eighth on each side; for a map without heat the fraction is 0.
    """
    for name, heat in _maps().items():
        given = as_array(call(work, heat), "one number", shape=())
        rows, columns = (side // 8 for side in heat.shape)
        right = _outside(heat, rows, columns)
        causes = {
            "0 divided by 0: this map has no heat.": np.isnan,
            "a sum or a percentage: divide by the sum of all heat.": lambda heat: heat > 1.001,
            "that is the fraction in the *middle*, the opposite.": 1 - right,
            "you count pixels; weigh them with their heat.": _outside(heat**0, rows, columns),
            "a quarter on each side.": _outside(heat, 2 * rows, 2 * columns),
            "an eighth in all, not on each side.": _outside(heat, rows // 2, columns // 2),
            "height and width differ: each side has its own eighth.": _outside(heat, rows, rows),
        }
        nudge = f"that was {name}: sum the middle and subtract it from all."
        compare(given, right, causes=causes, nudge=nudge, rtol=0, atol=1e-3)
    return "the fraction is right for four maps, one without heat and one that is no square."


def _maps() -> dict[str, np.ndarray]:
    """Heat maps in 0..1, float32, that tell the usual mistakes apart."""
    rng = np.random.default_rng(10)
    corner = np.zeros((64, 64), "float32")
    corner[:6, :6] = 1
    return {
        "a map with all heat in a corner": corner,
        "a map with heat everywhere": rng.random((64, 64), dtype="float32") ** 2,
        "a map of 48 x 96": rng.random((48, 96), dtype="float32") ** 2,
        "a map without heat": np.zeros((64, 64), "float32"),
    }


def _outside(heat: np.ndarray, rows: int, columns: int) -> float:
    """The fraction of the heat in so many rows and columns at each side."""
    height, width = heat.shape
    total, middle = heat.sum(dtype=float), heat[rows : height - rows, columns : width - columns]
    return 1 - float(middle.sum(dtype=float) / total) if total else 0.0
