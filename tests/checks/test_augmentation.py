"""Lesson 03's checks: right answers pass, and each known mistake is refused with its cause."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.checks import augmentation as check

RANGES = {"rotation_degrees": 18, "translation_pixels": 8, "contrast_factor": 1.4}


def network(flip="horizontal", degrees=(10,), shift=0.15, more=(), behind=False, late=(), **parts):
    """A right answer, before training, unless something is changed."""
    change = [
        layers.RandomFlip(flip),
        *(layers.RandomRotation(angle / 360) for angle in degrees),
        *([layers.RandomTranslation(shift, shift)] if shift else []),
        *more,
    ]
    conv = parts.get("conv", [layers.Conv2D(4, 3), layers.Flatten()])
    scale = parts.get("scale", [layers.Rescaling(1 / 255)])
    first = [*scale, *late, *conv[:1], *change] if behind else [*change, *scale, *late, *conv[:1]]
    if parts.get("nested"):
        first = [keras.Sequential(first)]
    end = [*conv[1:], layers.Dense(10, activation=parts.get("activation", "softmax"))]
    return keras.Sequential([keras.Input(parts.get("inputs", (28, 28, 1))), *first, *end])


IMAGES = np.zeros((60, 28, 28, 1), np.uint8)  # a white square in each, at places of its own
for image, (row, column) in zip(
    IMAGES, np.random.default_rng(1).integers(0, 20, (60, 2)), strict=True
):
    image[row : row + 8, column : column + 8] = 255


def judge_network(model, right=0.8):
    """The check with labels of which so many are what the model says."""
    predicted = np.asarray(model(IMAGES, training=False)).argmax(axis=-1)
    wrong = np.arange(len(IMAGES)) >= right * len(IMAGES)
    return check.augmented_model(model, IMAGES, np.where(wrong, (predicted + 1) % 10, predicted))


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


def mixup(images, one_hot, rng, share=None, blend=True, same=True, exchanged=False, labels=True):
    """A right answer unless something is changed."""
    part = rng.beta(0.4, 0.4, len(images)) if share is None else np.full(len(images), share)
    partner = rng.permutation(len(images))
    of_images = part[:, None, None, None] if blend else 1
    mixed = of_images * images + (1 - of_images) * images[partner]
    if not same:
        partner = rng.permutation(len(images))
    part = 1 - part[:, None] if exchanged else part[:, None]
    return mixed, part * one_hot + (1 - part) * one_hot[partner] if labels else one_hot


def mixed(**changes):
    return lambda images, one_hot, rng: mixup(images, one_hot, rng, **changes)


def blanks(images, rng):
    chosen = ...
    mirrored = images[..., ::-1, :]
    flipped = images.copy()
    flipped[chosen] = mirrored[chosen]
    return flipped


def filled(images, rng):
    chosen = rng.random(len(images)) < 0.5
    return np.where(chosen[:, None, None, None], images[..., ::-1, :], images)


RIGHT = [
    (check.augmentation_ranges, RANGES),
    (check.training_order, "F G D A E B"),
    (check.training_order, ["d", "f", "a", "e", "g", "b"]),
    (judge_network, network()),
    (judge_network, network(degrees=(), shift=0)),  # its training arrays may be moved instead
    (judge_network, network(degrees=(3, 4), nested=True)),
    (judge_network, network(more=[layers.RandomContrast(0.2)])),
    (judge_network, network(late=[layers.RandomBrightness(0.2, value_range=(0, 1))])),
    (check.random_flip, random_flip),
    (check.random_flip, filled),
    (check.random_flip, lambda x, rng: np.stack([i[:, ::-1] if rng.integers(2) else i for i in x])),
    (check.mixup, mixup),
    (check.mixup, mixed(share=0.3)),  # one share for the whole batch, as in the paper's code
    (check.mixup, lambda *given: list(mixup(*given))),
]


@pytest.mark.parametrize(("judge", "work"), RIGHT)
def test_right(judge, work):
    verdict = judge(work)
    assert verdict.status == "correct", repr(verdict)


FLAT = [layers.Flatten()]
WRONG = [
    (check.augmentation_ranges, RANGES | {"rotation_degrees": 36}, "each way"),
    (check.augmentation_ranges, RANGES | {"rotation_degrees": -18}, "it is not -18"),
    (check.augmentation_ranges, RANGES | {"translation_pixels": 0.25}, "asked for are pixels"),
    (check.training_order, "C F G D A E B", "on both sides"),
    (check.training_order, "F D G B A E", "not compiled"),
    (check.training_order, "D A E B F G", "shuffle them before"),
    (check.training_order, "A D F G E B", "line A comes too early"),
    (judge_network, network(degrees=(36,)), "not 10 degrees"),
    (judge_network, network(degrees=(10, 10)), "angles add up"),
    (judge_network, network(flip="horizontal_and_vertical"), "upside down"),
    (judge_network, network(behind=True), "behind a 'Conv2D'"),
    (judge_network, network(conv=FLAT, activation="relu", scale=[]), "no 'Conv2D'"),
    (judge_network, network(activation="relu"), "no probabilities"),
    (judge_network, network(scale=[]), "from 0 to 255"),
    (
        lambda model: check.augmented_model(model, IMAGES, np.zeros(60, int)),
        network(inputs=(32, 32, 3)),
        "expected (28, 28, 1)",
    ),
    (judge_network, network(late=[layers.RandomBrightness(0.2)]), "takes 255 for white"),
    (
        judge_network,
        network(more=[layers.RandomBrightness(0.2, value_range=(0, 1))]),
        "takes 1 for white",
    ),
    (lambda model: judge_network(model, 0.5), network(shift=0), "no layer moved them"),
    (lambda model: judge_network(model, 0.5), network(shift=0.05), "by up to 5%"),
    (lambda model: judge_network(model, 0.05), network(), "near guessing"),
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
    (check.mixup, mixed(same=False), "the partner is another one"),
    (check.mixup, mixed(labels=False), "came back as they were"),
    (check.mixup, mixed(exchanged=True), "are exchanged"),
    (check.mixup, mixed(blend=False), "no image is blended"),
    (check.mixup, lambda *given: mixup(*given)[0], "expected two arrays"),
    (check.mixup, lambda x, y, rng: (x, y[:4]), "labels"),
]


@pytest.mark.parametrize(("judge", "work", "words"), WRONG)
def test_wrong(judge, work, words):
    verdict = judge(work)
    assert verdict.status == "wrong"
    assert words in repr(verdict)


def test_todo():
    assert check.augmented_model(..., IMAGES, np.zeros(60, int)).status == "todo"
    for judge in (check.training_order, check.random_flip, check.mixup):
        assert judge(...).status == "todo"
    assert "chosen = ..." in repr(check.random_flip(blanks))


def test_partly_done():
    verdict = check.augmentation_ranges({**RANGES, "contrast_factor": ...})
    assert verdict.status == "todo" and "2 of 3 right so far" in repr(verdict)
