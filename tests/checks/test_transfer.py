"""Lesson 06's checks: right answers pass, wrong ones are refused with their cause."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.checks import transfer as check

COUNTS = {"one_layer": 12_810, "hidden_256": 330_506, "frozen": 2_257_984}
POOL = layers.GlobalAveragePooling2D
RIGHT, TODO = "✓ Correct", "○ Not done yet"


def judge(verdict, words):
    """The verdict says so, and is wrong unless these words say another thing."""
    status = {RIGHT: "correct", TODO: "todo"}.get(words, "wrong")
    assert verdict.status == status and words in repr(verdict), repr(verdict)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, RIGHT),
        ({"frozen": ...}, TODO),
        ({"one_layer": 12_800}, "biases are forgotten"),
        ({"one_layer": 14_080}, "per output, not per input"),
        ({"hidden_256": 327_936}, "hidden layer alone"),
        ({"hidden_256": 340_746}, "256 numbers"),
        ({"frozen": 2_588_490}, "the whole network"),
        ({"frozen": 410_208}, "small network"),
        ({"frozen": 0}, "still there"),
    ],
)
def test_counts(changes, words):
    judge(check.trainable_counts(COUNTS | changes), words)


def in_place(images):
    images //= 2
    return images.astype("float32")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda images: images.astype("float32") / 127.5 - 1, RIGHT),
        (lambda images: (images / 255 * 2 - 1).astype("float32"), RIGHT),
        (lambda images: ..., TODO),
        (lambda images: images.astype("float32") / 255, "range from 0 to 1"),
        (lambda images: images.astype("float32"), "were not changed"),
        (lambda images: images.astype("float32")[..., ::-1] / 127.5 - 1, "red first"),
        (lambda images: (images - np.uint8(127)) / np.float32(127.5), "again at 255"),
        (lambda images: images / 127.5 - 1, "of type 'float64'"),
        (lambda images: images // 127 - 1, "whole numbers"),
        (lambda images: (images.astype("float32") / 127.5 - 1)[0], "images' shape"),
        (lambda images: images.astype("float32") * np.nan, "is nan"),
        (in_place, "changes the data"),
    ],
)
def test_prepare(function, words):
    judge(check.prepare(function), words)


def is_norm(layer):
    return isinstance(layer, layers.BatchNormalization)


def set_flags(rule):
    """A student's function that sets each layer's flag by rule(place, place of name, layer)."""

    def unfreeze_from(model, name):
        place = [layer.name for layer in model.layers].index(name)
        for number, layer in enumerate(model.layers):
            if (flag := rule(number, place, layer)) is not None:
                layer.trainable = flag

    return unfreeze_from


right_flags = set_flags(lambda i, place, layer: i >= place and not is_norm(layer))


def returns_it(model, name):
    right_flags(model, name)
    return model


def changes_a_copy(model, name):
    return returns_it(keras.models.clone_model(model), name)


def freezes_the_model(model, name):
    model.trainable = False
    right_flags(model, name)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (right_flags, RIGHT),
        (returns_it, RIGHT),
        (..., TODO),
        (lambda model, name: ..., TODO),
        (lambda model, name: None, TODO),
        (set_flags(lambda i, p, layer: i > p and not is_norm(layer)), "one layer too late"),
        (set_flags(lambda i, p, layer: i == p), "all later ones"),
        (set_flags(lambda i, p, layer: True), "all layers were unfrozen"),
        (set_flags(lambda i, p, layer: not is_norm(layer) if i >= p else None), "does not reach"),
        (set_flags(lambda i, p, layer: False if i < p or is_norm(layer) else None), "to 'True'"),
        (set_flags(lambda i, p, layer: False), "nothing is trainable"),
        (set_flags(lambda i, p, layer: i >= p), "is excepted"),
        (set_flags(lambda i, p, layer: (i >= p) != is_norm(layer)), "'or' where 'and'"),
        (set_flags(lambda i, p, layer: i < p and not is_norm(layer)), "sides are exchanged"),
        (freezes_the_model, "frozen as a whole"),
        (changes_a_copy, "a copy?"),
        (lambda model: None, "TypeError"),
        (lambda model, name: "done", "expected the model or nothing"),
    ],
)
def test_unfreeze(function, words):
    judge(check.unfreeze_from(function), words)


def head(*middle, shape=(6, 6, 8), activation="softmax", trainable=True):
    after = [layer for layer in middle if isinstance(layer, layers.Softmax)]
    before = [layer for layer in middle if layer not in after]
    dense = layers.Dense(10, activation=activation)
    model = keras.Sequential([keras.Input(shape), *before, dense, *after])
    model.trainable = trainable
    return model


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: head(POOL()), RIGHT),
        (lambda: head(layers.GlobalMaxPooling2D()), RIGHT),
        (lambda: head(layers.AveragePooling2D(6), layers.Flatten(), layers.Dropout(0.2)), RIGHT),
        (lambda: head(POOL(), layers.Softmax(), activation=None), RIGHT),
        (lambda: head(POOL(), layers.Softmax()), "two softmax layers"),
        (lambda: head(POOL(), trainable=False), "is frozen"),
        (lambda: head(layers.Rescaling(0.1), POOL()), "nothing else"),
        (lambda: head(POOL(), activation=None), "scores (logits)"),
        (lambda: head(POOL(), activation="sigmoid"), "each class for itself"),
        (lambda: head(), "is missing"),
        (lambda: head(POOL(), shape=(12, 12, 3)), "expected (6, 6, 8)"),
        (lambda: head(layers.Flatten()), "keeps every point"),
        (lambda: head(POOL(), layers.Dense(16)), "more than one"),
        (lambda: head(layers.Rescaling(np.nan), POOL()), "sum to nan"),
    ],
)
def test_new_head(make, words):
    inputs = keras.Input((12, 12, 3))
    backbone = keras.Model(inputs, layers.Conv2D(8, 3, strides=2, padding="same")(inputs))
    judge(check.new_head(make(), backbone), words)
