import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from helpers import metrics
from helpers.errors import UserError

RNG = np.random.default_rng(0)
Y = RNG.choice(4, 300, p=[0.7, 0.2, 0.05, 0.05])
PREDICTED = np.where(RNG.random(300) < 0.7, Y, RNG.integers(0, 4, 300))


def test_balanced_accuracy_is_that_of_scikit_learn():
    assert np.isclose(
        metrics.balanced_accuracy(Y, PREDICTED, 4), balanced_accuracy_score(Y, PREDICTED)
    )


def test_always_the_largest_class_is_chance():
    assert metrics.balanced_accuracy(Y, np.zeros_like(Y), 4) == 0.25
    assert metrics.balanced_accuracy(Y, Y, 4) == 1


def test_a_class_without_pictures_is_left_out():
    y, predicted = np.array([0, 0, 1]), np.array([0, 2, 1])
    assert metrics.balanced_accuracy(y, predicted, 3) == 0.75


def test_right_wrong_counts_each_class():
    counts = metrics.right_wrong(np.array([0, 0, 2, 2, 2]), np.array([0, 1, 2, 2, 0]), 4)
    assert counts.dtype == np.int64 and counts.tolist() == [[1, 1], [0, 0], [2, 1], [0, 0]]


@pytest.mark.parametrize(
    ("y", "predicted", "classes"),
    [
        (Y, PREDICTED[:-1], 4),
        (Y, PREDICTED, 3),
        (Y[:0], PREDICTED[:0], 4),
        (Y.astype(float), PREDICTED, 4),
        (Y, np.full(300, np.nan), 4),
        (Y, np.eye(4, dtype=int)[PREDICTED], 4),
        (Y, PREDICTED, 1),
    ],
)
def test_bad_input_is_refused(y, predicted, classes):
    for figure in (metrics.balanced_accuracy, metrics.right_wrong):
        with pytest.raises(UserError):
            figure(y, predicted, classes)
