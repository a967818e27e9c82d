"""A network as a diagram: a box for each layer, from the input on top to the output."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyBboxPatch

from helpers.plots.style import COLORS, check_alt, set_title, show, show_png

if TYPE_CHECKING:
    import keras

    from helpers.architectures.outline import Step

# By the end of a layer's name: what it does to the picture.
_KINDS = {
    "Conv2D": "blue",
    "Conv2DTranspose": "blue",
    "Dense": "orange",
    "Flatten": "green",
    "Pooling2D": "green",
    "Dropout": "purple",
    "Normalization": "purple",
    "Add": "vermilion",
    "Concatenate": "vermilion",
}
_GREY = "#555555"
_GAP = 0.4  # between boxes, where a box of one line is 1 high
_TWO_LINES = 1.7  # height of boxes that stand side by side: shape and parameters need a line
_LEFT, _RIGHT = 0.01, 0.9  # boxes are between them; links that pass layers by run at the right
_SHAPE = 0.71  # where the column of shapes ends
_UNIT_INCHES = 0.29  # of a box of one line


class _Box(NamedTuple):
    left: float
    top: float
    width: float
    height: float


def network_diagram(ax: Axes, model: "keras.Model", title: str | None = None) -> None:
    """Draw the layers of a model with their output shapes and parameters.

    Rows go from input to output; branches stand side by side, and a link that passes layers by
    runs at the right. Of a model with more than 24 rows the middle is left out.

    Args:
        ax: axes to draw on; 6.5 in wide and 0.42 in of height a row read well.
        model: built `Sequential` or functional model.
        title: what to see; by default name and parameters.

    Raises:
        UserError: it is no Keras model, or has no graph.
    """
    from helpers.architectures.outline import outline, shorten

    _draw(ax, shorten(outline(model)))
    set_title(ax, title or f"{model.name}: {model.count_params():,} parameters")


def show_network(model: "keras.Model", alt: str) -> None:
    """Show a diagram of a model: drawn by Graphviz where it is installed, else our own.

    A model with more than 24 rows is always drawn by our own, which leaves its middle out.
    Outside a notebook nothing is shown.

    Args:
        model: built `Sequential` or functional model.
        alt: what the picture shows, for readers who can't see it.

    Raises:
        UserError: there is no alternative text, it is no Keras model, or it has no graph.
    """
    from helpers.architectures import diagram, outline, shorten

    check_alt(alt)
    whole = outline(model)
    steps = shorten(whole)
    if steps is whole:
        with tempfile.TemporaryDirectory() as folder:
            if path := diagram(model, Path(folder) / "network.png"):
                show_png(path.read_bytes(), alt)
                return
    boxes = _places(steps)
    figure, ax = plt.subplots(figsize=(7, _UNIT_INCHES * (_bottom(boxes) + 1) + 0.4))
    network_diagram(ax, model)
    show(figure, alt=alt)


def _places(steps: "Sequence[Step]") -> list[_Box]:
    """Where the box of each step goes; the y axis points down, from 0."""
    lanes = Counter(step.row for step in steps)
    tops, bottom = {}, 0.0
    for row in sorted(lanes):
        tops[row] = bottom
        bottom += _GAP + (1 if lanes[row] == 1 else _TWO_LINES)
    drawn: Counter[int] = Counter()
    boxes = []
    for step in steps:
        across = lanes[step.row]
        width = (_RIGHT - _LEFT - 0.02 * (across - 1)) / across
        left = _LEFT + drawn[step.row] * (width + 0.02)
        boxes.append(_Box(left, tops[step.row], width, 1 if across == 1 else _TWO_LINES))
        drawn[step.row] += 1
    return boxes


def _bottom(boxes: list[_Box]) -> float:
    return max(box.top + box.height for box in boxes)


def _draw(ax: Axes, steps: "Sequence[Step]") -> None:
    boxes = _places(steps)
    ax.axis("off")
    ax.set(xlim=(0, 1), ylim=(_bottom(boxes) + 0.1, -0.8))
    # Narrow axes get smaller letters: the longest label must end before the shapes begin.
    size = min(10, max(6, 2.2 * ax.get_position().width * ax.figure.get_figwidth()))
    for x, text in ((_SHAPE, "output shape"), (_RIGHT - 0.02, "parameters")):
        ax.text(x, -0.2, text, ha="right", color=_GREY, fontsize=0.9 * size)
    _draw_links(ax, steps, boxes)
    for step, box in zip(steps, boxes, strict=True):
        _draw_box(ax, step, box, size)


def _draw_box(ax: Axes, step: "Step", box: _Box, size: float) -> None:
    color = next((COLORS[color] for end, color in _KINDS.items() if step.kind.endswith(end)), _GREY)
    frame = (box.left, box.top), box.width, box.height
    style = "round,pad=0,rounding_size=0.01"
    ax.add_patch(FancyBboxPatch(*frame, boxstyle=style, facecolor="white", edgecolor="none"))
    tint = (*to_rgb(color), 0.16)
    ax.add_patch(FancyBboxPatch(*frame, boxstyle=style, facecolor=tint, edgecolor=color))
    shape = " × ".join("?" if side is None else f"{side:,}" for side in step.shape)
    left, right = box.left + 0.02, box.left + box.width - 0.02
    if box.height == 1:
        label_y, numbers_y, shape_at = 0.5, 0.5, {"x": _SHAPE, "ha": "right"}
    else:
        label_y, numbers_y, shape_at = 0.5, 1.2, {"x": left, "ha": "left"}
        size *= min(1, 2 * box.width)  # two boxes side by side have nearly half the width each
    words = {"va": "center", "fontsize": size}
    ax.text(left, box.top + label_y, step.label, weight="bold", **words)
    ax.text(y=box.top + numbers_y, s=shape, **shape_at, **words)
    ax.text(right, box.top + numbers_y, f"{step.parameters:,}", ha="right", **words)


def _draw_links(ax: Axes, steps: "Sequence[Step]", boxes: list[_Box]) -> None:
    """An arrow from row to row; where a link passes rows by, a line around them."""
    passing: list[tuple[int, int]] = []  # rows between which a line runs at the right
    for step, box in zip(steps, boxes, strict=True):
        for index in step.inputs:
            source, start = boxes[index], steps[index].row
            if step.row == start + 1:
                _arrow(ax, _straight(source, box))
                continue
            lane = sum(start < end and begin < step.row for begin, end in passing)
            passing.append((start, step.row))
            x = _RIGHT + 0.03 + 0.02 * lane
            out = (source.left + source.width, source.top + 0.65 * source.height)
            into = (box.left + box.width, box.top + 0.35 * box.height)
            _arrow(ax, [out, (x, out[1]), (x, into[1]), into])


def _straight(upper: _Box, lower: _Box) -> list[tuple[float, float]]:
    """Ends of a link from row to row, at the middle of the narrower of the two boxes."""
    narrow = min(upper, lower, key=lambda box: box.width)
    x = narrow.left + narrow.width / 2
    return [(x, upper.top + upper.height), (x, lower.top)]


def _arrow(ax: Axes, points: list[tuple[float, float]]) -> None:
    if len(points) > 2:
        xs, ys = zip(*points[:-1], strict=True)
        ax.plot(xs, ys, "-", color=_GREY, linewidth=1.2, solid_capstyle="butt", zorder=0.5)
    ax.annotate(
        "",
        xy=points[-1],
        xytext=points[-2],
        zorder=0.5,
        arrowprops={"arrowstyle": "-|>", "color": _GREY, "shrinkA": 0, "shrinkB": 0},
    )
