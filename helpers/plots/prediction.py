"""A picture, what the network sees of it, and the classes it takes it for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.bars import probabilities
from helpers.plots.images import image_grid
from helpers.plots.style import set_title

if TYPE_CHECKING:  # it would bring Keras, which plots do without
    from helpers.predict import Look

_LONGEST = 28  # letters of a class name beside its bar


def prediction(
    axes: Sequence[Axes] | np.ndarray,
    look: "Look",
    *,
    true_name: str | None = None,
    title: str | None = None,
) -> None:
    """Draw a picture, what the network sees, and the likeliest classes as bars.

    `plt.subplots(1, 3, width_ratios=[1, 1, 1.6])` makes room. Where there are superclasses, each
    bar's label has its own, and the likeliest is named above the bars.

    Args:
        axes: three axes, or two to leave out what the network sees.
        look: what `predict.look` gave.
        true_name: the right class, to be marked.
        title: what to see, above the whole figure.

    Raises:
        UserError: not two or three axes.
    """
    axes = np.asarray(axes, dtype=object).reshape(-1)
    if len(axes) not in (2, 3):
        raise UserError(f"{len(axes)} axes for a prediction: pass two or three")
    width, height = look.size
    image_grid(axes[0], look.picture[None], [f"the picture\n{width} x {height} pixels"])
    if len(axes) == 3:
        rows, columns = look.seen.shape[:2]
        image_grid(axes[1], look.seen[None], [f"what the network sees\n{columns} x {rows} pixels"])
        axes[1].spines[:].set(visible=True, color="#BBBBBB")  # else white edges vanish on the page
    bars = axes[-1]
    names = _labels(look)
    true_label = None
    if true_name in look.class_names:
        true_label = names[look.class_names.index(true_name)]
    probabilities(bars, names, look.probabilities, top=len(look.top), true_name=true_label)
    if look.top_superclasses:
        name, share = look.top_superclasses[0]
        bars.set_title(f"superclass: {_spaced(name)}, {100 * share:.1f} %", fontsize=11)
    else:
        bars.set_title("the likeliest classes", fontsize=11)
    set_title(axes, title)


def _labels(look: "Look") -> list[str]:
    """Class names as they stand beside the bars, each of them once."""
    names = [_spaced(name) for name in look.class_names]
    if len(set(names)) < len(names):
        names = list(look.class_names)
    if not look.superclasses:
        return names
    pairs = zip(names, look.superclasses, strict=True)
    return [f"{name}\n({_spaced(group)})" for name, group in pairs]


def _spaced(name: str) -> str:
    text = name.replace("_", " ")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
