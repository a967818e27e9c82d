"""ROC and precision-recall curves of many classes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.style import COLORS, percent_formatter, set_title

if TYPE_CHECKING:
    from helpers.metrics import Curve, RocCurves

_OTHERS = "#BBBBBB"
_HIGHLIGHTS = [
    (COLORS["vermilion"], "--"),
    (COLORS["blue"], "-."),
    (COLORS["green"], ":"),
    (COLORS["purple"], (0, (5, 1))),
    (COLORS["orange"], (0, (3, 1, 1, 1, 1, 1))),
]


def roc_curves(
    ax: Axes,
    curves: "RocCurves",
    class_names: Sequence[str],
    *,
    highlight: Sequence[str] | None = None,
    title: str | None = None,
) -> None:
    """Draw the ROC curve of every class, gray but for some, with the averages in black.

    Args:
        ax: axes to draw on. Good models crowd at the left: `ax.set_xlim(0, 0.2)` shows them.
        curves: what `metrics.roc` returns.
        class_names: (k,) names.
        highlight: names of up to five classes to draw in color; by default the three with the
            smallest area.
        title: what to see.

    Raises:
        UserError: names do not fit, or there are too many to highlight.
    """
    _draw(ax, curves, class_names, highlight)
    ax.plot([0, 1], [0, 1], color="#555555", ls=(0, (1, 3)), lw=1.2, label="guessing (50.0 %)")
    ax.set_xlabel("false positive rate (share of the rest called so)")
    ax.set_ylabel("true positive rate (share found)")
    _finish(ax, "area under the curve", title)


def precision_recall_curves(
    ax: Axes,
    curves: "RocCurves",
    class_names: Sequence[str],
    *,
    highlight: Sequence[str] | None = None,
    title: str | None = None,
) -> None:
    """Draw the precision-recall curve of every class, gray but for some, averages in black.

    Args:
        ax: axes to draw on.
        curves: what `metrics.precision_recall` returns.
        class_names: (k,) names.
        highlight: names of up to five classes to draw in color; by default the three with the
            lowest average precision.
        title: what to see.

    Raises:
        UserError: names do not fit, or there are too many to highlight.
    """
    # Precision is a staircase: each point holds back to the recall of the point before.
    _draw(ax, curves, class_names, highlight, drawstyle="steps-pre")
    ax.set_xlabel("recall (share of the class that is found)")
    ax.set_ylabel("precision (share of the found that is right)")
    _finish(ax, "average precision", title)


def _draw(
    ax: Axes,
    curves: "RocCurves",
    class_names: Sequence[str],
    highlight: Sequence[str] | None,
    **look: Any,
) -> None:
    """Draw all curves; look is passed on to each line."""
    chosen = _choose(curves, class_names, highlight)
    others = [k for k in range(len(class_names)) if k not in chosen and k not in curves.absent]
    for place, k in enumerate(others):
        label = "_nolegend_" if place else "other classes"
        _line(ax, curves.classes[k], label, color=_OTHERS, ls="-", lw=1, **look)
    for k, (color, style) in zip(chosen, _HIGHLIGHTS, strict=False):
        curve = curves.classes[k]
        _line(ax, curve, f"{class_names[k]} ({_area(curve)})", color=color, ls=style, **look)
    averages = [("macro", curves.macro, "-", 2.4), ("micro", curves.micro, "--", 1.6)]
    for name, curve, style, width in averages:
        if len(curve.x):
            label = f"{name} average ({_area(curve)})"
            _line(ax, curve, label, color="black", ls=style, lw=width, **look)


def _choose(
    curves: "RocCurves", class_names: Sequence[str], highlight: Sequence[str] | None
) -> list[int]:
    """Return the numbers of the classes to draw in color."""
    if len(class_names) != len(curves.classes):
        raise UserError(
            f"{len(class_names)} names for {len(curves.classes)} curves: pass one for each"
        )
    if highlight is None:
        areas = np.array([curve.area for curve in curves.classes])
        known = int(np.isfinite(areas).sum())
        return np.argsort(areas, kind="stable")[: min(3, known)].tolist()  # NaN sorts last
    if len(highlight) > len(_HIGHLIGHTS):
        raise UserError(f"{len(highlight)} classes to highlight: choose {len(_HIGHLIGHTS)} or less")
    names = list(class_names)
    unknown = [name for name in highlight if name not in names]
    if unknown:
        raise UserError(f"no class '{unknown[0]}' to highlight: use one of {', '.join(names)}")
    return [k for k in map(names.index, highlight) if k not in curves.absent]


def _line(ax: Axes, curve: "Curve", label: str, **look: Any) -> None:
    ax.plot(curve.x, curve.y, label=label, **look)


def _area(curve: "Curve") -> str:
    return f"{100 * curve.area:.1f} %"


def _finish(ax: Axes, legend: str, title: str | None) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(percent_formatter())
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
    ax.grid()
    ax.legend(title=legend, loc="upper left", bbox_to_anchor=(1, 1), alignment="left")
    set_title(ax, title)
