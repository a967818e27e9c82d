"""Lesson 01's checks: right answers pass, and each known mistake is refused with its cause."""

from collections import Counter

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from helpers.checks import data_preparation as check

# Class counts

LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(10), np.arange(21, 31)))
RIGHT = np.bincount(LABELS)
COUNTS = [
    RIGHT,
    RIGHT.tolist(),
    Counter(LABELS),
    dict(enumerate(RIGHT)),
    np.unique(LABELS, return_counts=True)[1],
    RIGHT.astype(float),
]
WRONG_COUNTS = [
    (len(LABELS), "number of all images"),
    (RIGHT / len(LABELS), "fractions"),
    (RIGHT / len(LABELS) * 100, "percentages"),
    (LABELS, "one entry per image"),
    (np.unique(LABELS), "labels themselves"),
    (np.unique(LABELS, return_counts=True), "the second of the two"),
    (np.roll(RIGHT, 1), "one class too far"),
    (np.bincount(LABELS + 1), "expected 10 counts"),
    ([count for _, count in Counter(LABELS.tolist()).most_common()], "sorted by size"),
    (RIGHT - (np.arange(10) == 4), "another split"),
    (RIGHT[:, None], "an axis too many"),
    (dict.fromkeys("abc", 3), "keys"),
    ({number + 1: count for number, count in enumerate(RIGHT)}, "counted from 1"),
    ({}, "another split"),
    ([[1], [2, 3]], "expected 10 counts"),
    (object(), "expected 10 counts"),
    (np.full(10, np.nan), "class 0"),
]

# Pixels as floats


def in_place(images):
    images[...] = images / 255
    return images


def returns_nothing(images):
    images.astype("float32") / 255


def standardized(images):
    return ((images - images.mean()) / images.std()).astype("float32")


def by_image(images):
    return (images / images.max(axis=(1, 2, 3), keepdims=True)).astype("float32")


FLOATS = [
    lambda images: images.astype("float32") / 255,
    lambda images: (images / 255).astype(np.float32),
    lambda images: images.astype("float32") * (1 / 255),
]
WRONG_FLOATS = [
    (lambda x: x.astype("float32"), "division is missing"),
    (lambda x: x, "division is missing"),
    (lambda x: x // 255, "cut off"),
    (lambda x: (x / 255).astype("uint8"), "cut off"),
    (lambda x: (x // 255).astype("float32"), "cut off"),
    (lambda x: x / 255, "twice the memory"),
    (lambda x: (x / 255).astype("float16"), "too few digits"),
    (lambda x: x.astype("float32") / 256, "256"),
    (lambda x: x.astype("float32") / x.max(), "brightest pixel of this batch"),
    (by_image, "own brightest pixel"),
    (lambda x: ((x - x.min()) / np.ptp(x)).astype("float32"), "this batch's range"),
    (lambda x: x.astype("float32") / 255 / 255, "twice"),
    (lambda x: x.astype("float32") / 127.5 - 1, "[-1, 1]"),
    (standardized, "standardized"),
    (lambda x: 1 - x.astype("float32") / 255, "exchanged"),
    (lambda x: x.astype("float32") / 100, "too small"),
    (lambda x: x.astype("float32") / 0, "NaN or infinite"),
    (lambda x: x.reshape(4, -1).astype("float32") / 255, "(4, 6, 5, 3)"),
    (lambda x: np.zeros(0, "float32"), "(4, 6, 5, 3)"),
    (in_place, "changes the data"),
    (returns_nothing, "returns nothing"),
    (lambda x: (row for row in x), "generator"),
    (lambda x: "pixels", "expected an array"),
    (lambda x: y_is_not_defined, "NameError"),  # noqa: F821
    (np.float32(3), "expected a function"),
]

# Rows to images


def planes(rows):
    return rows.reshape(-1, 3, 32, 32)


IMAGES = [
    lambda rows: planes(rows).transpose(0, 2, 3, 1),
    lambda rows: np.stack([rows[:, i : i + 1024].reshape(-1, 32, 32) for i in (0, 1024, 2048)], -1),
    lambda rows: [planes(row)[0].transpose(1, 2, 0) for row in rows],
]
WRONG_IMAGES = [
    (lambda rows: rows.reshape(-1, 32, 32, 3), "colored noise"),
    (planes, "channels are still first"),
    (lambda rows: planes(rows).transpose(0, 3, 2, 1), "height and width changed places"),
    (lambda rows: planes(rows).transpose(0, 2, 3, 1)[..., ::-1], "blue, green, red"),
    (lambda rows: planes(rows).transpose(0, 2, 3, 1)[:, ::-1], "upside down"),
    (lambda rows: planes(rows).transpose(0, 2, 3, 1)[:, :, ::-1], "mirrored"),
    (lambda rows: rows.reshape(1, 3, 32, 32), "ValueError"),
    (lambda rows: planes(rows[0])[0].transpose(1, 2, 0), "one image"),
    (lambda rows: planes(rows[:1]).transpose(0, 2, 3, 1), "one image"),
    (lambda rows: rows, "as they were"),
    (lambda rows: planes(rows).transpose(0, 2, 3, 1) / 255, "divided by 255"),
    (lambda rows: planes(rows).transpose(0, 2, 3, 1).astype(int), "keep 'uint8'"),
    (lambda rows: rows.T.reshape(32, 32, 3, 3), "must stay first"),
    (lambda rows: np.zeros((5, 5)), "shape (3, 32, 32, 3)"),
]

# A split; as in the lesson: ten classes of the same size, in no order

Y = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 100))
ALL = np.arange(len(Y))


def by_sklearn(labels, **changes):
    options = {"test_size": 0.1, "stratify": labels, "random_state": 1001} | changes
    return train_test_split(np.arange(len(labels)), **options)


def per_class(choose):
    def split(labels):
        val = np.concatenate([choose(np.flatnonzero(labels == n)) for n in range(10)])
        return np.setdiff1d(np.arange(len(labels)), val), val

    return split


def by_hand(labels):
    random = np.random.default_rng(1001)
    return per_class(lambda members: random.permutation(members)[: len(members) // 10])(labels)


SPLITS = [by_sklearn, by_hand, lambda y: [list(i) for i in by_hand(y)]]
WRONG_SPLITS = [
    (lambda y: by_sklearn(y, random_state=None), "no seed"),
    (lambda y: by_sklearn(y, stratify=None), "not stratified"),
    (lambda y: by_sklearn(y, test_size=0.2), "20.0%"),
    (lambda y: by_sklearn(y, test_size=None), "0.25 is the default"),
    (lambda y: by_sklearn(y)[::-1], "wrong order"),
    (lambda y: by_sklearn(y, test_size=0.9), "fraction is reversed"),
    (lambda y: (ALL, by_hand(y)[1]), "training holds all"),
    (lambda y: (by_hand(y)[0][5:], by_hand(y)[1]), "neither part"),
    (lambda y: (by_hand(y)[0], np.random.default_rng(1).integers(0, 1000, 100)), "more than once"),
    (lambda y: (y[by_hand(y)[0]], y[by_hand(y)[1]]), "labels were returned"),
    (per_class(lambda members: members[-10:]), "regular places"),
    (per_class(lambda members: members[::10]), "regular places"),
    (lambda y: train_test_split(y, y, test_size=0.1), "four arrays"),
    (lambda y: ALL, "expected a pair"),
    (lambda y: y.sort(), "changes the data"),
]


RIGHT_WORK = [
    *((check.class_counts, counts, LABELS) for counts in COUNTS),
    (check.class_counts, RIGHT, LABELS[:, None]),
    *((check.to_float, function) for function in FLOATS),
    *((check.rows_to_images, function) for function in IMAGES),
    *((check.split, function, Y) for function in SPLITS),
    *((check.split, by_sklearn, labels) for labels in (Y[:, None], Y[:987], np.sort(Y))),
]
WRONG_WORK = [
    *((words, check.class_counts, counts, LABELS) for counts, words in WRONG_COUNTS),
    *((words, check.to_float, function) for function, words in WRONG_FLOATS),
    *((words, check.rows_to_images, function) for function, words in WRONG_IMAGES),
    *((words, check.split, function, Y) for function, words in WRONG_SPLITS),
]


@pytest.mark.parametrize(("function", "work"), [(f, w) for f, *w in RIGHT_WORK])
def test_right(function, work):
    verdict = function(*work)
    assert verdict.status == "correct", verdict


@pytest.mark.parametrize(("words", "function", "work"), [(t, f, w) for t, f, *w in WRONG_WORK])
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_wrong(words, function, work):
    verdict = function(*work)
    assert verdict.status == "wrong"
    assert words in str(verdict)


def test_stub_is_not_done_yet():
    assert check.class_counts(..., LABELS).status == "todo"
    for function in (check.to_float, check.rows_to_images):
        assert function(...).status == function(lambda array: ...).status == "todo"
    assert check.split(lambda labels: ..., Y).status == "todo"
