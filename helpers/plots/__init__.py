"""Every picture of the course, in one look.

Start a lesson with `plots.use_style()`, make a figure with `plots.grid` or `plt.subplots`, let a
function draw onto its axes, and hand it out with `plots.show(figure, alt="…")`.
"""

from helpers.plots.bars import class_balance, pixel_histogram, probabilities
from helpers.plots.images import image_grid, images_by_class
from helpers.plots.lines import curves, history
from helpers.plots.style import COLORS, DIVERGING, SEQUENTIAL, grid, set_title, show, use_style

__all__ = [
    "COLORS",
    "DIVERGING",
    "SEQUENTIAL",
    "class_balance",
    "curves",
    "grid",
    "history",
    "image_grid",
    "images_by_class",
    "pixel_histogram",
    "probabilities",
    "set_title",
    "show",
    "use_style",
]
