"""Augmentation of batches: what may change and what may not, and where the chance comes from."""

import hashlib

import numpy as np
import pytest

from helpers import augment
from helpers.settings import CourseError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 12, 10, 3), dtype=np.uint8)


def rng(seed=1):
    return np.random.default_rng(seed)


def test_shift_and_flip_stays_bit_for_bit():
    # The weights that come with the course were trained with these very images.
    ramp = (np.arange(8 * 32 * 32 * 3) % 251).astype("uint8").reshape(8, 32, 32, 3)
    result = augment.shift_and_flip(ramp, 2, rng(1001))
    assert hashlib.sha256(result.tobytes()).hexdigest()[:16] == "83a3b84e372b057a"


def test_chance_comes_from_the_generator_and_the_input_stays():
    images = IMAGES.copy()
    once, again, other = (augment.shift_and_flip(images, 2, rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)
    np.testing.assert_array_equal(images, IMAGES)


def test_a_single_image_is_refused_in_one_line():
    with pytest.raises(CourseError, match=r"\(12, 10, 3\)") as raised:
        augment.shift_and_flip(IMAGES[0], 2, rng())
    assert "\n" not in str(raised.value)
