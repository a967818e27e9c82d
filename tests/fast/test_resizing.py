import numpy as np
import pytest

from helpers.augment import shift_and_flip
from helpers.errors import UserError
from helpers.fast.resizing import GrowingPictures, shrink

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 3), dtype=np.uint8)


def test_half_size_is_the_mean_of_four_pixels():
    squares = IMAGES.reshape(5, 6, 2, 6, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(shrink(IMAGES, 6), squares, rtol=1e-5)


@pytest.mark.parametrize("size", [1, 5, 8, 11])
def test_brightness_and_range_are_kept(size):
    small = shrink(IMAGES, size)
    assert small.shape == (5, size, size, 3)
    assert small.dtype == np.float32
    np.testing.assert_allclose(small.mean(axis=(1, 2)), IMAGES.mean(axis=(1, 2)), rtol=1e-4)
    assert small.min() >= IMAGES.min() and small.max() <= IMAGES.max() + 1e-3


def test_full_size_is_left_alone():
    assert shrink(IMAGES, 12) is IMAGES


@pytest.mark.parametrize(
    ("shape", "size"), [((2, 8, 6, 3), 4), ((2, 8, 8, 3), 9), ((2, 8, 8, 3), 0)]
)
def test_what_cannot_be_shrunk(shape, size):
    with pytest.raises(UserError, match="can't be shrunk"):
        shrink(np.zeros(shape, np.uint8), size)


def test_pictures_grow_with_the_epochs():
    growing = GrowingPictures(10, ((0.0, 6), (0.4, 8), (0.8, 12)))
    rng = np.random.default_rng
    sizes = [growing.at_epoch(e)(IMAGES, None, rng(e))[0].shape[1] for e in range(10)]
    assert sizes == [6] * 4 + [8] * 4 + [12] * 2


def test_shift_and_flip_come_first_and_can_be_left_out():
    labels = np.arange(5)
    changed, same = GrowingPictures(1, ((0.0, 6),), 2).at_epoch(0)(
        IMAGES, labels, np.random.default_rng(3)
    )
    expected = shrink(shift_and_flip(IMAGES, 2, np.random.default_rng(3)), 6)
    np.testing.assert_array_equal(changed, expected)
    assert same is labels
    plain, _ = GrowingPictures(1, ((0.0, 6),), None).at_epoch(0)(IMAGES, labels, None)
    np.testing.assert_array_equal(plain, shrink(IMAGES, 6))
