"""Lesson 07's checks: right answers in their variety, wrong ones with the likely cause."""

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold

from helpers import datasets, variants
from helpers.checks import fashion as check

CLASSES = list(datasets.load("fashion_mnist", profile="quick").class_names)
GROUPINGS = variants.groupings()["fashion"]
GROUPING = GROUPINGS[6]  # drops the bag; its groups are not sorted by name
OLD = np.random.default_rng(0).integers(0, 10, 500)
MAP = np.array([1, 1, 1, 0, 0, 2, 1, 2, -1, 2])

LABELS = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [300, 100, 200]))
FOLDS = list(StratifiedKFold(5, shuffle=True, random_state=1).split(LABELS, LABELS))
TRAIN, VAL = FOLDS[0]

GIVEN = {"regroup": (GROUPING, OLD, CLASSES), "folds": (LABELS,)}


def said(name, answer, status):
    verdict = getattr(check, name)(answer, *GIVEN.get(name, ()))
    assert verdict.status == status, verdict
    return repr(verdict)


@pytest.mark.parametrize("name", ["regroup", "architecture", "folds", "class_weights"])
def test_a_stub_is_not_done_yet(name):
    said(name, ..., "todo")


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_every_grouping_can_be_answered_and_tells_s5_apart(grouping):
    new_class = np.full(10, -1)
    for number, names in enumerate(grouping.groups.values()):
        new_class[[CLASSES.index(name) for name in names]] = number
    assert check.regroup(new_class[OLD], grouping, OLD, CLASSES)
    example = np.array([0, 1, 0, 0, 0, 2, 0, 2, -1, 2])
    assert "S5's" in repr(check.regroup(example[OLD], grouping, OLD, CLASSES))


def build(*middle, units=3, activation="softmax", input_shape=(28, 28, 1)):
    last = layers.Dense(units, activation=activation)
    return keras.Sequential([keras.Input(input_shape), *middle, last])


def body(*first):
    pool = layers.MaxPooling2D(4)
    return [*first, layers.Conv2D(8, 3, activation="relu"), pool, layers.Flatten()]


def adapted():
    layer = layers.Normalization(axis=None)
    layer.adapt(np.random.default_rng(0).integers(0, 256, (8, 28, 28, 1)))
    return layer


def nested(model):
    inputs = keras.Input((28, 28, 1))
    return keras.Model(inputs, model(inputs))


def frozen(model):
    model.trainable = False
    return model


GOOD_NETWORKS = {
    "a chain": lambda: build(*body(layers.Rescaling(1 / 255))),
    "batch normalization": lambda: build(*body(layers.BatchNormalization())),
    "adapted": lambda: build(*body(adapted())),
    "inner": lambda: nested(build(*body(layers.Rescaling(1 / 255)))),
}


@pytest.mark.parametrize("kind", GOOD_NETWORKS)
def test_right_network_which_stays_as_it_is(kind):
    model = GOOD_NETWORKS[kind]()
    before = model.get_weights()
    assert f"{model.count_params():,} of at most" in said("architecture", model, "correct")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert not model.compiled and check.architecture(model)


SCALE = layers.Rescaling(1 / 255)
WRONG_NETWORKS = {
    "from 0 to 255": lambda: build(*body()),
    "divided twice": lambda: build(*body(SCALE, layers.Rescaling(1 / 255))),
    "too small a number": lambda: build(*body(layers.Rescaling(1 / 26))),
    "until 'adapt": lambda: build(*body(layers.Normalization())),
    "conv2d": lambda: nested(build(*body())),
    "two softmax layers": lambda: build(*body(SCALE), layers.Dense(3, "softmax")),
    "is frozen": lambda: frozen(build(*body(SCALE))),
    "axis of the channels": lambda: build(layers.Flatten(), input_shape=(28, 28)),
    "rows and columns are lost": lambda: build(input_shape=(784,)),
    "at most 150,000": lambda: build(SCALE, layers.Flatten(), layers.Dense(400)),
}


@pytest.mark.parametrize("words", WRONG_NETWORKS)
def test_wrong_network(words):
    assert words in said("architecture", WRONG_NETWORKS[words](), "wrong")


def weights(labels):
    counts = np.bincount(labels)
    return {k: len(labels) / (len(counts) * count) for k, count in enumerate(counts)}


def scaled(recipe):
    return lambda labels: dict(enumerate(recipe(np.bincount(labels))))


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("regroup", MAP[OLD].astype(float).tolist(), "grouping 7"),
        ("folds", FOLDS, "5 folds"),
        ("folds", tuple((list(t), list(v[::-1])) for t, v in FOLDS), "5 folds"),
        ("class_weights", weights, "mean weight"),
    ],
)
def test_right(name, answer, words):
    assert words in said(name, answer, "correct")


def first(train=TRAIN, val=VAL):
    return [(train, val), *FOLDS[1:]]


WRONG = {
    "regroup": [
        (MAP, "each *old class*"),
        (MAP[OLD][MAP[OLD] >= 0], "they stay, as -1"),
        (np.where(MAP < 0, -1, MAP + 1)[OLD], "counted from 1"),
        (MAP.clip(0)[OLD], "in class 0"),
        (np.array([0, 0, 0, 1, 1, 2, 0, 2, -1, 2])[OLD], "sorted by name"),
        (np.array([1, 1, 1, 0, 0, 2, 1, 2, -1, 1])[OLD], "(Ankle boot) is 1, expected 2"),
    ],
    "folds": [
        (KFold(5).split(LABELS), "generator"),
        (list(KFold(5, shuffle=True, random_state=0).split(LABELS)), "not stratified"),
        (list(ShuffleSplit(5, test_size=0.2, random_state=0).split(LABELS)), "ShuffleSplit"),
        ([FOLDS[0]] * 5, "the same fold"),
        ([(v, t) for t, v in FOLDS], "exchanged"),
        (first(train=np.arange(600)), "training holds all"),
        (first(train=np.append(TRAIN[1:], VAL[0])), "a leak"),
        (first(train=TRAIN[5:]), "neither part"),
        (first(val=np.append(VAL, VAL[0])), "more than once"),
        (first(train=LABELS[TRAIN]), "labels were returned"),
        (first(val=np.isin(np.arange(600), VAL)), "mask"),
        (first(val=VAL - 600), "rows 0 to 599"),
        (first(val=[]), "whole row numbers"),
    ],
    "class_weights": [
        (scaled(lambda counts: counts.sum() / counts), "number of classes is missing"),
        (scaled(lambda counts: counts / counts.sum()), "fractions"),
        (scaled(lambda counts: 1 / counts), "1 / count alone"),
        (scaled(lambda counts: counts.max() / counts), "largest class has weight 1"),
        (scaled(lambda counts: counts.sum() // (len(counts) * counts)), "rounded"),
        (lambda labels: {0: 100 / 180, 1: 100 / 45, 2: 100 / 75}, "keys 0 to 1"),
        (lambda labels: list(weights(labels).values()), "expected a dictionary"),
        (lambda labels: labels.sort() or weights(labels), "changes the data"),
    ],
}


@pytest.mark.parametrize(
    ("name", "answer", "words"), [(name, *row) for name, rows in WRONG.items() for row in rows]
)
def test_wrong(name, answer, words):
    assert words in said(name, answer, "wrong")
