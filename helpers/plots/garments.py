"""How a photo becomes a picture of 28 x 28 pixels, step by step."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.style import set_title

if TYPE_CHECKING:
    from helpers.garments import Converted


def conversion_steps(
    axes: Axes | np.ndarray, converted: "Converted", *, title: str | None = None
) -> None:
    """Draw each step of a conversion on its own axes, with its name and size in pixels.

    Args:
        axes: as many axes as the conversion has steps, 5, as `grid(1, 5, title_lines=2)` makes
            them; those left over stay empty.
        converted: what `garments.to_fashion` returned.
        title: what to see, above the whole figure.

    Raises:
        UserError: there are fewer axes than steps.
    """
    place_of_title = axes
    axes = np.asarray(axes, dtype=object).reshape(-1)
    if len(axes) < len(converted.steps):
        raise UserError(
            f"{len(converted.steps)} steps for {len(axes)} axes: make them with "
            f"`plots.grid(1, {len(converted.steps)}, title_lines=2)`"
        )
    for ax in axes[len(converted.steps) :]:
        ax.set_axis_off()
    for ax, (name, picture) in zip(axes, converted.steps, strict=False):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color="#BBBBBB", linewidth=0.8)  # a white photo's edge
        height, width = picture.shape[:2]
        ax.set_title(f"{name}\n{width} x {height} px", fontsize=10, loc="center", pad=4)
    set_title(place_of_title, title)
