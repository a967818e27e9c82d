"""Thresholds: counts that agree with counting by hand and with Keras, and a slider."""

import re

import numpy as np
import pytest

from helpers import widgets
from helpers.errors import UserError
from helpers.widgets.threshold_rates import THRESHOLDS, threshold_rates


def test_all_answers_are_keras_precision_and_recall(answers):
    import keras

    _, y, p, _ = answers
    one_hot = np.eye(4)[y]
    rates = threshold_rates(y, p, thresholds=np.array([0.5]))
    for name, metric in {
        "precision": keras.metrics.Precision(),
        "recall": keras.metrics.Recall(),
    }.items():
        metric.update_state(one_hot, p)
        assert getattr(rates, name)[0] == pytest.approx(float(metric.result()), abs=1e-6)
    assert rates.coverage[0] == (p.max(axis=1) >= 0.5).mean()


def test_a_class_is_counted_against_the_rest(answers):
    _, y, p, _ = answers
    rates = threshold_rates(y, p, 2, np.array([0.0, 0.3]))
    called = p[:, 2] >= 0.3
    assert rates.answered.tolist() == [60, called.sum()]
    assert rates.right.tolist() == [15, (called & (y == 2)).sum()]
    assert rates.recall[0] == 1 and rates.asked == 15


def test_without_an_answer_precision_is_not_known(answers):
    _, y, p, _ = answers
    rates = threshold_rates(y, p, thresholds=np.array([1.0]))
    assert np.isnan(rates.precision[0]) and rates.recall[0] == 0 and rates.coverage[0] == 0


def test_a_class_without_pictures_has_no_recall(answers, names):
    _, y, p, _ = answers
    present = y != 3
    explorer = widgets.ThresholdExplorer(y[present], p[present], names)
    assert np.isnan(explorer.rates(3).recall).all()
    assert "recall not known (of 0)" in explorer.live(3, 0.5)


def test_coverage_falls_with_the_threshold(answers):
    rates = threshold_rates(answers[1], answers[2])
    assert len(rates.coverage) == len(THRESHOLDS)
    assert (np.diff(rates.coverage) <= 0).all() and rates.coverage[0] == 1


def test_still_picture_has_text_and_table(answers, names):
    page = widgets.ThresholdExplorer(*answers[1:3], names).still()
    assert "Threshold 0.90" in re.search(r'alt="([^"]+)"', page).group(1)
    assert page.count("<tr") == 6 and "http" not in page


def test_outside_a_notebook_there_is_a_line(answers, names, capsys):
    widgets.threshold_explorer(*answers[1:3], names)
    assert "60 pictures" in capsys.readouterr().out


def test_controls_redraw(kernel, answers, names):
    explorer = widgets.ThresholdExplorer(*answers[1:3], names)
    explorer._repr_mimebundle_()
    which, slider, picture = explorer._view.children
    seen = {picture.value}
    for control, value in [(slider, 0.9), (which, 1), (slider, 0.0)]:
        control.value = value
        seen.add(picture.value)
        assert "<b onclick" not in picture.value
    assert len(seen) == 4
    assert slider.description == "threshold" and which.description == "class"


def test_what_does_not_fit_is_named(answers, names):
    _, y, p, _ = answers
    for bad in [(y[:5], p, names), (y, p, names[:3]), (y, 2 * p, names), (y, p * np.nan, names)]:
        with pytest.raises(UserError):
            widgets.ThresholdExplorer(*bad)
