"""Widgets: what answers in a live notebook, and what stands for it elsewhere.

Each brings both. The notebook shows the widget where ipywidgets and a kernel are there; a saved
page, a terminal or a Python without ipywidgets shows a still picture or a text.
"""

from helpers.widgets.augmentation import (
    S1_STRENGTHS,
    AugmentationExplorer,
    Strength,
    augmentation_explorer,
)
from helpers.widgets.classes import ClassExplorer, class_explorer
from helpers.widgets.live import has_widgets
from helpers.widgets.matrix import ConfusionExplorer, confusion_explorer
from helpers.widgets.schedule import ScheduleExplorer, schedule_explorer
from helpers.widgets.threshold import ThresholdExplorer, threshold_explorer
from helpers.widgets.upload import PhotoUpload, photo_upload

__all__ = [
    "S1_STRENGTHS",
    "AugmentationExplorer",
    "ClassExplorer",
    "ConfusionExplorer",
    "PhotoUpload",
    "ScheduleExplorer",
    "Strength",
    "ThresholdExplorer",
    "augmentation_explorer",
    "class_explorer",
    "confusion_explorer",
    "has_widgets",
    "photo_upload",
    "schedule_explorer",
    "threshold_explorer",
]
