import numpy as np
import pytest

from helpers import labels
from helpers.checks import check_coarse_probabilities, check_fine_to_coarse, check_inside_share

MAP = np.array(labels.CIFAR100_FINE_TO_COARSE)
FINE = np.random.default_rng(0).permutation(np.arange(1000) % 100)
COARSE = MAP[FINE]
FIRST_SEEN = MAP[list(dict.fromkeys(FINE.tolist()))]


@pytest.mark.parametrize(
    "answer",
    [
        MAP,
        MAP.tolist(),
        tuple(MAP),
        MAP.astype(float),
        dict(enumerate(MAP)),
        dict(zip(FINE.tolist(), COARSE.tolist(), strict=True)),
    ],
)
def test_map_right(judged, answer):
    status, said = judged(check_fine_to_coarse, answer, FINE.tolist(), COARSE.tolist())
    assert status == "correct" and "100 classes" in said and "20 superclasses" in said


def test_map_right_with_ten_classes_and_a_wrong_one(judged):
    ten = np.array(labels.CIFAR10_FINE_TO_COARSE)
    fine = np.arange(50) % 10
    assert judged(check_fine_to_coarse, ten, fine, ten[fine])[0] == "correct"
    status, said = judged(check_fine_to_coarse, 1 - ten, fine, ten[fine])
    assert status == "wrong" and "fine label 0 belongs to superclass 1" in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (COARSE, "one entry a picture"),
        (np.arange(20), "one entry a superclass"),
        (np.stack([FINE, COARSE], 1), "pairs of all pictures"),
        (np.stack([np.arange(100), MAP], 1), "second column"),
        (np.eye(20)[MAP], "table of counts"),
        (MAP + 1, "counted from 1"),
        (np.arange(100), "fine labels themselves"),
        (MAP - 1, "from -1"),
        (FIRST_SEEN, "in which they occur"),
        (COARSE[:100], "first 100 pictures"),
        (np.sort(MAP), "sorted by name"),
        (np.arange(100) // 5, "sorted by name"),
        (np.roll(MAP, 1), "one class too far"),
        (np.full(100, np.nan), "no whole numbers"),
        (MAP + 0.5, "no whole numbers"),
        (set(MAP.tolist()), "expected 100 integers"),
        (dict.fromkeys(labels.CIFAR100_FINE, 0), "no fine label"),
        (dict(zip(COARSE.tolist(), FINE.tolist(), strict=True)), "changed places"),
        ({label: {int(MAP[label])} for label in range(100)}, "not a list or a set"),
        ({label: [int(MAP[label])] for label in range(100)}, "not a list or a set"),
        ("map", "expected 100 integers"),
        (object(), "expected 100 integers"),
    ],
)
def test_map_wrong(judged, answer, words):
    status, said = judged(check_fine_to_coarse, answer, FINE, COARSE)
    assert status == "wrong"
    assert words in said


P = np.random.default_rng(0).dirichlet(np.full(100, 0.1), 30)
SUMS = P @ np.eye(20)[MAP]


@pytest.mark.parametrize("answer", [SUMS, SUMS.astype(np.float32), SUMS.tolist()])
def test_probabilities_right(judged, answer):
    status, said = judged(check_coarse_probabilities, answer, P, MAP)
    assert status == "correct" and "20 columns" in said


def last_only():
    result = np.zeros((30, 20))
    result[:, MAP] += P
    return result


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (SUMS / 5, "the mean"),
        (np.stack([P[:, m == MAP].max(axis=1) for m in range(20)], 1), "the largest probability"),
        (last_only(), "'+='"),
        (P, "each fine class"),
        (SUMS.T, "changed places"),
        (SUMS.argmax(axis=1), "not probabilities"),
        (SUMS[:, ::-1], "add up"),
        (SUMS * np.nan, "sums to nan"),
        (SUMS[0], "expected shape (30, 20)"),
        ("sums", "expected an array"),
    ],
)
def test_probabilities_wrong(judged, answer, words):
    status, said = judged(check_coarse_probabilities, answer, P, MAP)
    assert status == "wrong"
    assert words in said


# 6 of 10 right; of four mistakes one stays inside (0 and 4 share superclass 0).
SMALL = np.array([0, 1, 1, 2, 0])
Y = np.array([0, 1, 2, 3, 4, 0, 0, 1, 3, 4])
PREDICTED = np.array([0, 1, 2, 3, 4, 0, 4, 3, 0, 1])


@pytest.mark.parametrize("share", [0.25, np.float64(0.25), np.array(0.25), np.float32(0.25)])
def test_share_right(judged, share):
    status, said = judged(check_inside_share, share, Y, PREDICTED, SMALL)
    assert status == "correct" and "1 of 4 mistakes" in said


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.7, "accuracy on superclasses"),
        (0.1, "all pictures"),
        (0.75, "leave"),
        (0.4, "that are wrong"),
        (1 / 7, "whose superclass is right"),
        (25.0, "percent"),
        (1.0, "expected 0.2500"),
        (np.nan, "zero was divided"),
        (0.252, "rounded"),
        (0.6, "expected 0.2500"),
        (-0.5, "between 0 and 1"),
        ([0.25], "one number"),
        ("25 %", "expected a number"),
    ],
)
def test_share_wrong(judged, share, words):
    status, said = judged(check_inside_share, share, Y, PREDICTED, SMALL)
    assert status == "wrong"
    assert words in said


@pytest.mark.parametrize(
    ("check", "rest"),
    [
        (check_fine_to_coarse, (FINE, COARSE)),
        (check_coarse_probabilities, (P, MAP)),
        (check_inside_share, (Y, PREDICTED, SMALL)),
    ],
)
def test_todo(judged, check, rest):
    assert judged(check, ..., *rest)[0] == "todo"


def test_share_as_a_count(judged):
    y, predicted = np.array([0, 0, 0, 1]), np.array([4, 4, 0, 0])
    status, said = judged(check_inside_share, 2, y, predicted, SMALL)
    assert status == "wrong" and "that is a count" in said
