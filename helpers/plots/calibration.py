"""The reliability diagram: confidence against accuracy."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.plots.style import COLORS, percent_formatter, set_title

if TYPE_CHECKING:
    from helpers.metrics import Reliability


def reliability_diagram(ax: Axes, reliability: "Reliability", *, title: str | None = None) -> None:
    """Draw the accuracy in each bin of confidence, the gap to a calibrated model, and counts.

    Args:
        ax: axes to draw on, at least 4 in wide for ten bins.
        reliability: what `metrics.reliability` returns.
        title: what to see; the expected calibration error (ECE) is added to it.
    """
    edges, filled = reliability.edges, reliability.count > 0
    left, width = edges[:-1][filled], np.diff(edges)[filled]
    accuracy, confidence = reliability.accuracy[filled], reliability.confidence[filled]
    ax.bar(left, accuracy, width, align="edge", color=COLORS["sky"], ec="white", label="accuracy")
    ax.bar(
        left,
        confidence - accuracy,
        width,
        bottom=accuracy,
        align="edge",
        color="none",
        ec=COLORS["vermilion"],
        hatch="///",
        lw=1,
        label="gap to the confidence",
    )
    ax.plot([0, 1], [0, 1], color="black", ls="--", lw=1.5, label="calibrated")
    for x, count in zip(left + width / 2, reliability.count[filled], strict=True):
        text = ax.text(x, 0.015, str(count), ha="center", va="bottom", fontsize=8)
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8})
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    ax.set_xlabel("confidence (numbers: pictures in the bin)")
    ax.set_ylabel("share that is right")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(percent_formatter())
    # Below the axes: inside, bars of any height may stand in its way.
    options = {"loc": "upper left", "bbox_to_anchor": (0, -0.2), "ncols": 2}
    ax.legend(columnspacing=1, handlelength=1.6, fontsize=9, **options)
    error = f"ECE {100 * reliability.ece:.1f} %"
    set_title(ax, f"{title}: {error}" if title else error)
