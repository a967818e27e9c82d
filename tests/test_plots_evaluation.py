"""Pictures of evaluation: what is drawn, whether it can be read, and what is refused."""

import itertools

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from helpers import metrics, plots
from helpers.errors import UserError

NAMES = ["cat", "dog", "ship", "truck"]
MATRIX = np.array([[50, 9, 0, 1], [12, 48, 0, 0], [0, 0, 60, 0], [2, 0, 4, 54]])


@pytest.fixture(autouse=True)
def course_style():
    with matplotlib.rc_context():
        plots.use_style()
        yield
    plt.close("all")


@pytest.fixture
def predictions():
    rng = np.random.default_rng(1001)
    y = rng.integers(0, 4, 400)
    powers = np.exp(rng.normal(size=(400, 4)) + 1.5 * np.eye(4)[y])
    return y, powers / powers.sum(axis=1, keepdims=True)


@pytest.fixture
def rows(predictions):
    y, p = predictions
    return metrics.class_report(y, p.argmax(axis=1), NAMES)


def _cells(ax):
    """Return the number written in each cell, by (row, column)."""
    return {
        (round(text.get_position()[1]), round(text.get_position()[0])): text for text in ax.texts
    }


def test_matrix_writes_true_down_and_predicted_across():
    _, ax = plt.subplots()
    plots.confusion_matrix(ax, MATRIX, NAMES, title="Cats and dogs")
    cells = _cells(ax)
    assert cells[1, 0].get_text() == "12" and cells[0, 1].get_text() == "9"
    assert (0, 2) not in cells  # nothing is not written
    assert cells[0, 0].get_fontweight() == "bold"
    assert [label.get_text() for label in ax.get_yticklabels()] == NAMES
    assert ax.get_xlabel() == "predicted class" and ax.get_ylabel() == "true class"
    assert ax.get_title(loc="left") == "Cats and dogs"


def test_matrix_colors_show_mistakes_and_not_the_diagonal():
    _, ax = plt.subplots()
    plots.confusion_matrix(ax, MATRIX, NAMES)
    (image,) = ax.images
    assert image.get_clim() == (0, 12)
    assert not np.diag(image.get_array()).any()
    assert len(ax.patches) == 4


def test_matrix_of_rates_writes_percent_and_no_zero_for_a_rare_mistake():
    matrix = np.array([[996, 4], [250, 750]])
    _, ax = plt.subplots()
    plots.confusion_matrix(ax, matrix, NAMES[:2], rates=True)
    cells = _cells(ax)
    assert cells[1, 0].get_text() == "25" and cells[0, 1].get_text() == "<1"
    assert ax.images[0].get_clim()[1] == 0.25
    assert "%" in ax.figure.axes[1].get_ylabel()


def test_matrix_is_ordered():
    _, ax = plt.subplots()
    plots.confusion_matrix(ax, MATRIX, NAMES, order=np.array([3, 2, 1, 0]))
    assert [label.get_text() for label in ax.get_yticklabels()] == NAMES[::-1]
    assert _cells(ax)[2, 3].get_text() == "12"  # dog taken for cat


@pytest.mark.parametrize("rates", [False, True])
def test_empty_classes_and_perfect_models_are_drawn(rates):
    for matrix in (np.zeros((3, 3), int), 5 * np.eye(3, dtype=int), np.diag([5, 0, 2])):
        _, ax = plt.subplots()
        plots.confusion_matrix(ax, matrix, NAMES[:3], rates=rates)
        assert len(ax.texts) == np.count_nonzero(matrix)


@pytest.mark.parametrize("classes", [10, 20, 100])
def test_matrix_can_be_read_at_any_size(classes):
    matrix = np.random.default_rng(1001).poisson(2, (classes, classes)) + 40 * np.eye(
        classes, dtype=int
    )
    figure, ax = plt.subplots(figsize=(9, 7))
    plots.confusion_matrix(ax, matrix, [f"superclass {k}" for k in range(classes)])
    figure.draw_without_rendering()
    assert bool(ax.texts) == (classes <= 20)
    names = ax.get_yticklabels()
    assert min(label.get_fontsize() for label in names) >= 8
    assert len(names) >= min(classes, 30)
    for upper, lower in itertools.pairwise(label.get_window_extent() for label in names):
        assert upper.y0 >= lower.y1 - 1
    width = ax.get_window_extent().width / classes
    assert all(text.get_window_extent().width < width for text in ax.texts)


@pytest.mark.parametrize(
    ("matrix", "names", "options", "words"),
    [
        (MATRIX[:3], NAMES, {}, r"shape \(3, 4\)"),
        (MATRIX / 60, NAMES, {}, "not rates"),
        (MATRIX - 1, NAMES, {}, "pass counts"),
        (MATRIX, NAMES[:3], {}, "3 names for 4"),
        (MATRIX, NAMES, {"order": np.array([0, 1, 2, 2])}, "no permutation"),
        (MATRIX, NAMES, {"order": np.arange(3)}, "no permutation"),
    ],
)
def test_matrix_refuses(matrix, names, options, words):
    _, ax = plt.subplots()
    with pytest.raises(UserError, match=words):
        plots.confusion_matrix(ax, matrix, names, **options)


RANKINGS = [
    (metrics.roc, plots.roc_curves),
    (metrics.precision_recall, plots.precision_recall_curves),
]


@pytest.mark.parametrize(("compute", "draw"), RANKINGS)
def test_curves_highlight_the_weakest_and_name_their_areas(compute, draw, predictions):
    y, p = predictions
    p[y == 1] = p[y == 1][:, [0, 3, 2, 1]]  # dogs are taken for trucks
    curves = compute(y, p)
    _, ax = plt.subplots()
    draw(ax, curves, NAMES, title="Dogs")
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    weakest = min(range(4), key=lambda k: curves.classes[k].area)
    assert f"{NAMES[weakest]} ({100 * curves.classes[weakest].area:.1f} %)" in labels
    assert f"macro average ({100 * curves.macro.area:.1f} %)" in labels
    assert any(label.startswith("micro average") for label in labels)
    assert len({line.get_linestyle() for line in ax.lines}) >= 4
    assert ax.get_xlabel() and ax.get_ylabel() and ax.get_title(loc="left") == "Dogs"


@pytest.mark.parametrize(("compute", "draw"), RANKINGS)
def test_chosen_classes_are_highlighted_and_absent_ones_left_out(compute, draw, predictions):
    y, p = predictions
    curves = compute(y[y != 3], p[y != 3])
    _, ax = plt.subplots()
    draw(ax, curves, NAMES, highlight=["ship", "truck"])
    labels = " ".join(text.get_text() for text in ax.get_legend().get_texts())
    assert "ship" in labels and "truck" not in labels and "nan" not in labels


def test_curves_refuse(predictions):
    curves = metrics.roc(*predictions)
    _, ax = plt.subplots()
    with pytest.raises(UserError, match="3 names for 4 curves"):
        plots.roc_curves(ax, curves, NAMES[:3])
    with pytest.raises(UserError, match="no class 'frog'"):
        plots.roc_curves(ax, curves, NAMES, highlight=["frog"])
    with pytest.raises(UserError, match="6 classes to highlight"):
        plots.roc_curves(ax, curves, NAMES, highlight=["cat"] * 6)


def test_reliability_diagram_draws_accuracy_gap_and_counts(predictions):
    y, p = predictions
    result = metrics.reliability(p.max(axis=1), y == p.argmax(axis=1))
    _, ax = plt.subplots()
    plots.reliability_diagram(ax, result, title="Sure?")
    filled = result.count > 0
    bars, gaps = ax.containers
    np.testing.assert_allclose([bar.get_height() for bar in bars], result.accuracy[filled])
    tops = [gap.get_y() + gap.get_height() for gap in gaps]
    np.testing.assert_allclose(tops, result.confidence[filled])
    assert [int(text.get_text()) for text in ax.texts] == result.count[filled].tolist()
    assert f"{100 * result.ece:.1f} %" in ax.get_title(loc="left")


def test_class_bars_of_one_model_show_precision_and_recall(rows):
    _, ax = plt.subplots()
    plots.class_bars(ax, rows, title="Four")
    widths = [bar.get_width() for bar in ax.patches]
    expected = [row.precision for row in rows] + [row.recall for row in rows]
    np.testing.assert_allclose(widths, expected)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["precision", "recall"]
    assert [label.get_text() for label in ax.get_yticklabels()] == NAMES


def test_class_bars_of_two_models_show_one_score(rows):
    _, ax = plt.subplots()
    worse = [row._replace(f1=row.f1 / 2, precision=float("nan")) for row in rows]
    plots.class_bars(ax, {"before": worse, "after": rows}, score="f1")
    widths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(widths, [row.f1 for row in worse + rows])
    assert ax.get_xlabel() == "F1 score"
    assert len({bar.get_hatch() for bar in ax.patches}) == 2
    plots.class_bars(plt.figure().subplots(), {"before": worse}, score="precision")
    assert "undefined" in [text.get_text() for text in plt.gcf().axes[0].texts]


def test_class_bars_refuse(rows):
    _, ax = plt.subplots()
    for given, words in [
        ([], "without rows"),
        ({}, "0 models"),
        (dict.fromkeys("abcde", rows), "5 models"),
        ({"a": rows, "b": rows[:2]}, "different classes"),
    ]:
        with pytest.raises(UserError, match=words):
            plots.class_bars(ax, given)
    with pytest.raises(UserError, match="score is 'auc'"):
        plots.class_bars(ax, rows, score="auc")


def test_intervals_are_points_with_bars_and_numbers():
    values = {"small": metrics.Interval(0.8, 0.7, 0.85), "fast": metrics.Interval(0.9, 0.88, 0.92)}
    figure, ax = plt.subplots()
    plots.intervals(ax, values, title="Two")
    figure.draw_without_rendering()
    assert ax.lines[0].get_xdata().tolist() == [0.8, 0.9]
    assert [text.get_text() for text in ax.texts] == [str(value) for value in values.values()]
    top, bottom = (text.get_window_extent().y0 for text in ax.texts)
    assert top > bottom  # the first one on top
    with pytest.raises(UserError, match="no intervals"):
        plots.intervals(ax, {})


def test_slices_show_range_interval_and_count():
    values = np.linspace(0, 1, 100)
    slices = metrics.by_slice(values, values > 0.3, parts=4)
    _, ax = plt.subplots()
    plots.slice_accuracy(ax, slices, xlabel="brightness", title="Four")
    assert [text.get_text() for text in ax.texts] == ["25"] * 4
    shares = [row.interval.value for row in slices]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), shares)
    assert ax.get_xlabel().startswith("brightness") and "interval" in ax.get_ylabel()
    with pytest.raises(UserError, match="no slices"):
        plots.slice_accuracy(ax, [])
