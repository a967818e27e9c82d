"""Checks of the exercises: each takes what the student made, and says what it found.

A check never raises. It shows a verdict and returns it; a verdict is true if the work is correct.
`verdict` holds how it looks, `core` the frame of every check, `student` how a student's function
is run; each of the other modules is about one topic of the lessons.
"""

from helpers.checks.architectures import check_architecture
from helpers.checks.augmentation import check_augmentation_ranges, check_label_preserving
from helpers.checks.augmented_model import check_augmented_model
from helpers.checks.class_counts import check_class_counts
from helpers.checks.error_analysis import check_class_mistakes, check_recalls
from helpers.checks.error_analysis_interval import check_interval
from helpers.checks.error_analysis_thresholds import check_thresholds
from helpers.checks.folds import check_folds
from helpers.checks.imbalance import check_class_weights
from helpers.checks.parameter_counts import check_parameter_counts
from helpers.checks.photos_heat import check_border_share
from helpers.checks.photos_interval import check_standard_error
from helpers.checks.photos_split import check_grouped_split, check_leak
from helpers.checks.pixels import check_rows_to_images, check_to_float
from helpers.checks.predicted_class import check_predicted_class
from helpers.checks.prediction import check_top_k
from helpers.checks.prediction_pad import check_pad_to_square
from helpers.checks.random_flip import check_random_flip
from helpers.checks.raw_files import check_to_images
from helpers.checks.regroup import check_regroup
from helpers.checks.schedules import check_staircase, check_warmup_cosine
from helpers.checks.schedules_averages import check_choose_rate, check_moving_average
from helpers.checks.small_network import check_small_network
from helpers.checks.split import check_split
from helpers.checks.superclass import check_fine_to_coarse
from helpers.checks.superclass_scores import check_coarse_probabilities, check_inside_share
from helpers.checks.training import check_best_epoch, check_early_stopping
from helpers.checks.transfer import check_prepare, check_trainable_counts
from helpers.checks.transfer_models import check_new_tail, check_thaw_from
from helpers.checks.tuning import check_best_so_far, check_choose_small, check_halving
from helpers.checks.tuning_space import check_search_space
from helpers.checks.unsure import check_answer, check_temperature

__all__ = [
    "check_answer",
    "check_architecture",
    "check_augmentation_ranges",
    "check_augmented_model",
    "check_best_epoch",
    "check_best_so_far",
    "check_border_share",
    "check_choose_rate",
    "check_choose_small",
    "check_class_counts",
    "check_class_mistakes",
    "check_class_weights",
    "check_coarse_probabilities",
    "check_early_stopping",
    "check_fine_to_coarse",
    "check_folds",
    "check_grouped_split",
    "check_halving",
    "check_inside_share",
    "check_interval",
    "check_label_preserving",
    "check_leak",
    "check_moving_average",
    "check_new_tail",
    "check_pad_to_square",
    "check_parameter_counts",
    "check_predicted_class",
    "check_prepare",
    "check_random_flip",
    "check_recalls",
    "check_regroup",
    "check_rows_to_images",
    "check_search_space",
    "check_small_network",
    "check_split",
    "check_staircase",
    "check_standard_error",
    "check_temperature",
    "check_thaw_from",
    "check_thresholds",
    "check_to_float",
    "check_to_images",
    "check_top_k",
    "check_trainable_counts",
    "check_warmup_cosine",
]
