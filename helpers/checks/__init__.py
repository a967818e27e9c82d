"""Checks of the exercises: each takes what the student made, and says what it found.

A check never raises. It shows a verdict and returns it; a verdict is true if the work is correct.
`verdict` holds how it looks, `core` the frame of every check, `student` how a student's function
is run; each of the other modules is about one topic of the lessons.
"""

from helpers.checks.class_counts import check_class_counts
from helpers.checks.parameter_counts import check_parameter_counts
from helpers.checks.pixels import check_rows_to_images, check_to_float
from helpers.checks.predicted_class import check_predicted_class
from helpers.checks.small_network import check_small_network
from helpers.checks.split import check_split
from helpers.checks.training import check_best_epoch, check_early_stopping

__all__ = [
    "check_best_epoch",
    "check_class_counts",
    "check_early_stopping",
    "check_parameter_counts",
    "check_predicted_class",
    "check_rows_to_images",
    "check_small_network",
    "check_split",
    "check_to_float",
]
