import numpy as np
import pytest
from PIL import Image

from helpers import garments, pictures
from helpers.errors import UserError

WIDE = np.zeros((20, 60, 3), np.uint8)
WIDE[:, 20:40] = 200  # the square in the middle


def test_crop_takes_the_middle_and_pad_the_whole():
    picture = Image.fromarray(WIDE)
    assert (pictures.fit(picture, 10)[1:-1, 1:-1] == 200).all()
    padded = pictures.fit(picture, 30, "pad")
    assert (padded[0] == 255).all() and (padded[15, 1] == 0).all() and padded[15, 15, 0] == 200


def test_a_picture_of_the_right_size_is_not_changed():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    for how in ("crop", "pad"):
        assert np.array_equal(pictures.fit(Image.fromarray(pixels), 32, how), pixels)
    gray = pictures.fit(Image.fromarray(pixels[..., 0]), 32, channels=1)
    assert np.array_equal(gray, pixels[..., :1])


@pytest.mark.parametrize("how", ["crop", "pad"])
def test_height_and_width(how):
    assert pictures.fit(Image.fromarray(WIDE), (10, 40), how).shape == (10, 40, 3)


def test_garment_is_the_conversion_of_lesson_07():
    photo = Image.fromarray(garments.render("skirt", seed=3))
    fitted = pictures.fit(photo, 28, "garment", channels=1)
    assert np.array_equal(fitted[..., 0], garments.to_fashion(photo).image)
    with pytest.raises(UserError, match="28 x 28 gray"):
        pictures.fit(photo, 32, "garment")


@pytest.mark.parametrize("size", [0, -1, 2000, 3.0, True, "32", None, (3,), (3, 4, 5)])
def test_sizes(size):
    with pytest.raises(UserError, match="size is"):
        pictures.fit(Image.fromarray(WIDE), size)


def test_other_options():
    with pytest.raises(UserError, match="how is 'stretch'"):
        pictures.fit(Image.fromarray(WIDE), 32, "stretch")
    with pytest.raises(UserError, match="channels is 4"):
        pictures.fit(Image.fromarray(WIDE), 32, channels=4)
