"""Bands: the line is the mean, the band one standard deviation, and bad input is refused."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from helpers import plots
from helpers.errors import UserError

RUNS = np.array([[0.1, 0.3, 0.5], [0.3, 0.5, 0.4], [0.2, 0.1, 0.6]])


def test_line_is_the_mean_and_band_the_spread(ax):
    plots.bands(ax, {"a": RUNS}, ylabel="accuracy", percent=True, title="see")
    (line,) = ax.lines
    assert np.allclose(line.get_ydata(), RUNS.mean(axis=0))
    assert line.get_xdata().tolist() == [1, 2, 3]
    corners = ax.collections[0].get_paths()[0].vertices
    spread = RUNS.std(axis=0, ddof=1)
    for epoch in (1, 2, 3):
        heights = corners[corners[:, 0] == epoch, 1]
        mean = RUNS.mean(axis=0)[epoch - 1]
        assert heights.min() == pytest.approx(mean - spread[epoch - 1])
        assert heights.max() == pytest.approx(mean + spread[epoch - 1])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "accuracy")
    assert ax.get_title(loc="left") == "see"


def test_labels_stand_at_the_ends_and_do_not_overlap(ax):
    plots.bands(ax, {"first": RUNS, "second": RUNS + 0.001, "third": RUNS[:, :2]})
    ax.figure.canvas.draw()
    texts = [artist for artist in ax.get_children() if isinstance(artist, plt.Annotation)]
    assert [text.get_text() for text in texts] == ["first", "second", "third"]
    first, second, _ = (text.get_window_extent() for text in texts)
    assert first.y1 <= second.y0 + 1 or second.y1 <= first.y0 + 1


def test_one_seed_has_a_line_and_no_band(ax):
    plots.bands(ax, {"alone": RUNS[:1]})
    assert len(ax.lines) == 1
    assert not ax.collections


def test_line_and_band_share_their_color(ax):
    plots.bands(ax, {"a": RUNS, "b": RUNS + 1})
    for line, band in zip(ax.lines, ax.collections, strict=True):
        assert np.allclose(band.get_facecolor()[0, :3], matplotlib.colors.to_rgb(line.get_color()))


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ({}, "no runs"),
        ({"a": RUNS[0]}, r"shape \(3,\)"),
        ({"a": np.zeros((0, 3))}, r"shape \(0, 3\)"),
        ({"a": [[1.0, 2.0], [1.0]]}, "same number of epochs"),
        ({"a": [["x", "y"]]}, "no table of numbers"),
        ({"a": [[1.0, np.nan]]}, "not finite"),
        ({"good": RUNS, "bad": [[np.inf]]}, "'bad'"),
    ],
)
def test_refuses(ax, runs, words):
    with pytest.raises(UserError, match=words):
        plots.bands(ax, runs)
