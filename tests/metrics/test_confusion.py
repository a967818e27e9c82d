"""The confusion matrix, its order and its worst pairs."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from helpers import metrics
from helpers.errors import UserError

Y = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 1, 1, 1, 0, 2])
MATRIX = np.array([[1, 2, 0], [1, 1, 0], [0, 0, 1]])


def test_rows_are_true_and_columns_predicted():
    matrix = metrics.confusion(Y, PREDICTED, 3)
    assert matrix.dtype == np.int64
    np.testing.assert_array_equal(matrix, MATRIX)


def test_agrees_with_scikit_learn(predictions):
    ours = metrics.confusion(predictions.y, predictions.predicted, 4)
    np.testing.assert_array_equal(ours, confusion_matrix(predictions.y, predictions.predicted))


def test_order_of_the_pictures_does_not_matter(predictions):
    shuffled = np.random.default_rng(0).permutation(600)
    np.testing.assert_array_equal(
        metrics.confusion(predictions.y[shuffled], predictions.predicted[shuffled], 4),
        metrics.confusion(predictions.y, predictions.predicted, 4),
    )


def test_a_column_of_labels_and_classes_that_are_missing():
    matrix = metrics.confusion(Y[:, None], PREDICTED.astype("uint8"), 5)
    assert matrix.shape == (5, 5) and matrix.sum() == 6 and not matrix[3:].any()


def test_rates_are_the_recall_of_each_class():
    shares = metrics.rates(MATRIX)
    np.testing.assert_allclose(shares[0], [1 / 3, 2 / 3, 0])
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_rates_of_a_class_without_pictures_are_unknown():
    shares = metrics.rates(np.array([[0, 0], [1, 3]]))
    assert np.isnan(shares[0]).all() and shares[1].tolist() == [0.25, 0.75]


def test_order_puts_confused_classes_side_by_side():
    matrix = 50 * np.eye(6, dtype=int)
    for a, b in ((0, 3), (1, 5), (2, 4)):
        matrix[a, b] = matrix[b, a] = 20
    order = metrics.order(matrix).tolist()
    assert sorted(order) == list(range(6))
    for a, b in ((0, 3), (1, 5), (2, 4)):
        assert abs(order.index(a) - order.index(b)) == 1
    assert order[0] < order[-1]


@pytest.mark.parametrize("matrix", [np.eye(4, dtype=int), MATRIX[:2, :2], np.zeros((3, 3), int)])
def test_order_stays_where_there_is_nothing_to_order(matrix):
    assert metrics.order(matrix).tolist() == list(range(len(matrix)))


def test_most_confused_adds_both_directions():
    matrix = np.array([[5, 1, 0], [4, 5, 2], [0, 0, 5]])
    pairs = metrics.most_confused(matrix, ["cat", "dog", "ship"])
    assert pairs == [("dog", "cat", 5, 4, 1), ("dog", "ship", 2, 2, 0)]
    assert metrics.most_confused(matrix, "abc", n=1)[0].first_as_second == 4
    assert metrics.most_confused(np.eye(3, dtype=int), "abc") == []


@pytest.mark.parametrize(
    ("y", "predicted", "classes", "words"),
    [
        (Y, PREDICTED[:5], 3, "y_true has 6, y_pred has 5"),
        (Y, PREDICTED, 2, "0 to 1"),
        (Y - 1, PREDICTED, 3, "from -1"),
        (Y / 1, PREDICTED, 3, "float64"),
        (np.eye(3)[Y], PREDICTED, 3, "argmax"),
        (Y[:0], PREDICTED[:0], 3, "empty"),
        (Y, PREDICTED, 3.0, "classes is 3.0"),
        (Y, PREDICTED, 1, "classes is 1"),
    ],
)
def test_confusion_refuses(y, predicted, classes, words):
    with pytest.raises(UserError, match=words):
        metrics.confusion(y, predicted, classes)


@pytest.mark.parametrize("matrix", [MATRIX[:2], MATRIX / 6, -MATRIX, np.zeros((0, 0), int)])
@pytest.mark.parametrize("function", [metrics.rates, metrics.order])
def test_what_is_no_matrix_of_counts_is_refused(function, matrix):
    with pytest.raises(UserError, match="matrix of"):
        function(matrix)


def test_most_confused_refuses():
    with pytest.raises(UserError, match="2 names for 3 classes"):
        metrics.most_confused(MATRIX, "ab")
    with pytest.raises(UserError, match="n is 0"):
        metrics.most_confused(MATRIX, "abc", n=0)
