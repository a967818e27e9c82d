"""The pictures of lesson 09: a matrix with frames, and a gallery of labels."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from helpers import labels, plots
from helpers.errors import UserError

MAP = np.array([1, 0, 1, 2, 0])
COARSE = ["land", "air", "deep_sea"]


def frames(ax):
    found = [p for p in ax.patches if isinstance(p, Rectangle) and not p.get_fill()]
    return [(frame.get_x(), frame.get_y(), frame.get_width()) for frame in found]


def test_matrix_frames_each_superclass(ax):
    matrix = np.arange(25).reshape(5, 5)
    plots.superclass_matrix(ax, matrix, MAP, COARSE, title="What to see")
    assert frames(ax) == [(-0.5, -0.5, 2), (1.5, 1.5, 2), (3.5, 3.5, 1)]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["land", "air", "deep sea"]
    assert ax.get_yticks().tolist() == ax.get_xticks().tolist() == [0.5, 2.5, 4]
    order = [1, 4, 0, 2, 3]  # by superclass, within one as they were
    drawn = np.asarray(ax.images[0].get_array())
    np.testing.assert_array_equal(
        drawn, np.where(np.eye(5, dtype=bool), 0, matrix[np.ix_(order, order)])
    )
    assert ax.get_title(loc="left") == "What to see"
    assert "superclass" in ax.get_xlabel() and "superclass" in ax.get_ylabel()


def test_matrix_of_a_hundred_classes(ax):
    plots.superclass_matrix(
        ax, np.eye(100, dtype=int), labels.CIFAR100_FINE_TO_COARSE, labels.CIFAR100_COARSE
    )
    assert len(frames(ax)) == 20
    assert len(ax.get_xticklabels()) == 20


@pytest.mark.parametrize(
    ("matrix", "fine_to_coarse", "names", "words"),
    [
        (np.eye(5, dtype=int), MAP, COARSE[:2], "2 names for 3 superclasses"),
        (np.eye(4, dtype=int), MAP, COARSE, "5 names for 4 classes"),
        (np.eye(5), MAP, COARSE, "matrix of"),
        (np.eye(5, dtype=int), MAP / 2, COARSE, "dtype"),
    ],
)
def test_matrix_refuses(ax, matrix, fine_to_coarse, names, words):
    with pytest.raises(UserError, match=words):
        plots.superclass_matrix(ax, matrix, fine_to_coarse, names)


NAMES = ["sweet_pepper", "bee", "a_very_long_name_of_a_class", "fox", "wasp"]


def gallery(true, predicted, **more):
    _, axes = plots.grid(2, 2, title_lines=2)
    images = np.zeros((len(true), 4, 4, 3), np.uint8)
    plots.label_gallery(axes, images, true, predicted, NAMES, **more)
    return axes.reshape(-1)


def test_gallery_tells_right_from_wrong_without_color(ax):
    axes = gallery([0, 1, 2], [0, 4, 3], title="What to see")
    titles = [place.get_title() for place in axes]
    assert titles[0] == "sweet pepper\n✓ sweet pepper"
    assert titles[1] == "bee\n✗ wasp"
    assert titles[2] == "a very long name…\n✗ fox"
    assert [place.spines["top"].get_visible() for place in axes[:3]] == [False, True, True]
    assert not axes[3].axison
    assert axes[0].figure.get_suptitle() == "What to see"


def test_gallery_marks_mistakes_inside_the_superclass(ax):
    axes = gallery([1, 1, 1], [4, 0, 1], fine_to_coarse=MAP)
    marks = [place.get_title().split("\n")[1][0] for place in axes[:3]]
    assert marks == ["≈", "✗", "✓"]


@pytest.mark.parametrize(
    ("true", "predicted", "more", "words"),
    [
        ([0, 1], [0], {}, "2 images, 2 true and 1 predicted"),
        ([0, 5], [0, 1], {}, "true goes from 0 to 5"),
        ([0], [-1], {}, "predicted goes from -1"),
        ([0], [0.5], {}, "float64"),
        ([0], [1], {"fine_to_coarse": [0, 1]}, "2 entries for 5 classes"),
        ([0] * 5, [1] * 5, {}, "5 images for 4 axes"),
    ],
)
def test_gallery_refuses(ax, true, predicted, more, words):
    with pytest.raises(UserError, match=words):
        gallery(true, predicted, **more)
