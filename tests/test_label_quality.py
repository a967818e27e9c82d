import numpy as np
import pytest

from helpers.errors import UserError
from helpers.label_quality import suspect_labels


def confident(y, k, rng, sure=0.8):
    """Probabilities of a good model: most of it on the label, the rest at random."""
    rest = rng.dirichlet(np.ones(k), len(y)) * (1 - sure)
    rest[np.arange(len(y)), y] += sure
    return rest


def test_by_hand():
    y = np.array([0, 0, 1, 1])
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]])
    # The thresholds are 0.55 and 0.65, and only the second row is over the other class's.
    assert suspect_labels(y, p).tolist() == [1]


def test_a_class_that_reaches_no_threshold_is_not_suspect():
    y = np.array([0, 0, 1, 1, 2])
    p = np.array([[0.9, 0.1, 0], [0.4, 0.5, 0.1], [0.1, 0.9, 0], [0.1, 0.9, 0], [0, 0, 1]])
    assert suspect_labels(y, p).tolist() == []  # 0.5 is more than 0.4, but the threshold is 0.9


def test_a_class_without_labels_makes_nobody_suspect():
    assert suspect_labels(np.array([0, 0]), np.array([[0.2, 0.8], [0.3, 0.7]])).tolist() == []


def test_the_most_suspect_comes_first():
    y = np.array([0] * 4 + [1] * 4)
    p = np.array([[0.9, 0.1]] * 2 + [[0.2, 0.8], [0.05, 0.95]] + [[0.2, 0.8]] * 4)
    assert suspect_labels(y, p).tolist() == [3, 2]


def test_finds_planted_labels():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 1000)
    p = confident(y, 10, rng)
    assert len(suspect_labels(y, p)) == 0
    planted = rng.choice(1000, 50, replace=False)
    labels = y.copy()
    labels[planted] = (y[planted] + rng.integers(1, 10, 50)) % 10
    found = suspect_labels(labels, p)
    assert found.dtype == np.int64
    assert set(found[:40]) <= set(planted)
    assert np.isin(planted, found).mean() > 0.9


def test_order_of_the_pictures_does_not_matter():
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 5, 300), rng.dirichlet(np.ones(5), 300)
    mixed = rng.permutation(300)
    assert len(suspect_labels(y, p)) > 0
    assert mixed[suspect_labels(y[mixed], p[mixed])].tolist() == suspect_labels(y, p).tolist()


@pytest.mark.parametrize(
    ("y", "p"),
    [
        (np.array([0, 1]), np.array([[0.5, 0.5]])),
        (np.array([0, 2]), np.array([[0.5, 0.5]] * 2)),
        (np.array([0.0, 1.0]), np.array([[0.5, 0.5]] * 2)),
        (np.array([0, 1]), np.array([[0.5, np.nan]] * 2)),
        (np.array([0, 1]), np.array([[2.0, 3.0]] * 2)),
        (np.array([], dtype=int), np.empty((0, 2))),
        (np.array([0, 1]), np.array([0.5, 0.5])),
    ],
)
def test_bad_input(y, p):
    with pytest.raises(UserError) as error:
        suspect_labels(y, p)
    assert "\n" not in str(error.value) and ": " in str(error.value)
