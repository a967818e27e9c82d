"""Every picture of the course, in one look.

Start a lesson with `plots.use_style()`, make a figure with `plots.grid` or `plt.subplots`, let a
function draw onto its axes, and hand it out with `plots.show(figure, alt="…")`.
"""

from helpers.plots.balance import right_wrong
from helpers.plots.bands import bands
from helpers.plots.bars import class_balance, pixel_histogram, probabilities
from helpers.plots.calibration import reliability_diagram
from helpers.plots.card import variant_card
from helpers.plots.garments import conversion_steps
from helpers.plots.heat import heat_overlay
from helpers.plots.images import image_grid, images_by_class
from helpers.plots.lines import curves, history
from helpers.plots.matrix import confusion_matrix
from helpers.plots.network import network_diagram, show_network
from helpers.plots.photos import photo_findings
from helpers.plots.prediction import prediction
from helpers.plots.ranking import precision_recall_curves, roc_curves
from helpers.plots.repeats import repeats
from helpers.plots.scores import class_bars, intervals, slice_accuracy
from helpers.plots.style import COLORS, DIVERGING, SEQUENTIAL, grid, set_title, show, use_style
from helpers.plots.superclass import label_gallery, superclass_matrix
from helpers.plots.tuning import best_so_far, importance_bars, parallel_coordinates
from helpers.plots.unsure import confidence_groups, coverage_curve

__all__ = [
    "COLORS",
    "DIVERGING",
    "SEQUENTIAL",
    "bands",
    "best_so_far",
    "class_balance",
    "class_bars",
    "confidence_groups",
    "confusion_matrix",
    "conversion_steps",
    "coverage_curve",
    "curves",
    "grid",
    "heat_overlay",
    "history",
    "image_grid",
    "images_by_class",
    "importance_bars",
    "intervals",
    "label_gallery",
    "network_diagram",
    "parallel_coordinates",
    "photo_findings",
    "pixel_histogram",
    "precision_recall_curves",
    "prediction",
    "probabilities",
    "reliability_diagram",
    "repeats",
    "right_wrong",
    "roc_curves",
    "set_title",
    "show",
    "show_network",
    "slice_accuracy",
    "superclass_matrix",
    "use_style",
    "variant_card",
]
