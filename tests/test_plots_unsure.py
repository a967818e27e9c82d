"""Coverage and confidence: what is drawn is what was measured."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from helpers import plots, unsure
from helpers.errors import UserError

CURVE = unsure.coverage(
    np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]]), np.array([0, 1, 0, 0])
)


def test_coverage_curve_with_its_threshold(ax):
    plots.coverage_curve(ax, CURVE, threshold=0.75, title="see")
    line, _, point = ax.lines[:3]
    np.testing.assert_allclose(line.get_xdata(), [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(line.get_ydata(), [1, 1, 2 / 3, 3 / 4])
    assert (point.get_xdata()[0], point.get_ydata()[0]) == (0.5, 1)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[2] == "threshold 75.0 %: 50 % answered, 100.0 % of them right"
    assert ax.get_title(loc="left") == "see" and ax.get_xlabel() and ax.get_ylabel()


def test_coverage_curve_without_threshold(ax):
    plots.coverage_curve(ax, CURVE)
    assert len(ax.lines) == 2


def test_confidence_groups_tell_how_many_are_answered(ax):
    plots.confidence_groups(ax, {"real": [0.9, 0.7], "odd": [0.2, 0.3, 0.4]}, threshold=0.7)
    assert [text.get_text() for text in ax.texts] == ["100 % answered", "0 % answered"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["real", "odd"]
    assert ax.lines[0].get_xdata().tolist() == [0.9, 0.7]


@pytest.mark.parametrize(
    ("groups", "words"),
    [({}, "no groups"), ({"a": []}, "'a' has no"), ({"a": [2]}, "0 to 1"), ({"a": [np.nan]}, "0")],
)
def test_bad_groups(ax, groups, words):
    with pytest.raises(UserError, match=words):
        plots.confidence_groups(ax, groups)


def test_threshold_above_all(ax):
    with pytest.raises(UserError, match="above every confidence"):
        plots.coverage_curve(ax, CURVE, threshold=0.95)
