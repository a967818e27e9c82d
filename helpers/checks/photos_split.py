"""Checks of lesson 10 on splits in which copies of one scene stay together."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe, shorten
from helpers.checks.student import as_array, call

_LOW, _HIGH = 0.2, 0.4  # share of the pictures that validation may get


@check("your_own_photos.leak")
def check_leak(leaked: Any, groups: np.ndarray, train: np.ndarray, val: np.ndarray) -> str:
    """Check the groups that have pictures on both sides of a split.

    Args:
        leaked: the student's: numbers of groups, in any order.
        groups: (n,) integers, the group of each picture.
        train, val: rows of the two sides.
    """
    groups = np.asarray(groups)
    right = np.intersect1d(groups[train], groups[val])
    if isinstance(leaked, set | frozenset):
        leaked = sorted(leaked)
    found = as_array(leaked, "the numbers of groups")
    if found.dtype == bool:
        raise Wrong("type", "that is a mask.", "", "`groups[…]` with the mask gives the numbers.")
    if found.ndim != 1:
        cause = "that counts them; asked is which." if found.ndim == 0 else ""
        raise Wrong("shape", f"expected one axis of numbers, got {describe(leaked)}.", cause)
    if len(found) != len(np.unique(found)):
        text = "some groups stand there more than once."
        raise Wrong("value", text, "one entry for each picture.", "`np.unique` keeps each once.")
    found = np.sort(found)
    if np.array_equal(found, right):
        return f"{len(right)} groups have pictures on both sides: each of them is a leak."
    causes = [
        (np.intersect1d(train, val), "rows that are on both sides; no picture is, its group is."),
        (np.unique(groups), "all groups there are."),
        (np.unique(groups[val]), "all groups of validation, also those that are only there."),
        (np.unique(groups[train]), "all groups of training, also those that are only there."),
        (np.setxor1d(groups[train], groups[val]), "the groups on *one* side only: the opposite."),
    ]
    cause = next((why for wrong, why in causes if np.array_equal(found, wrong)), "")
    text = f"you name {len(found)} groups, but {len(right)} have pictures on both sides."
    nudge = "`groups[train_rows]` are the groups of one side; which are in the other one too?"
    raise Wrong("value", text, cause, nudge)


@check("your_own_photos.grouped_split")
def check_grouped_split(
    function: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    labels: np.ndarray,
    groups: np.ndarray,
) -> str:
    """Check a function from labels and groups to the rows of training and validation.

    Every group is whole, each class is on both sides, validation gets 20 to 40 % of the pictures.

    Args:
        function: the student's: takes labels (n,) and groups (n,).
        labels: (n,) class numbers.
        groups: (n,) integers; pictures of one group are copies of one scene.
    """
    for where, photos in (("", (labels, groups)), ("on other photos ", _other_photos())):
        table = np.stack([np.asarray(column) for column in photos])
        _examine(call(_of_table(function), table), *table, where)
    return "every group is whole and every class on both sides, on these photos and on others."


def _other_photos() -> tuple[np.ndarray, np.ndarray]:
    """60 pictures of four classes: 24 groups of 1 to 5, the classes one after the other."""
    sizes = np.tile([1, 2, 5, 1, 4, 2], 4)
    labels = np.repeat(np.repeat(np.arange(4), 6), sizes)
    numbers = np.random.default_rng(10).permutation(len(sizes))  # groups are in no order
    return labels, np.repeat(numbers, sizes)


def _of_table(function: Any) -> Any:
    """The function of one array (2, n) of labels and groups; other objects as they are."""
    if not callable(function) or isinstance(function, type):
        return function

    class Bound:
        # So that the message about an error names the line in the student's code.
        __code__ = getattr(function, "__code__", None)

        def __call__(self, table: np.ndarray) -> Any:
            return function(table[0], table[1])

    return Bound()


def _examine(result: Any, labels: np.ndarray, groups: np.ndarray, where: str) -> None:
    train, val = _pair_of_rows(result, len(labels))
    if len(np.intersect1d(train, val)):
        raise Wrong(
            "value", f"{where}some pictures are on both sides.", "a leak of the worst kind."
        )
    lost = len(labels) - len(train) - len(val)
    if lost:
        raise Wrong("value", f"{where}{lost} pictures are on no side.", "some rows were dropped.")
    torn = np.intersect1d(groups[train], groups[val])
    if len(torn):
        raise Wrong(
            "value",
            f"{where}{len(torn)} groups are torn apart, such as number {torn[0]}.",
            "single pictures were drawn, not groups.",
            "draw from `np.unique(groups)`, then take all pictures of the groups drawn.",
        )
    for name, rows in (("training", train), ("validation", val)):
        if missing := sorted(set(labels.tolist()) - set(labels[rows].tolist())):
            text = f"{where}the {name} side has no picture of class {missing[0]}."
            nudge = "draw groups within each class."
            raise Wrong("value", text, "the draw is not stratified.", nudge)
    share = len(val) / len(labels)
    if not _LOW <= share <= _HIGH:
        cause = "the two sides are returned in the wrong order." if share >= 0.6 else ""
        text = f"{where}validation gets {share:.0%} of the pictures, asked were 20 to 40 %."
        raise Wrong("range", text, cause)


def _pair_of_rows(result: Any, total: int) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong("type", f"expected a pair (train, val), got {describe(result)}.")
    rows = tuple(as_array(part, "an array of rows") for part in result)
    for name, part in zip(("training", "validation"), rows, strict=True):
        if part.dtype == bool:
            text = f"the {name} side is a mask."
            raise Wrong("type", text, "", "`np.flatnonzero` turns a mask into rows.")
        if part.ndim != 1 or not len(part):
            text = f"the {name} side is {shorten(describe(part))}, expected one axis, not empty."
            raise Wrong("shape", text)
        if part.dtype.kind not in "ui":
            raise Wrong("type", f"the {name} side has dtype `{part.dtype}`, expected integers.")
        if part.min() < 0 or part.max() >= total:
            text = f"rows of the {name} side go from {part.min()} to {part.max()}."
            cause = "these are numbers of groups, not rows of pictures."
            raise Wrong("range", text, cause, f"rows of {total} pictures are 0 to {total - 1}.")
        if len(part) != len(np.unique(part)):
            text = f"the {name} side has pictures more than once."
            raise Wrong("value", text, "rows, or groups, were drawn with replacement.")
    return rows
