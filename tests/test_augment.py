"""Augmentation of batches: what may change and what may not, and where the chance comes from."""

import hashlib

import numpy as np
import pytest

from helpers import augment
from helpers.errors import UserError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 12, 10, 3), dtype=np.uint8)
LABELS = np.arange(40) % 10
ONE_HOT = np.eye(10)[LABELS]


def rng(seed=1):
    return np.random.default_rng(seed)


def shifted_by_hand(images, max_shift, generator):
    """The same as `shift_and_flip`, one picture at a time."""
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
    # The weights that ship with the course were trained with these very pictures.
    ramp = (np.arange(8 * 32 * 32 * 3) % 251).astype("uint8").reshape(8, 32, 32, 3)
    result = augment.shift_and_flip(ramp, 2, rng(1001))
    assert hashlib.sha256(result.tobytes()).hexdigest()[:16] == "83a3b84e372b057a"


def test_cutout_hides_one_square_in_each_picture():
    result = augment.cutout(IMAGES, 4, rng())
    assert result.dtype == np.uint8 and result.shape == IMAGES.shape
    changed = (result != IMAGES).any(axis=-1)
    sizes = changed.sum(axis=(1, 2))
    assert sizes.min() >= 4 and sizes.max() == 16  # a corner may be all that is inside
    color = IMAGES.mean(axis=(0, 1, 2)).astype("uint8")
    assert (result[changed] == color).all()
    assert len({tuple(np.argwhere(mask)[0]) for mask in changed}) > 10  # places of their own


def test_cutout_larger_than_the_picture_hides_all():
    assert len(np.unique(augment.cutout(IMAGES, 100, rng()).reshape(-1, 3), axis=0)) == 1


def test_cutout_knows_pictures_from_0_to_1():
    result = augment.cutout(IMAGES.astype("float32") / 255, 6, rng())
    assert result.dtype == np.float32 and result.min() >= 0 and result.max() <= 1


def test_mixup_blends_pictures_as_it_blends_labels():
    # Picture i is i everywhere, and its label says so too.
    images = np.arange(10, dtype="uint8")[:, None, None, None] * np.ones((1, 2, 2, 3), "uint8")
    mixed, labels = augment.mixup(images, np.eye(10), 1.0, rng())
    assert mixed.dtype == labels.dtype == np.float32
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(mixed[:, 0, 0, 0], labels @ np.arange(10), rtol=1e-5)
    assert ((labels > 0).sum(axis=1) == 2).sum() >= 5


def test_mixup_does_not_run_over():
    white = np.full((6, 2, 2, 3), 255, "uint8")
    mixed, _ = augment.mixup(white, np.eye(6), 0.5, rng())
    np.testing.assert_allclose(mixed, 255, rtol=1e-6)


def test_small_alpha_leaves_pictures_almost_pure():
    largest = [
        augment.mixup(IMAGES, np.eye(40), alpha, rng())[1].max(axis=1).mean()
        for alpha in (0.05, 5.0)
    ]
    assert largest[0] > 0.9 > 0.75 > largest[1]


STEPS = [
    augment.FlipShift(),
    augment.Cutout(4),
    augment.Mixup(0.4),
    augment.Chain((augment.FlipShift(1), augment.Cutout(3), augment.Mixup())),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_chance_comes_from_the_generator_and_the_input_stays(step):
    images, labels = IMAGES.copy(), ONE_HOT.copy()
    once, again, other = (step(images, labels, rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(once[1], again[1])
    assert not np.array_equal(once[0], other[0])
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(labels, ONE_HOT)
    assert len(once[0]) == len(once[1]) == len(IMAGES)


def test_only_mixup_touches_labels():
    for step in STEPS[:2]:
        assert step(IMAGES, LABELS, rng())[1] is LABELS


def test_chain_does_one_after_the_other():
    flip, hide = augment.FlipShift(2), augment.Cutout(5)
    by_hand = rng()
    expected, _ = hide(*flip(IMAGES, LABELS, by_hand), by_hand)
    result, _ = augment.Chain((flip, hide))(IMAGES, LABELS, rng())
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: augment.shift_and_flip(IMAGES[0], 2, rng()), r"\(12, 10, 3\)"),
        (lambda: augment.shift_and_flip(IMAGES, 10, rng()), "max_shift is 10"),
        (lambda: augment.shift_and_flip(IMAGES, -1, rng()), "max_shift is -1"),
        (lambda: augment.cutout(IMAGES[..., 0], 2, rng()), r"\(40, 12, 10\)"),
        (lambda: augment.cutout(IMAGES, 0, rng()), "size is 0"),
        (lambda: augment.mixup(IMAGES, LABELS, 0.2, rng()), "to_categorical"),
        (lambda: augment.mixup(IMAGES, ONE_HOT[:5], 0.2, rng()), r"\(5, 10\)"),
        (lambda: augment.mixup(IMAGES, ONE_HOT, 0, rng()), "alpha is 0"),
        (lambda: augment.mixup(IMAGES, ONE_HOT, np.nan, rng()), "alpha is nan"),
        (lambda: augment.mixup(IMAGES[0], ONE_HOT, 0.2, rng()), r"\(12, 10, 3\)"),
    ],
)
def test_mistakes_are_named(call, words):
    with pytest.raises(UserError, match=words) as raised:
        call()
    assert "\n" not in str(raised.value)
