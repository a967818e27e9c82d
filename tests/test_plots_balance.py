import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import garments, plots
from helpers.errors import UserError

COUNTS = np.array([[5210, 40], [1010, 0], [0, 0]])
NAMES = ("upper", "lower", "shoes")


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_right_wrong_draws_two_bars_a_class_with_their_counts(ax):
    plots.right_wrong(ax, COUNTS, NAMES, "what to see")
    assert [bar.get_width() for bar in ax.patches] == [5210, 1010, 0, 40, 0, 0]
    texts = {text.get_text() for text in ax.texts}
    assert {"5,210 (99.2 %)", "40 (0.8 %)", "1,010 (100.0 %)", "0"} <= texts
    assert [label.get_text() for label in ax.get_yticklabels()] == list(NAMES)
    assert ax.get_xlabel() and ax.get_title() == "what to see"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["right", "wrong"]


@pytest.mark.parametrize(
    ("counts", "names"),
    [
        (COUNTS, NAMES[:2]),
        (COUNTS.T, NAMES),
        (COUNTS / 2, NAMES),
        (-COUNTS, NAMES),
        (COUNTS[:, 0], NAMES),
    ],
)
def test_right_wrong_refuses_other_tables(ax, counts, names):
    with pytest.raises(UserError):
        plots.right_wrong(ax, counts, names)


def test_conversion_steps_draws_each_step_with_name_and_size():
    photo = np.full((60, 40), 240, np.uint8)
    photo[10:50, 10:30] = 30
    converted = garments.to_fashion(photo)
    figure, axes = plots.grid(1, 6, title_lines=2)
    plots.conversion_steps(axes, converted, title="from photo to 28 x 28")
    titles = [ax.get_title() for ax in axes.flat]
    assert titles[0] == "photo\n40 x 60 px" and titles[4] == "centered\n28 x 28 px"
    assert np.array_equal(axes.flat[4].images[0].get_array(), converted.image)
    assert not axes.flat[5].axison
    with pytest.raises(UserError, match="5 steps for 4 axes"):
        plots.conversion_steps(axes[:, :4], converted)
    plt.close(figure)
