"""How good is a model, how sure is that, and where does it fail: numbers for lesson 08.

confusion    which class is taken for which
report       precision, recall and F1 score of each class, with its name
ranking      ROC and precision-recall curves, one class against the rest
calibration  whether a confidence of 80 % means right in 80 % of all cases
intervals    how much a figure would differ on other pictures
paired       two models on the same pictures
balance      accuracy in which every class counts the same
slices       accuracy on dark or bright pictures, small or large objects
superclass   fine classes, and the superclasses they belong to

Everything here computes and returns plain numbers; `helpers.plots` draws them.
"""

from helpers.metrics.balance import balanced_accuracy, right_wrong
from helpers.metrics.calibration import (
    Reliability,
    fit_temperature,
    reliability,
    with_temperature,
)
from helpers.metrics.confusion import Pair, confusion, most_confused, order, rates
from helpers.metrics.intervals import Interval, bootstrap, wilson
from helpers.metrics.paired import Paired, mcnemar
from helpers.metrics.ranking import Curve, RocCurves, precision_recall, roc
from helpers.metrics.report import ClassRow, class_report, format_report, macro, weighted
from helpers.metrics.slices import SliceRow, brightness, by_slice, object_size
from helpers.metrics.superclass import InsideRow, inside_superclass, to_coarse

__all__ = [
    "ClassRow",
    "Curve",
    "InsideRow",
    "Interval",
    "Pair",
    "Paired",
    "Reliability",
    "RocCurves",
    "SliceRow",
    "balanced_accuracy",
    "bootstrap",
    "brightness",
    "by_slice",
    "class_report",
    "confusion",
    "fit_temperature",
    "format_report",
    "inside_superclass",
    "macro",
    "mcnemar",
    "most_confused",
    "object_size",
    "order",
    "precision_recall",
    "rates",
    "reliability",
    "right_wrong",
    "roc",
    "to_coarse",
    "weighted",
    "wilson",
    "with_temperature",
]
