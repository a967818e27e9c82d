"""Right and wrong answers of each class."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.style import COLORS, set_title

_HEIGHT = 0.38


def right_wrong(
    ax: Axes, counts: np.ndarray, class_names: Sequence[str], title: str | None = None
) -> None:
    """Draw how many pictures of each class are right and wrong: two bars a class, with counts.

    Args:
        ax: axes to draw on; 0.6 in of height a class read well.
        counts: (classes, 2) integers: right, wrong, as `metrics.right_wrong` returns them.
        class_names: (classes,) names.
        title: what to see.

    Raises:
        UserError: counts of another shape, negative or no whole numbers, or names that do not
            fit.
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or counts.shape[1] != 2 or counts.dtype.kind not in "iu":
        raise UserError(
            f"counts of shape {counts.shape} and dtype {counts.dtype}: pass (classes, 2) integers "
            "from metrics.right_wrong"
        )
    if counts.size and counts.min() < 0:
        raise UserError(f"counts holds {counts.min()}: pass numbers from 0 on")
    if len(class_names) != len(counts):
        raise UserError(f"{len(class_names)} names for {len(counts)} classes: pass one for each")
    rows = np.arange(len(counts))
    totals = counts.sum(axis=1)
    looks = (("right", COLORS["sky"], ""), ("wrong", COLORS["vermilion"], "///"))
    for place, (name, color, hatch) in enumerate(looks):
        bars = ax.barh(
            rows + (place - 0.5) * _HEIGHT,
            counts[:, place],
            _HEIGHT,
            label=name,
            color=color,
            hatch=hatch,
            edgecolor="white",
        )
        texts = [_text(*pair) for pair in zip(counts[:, place], totals, strict=True)]
        ax.bar_label(bars, texts, padding=4, fontsize=10)
    ax.set_yticks(rows, class_names)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.25 * max(counts.max(initial=0), 1))  # room for the counts behind the bars
    ax.set_xlabel("number of images")
    ax.grid(axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    set_title(ax, title)


def _text(count: int, total: int) -> str:
    return f"{count:,} ({100 * count / total:.1f} %)" if total else "0"
