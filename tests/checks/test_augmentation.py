import numpy as np
import pytest

from helpers.checks import (
    check_augmentation_ranges,
    check_augmented_model,
    check_label_preserving,
    check_random_flip,
)

RANGES = {"rotation_degrees": 18, "translation_pixels": 8, "contrast_factor": 1.4}
LABELS = {
    "digit, mirrored": False,
    "digit, moved by 1 pixel": True,
    "digit, half a turn": False,
    "car, mirrored": True,
    "traffic sign, mirrored": False,
    "cell under a microscope, quarter turn": True,
}


@pytest.mark.parametrize(
    ("check", "right"), [(check_augmentation_ranges, RANGES), (check_label_preserving, LABELS)]
)
def test_tables(judged, check, right):
    assert judged(check, right)[0] == "correct"
    assert judged(check, ...)[0] == "todo"
    assert judged(check, dict.fromkeys(right, ...))[0] == "todo"
    first = next(iter(right))
    status, said = judged(check, {**right, first: ...})
    assert status == "todo" and "right so far" in said and first in said
    for wrong, words in [
        ([1, 2], "expected a dictionary"),
        ({}, "no entry for"),
        ({**right, first: "much"}, "got the text"),
        ({**right, first: np.array([1, 2])}, "got an array"),
    ]:
        status, said = judged(check, wrong)
        assert status == "wrong" and words in said


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("rotation_degrees", 36, "each way"),
        ("rotation_degrees", 0.314159, "radians"),
        ("rotation_degrees", -18, "both ways"),
        ("rotation_degrees", np.nan, "no positive number"),
        ("rotation_degrees", True, "expected a number"),
        ("translation_pixels", 0.25, "asked for are pixels"),
        ("translation_pixels", 16, "whole span"),
        ("contrast_factor", 0.4, "this much more"),
        ("contrast_factor", 0.6, "smallest factor"),
        ("contrast_factor", 1.3, "not 1.3"),
    ],
)
def test_wrong_range(judged, key, value, words):
    status, said = judged(check_augmentation_ranges, {**RANGES, key: value})
    assert status == "wrong" and words in said


@pytest.mark.parametrize("key", LABELS)
def test_each_label_counts(judged, key):
    assert judged(check_label_preserving, {**LABELS, key: np.bool_(LABELS[key])})[0] == "correct"
    status, said = judged(check_label_preserving, {**LABELS, key: not LABELS[key]})
    assert status == "wrong" and key in said and "Likely cause" in said


def random_flip(images, rng):
    flipped = images.copy()
    chosen = rng.random(len(images)) < 0.5
    flipped[chosen] = images[chosen, :, ::-1]
    return flipped


def test_right_flips(judged):
    assert judged(check_random_flip, random_flip)[0] == "correct"

    def loop(images, rng):
        return np.stack([i[:, ::-1] if rng.integers(2) else i for i in images])

    def where(images, rng):
        return np.where(rng.random((len(images), 1, 1, 1)) < 0.5, images[:, :, ::-1], images)

    assert judged(check_random_flip, loop)[0] == "correct"
    assert judged(check_random_flip, where)[0] == "correct"


def wrong_flips():
    def flips(share=0.5, axis=2, draw=None):
        def function(images, rng):
            chosen = (draw or rng.random)(len(images)) < share
            result = images.copy()
            result[chosen] = np.flip(images[chosen], axis)
            return result

        return function

    def in_place(images, rng):
        chosen = rng.random(len(images)) < 0.5
        images[chosen] = images[chosen, :, ::-1].copy()
        return images

    def one_draw(images, rng):
        return images[:, :, ::-1] if rng.random() < 2 else images

    yield "axis 1 is the height", flips(axis=1)
    yield "red, green and blue", flips(axis=3)
    yield "both height and width", flips(axis=(1, 2))
    yield "none of 200", flips(share=0)
    yield "all of 200", one_draw
    yield "probability is not 1/2", flips(share=0.2)
    yield "another generator", flips(draw=np.random.default_rng(5).random)
    yield "never changes", flips(draw=lambda n: np.random.default_rng(5).random(n))
    yield "changes the data", in_place
    yield "only the chosen", lambda images, rng: images[rng.random(len(images)) < 0.5]
    yield "dtype 'float64'", lambda images, rng: random_flip(images, rng) * 1.0
    yield "axes changed places", lambda images, rng: images.swapaxes(1, 2)
    yield "changed places in the batch", lambda images, rng: rng.permutation(images)
    yield "nothing", lambda images, rng: print(end="")
    yield "two arguments", lambda images: images
    yield "NameError", lambda images, rng: imagez  # noqa: F821
    yield "expected a function", IMAGES_AS_ANSWER


IMAGES_AS_ANSWER = np.zeros((2, 4, 4, 3), np.uint8)


@pytest.mark.parametrize(("words", "function"), list(wrong_flips()))
def test_wrong_flips(judged, words, function):
    status, said = judged(check_random_flip, function)
    assert status == "wrong" and words in said


def test_flip_to_do(judged):
    def stub(images, rng): ...

    assert judged(check_random_flip, ...)[0] == "todo"
    assert judged(check_random_flip, stub)[0] == "todo"


def model(flip="horizontal", degrees=10, shift=0.1, behind=False, nested=False, inputs=(32, 32, 3)):
    import keras
    from keras import layers

    change = [
        layers.RandomFlip(flip),
        layers.RandomRotation(degrees / 360),
        layers.RandomTranslation(shift, shift),
    ]
    conv = [layers.Conv2D(4, 3)]
    first, then = (conv, change) if behind else (change, conv)
    first = [keras.Sequential(first)] if nested else first
    end = [layers.GlobalAveragePooling2D(), layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input(inputs), *first, *then, *end])


def test_right_models(judged):
    assert judged(check_augmented_model, model())[0] == "correct"
    assert judged(check_augmented_model, model(degrees=3, nested=True))[0] == "correct"
    assert judged(check_augmented_model, ...)[0] == "todo"


@pytest.mark.parametrize(
    ("words", "make"),
    [
        ("not 10 degrees", lambda: model(degrees=36)),
        ("up to 72 degrees", lambda: model(degrees=72)),
        ("never turns", lambda: model(degrees=0)),
        ("upside down", lambda: model(flip="horizontal_and_vertical")),
        ("up to 30%", lambda: model(shift=0.3)),
        ("never moves", lambda: model(shift=0)),
        ("behind a 'Conv2D'", lambda: model(behind=True)),
        ("behind a 'Conv2D'", lambda: model(behind=True, nested=True)),
        ("input is (28, 28, 3)", lambda: model(inputs=(28, 28, 3))),
        ("hand it to", lambda: [1, 2]),
        ("call the function", lambda: model),
    ],
)
def test_wrong_models(judged, words, make):
    status, said = judged(check_augmented_model, make())
    assert status == "wrong" and words in said


def test_models_that_lack_something(judged):
    import keras
    from keras import layers

    end = [layers.Flatten(), layers.Dense(10)]
    status, said = judged(check_augmented_model, keras.Sequential([keras.Input((32, 32, 3)), *end]))
    assert status == "wrong" and "no 'RandomFlip' layer" in said
    status, said = judged(check_augmented_model, keras.Sequential(end))
    assert status == "wrong" and "no input shape yet" in said
    wide = [keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(9)]
    status, said = judged(check_augmented_model, keras.Sequential(wide))
    assert status == "wrong" and "output is (9,)" in said
