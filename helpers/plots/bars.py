"""Counts, distributions and probabilities."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.style import COLORS, percent_formatter, set_title

_FILLS = [COLORS["blue"], COLORS["orange"], COLORS["sky"], COLORS["green"]]
_HATCHES = ["", "///", "...", "xxx"]
_CHANNELS = {
    1: [("gray", "#444444", "-")],
    3: [
        ("red", COLORS["vermilion"], "-"),
        ("green", COLORS["green"], "--"),
        ("blue", COLORS["blue"], ":"),
    ],
}


def class_balance(
    ax: Axes,
    labels: np.ndarray | Mapping[str, np.ndarray],
    class_names: Sequence[str],
    *,
    title: str | None = None,
) -> None:
    """Draw how many images each class has: horizontal bars with counts.

    Args:
        ax: axes to draw on; 0.35 in of height per class and split read well.
        labels: (n,) or (n, 1) integers in [0, number of classes); or up to four such arrays by
            the name of their split, as in {"training": …, "validation": …}.
        class_names: (number of classes,) names.
        title: what to see.

    Raises:
        UserError: a label is no index into class_names, or there are more than four splits.
    """
    splits = labels if isinstance(labels, Mapping) else {"": labels}
    if not 1 <= len(splits) <= len(_FILLS):
        raise UserError(f"{len(splits)} splits in one chart: pass one to {len(_FILLS)}")
    thickness = 0.8 / len(splits)
    rows = np.arange(len(class_names))
    for place, (name, values) in enumerate(splits.items()):
        counts = _count(values, len(class_names))
        bars = ax.barh(
            rows + (place - (len(splits) - 1) / 2) * thickness,
            counts,
            thickness,
            label=name,
            color=_FILLS[place],
            hatch=_HATCHES[place],
            edgecolor="white",
        )
        ax.bar_label(bars, [f"{count:,}" for count in counts], padding=3, fontsize=10)
    ax.set_yticks(rows, class_names)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()  # the first class on top, as in a table
    ax.margins(x=0.1, y=0.02)
    ax.set_xlabel("number of images")
    ax.grid(axis="x")
    if len(splits) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    set_title(ax, title)


def _count(labels: np.ndarray, classes: int) -> np.ndarray:
    labels = np.asarray(labels).reshape(-1)
    if not np.issubdtype(labels.dtype, np.integer):
        raise UserError(f"labels of {labels.dtype}: pass integers, the index of each class")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise UserError(
            f"labels from {labels.min()} to {labels.max()} for {classes} class names: "
            f"expected 0 to {classes - 1}"
        )
    return np.bincount(labels, minlength=classes)


def pixel_histogram(ax: Axes, images: np.ndarray, *, title: str | None = None) -> None:
    """Draw how often each brightness occurs, one line a color channel.

    Args:
        ax: axes to draw on.
        images: (n, h, w, 3), (n, h, w, 1) or (n, h, w); uint8, or float of any range.
        title: what to see.

    Raises:
        UserError: the array is no batch of images, or holds values that are not finite.
    """
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in _CHANNELS or not images.size:
        raise UserError(f"an array of shape {images.shape}: expected images (n, h, w, channels)")
    if not np.isfinite(images).all():
        raise UserError("images with values that are not finite (NaN or infinite): repair them")
    if images.dtype == np.uint8:
        low, high = 0.0, 256.0
    else:
        low, high = min(0.0, float(images.min())), max(1.0, float(images.max()))
    for channel, (name, color, line) in enumerate(_CHANNELS[images.shape[-1]]):
        counts, edges = np.histogram(images[..., channel], bins=64, range=(low, high))
        ax.stairs(
            counts / counts.sum(), edges, baseline=None, label=name, color=color, ls=line, lw=2
        )
    ax.set_xlim(low, high)
    ax.set_ylim(bottom=0)
    unit = "0 = dark, 255 = bright" if images.dtype == np.uint8 else "no unit"
    ax.set_xlabel(f"pixel value ({unit})")
    ax.set_ylabel("share of pixels")
    ax.yaxis.set_major_formatter(percent_formatter())
    ax.grid(axis="y")
    if images.shape[-1] > 1:
        ax.legend(title="channel", loc="upper left", bbox_to_anchor=(1, 1))
    set_title(ax, title)


def probabilities(
    ax: Axes,
    names: Sequence[str],
    values: np.ndarray,
    *,
    top: int = 5,
    true_name: str | None = None,
    title: str | None = None,
) -> None:
    """Draw the most probable classes as bars, the most probable on top.

    Args:
        ax: axes to draw on.
        names: (number of classes,) names.
        values: (number of classes,) probabilities in [0, 1].
        top: how many classes to draw.
        true_name: the right class; its bar is filled in another color and marked in words.
        title: what to see.

    Raises:
        UserError: names and values differ in number, or a value is no probability.
    """
    values = np.asarray(values, dtype=float).reshape(-1)
    if len(names) != len(values):
        raise UserError(f"{len(names)} names and {len(values)} values: pass one name per value")
    if not np.all((values >= 0) & (values <= 1 + 1e-6)):
        raise UserError(
            f"values from {values.min():.3g} to {values.max():.3g} are no probabilities: "
            "pass the output of softmax, for one image"
        )
    best = np.argsort(-values, kind="stable")[:top]
    right = [names[index] == true_name for index in best]
    bars = ax.barh(
        [str(names[index]) + " (true)" * hit for index, hit in zip(best, right, strict=True)],
        values[best],
        0.7,
        color=[COLORS["green"] if hit else COLORS["sky"] for hit in right],
    )
    ax.bar_label(bars, [_percent(values[index]) for index in best], padding=4, fontsize=10)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 1.12)  # room for "100 %" behind a full bar
    ax.set_xticks(np.linspace(0, 1, 5))
    ax.xaxis.set_major_formatter(percent_formatter())
    ax.set_xlabel("predicted probability")
    ax.grid(axis="x")
    set_title(ax, title)


def _percent(value: float) -> str:
    """Write a share with one decimal where it matters; what is not 0 is not written as 0."""
    if 0 < value < 0.001:
        return "< 0.1 %"
    return f"{100 * value:.1f} %"
