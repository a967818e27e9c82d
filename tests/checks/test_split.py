import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from helpers.checks import check_split

# As in the lesson: ten classes of the same size, in no order.
LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(10), 100))
ALL = np.arange(len(LABELS))


def by_sklearn(labels, **changes):
    options = {"test_size": 0.1, "stratify": labels, "random_state": 1001} | changes
    return train_test_split(np.arange(len(labels)), **options)


def by_hand(labels):
    random = np.random.default_rng(1001)
    val = []
    for number in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == number))
        val.extend(members[: round(0.1 * len(members))])
    return np.setdiff1d(np.arange(len(labels)), val), np.array(val)


def per_class(choose):
    def split(labels):
        val = np.concatenate([choose(np.flatnonzero(labels == n)) for n in range(10)])
        return np.setdiff1d(np.arange(len(labels)), val), val

    return split


@pytest.mark.parametrize("function", [by_sklearn, by_hand, lambda y: [list(i) for i in by_hand(y)]])
@pytest.mark.parametrize("labels", [LABELS, LABELS[:, None], LABELS[:987], np.sort(LABELS)])
def test_right(judged, function, labels):
    status, said = judged(check_split, function, labels)
    assert status == "correct", said


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda y: by_sklearn(y, random_state=None), "no seed"),
        (lambda y: by_sklearn(y, stratify=None), "not stratified"),
        (lambda y: by_sklearn(y, test_size=0.2), "20.0%"),
        (lambda y: by_sklearn(y, test_size=None), "0.25 is the default"),
        (lambda y: by_sklearn(y)[::-1], "wrong order"),
        (lambda y: by_sklearn(y, test_size=0.9), "fraction is reversed"),
        (lambda y: (ALL, by_hand(y)[1]), "holds all images"),
        (lambda y: (np.append(by_hand(y)[0], by_hand(y)[1][0]), by_hand(y)[1]), "both parts"),
        (lambda y: (by_hand(y)[0][5:], by_hand(y)[1]), "neither part"),
        (
            lambda y: (by_hand(y)[0], np.random.default_rng(1).integers(0, 1000, 100)),
            "more than once",
        ),
        (lambda y: (y[by_hand(y)[0]], y[by_hand(y)[1]]), "returned labels"),
        (lambda y: (np.isin(ALL, by_hand(y)[0]), np.isin(ALL, by_hand(y)[1])), "mask"),
        (per_class(lambda members: members[:10]), "regular places"),
        (per_class(lambda members: members[-10:]), "regular places"),
        (per_class(lambda members: members[::10]), "regular places"),
        (lambda y: train_test_split(y, y, test_size=0.1), "four arrays"),
        (lambda y: (ALL[:900] + 101, ALL[:100]), "indexes go from"),
        (lambda y: (ALL[100:], ALL[:100] / 1.0), "expected integers"),
        (lambda y: (ALL[None, 100:], ALL[:100]), "expected one axis"),
        (lambda y: (ALL, ALL[:0]), "empty"),
        (lambda y: ALL, "expected a pair"),
        (lambda y: 3, "expected a pair"),
        (lambda y: "ab", "expected a pair"),
        (lambda y: ("a", "b"), "expected an array"),
        (lambda y: y.sort(), "changes the data"),
    ],
)
def test_wrong(judged, function, words):
    status, said = judged(check_split, function, LABELS)
    assert status == "wrong"
    assert words in said


def test_todo(judged):
    assert judged(check_split, lambda labels: ..., LABELS)[0] == "todo"
