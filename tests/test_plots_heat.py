"""Heat over a picture: no heat leaves it, much heat colors it, and wrong maps are named."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import plots
from helpers.errors import UserError
from helpers.plots.heat import blend

IMAGE = np.random.default_rng(0).integers(0, 256, (8, 10, 3), dtype=np.uint8)
HEAT = np.linspace(0, 1, 80, dtype=np.float32).reshape(8, 10)


@pytest.mark.parametrize("image", [IMAGE, IMAGE / 255, IMAGE[..., :1], IMAGE[..., 0]])
def test_it_draws_one_picture_with_its_title(image):
    figure, ax = plt.subplots()
    plots.heat_overlay(ax, image, HEAT, "right: pens")
    assert ax.images[0].get_array().shape == (8, 10, 3) and ax.get_title() == "right: pens"
    plt.close(figure)


def test_without_heat_the_picture_is_gray_and_heat_leaves_it_visible():
    cold = blend(IMAGE, np.zeros((8, 10), np.float32))
    np.testing.assert_array_equal(cold[..., 0], cold[..., 2])
    hot = blend(IMAGE, np.ones((8, 10), np.float32))
    assert np.ptp(hot[..., 0] - hot[..., 2]) < 1e-5 and np.abs(hot - cold).max() > 0.2
    assert np.ptp(hot[..., 0]) > 0.2


@pytest.mark.parametrize(
    ("heat", "message"),
    [
        (HEAT[:4], "this picture"),
        (HEAT[None], "one map"),
        (HEAT * 2, "outside"),
        (HEAT - 0.5, "outside"),
        (HEAT * np.nan, "NaN"),
        ((HEAT * 255).astype("uint8"), "one map"),
    ],
)
def test_what_is_no_map_of_the_picture_is_named(heat, message):
    figure, ax = plt.subplots()
    with pytest.raises(UserError, match=message):
        plots.heat_overlay(ax, IMAGE, heat, "heat")
    plt.close(figure)
