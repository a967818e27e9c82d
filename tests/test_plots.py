"""Pictures: what is drawn, what is refused, and how a figure gets into a notebook."""

import itertools
import json
import os
import subprocess
import sys

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from helpers import plots
from helpers.errors import UserError
from helpers.paths import ROOT
from helpers.plots.lines import _spread, _steps

NAMES = ("cat", "dog", "bird")
RANDOM = np.random.default_rng(1001)
IMAGES = RANDOM.integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 0])


@pytest.fixture(autouse=True)
def course_style():
    with matplotlib.rc_context():
        plots.use_style()
        yield
    plt.close("all")


def test_style_is_readable():
    sizes = [matplotlib.rcParams[f"{name}.labelsize"] for name in ("xtick", "ytick", "axes")]
    assert min(sizes) >= 10
    figure, _ = plt.subplots()
    assert 8 <= figure.get_figwidth() <= 10
    cycle = list(matplotlib.rcParams["axes.prop_cycle"])
    assert len({str(style["linestyle"]) for style in cycle}) == len(cycle)


def test_colors_differ_for_color_blind_readers():
    """Pairs of neighbors in the cycle differ in lightness or along the yellow-blue axis."""
    rgb = np.array([matplotlib.colors.to_rgb(color) for color in plots.COLORS.values()])
    lightness = rgb @ [0.2126, 0.7152, 0.0722]
    yellow_blue = rgb[:, :2].mean(axis=1) - rgb[:, 2]
    for first in range(len(rgb) - 1):
        steps = abs(np.diff([lightness, yellow_blue])[:, first])
        assert steps.max() > 0.08


@pytest.mark.parametrize(
    "images",
    [IMAGES, IMAGES / 255, (IMAGES / 255).astype("float16"), IMAGES[..., :1], IMAGES[..., 0]],
)
def test_image_grid_draws_each_image_untouched(images):
    figure, axes = plots.grid(2, 4)
    plots.image_grid(axes, images, list("abcdef"), highlight=[True, *[False] * 5], title="Six")
    figure.canvas.draw()
    shown = axes.flat[5].images[0]
    assert shown.get_interpolation() == "nearest"
    expected = images[5, ..., 0] if images[5].shape[-1] == 1 else images[5]
    np.testing.assert_allclose(shown.get_array(), expected.astype(shown.get_array().dtype))
    assert not axes.flat[0].get_xticks().size
    assert axes.flat[0].spines["top"].get_visible()
    assert not axes.flat[1].spines["top"].get_visible()
    assert not axes.flat[6].axison
    assert "Six" in [text.get_text() for text in figure.texts]


def test_gray_images_share_one_scale():
    _, axes = plots.grid(1, 1)
    plots.image_grid(axes, np.full((1, 4, 4), 100, np.uint8))
    assert axes.flat[0].images[0].get_clim() == (0, 255)


def test_image_grid_takes_a_single_axes():
    _, ax = plt.subplots()
    plots.image_grid(ax, IMAGES[:1], title="One")
    assert len(ax.images) == 1 and ax.get_title(loc="left") == "One"


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (IMAGES / 127.5 - 1, "from -"),
        (IMAGES.astype("float32"), "divide pixels by 255"),
        (np.full((1, 4, 4, 3), np.nan), "from nan"),
        (IMAGES.astype("int64"), "astype"),
        (IMAGES[0, 0], "no batch"),
        (IMAGES.transpose(0, 3, 1, 2), "no batch"),
        (np.concatenate([IMAGES] * 2), "12 images for 8 axes"),
    ],
)
def test_image_grid_refuses_what_is_no_picture(images, words):
    _, axes = plots.grid(2, 4)
    with pytest.raises(UserError, match=words):
        plots.image_grid(axes, images)


def test_image_grid_refuses_titles_that_do_not_fit():
    _, axes = plots.grid(2, 4)
    with pytest.raises(UserError, match="2 titles for 6 images"):
        plots.image_grid(axes, IMAGES, ["a", "b"])
    with pytest.raises(UserError, match="1 highlight"):
        plots.image_grid(axes, IMAGES, highlight=[True])


def test_grid_keeps_within_the_page():
    figure, axes = plots.grid(3, 20)
    assert axes.shape == (3, 20) and figure.get_figwidth() <= 10
    with pytest.raises(UserError):
        plots.grid(0, 3)


def test_images_by_class_sorts_by_row():
    _, axes = plots.grid(3, 2, title_lines=0)
    plots.images_by_class(axes, IMAGES, LABELS[:, None], NAMES, title="Rows")
    assert [row[0].get_ylabel() for row in axes] == list(NAMES)
    np.testing.assert_array_equal(axes[0, 1].images[0].get_array(), IMAGES[3])
    assert not axes[2, 1].images  # only one bird
    with pytest.raises(UserError, match="6 images and 5 labels"):
        plots.images_by_class(axes, IMAGES, LABELS[:5], NAMES)
    with pytest.raises(UserError, match="2 classes"):
        plots.images_by_class(axes, IMAGES, LABELS, NAMES[:2])


def test_a_class_without_images_leaves_its_row_empty():
    _, axes = plots.grid(3, 2)
    plots.images_by_class(axes, IMAGES[:2], LABELS[:2], NAMES)
    assert axes[2, 0].get_ylabel() == "bird" and not axes[2, 0].images


def test_class_balance_counts():
    _, ax = plt.subplots()
    plots.class_balance(ax, {"training": LABELS, "test": LABELS[:2, None]}, NAMES, title="Two")
    assert [bar.get_width() for bar in ax.patches] == [3, 2, 1, 1, 1, 0]
    assert len({bar.get_hatch() for bar in ax.patches}) == 2
    assert [text.get_text() for text in ax.get_yticklabels()] == list(NAMES)
    assert ax.get_xlabel() and ax.get_title(loc="left") == "Two"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "test"]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.array([0, 3]), "expected 0 to 2"),
        (np.array([-1, 0]), "expected 0 to 2"),
        (np.array([0.5]), "pass integers"),
        ({}, "0 splits"),
        (dict.fromkeys("abcde", LABELS), "5 splits"),
    ],
)
def test_class_balance_refuses(labels, words):
    _, ax = plt.subplots()
    with pytest.raises(UserError, match=words):
        plots.class_balance(ax, labels, NAMES)


@pytest.mark.parametrize("images", [IMAGES, IMAGES[..., :1], IMAGES[..., 0], IMAGES / 255 - 0.5])
def test_pixel_histogram_shares_sum_to_one(images):
    _, ax = plt.subplots()
    plots.pixel_histogram(ax, images, title="Pixels")
    assert len(ax.patches) == (3 if images.ndim == 4 and images.shape[-1] == 3 else 1)
    for line in ax.patches:
        assert line.get_data().values.sum() == pytest.approx(1)


@pytest.mark.parametrize("images", [IMAGES[0, 0], IMAGES[:0], np.full((1, 2, 2, 3), np.inf)])
def test_pixel_histogram_refuses(images):
    _, ax = plt.subplots()
    with pytest.raises(UserError):
        plots.pixel_histogram(ax, images)


def test_probabilities_are_sorted_and_labelled():
    _, ax = plt.subplots()
    plots.probabilities(ax, NAMES, [0.1995, 0.8, 0.0005], true_name="cat", title="A dog?")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["dog", "cat (true)", "bird"]
    assert [text.get_text() for text in ax.texts] == ["80.0 %", "20.0 %", "< 0.1 %"]
    first, second, _ = ax.patches
    assert first.get_facecolor() != second.get_facecolor()


@pytest.mark.parametrize("values", [[0.5, 0.5], [2, 0, -1], [np.nan, 0.5, 0.5]])
def test_probabilities_refuse(values):
    _, ax = plt.subplots()
    with pytest.raises(UserError):
        plots.probabilities(ax, NAMES, values)


def test_history_marks_the_best_epoch_and_counts_from_one():
    figure, axes = plt.subplots(1, 2)
    record = {"loss": [3, 2, 1], "val_loss": [3, 1, 2], "accuracy": [0.1, 0.2, 0.3]}
    plots.history(axes, record, title="Three epochs")
    figure.canvas.draw()
    assert axes[0].get_xticks().tolist() == [1, 2, 3]
    assert axes[0].lines[0].get_xdata().tolist() == [1, 2, 3]
    assert axes[0].lines[-1].get_xdata() == [2, 2]
    assert "epoch 2" in axes[0].get_xlabel()
    assert {text.get_text() for text in axes[0].texts} == {"training", "validation"}
    assert {text.get_text() for text in axes[1].texts} == {"training"}
    assert axes[1].get_yticklabels()[0].get_text().endswith(" %")


def test_history_without_validation_or_with_nan_is_drawn():
    _, axes = plt.subplots(1, 2)
    plots.history(axes, {"loss": [1.0], "accuracy": [0.5]})
    assert axes[0].get_xlabel() == "epoch"
    nan = float("nan")
    plots.history(axes, {"loss": [1, nan], "accuracy": [0.5, 0.4], "val_loss": [nan, 2.0]})
    assert "epoch 2" in axes[0].get_xlabel()


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({}, "nothing"),
        ({"loss": [1]}, "no 'accuracy'"),
        ({"loss": [], "accuracy": []}, "no 'loss'"),
    ],
)
def test_history_refuses(record, words):
    _, axes = plt.subplots(1, 2)
    with pytest.raises(UserError, match=words):
        plots.history(axes, record)


def test_history_wants_two_axes():
    _, ax = plt.subplots()
    with pytest.raises(UserError, match="make two"):
        plots.history(ax, {"loss": [1], "accuracy": [1]})


@pytest.mark.parametrize("limits", [None, (0, 50)])
def test_curves_label_their_ends_without_overlap(limits):
    figure, ax = plt.subplots()
    plots.curves(ax, {name: [0, 1.0 + i / 1000] for i, name in enumerate("abcd")}, ylabel="y")
    ax.set_ylim(limits)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    for first, second in itertools.pairwise(boxes):
        assert first.y1 <= second.y0 + 1
    for text, line in zip(ax.texts, ax.lines, strict=True):
        assert not text.get_clip_on()
        assert text.get_window_extent().x0 > ax.transData.transform(line.get_xydata()[-1])[0]


@pytest.mark.parametrize("lines", [{}, {"a": []}, {"a": [[1]]}, {"a": [float("nan")]}])
def test_curves_refuse(lines):
    _, ax = plt.subplots()
    with pytest.raises(UserError):
        plots.curves(ax, lines)


def test_spread_moves_as_little_as_possible():
    np.testing.assert_allclose(_spread(np.array([5.0, 1.0, 9.0]), 1), [5, 1, 9])
    np.testing.assert_allclose(_spread(np.array([3.0, 3.0, 9.0]), 2), [2, 4, 9])


@pytest.mark.parametrize(
    ("last", "ticks"),
    [(1, [1]), (3, [1, 2, 3]), (25, [1, 5, 10, 15, 20, 25]), (50, [1, 10, 20, 30, 40, 50])],
)
def test_steps_are_round(last, ticks):
    assert _steps(last) == ticks


def test_show_needs_alternative_text():
    for alt in ("", "  ", None):
        with pytest.raises(UserError, match="alternative text"):
            plots.show(plt.figure(), alt)


def test_show_outside_a_notebook_only_closes(capsys):
    figure = plt.figure()
    plots.show(figure, "Nothing.")
    assert not plt.fignum_exists(figure.number)
    assert capsys.readouterr().out == ""


SHELL = """
import json
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
import matplotlib.pyplot as plt
from helpers import plots

InteractiveShell.instance()
with capture_output() as got:
    plots.show(plt.figure(), "A white page.")
(one,) = got.outputs
print(json.dumps([sorted(one.data), one.metadata, one.data["text/plain"]]))
"""


def test_show_in_a_notebook_gives_one_png_with_alternative_text(tmp_path):
    """In a process of its own, for an IPython shell can't be taken down again."""
    result = subprocess.run(
        [sys.executable, "-c", SHELL],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"IPYTHONDIR": str(tmp_path), "MPLBACKEND": "Agg"},
    )
    kinds, metadata, text = json.loads(result.stdout)
    assert kinds == ["image/png", "text/plain"]
    assert metadata == {"image/png": {"alt": "A white page."}}
    assert text == "A white page."
