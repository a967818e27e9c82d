"""One experiment, repeated: each run a point, and what all of them say together."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.style import COLORS, percent_formatter, set_title, write_beside


def repeats(
    ax: Axes,
    scores: Mapping[str, Sequence[float]],
    *,
    reported: Mapping[str, float] | None = None,
    reported_label: str = "reported",
    chance: float | None = None,
    xlabel: str = "accuracy",
    title: str | None = None,
) -> None:
    """Draw the runs of each variant as points, their mean as a bar, one row a variant.

    Mean and standard deviation stand in words at the right.

    Args:
        ax: axes to draw on; 0.6 in of height a row read well.
        scores: (runs,) shares in 0..1 by variant, the first on top.
        reported: single figures from elsewhere by variant, drawn as a cross.
        reported_label: where they are from.
        chance: the share that guessing reaches, drawn as a line.
        xlabel: what the shares are.
        title: what to see.

    Raises:
        UserError: there are no variants, a variant has no runs, or a score is no share.
    """
    if not scores:
        raise UserError("no scores to draw: pass at least one variant with its runs")
    arrays = {name: _checked(name, values) for name, values in scores.items()}
    reported = dict(reported or {})
    if unknown := [name for name in reported if name not in arrays]:
        raise UserError(f"'{unknown[0]}' is reported but no variant: use {', '.join(arrays)}")
    if chance is not None:
        ax.axvline(chance, color="#777777", linestyle=":", label="guessing")
    for row, (name, values) in enumerate(arrays.items()):
        first = row == 0  # one entry each in the legend
        ax.plot(
            values,
            row + _offsets(len(values)),
            "o",
            color=COLORS["blue"],
            alpha=0.6,
            label="one run" if first else None,
        )
        ax.plot(
            values.mean(),
            row,
            "|",
            color=COLORS["black"],
            markersize=26,
            markeredgewidth=3,
            label="their mean" if first else None,
        )
        _write(ax, row, values)
        if name in reported:
            ax.plot(
                _checked("reported", [reported[name]]),
                row,
                "X",
                color=COLORS["vermilion"],
                markersize=9,
                label=reported_label if name == next(iter(reported)) else None,
            )
    ax.set_yticks(range(len(arrays)), list(arrays))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(arrays) - 0.5, -0.5)
    ax.set_xlim(0, 1.03)
    ax.xaxis.set_major_formatter(percent_formatter())
    ax.set_xlabel(xlabel)
    ax.grid(axis="x")
    # Below the axis' own text by so many heights of a letter, however high the picture is.
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=4)
    set_title(ax, title)


def _write(ax: Axes, row: int, values: np.ndarray) -> None:
    spread = f" ± {100 * values.std(ddof=1):.1f}" if len(values) > 1 else ""
    write_beside(ax, row, f"{100 * values.mean():.1f}{spread} %")


def _offsets(count: int) -> np.ndarray:
    """Small steps down the row, so that equal scores stay apart."""
    return np.linspace(-0.18, 0.18, count) if count > 1 else np.zeros(count)


def _checked(name: str, values: Sequence[float]) -> np.ndarray:
    array = np.asarray(values, dtype=float).reshape(-1)
    if not array.size:
        raise UserError(f"'{name}' has no scores: run it at least once")
    if not np.all((array >= 0) & (array <= 1)):  # false for NaN too
        raise UserError(f"'{name}' has scores that are no shares: pass fractions from 0 to 1")
    return array
