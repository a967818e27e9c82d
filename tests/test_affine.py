import numpy as np
import pytest

from helpers.affine import SmallAffine, transform
from helpers.errors import UserError

SAME = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)


def batch(n=4, size=9, channels=1, seed=0):
    shape = (n, size, size + 2, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_the_identity_changes_nothing():
    images = batch(channels=3)
    assert np.array_equal(transform(images, np.stack([SAME] * 4)), images)


def test_a_shift_by_whole_pixels_brings_in_black():
    images = batch()
    down = SAME + np.array([[0, 0, -2], [0, 0, 0]])
    moved = transform(images, np.stack([down] * 4))
    assert np.array_equal(moved[:, 2:], images[:, :-2])
    assert (moved[:, :2] == 0).all()


def test_half_a_pixel_is_the_mean_of_two():
    image = np.zeros((1, 3, 4, 1), dtype=np.float32)
    image[0, 1, 1] = 100
    half = SAME + np.array([[0, 0, 0], [0, 0, 0.5]])
    assert np.allclose(transform(image, half[None])[0, 1, :, 0], [50, 50, 0, 0])


def test_a_mirror_and_a_quarter_turn():
    images = batch(size=9)[:, :, :9]
    mirror = np.array([[1, 0, 0], [0, -1, 0]])
    turn = np.array([[0, -1, 0], [1, 0, 0]])
    assert np.array_equal(transform(images, np.stack([mirror] * 4)), images[:, :, ::-1])
    turned = transform(images, np.stack([turn] * 4))
    assert np.array_equal(turned, np.rot90(images, -1, axes=(1, 2)))


def test_far_away_is_black():
    gone = SAME + np.array([[0, 0, 500], [0, 0, -500]])
    assert not transform(batch() + 1, np.stack([gone] * 4)).any()


def test_each_picture_has_its_own_draw_and_the_seed_decides():
    images = np.repeat(batch(1, 28), 6, axis=0)
    labels = np.arange(6)
    first, same = SmallAffine()(images, labels, np.random.default_rng(1))
    again, _ = SmallAffine()(images, labels, np.random.default_rng(1))
    other, _ = SmallAffine()(images, labels, np.random.default_rng(2))
    assert first.shape == images.shape and first.dtype == np.uint8
    assert same is labels and np.array_equal(first, again) and not np.array_equal(first, other)
    assert len(np.unique(first.reshape(6, -1), axis=0)) == 6


def test_more_pictures_than_a_chunk():
    images = np.tile(batch(7, 4), (400, 1, 1, 1))
    assert np.array_equal(transform(images, np.broadcast_to(SAME, (2800, 2, 3))), images)


def test_no_change_at_all():
    still = SmallAffine(degrees=0, zoom=0, max_shift=0, flip=False)
    images = batch()
    assert np.array_equal(still(images, None, np.random.default_rng(0))[0], images)


@pytest.mark.parametrize(
    ("images", "matrices"),
    [
        (np.zeros((4, 5, 5), np.uint8), np.stack([SAME] * 4)),
        (np.zeros((4, 5, 5, 1), np.int64), np.stack([SAME] * 4)),
        (batch(), np.stack([SAME] * 3)),
        (batch(), np.full((4, 2, 3), np.nan)),
    ],
)
def test_bad_input_is_refused(images, matrices):
    with pytest.raises(UserError):
        transform(images, matrices)


@pytest.mark.parametrize(
    "bad", [{"zoom": 1}, {"zoom": -0.1}, {"degrees": -1}, {"max_shift": np.nan}, {"degrees": 400}]
)
def test_bad_settings_are_refused(bad):
    with pytest.raises(UserError):
        SmallAffine(**bad)
