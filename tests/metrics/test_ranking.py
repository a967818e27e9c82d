"""ROC and precision-recall curves for many classes, against scikit-learn and by hand."""

import math
import warnings

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from helpers import metrics
from helpers.errors import UserError
from helpers.sealed import seal

BOTH = [metrics.roc, metrics.precision_recall]


def test_roc_areas_agree_with_scikit_learn(predictions):
    y, p, *_ = predictions
    curves = metrics.roc(y, p)
    one_hot = np.eye(4)[y]
    expected = roc_auc_score(one_hot, p, average=None)
    np.testing.assert_allclose([curve.area for curve in curves.classes], expected)
    assert curves.macro.area == pytest.approx(roc_auc_score(y, p, multi_class="ovr"))
    assert curves.micro.area == pytest.approx(roc_auc_score(one_hot, p, average="micro"))


def test_average_precision_agrees_with_scikit_learn(predictions):
    y, p, *_ = predictions
    curves = metrics.precision_recall(y, p)
    one_hot = np.eye(4)[y]
    expected = average_precision_score(one_hot, p, average=None)
    np.testing.assert_allclose([curve.area for curve in curves.classes], expected)
    for name, curve in (("macro", curves.macro), ("micro", curves.micro)):
        assert curve.area == pytest.approx(average_precision_score(one_hot, p, average=name))


@pytest.mark.parametrize("function", BOTH)
def test_area_is_the_area_below_the_curve(function, predictions):
    """Also for the macro curve, whose area comes from the classes and not from its points."""
    curves = function(predictions.y, predictions.p)
    for curve in (*curves.classes, curves.micro, curves.macro):
        assert np.all(np.diff(curve.x) >= 0)
        assert len(curve.x) == len(curve.y) == len(curve.thresholds)
        if function is metrics.roc:
            area = np.sum(np.diff(curve.x) * (curve.y[1:] + curve.y[:-1]) / 2)
        else:
            area = np.sum(np.diff(curve.x) * curve.y[1:])
        assert area == pytest.approx(curve.area, abs=0.003)


def test_a_threshold_gives_the_point_it_stands_at(predictions):
    y, p, *_ = predictions
    true = y == 2
    for function in BOTH:
        curve = function(y, p).classes[2]
        place = len(curve.x) // 2
        called = p[:, 2] >= curve.thresholds[place]
        recall = called[true].mean()
        if function is metrics.roc:
            expected = (called[~true].mean(), recall)
        else:
            expected = (recall, true[called].mean())
        assert (curve.x[place], curve.y[place]) == pytest.approx(expected)


@pytest.mark.parametrize("function", BOTH)
def test_order_of_the_pictures_does_not_matter(function, predictions):
    shuffled = np.random.default_rng(0).permutation(600)
    first = function(predictions.y, predictions.p)
    second = function(predictions.y[shuffled], predictions.p[shuffled])
    for a, b in zip(first.classes, second.classes, strict=True):
        assert a.area == pytest.approx(b.area)


def test_perfect_and_blind_classifiers():
    y = np.repeat(np.arange(4), 25)
    perfect = np.eye(4)[y]
    blind = np.full((100, 4), 0.25)
    assert metrics.roc(y, perfect).macro.area == 1
    assert metrics.precision_recall(y, perfect).micro.area == 1
    assert metrics.roc(y, blind).macro.area == 0.5
    assert metrics.precision_recall(y, blind).macro.area == 0.25  # the share of each class


def test_an_absent_class_is_left_out_and_said(predictions):
    y, p, *_ = predictions
    seen = y != 3
    for function in BOTH:
        curves = function(y[seen], p[seen])
        assert curves.absent == (3,) and "class 3" in curves.note
        assert math.isnan(curves.classes[3].area) and not len(curves.classes[3].x)
        areas = [curve.area for curve in curves.classes[:3]]
        assert curves.macro.area == pytest.approx(np.mean(areas))
    assert metrics.roc(y, p).note == ""


def test_one_class_alone_has_no_roc_curve(predictions):
    curves = metrics.roc(np.zeros(600, int), predictions.p)
    assert curves.absent == (0, 1, 2, 3)
    assert math.isnan(curves.macro.area) and curves.micro.area > 0


@pytest.mark.parametrize(
    ("y", "p", "words"),
    [
        ([0, 1], [[0.5, 0.5]], "y has 2, p has 1"),
        ([0], [[2.0, -1.0]], "from logits take"),
        ([0], [[0.5, 0.4]], "row 0 of p sums to 0.9"),
        ([0], [[np.nan, 1]], "NaN"),
        ([2], [[0.5, 0.5]], "0 to 1"),
        ([0], [0.5, 0.5], r"shape \(2,\)"),
        ([0], [[1.0]], "shape"),
        ([], np.empty((0, 3)), "shape"),
        ([0], [["a", "b"]], "pass floats"),
    ],
)
@pytest.mark.parametrize("function", BOTH)
def test_curves_refuse(function, y, p, words):
    with pytest.raises(UserError, match=words):
        function(np.array(y), np.array(p))


def test_sealed_labels_can_be_measured_without_a_warning(predictions):
    y, p = seal((predictions.y, predictions.p), "CIFAR-10")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in BOTH:
            assert function(y, p).macro.area > 0.5
        assert metrics.confusion(y, p.argmax(axis=1), 4).sum() == 600


def test_half_precision_probabilities_are_taken(predictions):
    curves = metrics.roc(predictions.y, predictions.p.astype("float16"))
    exact = metrics.roc(predictions.y, predictions.p)
    assert curves.macro.area == pytest.approx(exact.macro.area, abs=1e-3)
