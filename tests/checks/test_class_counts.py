from collections import Counter

import numpy as np
import pytest

from helpers.checks import check_class_counts

LABELS = np.repeat(np.arange(10), np.arange(21, 31))
LABELS = np.random.default_rng(0).permutation(LABELS)
RIGHT = np.bincount(LABELS)


@pytest.mark.parametrize(
    "counts",
    [
        RIGHT,
        RIGHT.tolist(),
        Counter(LABELS.tolist()),
        Counter(LABELS),
        dict(enumerate(RIGHT)),
        np.unique(LABELS, return_counts=True)[1],
        RIGHT.astype(float),
    ],
)
@pytest.mark.parametrize("labels", [LABELS, LABELS[:, None]])
def test_right(judged, counts, labels):
    status, said = judged(check_class_counts, counts, labels)
    assert status == "correct" and "255 images in 10 classes" in said


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (len(LABELS), "number of all images"),
        (3, "one count per class"),
        (RIGHT / len(LABELS), "shares"),
        (RIGHT / len(LABELS) * 100, "shares"),
        (LABELS, "one entry per image"),
        (np.unique(LABELS), "labels themselves"),
        (np.unique(LABELS, return_counts=True), "the second of the two"),
        (np.roll(RIGHT, 1), "one class too far"),
        (np.bincount(LABELS + 1, minlength=10), "expected 10 counts"),
        (np.append(0, RIGHT[:-1]), "one class too far"),
        ([count for _, count in Counter(LABELS.tolist()).most_common()], "sorted by size"),
        (RIGHT - (np.arange(10) == 4), "another split"),
        (RIGHT[:, None], "an axis too many"),
        (dict.fromkeys("abc", 3), "keys"),
        ({number + 1: count for number, count in enumerate(RIGHT)}, "counted from 1"),
        ({}, "another split"),
        ("10", "expected an array"),
        ([[1], [2, 3]], "expected an array"),
        (object(), "expected an array"),
        (np.full(10, np.nan), "class 0"),
    ],
)
def test_wrong(judged, counts, words):
    status, said = judged(check_class_counts, counts, LABELS)
    assert status == "wrong"
    assert words in said


def test_todo(judged):
    assert judged(check_class_counts, ..., LABELS)[0] == "todo"
