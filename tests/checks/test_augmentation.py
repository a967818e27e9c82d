"""Lesson 03's checks: right answers pass, and each known mistake is refused with its cause."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.checks import augmentation as check

RANGES = {"rotation_degrees": 18, "translation_pixels": 8, "contrast_factor": 1.4}
LABELS = {
    "digit, mirrored": False,
    "digit, moved by 1 pixel": True,
    "digit, half a turn": False,
    "car, mirrored": True,
    "traffic sign, mirrored": False,
    "cell under a microscope, quarter turn": True,
}


def network(flip="horizontal", degrees=(10,), shift=0.1, more=(), behind=False, late=(), **parts):
    """A right answer unless something is changed."""
    change = [
        layers.RandomFlip(flip),
        *(layers.RandomRotation(angle / 360) for angle in degrees),
        layers.RandomTranslation(shift, shift),
        *more,
    ]
    conv = parts.get("conv", [layers.Conv2D(16, 3), layers.GlobalAveragePooling2D()])
    scale = parts.get("scale", [layers.Rescaling(1 / 255)])
    first = [*scale, *late, *conv[:1], *change] if behind else [*change, *scale, *late, *conv[:1]]
    if parts.get("nested"):
        first = [keras.Sequential(first)]
    end = [*conv[1:], layers.Dense(10, activation=parts.get("activation", "softmax"))]
    return keras.Sequential([keras.Input(parts.get("inputs", (32, 32, 3))), *first, *end])


def random_flip(images, rng):
    flipped = images.copy()
    chosen = rng.random(len(images)) < 0.5
    flipped[chosen] = images[chosen, :, ::-1]
    return flipped


def flips(choose, axis=2):
    """A flip of the images that `choose(n, rng)` tells."""

    def function(images, rng):
        chosen = choose(len(images), rng)
        result = images.copy()
        result[chosen] = np.flip(images[chosen], axis)
        return result

    return function


def chance(fraction):
    return lambda n, rng: rng.random(n) < fraction


def own_generator(n, rng):
    return np.random.default_rng(5).random(n) < 0.5


def in_place(images, rng):
    images[:] = random_flip(images, rng)
    return images


RIGHT = [
    (check.augmentation_ranges, RANGES),
    (check.label_preserving, LABELS),
    (check.augmented_model, network()),
    (check.augmented_model, network(degrees=(3, 4), nested=True)),
    (check.augmented_model, network(more=[layers.RandomContrast(0.2)])),
    (check.augmented_model, network(late=[layers.RandomBrightness(0.2, value_range=(0, 1))])),
    (check.random_flip, random_flip),
    (check.random_flip, lambda x, rng: np.stack([i[:, ::-1] if rng.integers(2) else i for i in x])),
]


@pytest.mark.parametrize(("judge", "work"), RIGHT)
def test_right(judge, work):
    assert judge(work).status == "correct"


FLAT = [layers.Flatten()]
WRONG = [
    (check.augmentation_ranges, RANGES | {"rotation_degrees": 36}, "each way"),
    (check.augmentation_ranges, RANGES | {"rotation_degrees": -18}, "it is not -18"),
    (check.augmentation_ranges, RANGES | {"translation_pixels": 0.25}, "asked for are pixels"),
    *((check.label_preserving, LABELS | {key: not LABELS[key]}, key) for key in LABELS),
    (check.augmented_model, network(degrees=(36,)), "not 10 degrees"),
    (check.augmented_model, network(degrees=(10, 10)), "angles add up"),
    (check.augmented_model, network(degrees=(0,)), "up to 0 degrees"),
    (check.augmented_model, network(flip="horizontal_and_vertical"), "upside down"),
    (check.augmented_model, network(shift=0.3), "up to 30%"),
    (check.augmented_model, network(more=[layers.RandomTranslation(0.1, 0.1)]), "up to 20%"),
    (check.augmented_model, network(shift=0), "up to 0%"),
    (check.augmented_model, network(behind=True), "behind a 'Conv2D'"),
    (check.augmented_model, network(conv=FLAT, activation="relu", scale=[]), "no 'Conv2D'"),
    (check.augmented_model, network(activation="relu"), "no probabilities"),
    (check.augmented_model, network(scale=[]), "from 0 to 255"),
    (check.augmented_model, network(late=[layers.RandomBrightness(0.2)]), "takes 255 for white"),
    (
        check.augmented_model,
        network(more=[layers.RandomBrightness(0.2, value_range=(0, 1))]),
        "takes 1 for white",
    ),
    (check.random_flip, flips(chance(0.5), axis=1), "axis 1 is the height"),
    (check.random_flip, flips(chance(0.5), axis=3), "red, green and blue"),
    (check.random_flip, flips(chance(0)), "no chance at all"),
    (check.random_flip, lambda images, rng: images[:, :, ::-1], "no chance at all"),
    (check.random_flip, flips(lambda n, rng: np.full(n, rng.random() < 0.5)), "for the batch"),
    (check.random_flip, flips(chance(0.6)), "probability is not 1/2"),
    (check.random_flip, flips(lambda n, rng: np.arange(n) % 2 == 0), "another seed gives the same"),
    (
        check.random_flip,
        flips(lambda n, rng: (np.arange(n) + rng.integers(2)) % 2 == 0),
        "every second one",
    ),
    (check.random_flip, flips(lambda n, rng: rng.permutation(n) < n // 2), "exactly as many"),
    (check.random_flip, flips(lambda n, rng: np.random.random(n) < 0.5), "another generator"),
    (check.random_flip, flips(own_generator), "made inside the function"),
    (check.random_flip, in_place, "changes the data"),
    (check.random_flip, lambda x, rng: x[rng.random(len(x)) < 0.5], "return all images"),
    (check.random_flip, lambda x, rng: random_flip(x, rng) * 1.0, "dtype 'float64'"),
    (check.random_flip, lambda x: x, "TypeError"),
    (check.random_flip, np.zeros((2, 4, 4, 3), np.uint8), "expected a function"),
]


@pytest.mark.parametrize(("judge", "work", "words"), WRONG)
def test_wrong(judge, work, words):
    verdict = judge(work)
    assert verdict.status == "wrong"
    assert words in repr(verdict)


@pytest.mark.parametrize("judge", [check.augmented_model, check.random_flip])
def test_todo(judge):
    assert judge(...).status == "todo"


def test_partly_done():
    verdict = check.augmentation_ranges({**RANGES, "contrast_factor": ...})
    assert verdict.status == "todo" and "2 of 3 right so far" in repr(verdict)
