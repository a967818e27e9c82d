"""Curves of repeated runs: the mean over seeds as a line, the spread as a band."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.lines import finish


def bands(
    ax: Axes,
    runs: Mapping[str, np.ndarray],
    *,
    xlabel: str = "epoch",
    ylabel: str = "",
    percent: bool = False,
    title: str | None = None,
) -> None:
    """Draw the mean of each group of runs over 1, 2, 3, …, in a band of one standard deviation.

    Args:
        ax: axes to draw on.
        runs: by label an array (seeds, epochs), one row a run; the numbers of seeds and epochs may
            differ from label to label. One seed alone has a line and no band.
        xlabel, ylabel: names of the axes, with units.
        percent: whether values are shares in [0, 1], to be written as percentages.
        title: what to see.

    Raises:
        UserError: there are no runs, or a label's values are no such array of finite numbers.
    """
    if not runs:
        raise UserError("no runs to draw: pass at least one label with its (seeds, epochs) values")
    arrays = {label: _checked(label, values) for label, values in runs.items()}
    longest = max(values.shape[1] for values in arrays.values())
    marker = "o" if longest <= 12 else None  # a line of one point is invisible without
    ends = []
    for values in arrays.values():
        steps = np.arange(1, values.shape[1] + 1)
        mean = values.mean(axis=0)
        (line,) = ax.plot(steps, mean, marker=marker, markersize=4)
        color = line.get_color()
        if len(values) > 1:
            spread = values.std(axis=0, ddof=1)
            ax.fill_between(steps, mean - spread, mean + spread, color=color, alpha=0.12, lw=0)
        ends.append((steps[-1], mean[-1], color))
    finish(ax, dict(zip(arrays, ends, strict=True)), longest, xlabel, ylabel, percent, title)


def _checked(label: str, values: object) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise UserError(
            f"runs '{label}' are no table of numbers: give each run the same number of epochs"
        ) from error
    if array.ndim != 2 or not array.size:
        raise UserError(
            f"runs '{label}' have shape {array.shape}: expected (seeds, epochs), "
            "for a single run pass `[values]`"
        )
    if not np.isfinite(array).all():
        raise UserError(f"runs '{label}' hold values that are not finite: leave diverged runs out")
    return array
