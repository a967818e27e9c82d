"""Confidence against "I don't know": what a threshold wins and what it costs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.style import COLORS, percent_formatter, set_title, write_beside

if TYPE_CHECKING:
    from helpers.unsure import Coverage


def coverage_curve(
    ax: Axes,
    coverage: "Coverage",
    *,
    threshold: float | None = None,
    title: str | None = None,
) -> None:
    """Draw the accuracy of the answers over the share of pictures that get one.

    Args:
        ax: axes to draw on.
        coverage: what `unsure.coverage` returns.
        threshold: confidence to mark on the curve.
        title: what to see.

    Raises:
        UserError: the threshold is above every confidence, so that nothing is answered.
    """
    # The accuracy belongs to whole numbers of pictures: between two of them, the one before holds.
    ax.plot(
        coverage.coverage,
        coverage.accuracy,
        color=COLORS["blue"],
        drawstyle="steps-post",
        label="answers given",
    )
    everything = coverage.accuracy[-1]
    ax.axhline(everything, color="#555555", ls=":", lw=1.4, label="every picture answered")
    if threshold is not None:
        answered = np.flatnonzero(coverage.threshold >= threshold)
        if not len(answered):
            raise UserError(
                f"threshold {threshold:.3g} is above every confidence (at most "
                f"{coverage.threshold[0]:.3g}): pass a lower one"
            )
        share, right = coverage.coverage[answered[-1]], coverage.accuracy[answered[-1]]
        label = f"threshold {100 * threshold:.1f} %: {100 * share:.0f} % answered, "
        label += f"{100 * right:.1f} % of them right"
        ax.plot(share, right, "o", ms=9, color=COLORS["vermilion"], label=label)
        ax.plot([share, share], [0, right], color=COLORS["vermilion"], ls="--", lw=1)
    ax.set(xlim=(0, 1.01), ylim=(max(0.0, coverage.accuracy.min() - 0.05), 1.01))
    ax.set_xlabel("coverage (share of the pictures that get an answer)")
    ax.set_ylabel("accuracy of the answers")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(percent_formatter())
    ax.grid()
    ax.legend(loc="lower left")
    set_title(ax, title)


def confidence_groups(
    ax: Axes,
    groups: Mapping[str, np.ndarray],
    *,
    threshold: float | None = None,
    title: str | None = None,
) -> None:
    """Draw the confidence of each picture as a point, one row a group.

    With a threshold, the share of each group that gets an answer stands in words at the right.

    Args:
        ax: axes to draw on; 0.6 in of height a row read well.
        groups: (n,) confidences in [0, 1] by name, the first on top.
        threshold: confidence from which on a class is named, drawn as a line.
        title: what to see.

    Raises:
        UserError: there are no groups, a group is empty, or a confidence is out of range.
    """
    if not groups:
        raise UserError("no groups to draw: pass at least one name with its confidences")
    rng = np.random.default_rng(0)  # only spreads points that would hide one another
    for row, (name, values) in enumerate(groups.items()):
        values = _checked(name, values)
        heights = row + rng.uniform(-0.3, 0.3, len(values))
        alpha = float(np.clip(30 / len(values), 0.15, 0.8))
        ax.plot(values, heights, "o", ms=4, mew=0, alpha=alpha, color=COLORS["blue"])
        ax.plot(np.median(values), row, "|", ms=30, mew=3, color=COLORS["black"])
        if threshold is not None:
            write_beside(ax, row, f"{100 * (values >= threshold).mean():.0f} % answered")
    ax.plot([], [], "o", ms=5, mew=0, color=COLORS["blue"], label="one picture")
    ax.plot([], [], "|", ms=12, mew=3, color=COLORS["black"], label="median")
    if threshold is not None:
        label = f"threshold {100 * threshold:.1f} %"
        ax.axvline(threshold, color=COLORS["vermilion"], ls="--", lw=1.5, label=label)
    ax.set_yticks(range(len(groups)), list(groups))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.set_xlim(0, 1.01)
    ax.xaxis.set_major_formatter(percent_formatter())
    ax.set_xlabel("confidence (probability of the named class)")
    ax.grid(axis="x")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=3)
    set_title(ax, title)


def _checked(name: str, values: np.ndarray) -> np.ndarray:
    array = np.asarray(values, dtype=float).reshape(-1)
    if not array.size:
        raise UserError(f"'{name}' has no confidences: leave the group out")
    if not np.all((array >= 0) & (array <= 1 + 1e-6)):  # false for NaN too
        raise UserError(f"'{name}' has confidences outside 0 to 1: pass `p.max(axis=1)`")
    return array
