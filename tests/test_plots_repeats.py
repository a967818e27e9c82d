"""Repeated runs: every run is a point, mean and spread are right, and bad input is refused."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")


from helpers import plots
from helpers.errors import UserError

SCORES = {"plain": [0.2, 0.4, 0.6], "weights": [0.9, 0.9, 0.9]}


def test_points_means_and_words(ax):
    plots.repeats(ax, SCORES, chance=1 / 3, xlabel="share", title="see")
    points = [line for line in ax.lines if line.get_marker() == "o"]
    means = [line for line in ax.lines if line.get_marker() == "|"]
    assert [line.get_xdata().tolist() for line in points] == list(SCORES.values())
    assert [float(line.get_xdata()[0]) for line in means] == pytest.approx([0.4, 0.9])
    assert [text.get_text() for text in ax.texts] == ["40.0 ± 20.0 %", "90.0 ± 0.0 %"]
    assert len(np.unique(points[1].get_ydata())) == 3  # equal scores stay apart
    assert [label.get_text() for label in ax.get_yticklabels()] == list(SCORES)
    assert (ax.get_xlabel(), ax.get_title(loc="left")) == ("share", "see")


def test_reported_figures_are_crosses_with_one_entry_in_the_legend(ax):
    plots.repeats(ax, SCORES, reported={"plain": 0.3, "weights": 0.95}, reported_label="S5")
    crosses = [line for line in ax.lines if line.get_marker() == "X"]
    assert [float(line.get_xdata()[0]) for line in crosses] == [0.3, 0.95]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["one run", "their mean", "S5"]


def test_one_run_has_no_spread(ax):
    plots.repeats(ax, {"only": [0.5]})
    assert ax.texts[0].get_text() == "50.0 %"


@pytest.mark.parametrize(
    ("scores", "reported", "words"),
    [
        ({}, None, "no scores"),
        ({"a": []}, None, "no scores"),
        ({"a": [0.5, 50]}, None, "fractions"),
        ({"a": [0.5, np.nan]}, None, "fractions"),
        ({"a": [0.5]}, {"b": 0.4}, "'b' is reported"),
        ({"a": [0.5]}, {"a": 40}, "fractions"),
    ],
)
def test_bad_input(ax, scores, reported, words):
    with pytest.raises(UserError, match=words):
        plots.repeats(ax, scores, reported=reported)
