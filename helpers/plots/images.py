"""Pictures side by side."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.style import COLORS, set_title


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
        titles: (n,) short titles.
        highlight: (n,) booleans; True draws a frame around the picture.
        title: what to see; above the axes if it is one, else above the whole figure.

    Raises:
        UserError: shape, dtype or range does not fit a picture, or the numbers do not agree.
    """
    images = _as_pictures(images)
    place_of_title = axes
    axes = np.asarray(axes, dtype=object).reshape(-1)
    if len(images) > len(axes):
        raise UserError(f"{len(images)} images for {len(axes)} axes: pass `images[:{len(axes)}]`")
    for name, values in (("titles", titles), ("highlight", highlight)):
        if values is not None and len(values) != len(images):
            raise UserError(f"{len(values)} {name} for {len(images)} images: pass one for each")
    brightest = 255 if images.dtype == np.uint8 else 1
    for ax in axes[len(images) :]:
        ax.set_axis_off()
    for index, (ax, image) in enumerate(zip(axes, images, strict=False)):
        ax.imshow(image, cmap="gray", vmin=0, vmax=brightest, interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        framed = highlight is not None and bool(highlight[index])
        ax.spines[:].set_visible(framed)
        if framed:
            ax.spines[:].set(color=COLORS["vermilion"], linewidth=4)
        if titles is not None:
            ax.set_title(titles[index], fontsize=10, loc="center", pad=4)
    set_title(place_of_title, title)


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

    Raises:
        UserError: the numbers of rows, names, images and labels do not agree.
    """
    axes = np.asarray(axes, dtype=object)
    labels = np.asarray(labels).reshape(-1)
    if len(labels) != len(images):
        raise UserError(f"{len(images)} images and {len(labels)} labels: pass one label per image")
    if axes.ndim != 2 or len(axes) != len(class_names):
        raise UserError(
            f"axes of shape {axes.shape} for {len(class_names)} classes: "
            f"make them with `plots.grid({len(class_names)}, 10)`"
        )
    for number, (row, name) in enumerate(zip(axes, class_names, strict=True)):
        members = np.flatnonzero(labels == number)[: len(row)]
        if len(members):
            image_grid(row, np.asarray(images)[members])
        else:
            for ax in row:
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set_visible(False)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
    set_title(axes, title)


def _as_pictures(images: np.ndarray) -> np.ndarray:
    """Return images as (n, h, w, 3) or (n, h, w), or say why they are no pictures."""
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if not (images.ndim == 3 or (images.ndim == 4 and images.shape[-1] == 3)):
        raise UserError(
            f"an array of shape {images.shape} is no batch of images: expected (n, h, w, 3), "
            "(n, h, w, 1) or (n, h, w); for one picture pass `image[None]`"
        )
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise UserError(f"images of {images.dtype}: convert them with `.astype('uint8')`")
    # Not "min < 0 or max > 1": a comparison with NaN is always false.
    if images.size and not (images.min() >= 0 and images.max() <= 1):
        raise UserError(
            f"float images from {images.min():.3g} to {images.max():.3g}: a picture needs 0 to 1; "
            "divide pixels by 255, or undo the normalization"
        )
    return images.astype(np.float32, copy=False)  # imshow draws no float16
