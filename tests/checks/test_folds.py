import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold

from helpers import folds
from helpers.checks import check_folds

LABELS = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [300, 100, 200]))
RIGHT = folds.stratified(LABELS, 5)


def changed(place, train=None, val=None):
    old_train, old_val = RIGHT[place]
    pair = (old_train if train is None else train, old_val if val is None else val)
    return [*RIGHT[:place], pair, *RIGHT[place + 1 :]]


def by_hand():
    """Every class dealt out like cards."""
    part = np.empty(len(LABELS), dtype=int)
    for label in range(3):
        rows = np.flatnonzero(label == LABELS)
        part[rows] = np.arange(len(rows)) % 5
    return [(np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(5)]


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        tuple(RIGHT),
        by_hand(),
        [(list(train), list(val)) for train, val in RIGHT],
        [(train[::-1], val[::-1]) for train, val in RIGHT],
        list(StratifiedKFold(5).split(LABELS, LABELS)),
    ],
)
def test_right(judged, answer):
    status, said = judged(check_folds, answer, LABELS)
    assert status == "correct", said


def test_other_numbers_of_folds(judged):
    assert judged(check_folds, folds.stratified(LABELS, 3), LABELS[:, None], k=3)[0] == "correct"


train, val = RIGHT[0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (KFold(5).split(LABELS), "generator"),
        (list(KFold(5, shuffle=True, random_state=0).split(LABELS)), "not stratified"),
        (list(ShuffleSplit(5, test_size=0.2, random_state=0).split(LABELS)), "ShuffleSplit"),
        ([RIGHT[0]] * 5, "the same fold"),
        ([(v, t) for t, v in RIGHT], "exchanged"),
        (RIGHT[:4], "expected 5 folds, got 4"),
        (RIGHT[0], "one split"),
        (changed(2, train=np.arange(600)), "training holds all"),
        (changed(2, train=np.append(RIGHT[2][0][1:], RIGHT[2][1][0])), "a leak"),
        (changed(1, train=RIGHT[1][0][5:]), "neither part"),
        (changed(1, val=np.append(RIGHT[1][1], RIGHT[1][1][0])), "more than once"),
        (changed(0, train=LABELS[train]), "labels, not row numbers"),
        (changed(0, val=np.isin(np.arange(600), val)), "mask"),
        (changed(0, val=val + 500), "rows go from"),
        (changed(0, val=val - 600), "rows go from"),
        (changed(0, val=val / 1), "dtype"),
        (changed(0, val=val[None]), "shape (1, 120)"),
        (changed(0, val=[]), "shape (0,)"),
        (changed(0, val=["a"]), "expected an array"),
        ([1, 2, 3, 4, 5], "expected (train_rows, val_rows)"),
        ({1: 2}, "expected a list"),
        ("folds", "expected a list"),
        (5, "expected a list"),
        (np.nan, "expected a list"),
    ],
)
def test_wrong(judged, answer, words):
    status, said = judged(check_folds, answer, LABELS)
    assert status == "wrong", said
    assert words in said, said


@pytest.mark.parametrize("answer", [..., None])
def test_todo(judged, answer):
    assert judged(check_folds, answer, LABELS)[0] == "todo"
