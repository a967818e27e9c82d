import numpy as np
import pytest

from helpers import imbalance
from helpers.checks import check_class_weights


def by_hand(labels):
    counts = np.bincount(labels)
    return {k: len(labels) / (len(counts) * count) for k, count in enumerate(counts)}


def scaled(recipe):
    return lambda labels: dict(enumerate(recipe(np.bincount(labels))))


@pytest.mark.parametrize("function", [by_hand, imbalance.class_weights])
def test_right(judged, function):
    status, said = judged(check_class_weights, function)
    assert status == "correct" and "mean weight" in said


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (scaled(lambda counts: counts.sum() / counts), "number of classes is missing"),
        (scaled(lambda counts: counts / counts.sum()), "shares"),
        (scaled(lambda counts: counts), "these are the counts"),
        (scaled(lambda counts: 1 / counts), "1 / count alone"),
        (scaled(lambda counts: counts.max() / counts), "largest class has weight 1"),
        (scaled(lambda counts: 1 / counts / (1 / counts).sum()), "sum to 1"),
        (scaled(lambda counts: len(counts) / counts / (1 / counts).sum()), "over the"),
        (scaled(lambda counts: counts * 0 + 1.0), "no weighting"),
        (scaled(lambda counts: counts * np.nan), "above 0"),
        (scaled(lambda counts: counts - counts.max()), "above 0"),
        (lambda labels: {0: 100 / 180, 1: 100 / 45, 2: 100 / 75}, "keys"),
        (lambda labels: {k + 1: w for k, w in by_hand(labels).items()}, "counted from 1"),
        (lambda labels: {}, "none"),
        (lambda labels: list(by_hand(labels).values()), "expected a dictionary"),
        (lambda labels: dict.fromkeys(by_hand(labels), "1"), "one number for each class"),
        (lambda labels: {k: [1, 2] for k in by_hand(labels)}, "one number for each class"),
        (lambda labels: labels.sort() or by_hand(labels), "changes the data"),
        (lambda labels: 1 / 0, "ZeroDivisionError"),
        ({0: 1.0}, "expected a function"),
    ],
)
def test_wrong(judged, function, words):
    status, said = judged(check_class_weights, function)
    assert status == "wrong" and words in said


@pytest.mark.parametrize("function", [..., None, lambda labels: ...])
def test_todo(judged, function):
    assert judged(check_class_weights, function)[0] == "todo"
