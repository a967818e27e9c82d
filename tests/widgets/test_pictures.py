"""Pictures as HTML: the right pixels, each with its text."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from helpers.errors import UserError
from helpers.widgets.pictures import GAP, captioned, image_tag, read_pictures, sheet

IMAGES = np.arange(5 * 8 * 6 * 3, dtype=np.uint32).reshape(5, 8, 6, 3).astype(np.uint8)


def opened(content):
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize("images", [IMAGES, IMAGES[..., 0]])
def test_a_sheet_holds_the_pictures_in_rows(images):
    pixels = opened(sheet(images, 3, scale=1))
    assert pixels.shape[:2] == (2 * 8 + GAP, 3 * (6 + GAP))
    np.testing.assert_array_equal(pixels[:8, :6], images[0])
    np.testing.assert_array_equal(pixels[8 + GAP :, 6 + GAP : 12 + GAP], images[4])
    assert (pixels[8 + GAP :, 2 * (6 + GAP) :] == 255).all()  # a place left over


def test_small_pictures_are_enlarged_and_photos_made_smaller():
    assert opened(sheet(np.zeros((1, 32, 32, 3), np.uint8), 1)).shape[0] == 64
    assert 64 <= opened(sheet(np.zeros((2, 300, 400, 3), np.uint8), 2)).shape[0] <= 160


def test_texts_are_escaped():
    page = captioned(IMAGES[:1], ['<script>"x"'])
    assert "<script" not in page and page.count("&lt;script&gt;") == 2
    assert 'alt="&quot;' in image_tag(b"", '"')


def test_each_picture_has_its_caption():
    page = captioned(IMAGES, list("abcde"))
    assert re.findall(r'alt="(.)"', page) == list("abcde")
    first = re.search(r"base64,([\w+/=]+)", page).group(1)
    assert (opened(base64.b64decode(first))[:8, :8] == IMAGES[0, 0, 0]).all()  # 8 times as large


def test_gray_pictures_lose_their_last_axis():
    assert read_pictures(IMAGES[..., :1]).shape == (5, 8, 6)


@pytest.mark.parametrize(
    "images", [IMAGES[0, 0], IMAGES / 255, IMAGES[:0], IMAGES[..., :2], np.full((2, 4, 4), np.nan)]
)
def test_what_are_no_pictures_is_named(images):
    with pytest.raises(UserError, match="uint8") as raised:
        read_pictures(images)
    assert "\n" not in str(raised.value)
