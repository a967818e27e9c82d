"""Properties of pictures, and accuracy by them."""

import itertools

import numpy as np
import pytest

from helpers import metrics
from helpers.errors import UserError

RANDOM = np.random.default_rng(1001)


def test_brightness_goes_from_black_to_white():
    images = np.stack([np.full((4, 4, 3), value, np.uint8) for value in (0, 255, 51)])
    np.testing.assert_allclose(metrics.brightness(images), [0, 1, 0.2], atol=1e-6)
    np.testing.assert_allclose(metrics.brightness(images / 255), [0, 1, 0.2], atol=1e-6)


def test_green_is_brighter_than_blue_to_the_eye():
    red, green, blue = metrics.brightness(np.eye(3)[:, None, None])
    assert green > red > blue and red + green + blue == pytest.approx(1)


def test_gray_pictures_have_one_channel_or_none():
    images = RANDOM.integers(0, 256, (5, 6, 6), dtype=np.uint8)
    expected = images.mean(axis=(1, 2)) / 255
    np.testing.assert_allclose(metrics.brightness(images), expected, atol=1e-6)
    np.testing.assert_allclose(metrics.brightness(images[..., None]), expected, atol=1e-6)
    assert metrics.object_size(images).shape == (5,)


@pytest.mark.parametrize("side", [2, 4, 8])
@pytest.mark.parametrize("contrast", [20, 200])
def test_object_size_finds_a_square_whatever_its_contrast(side, contrast):
    image = np.full((1, 12, 12, 3), 30, np.uint8)
    image[0, 2 : 2 + side, 3 : 3 + side] += contrast
    assert metrics.object_size(image)[0] == pytest.approx(side**2 / 144)


def test_a_picture_of_one_color_has_no_object():
    assert metrics.object_size(np.full((2, 8, 8, 3), 7, np.uint8)).tolist() == [0, 0]


def test_chunks_do_not_show():
    images = RANDOM.integers(0, 256, (2100, 6, 6, 3), dtype=np.uint8)
    for measure in (metrics.brightness, metrics.object_size):
        whole = measure(images)
        assert whole.shape == (2100,) and whole.dtype == np.float64
        np.testing.assert_allclose(whole[995:1005], measure(images[995:1005]), atol=1e-6)


def test_slices_hold_all_pictures_once_and_in_order():
    values = RANDOM.normal(size=503)
    right = values > 0
    rows = metrics.by_slice(values, right)
    assert sum(row.count for row in rows) == 503 and len(rows) == 5
    assert max(row.count for row in rows) - min(row.count for row in rows) <= 1
    assert all(a.high <= b.low for a, b in itertools.pairwise(rows))
    assert rows[0].low == values.min() and rows[-1].high == values.max()
    assert rows[0].interval.value == 0 and rows[-1].interval.value == 1
    assert sum(row.count * row.interval.value for row in rows) == pytest.approx(right.sum())


def test_equal_values_stay_together():
    rows = metrics.by_slice(np.array([0.0] * 8 + [1.0, 2.0]), np.ones(10, bool), parts=5)
    assert [row.count for row in rows] == [8, 2]
    (only,) = metrics.by_slice(np.ones(6), np.ones(6, bool), parts=3)
    assert only.count == 6


def test_order_of_the_pictures_does_not_matter():
    values, right = RANDOM.random(200), RANDOM.random(200) < 0.7
    shuffled = RANDOM.permutation(200)
    assert metrics.by_slice(values, right) == metrics.by_slice(values[shuffled], right[shuffled])


@pytest.mark.parametrize(
    ("values", "right", "parts", "words"),
    [
        ([1.0], [True, True], 1, "differ in number"),
        ([1.0, np.nan], [True, True], 1, "NaN"),
        ([], [], 1, "shape"),
        ([1.0], [True], 2, "2 parts of 1"),
        ([1.0], [True], 0, "0 parts"),
        ([1.0], [True], 1.0, "parts is 1.0"),
        (["a"], [True], 1, "pass numbers"),
    ],
)
def test_by_slice_refuses(values, right, parts, words):
    with pytest.raises(UserError, match=words):
        metrics.by_slice(np.array(values), np.array(right), parts)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((4, 4)), "shape"),
        (np.zeros((0, 4, 4, 3)), "shape"),
        (np.zeros((2, 3, 4, 4)), "shape"),
        (np.full((1, 4, 4, 3), 2.0), "divide pixels by 255"),
        (np.full((1, 4, 4, 3), np.nan), "from nan"),
        (np.zeros((1, 4, 4, 3), int), "astype"),
    ],
)
@pytest.mark.parametrize("measure", [metrics.brightness, metrics.object_size])
def test_what_is_no_picture_is_refused(measure, images, words):
    with pytest.raises(UserError, match=words):
        measure(images)


def test_object_size_refuses_a_threshold_that_is_no_part():
    with pytest.raises(UserError, match=r"threshold is 1\.5"):
        metrics.object_size(np.zeros((1, 4, 4, 3), np.uint8), threshold=1.5)
