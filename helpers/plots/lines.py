"""Curves over epochs, labelled at their ends."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.text import Annotation

from helpers.errors import UserError
from helpers.plots.style import percent_formatter, set_title


def curves(
    ax: Axes,
    lines: Mapping[str, Sequence[float]],
    *,
    xlabel: str = "epoch",
    ylabel: str = "",
    percent: bool = False,
    title: str | None = None,
) -> None:
    """Draw lines over 1, 2, 3, … and write each one's name at its end.

    Args:
        ax: axes to draw on.
        lines: values by label, each (n,) with an n of its own; a value that is not finite
            leaves a gap.
        xlabel, ylabel: names of the axes, with units.
        percent: whether values are shares in [0, 1], to be written as percentages.
        title: what to see.

    Raises:
        UserError: there are no lines, or one has no values.
    """
    if not lines:
        raise UserError("no lines to draw: pass at least one label with its values")
    arrays = {label: _finite_line(label, values) for label, values in lines.items()}
    longest = max(len(values) for values in arrays.values())
    marker = "o" if longest <= 12 else None  # a line of one point is invisible without
    ends = []
    for values in arrays.values():
        steps = np.arange(1, len(values) + 1)
        (line,) = ax.plot(steps, values, marker=marker, markersize=4)
        last = np.flatnonzero(np.isfinite(values))[-1]
        ends.append((steps[last], values[last], line.get_color()))
    finish(ax, dict(zip(arrays, ends, strict=True)), longest, xlabel, ylabel, percent, title)


def finish(
    ax: Axes,
    ends: Mapping[str, tuple[int, float, str]],
    longest: int,
    xlabel: str,
    ylabel: str,
    percent: bool,
    title: str | None,
) -> None:
    """Give lines over 1, 2, 3, … their ticks, names of axes, title, and labels at their ends.

    Args:
        ax: axes with the lines.
        ends: by label, where a line ends: step, value, color.
        longest: last step of the longest line.
        xlabel, ylabel, percent, title: as for `curves`.
    """
    ax.set_xticks(_steps(longest))
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    if percent:
        ax.yaxis.set_major_formatter(percent_formatter())
    ax.grid(axis="y")
    set_title(ax, title)
    _label_ends(ax, list(ends), list(ends.values()))


def history(
    axes: np.ndarray,
    values: Mapping[str, Sequence[float]],
    *,
    metric: str = "accuracy",
    best: bool = True,
    title: str | None = None,
) -> None:
    """Draw loss (left) and metric (right) of a training run, training against validation.

    Args:
        axes: two axes.
        values: `History.history` of Keras: lists by "loss", metric and, if the run had
            validation data, "val_loss" and "val_" + metric; one number per epoch.
        metric: name of the metric; a share in [0, 1].
        best: whether to mark the epoch with the lowest validation loss.
        title: what to see, above both axes.

    Raises:
        UserError: there are not two axes, or loss or metric is not in the history.
    """
    axes = np.asarray(axes, dtype=object).reshape(-1)
    if len(axes) != 2:
        raise UserError(f"{len(axes)} axes for a history: make two with `plt.subplots(1, 2)`")
    values = getattr(values, "history", values)  # a History object will do as well
    for key in ("loss", metric):
        if not len(values.get(key, ())):
            have = ", ".join(values) or "nothing"
            raise UserError(f"no '{key}' in the history, which holds {have}: name the metric")
    for ax, key in zip(axes, ("loss", metric), strict=True):
        lines = {"training": values[key]}
        if f"val_{key}" in values:
            lines["validation"] = values[f"val_{key}"]
        curves(ax, lines, ylabel=key.replace("_", " "), percent=key == metric)
    val_loss = np.asarray(values.get("val_loss", []), dtype=float)
    if best and np.isfinite(val_loss).any():
        epoch = int(np.nanargmin(val_loss)) + 1
        for ax in axes:
            ax.axvline(epoch, color="#555555", linestyle=(0, (1, 1.5)), linewidth=1.5, zorder=1)
            # Below the axis, where no curve can run through it.
            ax.set_xlabel(f"epoch\n(dotted line: lowest validation loss, epoch {epoch})")
    set_title(axes, title)


def _finite_line(label: str, values: Sequence[float]) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).any():
        raise UserError(f"line '{label}' has no values: pass a list of finite numbers")
    return np.where(np.isfinite(values), values, np.nan)


def _steps(last: int) -> list[int]:
    """Return the ticks 1 and round numbers up to last, not more than nine."""
    size = next(
        factor * 10**power
        for power in range(9)
        for factor in (1, 2, 5)
        if last <= 8 * factor * 10**power
    )
    return sorted({1, *range(size, last + 1, size)})


class _EndLabel(Annotation):
    """A label that keeps clear of the other lines' labels, whatever becomes of the axes."""

    def __init__(self, text: str, own: int, ends: np.ndarray, **options: Any) -> None:
        """Place the label of the line that ends at ends[own], in data coordinates (lines, 2)."""
        offset = {"xytext": (8, 0), "textcoords": "offset points"}
        # It stands outside the axes, where they would clip it.
        super().__init__(text, ends[own], **offset, va="center", clip_on=False, **options)
        self._own = own
        self._ends = ends

    def update_positions(self, renderer: Any) -> None:
        """Find the place anew; called before each drawing, when limits and sizes are known."""
        heights = self.axes.transData.transform(self._ends)[:, 1] * 72 / self.figure.dpi
        moved = _spread(heights, gap=13) - heights
        self.xyann = (8, moved[self._own])
        super().update_positions(renderer)


def _label_ends(ax: Axes, labels: Sequence[str], ends: Sequence[tuple[int, float, str]]) -> None:
    """Write each label right of its line's end."""
    places = np.array([(step, value) for step, value, _ in ends])
    for own, (label, (_, _, color)) in enumerate(zip(labels, ends, strict=True)):
        dark = [0.68 * part for part in to_rgb(color)]  # the color itself is too pale to read
        ax.add_artist(_EndLabel(label, own, places, fontsize=10, color=dark, annotation_clip=False))


def _spread(values: np.ndarray, gap: float) -> np.ndarray:
    """Move values apart to at least gap, each as little as possible (least squares).

    Taking gap times the rank off turns this into isotonic regression, solved by pooling
    neighbors that are out of order.
    """
    order = np.argsort(values, kind="stable")
    pools: list[list[float]] = []  # [mean, number of members]
    for rank, index in enumerate(order):
        pools.append([values[index] - rank * gap, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, count = pools.pop()
            total = pools[-1][1] + count
            pools[-1] = [(pools[-1][0] * pools[-1][1] + mean * count) / total, total]
    spread = np.empty(len(values))
    spread[order] = np.concatenate([np.full(int(count), mean) for mean, count in pools])
    spread[order] += gap * np.arange(len(values))
    return spread
