"""The few pictures of our own, and what they refuse."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import plots
from helpers.settings import CourseError

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def closed():
    plots.use_style()
    yield
    plt.close("all")


@pytest.mark.parametrize("images", [IMAGES, IMAGES[..., :1], IMAGES[..., 0], IMAGES / 255])
def test_image_grid_draws_every_kind_of_image(images):
    fig, axes = plots.grid(2, 3)
    plots.image_grid(axes, images, titles=list("abcde"), highlight=[1, 0, 0, 0, 0], title="five")
    fig.canvas.draw()
    assert [len(ax.images) for ax in axes.flat] == [1] * 5 + [0]
    assert [ax.get_title(loc="center") for ax in axes.flat[:2]] == ["a", "b"]
    assert axes[0, 0].spines["left"].get_visible() and not axes[0, 1].spines["left"].get_visible()
    assert fig.get_suptitle() == "five"


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (IMAGES[0, 0], "no batch of images"),
        (IMAGES.astype(int), "int64"),
        (IMAGES / 1.0, "needs 0 to 1"),
        (np.full((1, 4, 4), np.nan), "needs 0 to 1"),
        (np.repeat(IMAGES, 2, axis=0), "10 images for 6 axes"),
    ],
)
def test_image_grid_says_what_is_wrong(images, words):
    _, axes = plots.grid(2, 3)
    with pytest.raises(CourseError, match=words):
        plots.image_grid(axes, images)


NAMES = ["$5_$10", "鉛筆", "a_b^c", r"back\slash", "$"]


def test_names_of_classes_are_text_and_not_formulas():
    fig, axes = plots.grid(5, 2)
    plots.images_by_class(axes, IMAGES, np.array([0, 0, 0, 1, 2]), NAMES)
    fig.canvas.draw()
    fig, ax = plt.subplots()
    plots.probabilities(ax, NAMES, np.arange(5) / 10, true_name="$")
    fig.canvas.draw()
    _, axes = plots.grid(1, 5)
    plots.image_grid(axes, IMAGES, titles=NAMES)
    axes[0, 0].figure.canvas.draw()


def test_images_by_class_puts_each_image_into_its_row():
    _, axes = plots.grid(3, 2)
    plots.images_by_class(axes, IMAGES, np.array([[2], [0], [2], [2], [0]]), ["a", "b", "c"])
    shown = [[len(ax.images) for ax in row] for row in axes]
    assert shown == [[1, 1], [0, 0], [1, 1]]
    assert np.array_equal(axes[2, 0].images[0].get_array(), IMAGES[0])


def test_probabilities_shows_the_largest_first():
    _, ax = plt.subplots()
    plots.probabilities(ax, list("abcdef"), np.array([0.1, 0.4, 0.02, 0.25, 0.2, 0.03]))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "d", "e", "a", "f"]
    assert [round(bar.get_width(), 2) for bar in ax.patches] == [0.4, 0.25, 0.2, 0.1, 0.03]
