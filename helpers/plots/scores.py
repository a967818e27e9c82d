"""Scores of classes, models and slices, with their intervals."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.style import COLORS, percent_formatter, set_title, write_beside

if TYPE_CHECKING:
    from helpers.metrics import ClassRow, Interval, SliceRow

_FILLS = [COLORS["blue"], COLORS["orange"], COLORS["sky"], COLORS["green"]]
_HATCHES = ["", "///", "...", "xxx"]
_SCORES = ("precision", "recall", "f1")


def class_bars(
    ax: Axes,
    rows: "Sequence[ClassRow] | Mapping[str, Sequence[ClassRow]]",
    *,
    score: str = "recall",
    title: str | None = None,
) -> None:
    """Draw scores of each class as horizontal bars: of one model, or of several side by side.

    Args:
        ax: axes to draw on; 0.4 in of height a class read well.
        rows: what `metrics.class_report` returns: precision and recall are drawn. Or up to four
            such reports by the name of their model: one score of each is drawn.
        score: "precision", "recall" or "f1", for several models.
        title: what to see.

    Raises:
        UserError: there are no rows, the classes differ, or the score is unknown.
    """
    if score not in _SCORES:
        raise UserError(f"score is '{score}': use one of {', '.join(_SCORES)}")
    if isinstance(rows, Mapping):
        reports, series = (
            list(rows.values()),
            {name: (report, score) for name, report in rows.items()},
        )
        xlabel = score if score != "f1" else "F1 score"
    else:
        reports, series = [rows], {name: (rows, name) for name in ("precision", "recall")}
        xlabel = "score"
    names = _common_names(reports)
    thickness = 0.8 / len(series)
    places = np.arange(len(names))
    for number, (label, (report, field)) in enumerate(series.items()):
        values = np.array([getattr(row, field) for row in report])
        bars = ax.barh(
            places + (number - (len(series) - 1) / 2) * thickness,
            np.nan_to_num(values),
            thickness,
            label=label,
            color=_FILLS[number],
            hatch=_HATCHES[number],
            edgecolor="white",
        )
        if thickness > 0.25:
            ax.bar_label(bars, [_percent(value) for value in values], padding=3, fontsize=9)
    ax.set_yticks(places, names)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()  # the first class on top, as in a table
    ax.set_xlim(0, 1.1)  # room for the numbers
    ax.set_xticks(np.linspace(0, 1, 6))
    ax.xaxis.set_major_formatter(percent_formatter())
    ax.set_xlabel(xlabel)
    ax.margins(y=0.02)
    ax.grid(axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    set_title(ax, title)


def intervals(
    ax: Axes,
    values: "Mapping[str, Interval]",
    *,
    xlabel: str = "accuracy",
    title: str | None = None,
) -> None:
    """Draw figures as points with their confidence intervals, one a row.

    Args:
        ax: axes to draw on; 0.45 in of height a row read well.
        values: shares with their intervals, by label.
        xlabel: what they are.
        title: what to see.

    Raises:
        UserError: there are none.
    """
    if not values:
        raise UserError("no intervals to draw: pass at least one label with its interval")
    places = np.arange(len(values))
    points = np.array(list(values.values()), dtype=float)  # (rows, 3): value, low, high
    ax.errorbar(
        points[:, 0],
        places,
        xerr=[points[:, 0] - points[:, 1], points[:, 2] - points[:, 0]],
        fmt="o",
        color=COLORS["blue"],
        capsize=5,
        markersize=7,
    )
    for place, interval in zip(places, values.values(), strict=True):
        write_beside(ax, place, str(interval))
    ax.set_yticks(places, list(values))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(values) - 0.5, -0.5)  # the first on top
    ax.xaxis.set_major_formatter(percent_formatter())
    ax.set_xlabel(f"{xlabel} (95 % interval)")
    ax.grid(axis="x")
    set_title(ax, title)


def slice_accuracy(
    ax: Axes,
    rows: "Sequence[SliceRow]",
    *,
    xlabel: str = "value",
    title: str | None = None,
) -> None:
    """Draw the accuracy of each slice over the values it holds, with intervals and counts.

    Args:
        ax: axes to draw on.
        rows: what `metrics.by_slice` returns.
        xlabel: the property, with its unit.
        title: what to see.

    Raises:
        UserError: there are no rows.
    """
    if not rows:
        raise UserError("no slices to draw: pass what `metrics.by_slice` returns")
    low, high = np.array([row.low for row in rows]), np.array([row.high for row in rows])
    share = np.array([row.interval.value for row in rows])
    bounds = np.array([(row.interval.low, row.interval.high) for row in rows]).T
    ax.hlines(share, low, high, color=COLORS["blue"], lw=4)
    ax.errorbar(
        (low + high) / 2, share, yerr=abs(bounds - share), fmt="o", color=COLORS["blue"], capsize=5
    )
    for middle, top, row in zip((low + high) / 2, bounds[1], rows, strict=True):
        ax.annotate(
            f"{row.count:,}",
            (middle, top),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=10,
        )
    ax.margins(y=0.15)
    ax.yaxis.set_major_formatter(percent_formatter())
    ax.set_xlabel(f"{xlabel}\n(numbers: pictures in the slice)")
    ax.set_ylabel("accuracy (95 % interval)")
    ax.grid(axis="y")
    set_title(ax, title)


def _common_names(reports: "Sequence[Sequence[ClassRow]]") -> list[str]:
    """Return the classes' names, if all reports have the same."""
    if not 1 <= len(reports) <= len(_FILLS):
        raise UserError(f"{len(reports)} models in one chart: pass one to {len(_FILLS)}")
    names = [[row.name for row in report] for report in reports]
    if not names[0]:
        raise UserError("a report without rows: pass what `metrics.class_report` returns")
    if any(others != names[0] for others in names):
        raise UserError("the reports have different classes: make them with the same class_names")
    return names[0]


def _percent(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{100 * value:.1f} %"
