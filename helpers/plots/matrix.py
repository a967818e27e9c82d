"""The confusion matrix as a picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from helpers.errors import UserError
from helpers.metrics.confusion import read_matrix
from helpers.plots.style import percent_formatter, set_title

# White is nothing: most cells are empty, and black numbers stay readable on them.
_MISTAKES = LinearSegmentedColormap.from_list(
    "mistakes", ["#FFFFFF", "#F6D9A8", "#E69F00", "#B4500B", "#5A1E0A"]
)
_RIGHT = "#DDE3E8"  # the diagonal has a color of its own; on the mistakes' scale it outshines them
_MOST_NUMBERS = 20  # with more classes the cells are too small for numbers
_ROW_HEIGHT = 9.0  # points a class name needs
_DIGIT_WIDTH = 0.9  # of the font size: a bold digit and its share of the cell's margin


def confusion_matrix(
    ax: Axes,
    matrix: np.ndarray,
    class_names: Sequence[str],
    *,
    rates: bool = False,
    order: np.ndarray | None = None,
    title: str | None = None,
) -> None:
    """Draw a confusion matrix: true classes down, predicted classes across.

    The colors show the mistakes, on a square-root scale; right answers (the diagonal) are gray.
    Cells without a picture stay empty. With more than 20 classes the numbers are left out, and
    only as many names are written as there is room for.

    Args:
        ax: axes to draw on; 0.45 in of height and 0.6 in of width a class read well.
        matrix: (k, k) counts, rows true, as from `metrics.confusion`.
        class_names: (k,) names.
        rates: whether to write shares of the true class, in percent, instead of counts.
        order: (k,) permutation of the classes, as from `metrics.order`.
        title: what to see.

    Raises:
        UserError: no square matrix of counts, or names or order do not fit it.
    """
    matrix = _checked(matrix, class_names)
    order = np.arange(len(matrix)) if order is None else _checked_order(order, len(matrix))
    values = matrix[np.ix_(order, order)].astype(float)
    names = [class_names[place] for place in order]
    if rates:
        values = values / np.maximum(values.sum(axis=1, keepdims=True), 1)
    mistakes = np.where(np.eye(len(values), dtype=bool), 0, values)
    norm = PowerNorm(0.5, vmin=0, vmax=mistakes.max() or 1)
    image = ax.imshow(mistakes, cmap=_MISTAKES, norm=norm, aspect="auto", interpolation="nearest")
    for place in range(len(values)):
        ax.add_patch(Rectangle((place - 0.5, place - 0.5), 1, 1, color=_RIGHT, lw=0))
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    ax.spines[:].set_visible(True)
    bar = ax.figure.colorbar(image, ax=ax, pad=0.02, fraction=0.05)
    bar.set_label("mistakes (% of the true class)" if rates else "mistakes (pictures)")
    bar.outline.set_visible(False)
    bar.locator = MaxNLocator(5, integer=not rates)
    if rates:
        bar.formatter = percent_formatter()
    bar.update_ticks()
    set_title(ax, title)
    _write_names(ax, names)
    if len(values) <= _MOST_NUMBERS:
        _write_numbers(ax, values, norm(mistakes), rates)


def _write_numbers(ax: Axes, values: np.ndarray, depth: np.ndarray, rates: bool) -> None:
    texts = {
        (row, column): _share(values[row, column]) if rates else f"{values[row, column]:.0f}"
        for row, column in np.argwhere(values > 0)
    }
    longest = max((len(text) for text in texts.values()), default=1)
    size = _cell(ax, len(values))[0] / (_DIGIT_WIDTH * longest)
    for (row, column), text in texts.items():
        right = row == column
        ax.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=np.clip(size, 7, 10),
            fontweight="bold" if right else "normal",
            color="white" if depth[row, column] > 0.65 and not right else "black",
        )


def _share(share: float) -> str:
    """Write a share in percent, without its sign; what is not 0 is not written as 0."""
    return "<1" if share < 0.005 else f"{100 * share:.0f}"


def _write_names(ax: Axes, names: Sequence[str]) -> None:
    """Write the classes' names at both axes, or every second, third … where they don't fit."""
    places = np.arange(len(names))
    long = len(names) > 12
    ax.set_yticks(places, names)
    ax.set_xticks(places, names, rotation=90 if long else 45)
    if not long:
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    ax.figure.draw_without_rendering()  # the layout decides how large the cells are
    room = min(_cell(ax, len(names)))
    step = int(np.ceil(_ROW_HEIGHT / room))
    if step > 1:
        ax.set_yticks(places[::step], names[::step])
        ax.set_xticks(places[::step], names[::step])
    ax.tick_params(length=2 if step > 1 else 0, labelsize=10 if room >= 12 else 8)


def _cell(ax: Axes, classes: int) -> tuple[float, float]:
    """Return width and height of a cell in points, as the figure was drawn last."""
    box = ax.get_window_extent()
    return tuple(side * 72 / ax.figure.dpi / classes for side in (box.width, box.height))


def _checked(matrix: np.ndarray, class_names: Sequence[str]) -> np.ndarray:
    matrix = read_matrix(matrix)
    if len(class_names) != len(matrix):
        raise UserError(f"{len(class_names)} names for {len(matrix)} classes: pass one for each")
    return matrix


def _checked_order(order: np.ndarray, classes: int) -> np.ndarray:
    order = np.asarray(order)
    if order.shape != (classes,) or sorted(order.tolist()) != list(range(classes)):
        raise UserError(f"order is no permutation of 0 to {classes - 1}: use `metrics.order`")
    return order
