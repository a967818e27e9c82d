"""Check of lesson 07's exercise to join classes as one's own variant says."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.labels import FASHION_MNIST, Regrouped, regroup
from helpers.variants import Variant

_EXAMPLE = (0, 1, 0, 0, 0, 2, 0, 2, -1, 2)  # the lesson's own grouping: upper, lower, shoes


@check("fashion_mnist_regrouping.regroup")
def check_regroup(
    regrouped: Any,
    variant: Variant,
    labels: np.ndarray,
    class_names: Sequence[str] = FASHION_MNIST,
) -> str:
    """Check what `labels.regroup` made of the labels with a variant's grouping.

    Args:
        regrouped: the student's `labels.Regrouped`.
        variant: of the lab "fashion".
        labels: (n,) integers, the original labels of all images.
        class_names: names of the original classes.
    """
    if isinstance(regrouped, np.ndarray | list | tuple):
        raise Wrong(
            "type",
            f"expected what `labels.regroup` returns, got {describe(regrouped)}.",
            "only a part of the result was kept.",
            "keep the whole: it also knows the rows that stay, and the way back.",
        )
    if not isinstance(regrouped, Regrouped):
        raise Wrong(
            "type",
            f"expected what `labels.regroup` returns, got {describe(regrouped)}.",
            "`groups` says what to join; `regroup` does it." if isinstance(regrouped, dict) else "",
        )
    grouping = variant.grouping
    right = regroup(labels, grouping.groups, class_names, drop=grouping.drop)
    total = len(regrouped.labels) + sum(regrouped.dropped.values())
    if total != len(labels):
        cause = "the labels of one split were regrouped, not all of them."
        raise Wrong("shape", f"{total:,} labels went in, expected {len(labels):,}.", cause)
    _check_classes(regrouped, right, class_names)
    same_labels = np.array_equal(regrouped.labels, right.labels)
    if not (same_labels and np.array_equal(regrouped.rows, right.rows)):
        cause = "the labels that went in were sorted, shuffled or changed before."
        raise Wrong("value", "each class is in its place, but the images are not.", cause)
    counts = np.bincount(right.labels, minlength=len(right.class_names))
    held = ", ".join(
        f"{name} {count:,}" for name, count in zip(right.class_names, counts, strict=True)
    )
    return f"your grouping {grouping.number}: {held}."


def _check_classes(found: Regrouped, right: Regrouped, class_names: Sequence[str]) -> None:
    new_class = tuple(found.new_class)
    if new_class == _EXAMPLE and tuple(right.new_class) != _EXAMPLE:
        text = "this is S5's grouping, the lesson's example."
        raise Wrong("value", text, "", "take `variant.grouping`.")
    if len(new_class) != len(right.new_class):
        text = f"{len(new_class)} original classes, expected {len(right.new_class)}."
        raise Wrong("shape", text, "`class_names` is not that of the data set.")
    if set(found.class_names) == set(right.class_names) and found.class_names != right.class_names:
        text = f"the new classes are in the order {', '.join(found.class_names)}."
        nudge = f"the card has {', '.join(right.class_names)}; the order numbers them."
        raise Wrong("value", text, "the groups were sorted or typed in another order.", nudge)
    for old, (place, wanted) in enumerate(zip(new_class, right.new_class, strict=True)):
        if place != wanted:
            text = f"`{class_names[old]}` {_where(found, place)}, on the card it "
            nudge = "look at the box of each class, and at the line *dropped*."
            raise Wrong("value", text + f"{_where(right, wanted)}.", "", nudge)
    if found.class_names != right.class_names:
        text = f"the new classes are called {', '.join(found.class_names)}."
        nudge = f"the card calls them {', '.join(right.class_names)}."
        raise Wrong("value", text, "the classes are joined rightly, under other names.", nudge)


def _where(regrouped: Regrouped, place: int) -> str:
    return "is dropped" if place < 0 else f"is in “{regrouped.class_names[place]}”"
