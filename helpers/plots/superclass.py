"""Fine classes and their superclasses in pictures."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers.errors import UserError
from helpers.metrics.inputs import read_labels
from helpers.metrics.superclass import read_map
from helpers.plots.images import image_grid
from helpers.plots.matrix import confusion_matrix

_FEW = 6  # superclasses whose names fit below the matrix without turning them
_LONGEST = 17  # characters that fit above a picture of the gallery


def superclass_matrix(
    ax: Axes,
    matrix: np.ndarray,
    fine_to_coarse: np.ndarray,
    coarse_names: Sequence[str],
    *,
    title: str | None = None,
) -> None:
    """Draw the confusion matrix of the fine classes, with a frame around each superclass.

    The classes are sorted by superclass, so mistakes that stay inside one lie within the frames.

    Args:
        ax: axes to draw on; 9 x 8 in read well for 20 superclasses.
        matrix: (k, k) counts, rows true, as from `metrics.confusion`.
        fine_to_coarse: (k,) integers, the superclass of each class.
        coarse_names: names of the superclasses, written at both axes.
        title: what to see.

    Raises:
        UserError: matrix, map and names do not fit each other.
    """
    fine_to_coarse = _checked_map(fine_to_coarse, coarse_names)
    order = np.argsort(fine_to_coarse, kind="stable")
    blanks = [""] * len(fine_to_coarse)
    confusion_matrix(ax, matrix, blanks, order=order, title=title)
    sizes = np.bincount(fine_to_coarse)
    ends = np.cumsum(sizes)
    for end, size in zip(ends, sizes, strict=True):
        corner = (end - size - 0.5,) * 2
        ax.add_patch(Rectangle(corner, size, size, fill=False, edgecolor="black", linewidth=1.2))
    centers = ends - sizes / 2 - 0.5
    names = [name.replace("_", " ") for name in coarse_names]
    ax.set_yticks(centers, names, fontsize=9)
    ax.set_xticks(centers, names, rotation=0 if len(names) <= _FEW else 90, fontsize=9)
    ax.tick_params(length=0)
    ax.set(xlabel="predicted class, by superclass", ylabel="true class, by superclass")


def label_gallery(
    axes: np.ndarray,
    images: np.ndarray,
    true: np.ndarray,
    predicted: np.ndarray,
    class_names: Sequence[str],
    *,
    fine_to_coarse: np.ndarray | None = None,
    title: str | None = None,
) -> None:
    """Draw pictures with their true class, and below it what the model says.

    A right answer has a check mark; a wrong one a cross and a frame, so that color is not needed
    to tell them apart. With a map to superclasses, a wrong class of the right superclass has a
    wavy equals sign in place of the cross.

    Args:
        axes: at least n axes, as from `plots.grid(2, 8, title_lines=2)`.
        images: (n, h, w, 3), (n, h, w, 1) or (n, h, w); uint8, or float in [0, 1].
        true: (n,) integers, indexes into class_names.
        predicted: (n,) integers, indexes into class_names.
        class_names: names of the classes.
        fine_to_coarse: the superclass of each class, or None.
        title: what to see, above the whole figure.

    Raises:
        UserError: the numbers of images, labels and names do not agree.
    """
    true = read_labels(true, "true", len(class_names))
    predicted = read_labels(predicted, "predicted", len(class_names))
    if not len(images) == len(true) == len(predicted):
        raise UserError(
            f"{len(images)} images, {len(true)} true and {len(predicted)} predicted labels: "
            "pass one of each a picture"
        )
    coarse = None
    if fine_to_coarse is not None:
        coarse = read_map(fine_to_coarse)
        if len(coarse) != len(class_names):
            raise UserError(
                f"fine_to_coarse has {len(coarse)} entries for {len(class_names)} classes: "
                "pass one for each"
            )
    wrong = true != predicted
    titles = []
    for label, answer in zip(true, predicted, strict=True):
        mark = "✓" if label == answer else "✗"
        if coarse is not None and label != answer and coarse[label] == coarse[answer]:
            mark = "≈"
        titles.append(f"{_short(class_names[label])}\n{mark} {_short(class_names[answer])}")
    image_grid(axes, images, titles, highlight=wrong, title=title)


def _short(name: str) -> str:
    name = name.replace("_", " ")
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _checked_map(fine_to_coarse: np.ndarray, coarse_names: Sequence[str]) -> np.ndarray:
    fine_to_coarse = read_map(fine_to_coarse)
    superclasses = int(fine_to_coarse.max()) + 1
    if len(coarse_names) != superclasses:
        raise UserError(
            f"{len(coarse_names)} names for {superclasses} superclasses: pass one for each"
        )
    return fine_to_coarse
