"""Lesson 06's checks: right answers pass, wrong ones are refused with their cause."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.checks import transfer as check

COUNTS = {"one_layer": 12_810, "hidden_256": 330_506, "frozen": 2_257_984}
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
        ({"frozen": 0}, "still there"),
    ],
)
def test_counts(changes, words):
    judge(check.trainable_counts(COUNTS | changes), words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("G E D A B H F", RIGHT),
        ("egdabhf", RIGHT),
        (..., TODO),
        ("G E D A B C F", "destroys"),
        ("G D E A B H F", "counts from the next"),
        ("E D G A B H F", "that line G makes"),
        ("G E A D B H F", "before it is trained"),
        ("G E D B A H F", "train it first"),
        ("G E D A H B F", "only after the next"),
        ("G E D A B F H", "still frozen"),
        ("G E D A B H", "missing: F"),
    ],
)
def test_order(answer, words):
    judge(check.lines_of_fine_tuning(answer), words)


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


LABELS = np.arange(50) % 10
FEATURES = (np.random.default_rng(1).normal(size=(10, 8))[LABELS]).astype("float16")


def head(*middle, shape=(8,), rate=0.1, units=10, activation="softmax"):
    """A head, trained on features that tell the classes apart."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input(shape), *middle, layers.Dense(units, activation=activation)]
    )
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    if shape == (8,) and units == 10:
        model.fit(FEATURES, LABELS, epochs=20, verbose=0)
    return model


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (head, RIGHT),
        (lambda: head(layers.Dropout(0.1)), RIGHT),
        (lambda: ..., TODO),
        (lambda: head(rate=1e-7), "near guessing"),
        (lambda: head(layers.Dense(16)), "more than one dense layer"),
        (lambda: head(units=9), "expected ten numbers"),
        (lambda: head(layers.Flatten(), shape=(4, 4, 3)), "takes images"),
        (lambda: head(shape=(9,)), "expected (8,)"),
        (lambda: head(activation=None), "scores (logits)"),
        (lambda: layers.Dense(10), "model"),
    ],
)
def test_small_head(make, words):
    judge(check.small_head(make(), FEATURES, LABELS), words)
