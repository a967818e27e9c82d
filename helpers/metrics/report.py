"""Precision, recall and F1 score of each class, with its name."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from helpers.errors import UserError
from helpers.metrics.confusion import confusion


class ClassRow(NamedTuple):
    """One class, or an average over classes."""

    name: str
    precision: float  # of the pictures called so, the share that are; NaN if none is called so
    recall: float  # of the pictures that are so, the share called so; NaN if there are none
    f1: float  # harmonic mean of both
    support: int  # pictures of this class


def class_report(
    y_true: np.ndarray, y_pred: np.ndarray, class_names: Sequence[str]
) -> list[ClassRow]:
    """Precision, recall and F1 score for every class.

    Args:
        y_true: (n,) integers, indexes into class_names.
        y_pred: (n,) integers, indexes into class_names.
        class_names: (k,) names.

    Returns:
        k rows in the order of class_names; scores in [0, 1], NaN where undefined.

    Raises:
        UserError: the arrays differ in length or hold something else than class numbers.
    """
    matrix = confusion(y_true, y_pred, len(class_names))
    right = matrix.diagonal()
    called, support = matrix.sum(axis=0), matrix.sum(axis=1)
    return [
        ClassRow(
            str(name),
            _ratio(right[k], called[k]),
            _ratio(right[k], support[k]),
            _ratio(2 * right[k], called[k] + support[k]),
            int(support[k]),
        )
        for k, name in enumerate(class_names)
    ]


def macro(rows: Sequence[ClassRow]) -> ClassRow:
    """The plain mean over classes: each counts the same, however many pictures it has.

    Undefined scores (NaN) are left out.

    Raises:
        UserError: there are no rows.
    """
    return _average(rows, "macro average", [1] * len(rows))


def weighted(rows: Sequence[ClassRow]) -> ClassRow:
    """The mean weighted by the classes' numbers of pictures; its recall is the accuracy.

    Undefined scores (NaN) are left out.

    Raises:
        UserError: there are no rows.
    """
    return _average(rows, "weighted average", [row.support for row in rows])


def format_report(rows: Sequence[ClassRow], sort: str | None = "f1") -> str:
    """The report as aligned text, both averages below.

    Args:
        rows: what `class_report` returns.
        sort: column to sort by, worst first: "precision", "recall", "f1", "support" or "name";
            None keeps the order.

    Raises:
        UserError: there are no rows, or no such column.
    """
    averages = [macro(rows), weighted(rows)]
    if sort is not None:
        if sort not in ClassRow._fields:
            raise UserError(f"sort is '{sort}': use one of {', '.join(ClassRow._fields)}, or None")
        rows = sorted(rows, key=lambda row: _sortable(getattr(row, sort)))
    width = max(len(row.name) for row in [*rows, *averages])
    head = f"{'class':<{width}}  precision   recall       F1   pictures"
    line = "-" * len(head)
    return "\n".join(
        [
            head,
            line,
            *(_format_row(row, width) for row in rows),
            line,
            *(_format_row(row, width) for row in averages),
        ]
    )


def _average(rows: Sequence[ClassRow], name: str, weights: Sequence[int]) -> ClassRow:
    if not rows:
        raise UserError("a report without rows: pass what `class_report` returns")

    def mean(field: str) -> float:
        pairs = [(getattr(row, field), w) for row, w in zip(rows, weights, strict=True)]
        known = [(value, w) for value, w in pairs if not math.isnan(value)]
        return _ratio(sum(value * w for value, w in known), sum(w for _, w in known))

    support = sum(row.support for row in rows)
    return ClassRow(name, mean("precision"), mean("recall"), mean("f1"), support)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _sortable(value: float | str) -> tuple[bool, float | str]:
    """Undefined scores come first: such a class is never called, or never there."""
    return not (isinstance(value, float) and math.isnan(value)), value


def _format_row(row: ClassRow, width: int) -> str:
    scores = [
        f"{'–':>7}" if math.isnan(value) else f"{100 * value:5.1f} %"
        for value in (row.precision, row.recall, row.f1)
    ]
    return f"{row.name:<{width}}    {'  '.join(scores)}   {row.support:>8,}"
