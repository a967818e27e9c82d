"""Augmentation of batches: what may change and what may not, and where the chance comes from."""

import hashlib

import numpy as np
import pytest

from helpers import augment
from helpers.settings import CourseError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 12, 10, 3), dtype=np.uint8)
LABELS = np.arange(40) % 10
ONE_HOT = np.eye(10)[LABELS]


def rng(seed=1):
    return np.random.default_rng(seed)


def shifted_by_hand(images, max_shift, generator):
    """The same as `shift_and_flip`, one image at a time."""
    n, height, width, _ = images.shape
    tops, lefts = (generator.integers(0, 2 * max_shift + 1, n) for _ in range(2))
    mirrored = generator.random(n) < 0.5
    edges = ((max_shift, max_shift), (max_shift, max_shift), (0, 0))
    result = []
    for image, top, left, mirror in zip(images, tops, lefts, mirrored, strict=True):
        window = np.pad(image, edges, mode="reflect")[top : top + height, left : left + width]
        result.append(window[:, ::-1] if mirror else window)
    return np.stack(result)


@pytest.mark.parametrize("max_shift", [0, 1, 4])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_shift_and_flip_is_what_a_loop_does(max_shift, dtype):
    images = IMAGES.astype(dtype)
    result = augment.shift_and_flip(images, max_shift, rng())
    assert result.dtype == images.dtype
    np.testing.assert_array_equal(result, shifted_by_hand(images, max_shift, rng()))


def test_shift_and_flip_stays_bit_for_bit():
    # The weights that come with the course were trained with these very images.
    ramp = (np.arange(8 * 32 * 32 * 3) % 251).astype("uint8").reshape(8, 32, 32, 3)
    result = augment.shift_and_flip(ramp, 2, rng(1001))
    assert hashlib.sha256(result.tobytes()).hexdigest()[:16] == "83a3b84e372b057a"


def test_cutout_hides_one_square_in_each_image():
    result = augment.cutout(IMAGES, 4, rng())
    assert result.dtype == np.uint8 and result.shape == IMAGES.shape
    changed = (result != IMAGES).any(axis=-1)
    sizes = changed.sum(axis=(1, 2))
    assert sizes.min() >= 4 and sizes.max() == 16  # a corner may be all that is inside
    color = IMAGES.mean(axis=(0, 1, 2)).astype("uint8")
    assert (result[changed] == color).all()
    assert len({tuple(np.argwhere(mask)[0]) for mask in changed}) > 10  # places of their own


def test_mixup_blends_images_as_it_blends_labels():
    # Image i is i everywhere, and its label says so too; 255 must not run over.
    images = np.arange(246, 256, dtype="uint8")[:, None, None, None] * np.ones((1, 2, 2, 3), "u1")
    mixed, labels = augment.mixup(images, np.eye(10), 1.0, rng())
    assert mixed.dtype == labels.dtype == np.float32
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(mixed[:, 0, 0, 0], labels @ np.arange(246, 256), rtol=1e-5)
    assert ((labels > 0).sum(axis=1) == 2).sum() >= 5


@pytest.mark.parametrize(
    "change",
    [
        lambda generator: augment.shift_and_flip(IMAGES, 2, generator),
        lambda generator: augment.cutout(IMAGES, 4, generator),
        lambda generator: augment.mixup(IMAGES, ONE_HOT, 0.4, generator)[0],
    ],
)
def test_chance_comes_from_the_generator_and_the_input_stays(change):
    images, labels = IMAGES.copy(), ONE_HOT.copy()
    once, again, other = (change(rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(labels, ONE_HOT)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: augment.shift_and_flip(IMAGES[0], 2, rng()), r"\(12, 10, 3\)"),
        (lambda: augment.cutout(IMAGES[..., 0], 2, rng()), r"\(40, 12, 10\)"),
        (lambda: augment.mixup(IMAGES, LABELS, 0.2, rng()), "to_categorical"),
        (lambda: augment.mixup(IMAGES[0], ONE_HOT, 0.2, rng()), r"\(12, 10, 3\)"),
    ],
)
def test_mistakes_are_named(call, words):
    with pytest.raises(CourseError, match=words) as raised:
        call()
    assert "\n" not in str(raised.value)
