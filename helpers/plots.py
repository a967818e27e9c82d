"""The look of the course's figures, and the few pictures that no library has.

Everything else is drawn by pandas, seaborn, scikit-learn's displays and Matplotlib in the lessons.
"""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from helpers.settings import CourseError

# Okabe & Ito (2008), "Color Universal Design": told apart with every common color vision.
COLORS = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
}
WIDTH = 9.0  # inches: at 110 dpi a figure fills the text column of a notebook and is not scaled

_LINE_STYLES = ["-", "--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2))]


def use_style() -> None:
    """Give all figures drawn from now on the course's look; `course.start` calls it."""
    colors = list(COLORS.values())
    sns.set_theme(style="ticks", palette=colors)
    plt.style.use(Path(__file__).with_name("course.mplstyle"))
    # A line differs from its neighbors by its style too: color is never the only sign.
    plt.rcParams["axes.prop_cycle"] = cycler(color=colors) + cycler(linestyle=_LINE_STYLES)
    warnings.filterwarnings("once", message="Glyph .* missing from", category=UserWarning)


def grid(
    rows: int, columns: int, *, cell: float = 1.25, title_lines: int = 1
) -> tuple[Figure, np.ndarray]:
    """Make a figure with rows x columns axes for small images.

    Args:
        rows, columns: number of images down and across.
        cell: side of one image in inches, made smaller where the row would be too wide.
        title_lines: lines of text above each image.

    Returns:
        The figure, and its axes as an array (rows, columns).
    """
    cell = min(cell, WIDTH / columns)
    height = rows * (cell + 0.06 + 0.21 * title_lines) + 0.5
    size = (max(columns * cell, 4.0), height)
    # No gaps around images, whose sides keep their ratio.
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="compressed")
    figure.get_layout_engine().set(h_pad=0.03, w_pad=0.03, hspace=0, wspace=0)
    return figure, axes


def image_grid(
    axes: Axes | np.ndarray,
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    *,
    highlight: Sequence[bool] | None = None,
    title: str | None = None,
) -> None:
    """Draw one image on each axes; axes left over stay empty.

    Args:
        axes: one axes or an array of any shape with at least n of them.
        images: (n, h, w, 3), (n, h, w, 1) or (n, h, w); uint8, or float in [0, 1].
        titles: (n,) short titles, taken as plain text.
        highlight: (n,) booleans; True draws a frame around the image.
        title: what to see, above the whole figure.

    Raises:
        CourseError: shape, dtype or range does not fit an image, or there are too few axes.
    """
    images = _as_images(images)
    axes = np.asarray(axes, dtype=object).reshape(-1)
    if len(images) > len(axes):
        raise CourseError(f"{len(images)} images for {len(axes)} axes: pass `images[:{len(axes)}]`")
    for ax in axes[len(images) :]:
        ax.set_axis_off()
    for index, (ax, image) in enumerate(zip(axes, images, strict=False)):
        brightest = 255 if images.dtype == np.uint8 else 1
        ax.imshow(image, cmap="gray", vmin=0, vmax=brightest, interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        framed = highlight is not None and bool(highlight[index])
        ax.spines[:].set(visible=framed, color=COLORS["vermilion"], linewidth=4)
        if titles is not None:
            ax.set_title(plain_text(titles[index]), fontsize=10, loc="center", pad=4)
    if title:
        axes[0].figure.suptitle(title, x=0.01, ha="left")


def images_by_class(
    axes: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    *,
    title: str | None = None,
) -> None:
    """Draw the first images of each class, one row a class, its name at the left.

    Args:
        axes: (number of classes, images per class) axes, as `grid` makes them.
        images: (n, h, w, 3), (n, h, w, 1) or (n, h, w); uint8, or float in [0, 1].
        labels: (n,) or (n, 1) integers, indexes into class_names.
        class_names: (number of classes,) names.
        title: what to see, above the whole figure.
    """
    labels = np.asarray(labels).reshape(-1)
    for number, (row, name) in enumerate(zip(axes, class_names, strict=True)):
        members = np.flatnonzero(labels == number)[: len(row)]
        image_grid(row, np.asarray(images)[members])
        row[0].set_ylabel(plain_text(name), rotation=0, ha="right", va="center", labelpad=8)
    if title:
        axes[0, 0].figure.suptitle(title, x=0.01, ha="left")


def probabilities(
    ax: Axes,
    class_names: Sequence[str],
    values: np.ndarray,
    *,
    true_name: str | None = None,
    title: str | None = None,
) -> None:
    """Draw the five most probable classes of one image as bars, the most probable at the top.

    Args:
        ax: axes to draw on.
        class_names: (number of classes,) names.
        values: (number of classes,) probabilities.
        true_name: this class gets another color and hatching.
        title: what to see.
    """
    order = np.argsort(-np.asarray(values), kind="stable")[:5]
    names = [class_names[index] for index in order]
    shown = np.asarray(values)[order]
    bars = ax.barh([plain_text(name) for name in names], shown, color=COLORS["blue"])
    for bar, name in zip(bars, names, strict=True):
        if name == true_name:
            bar.set(color=COLORS["green"], hatch="//", edgecolor="white", label="true class")
    ax.bar_label(bars, [f" {value:.1%}" for value in shown])
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.15), xlabel="probability")
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    if true_name in names:
        ax.legend(loc="lower right")
    if title:
        ax.set_title(title)


def plain_text(text: object) -> str:
    """A name as it is, where Matplotlib would take `$…$` for a formula and end in an error."""
    return re.sub(r"(?<!\\)\$", r"\\$", str(text))


def _as_images(images: np.ndarray) -> np.ndarray:
    """Return images as uint8 or float32, or say why they are no images."""
    images = np.asarray(images)
    if images.ndim not in (3, 4) or images.shape[3:] not in ((), (1,), (3,)):
        text = "is no batch of images, (n, h, w, 3) or (n, h, w); for one image pass `image[None]`"
        raise CourseError(f"an array of shape {images.shape} {text}")
    if images.dtype != np.uint8:
        if images.dtype.kind != "f":
            raise CourseError(f"images of {images.dtype}: convert them with `.astype('uint8')`")
        # Not "min < 0 or max > 1": a comparison with NaN is always false.
        if images.size and not (images.min() >= 0 and images.max() <= 1):
            text = f"float images from {images.min():.3g} to {images.max():.3g}"
            raise CourseError(f"{text}: an image needs 0 to 1; divide pixels by 255")
        images = images.astype(np.float32)  # imshow draws no float16
    return images
