"""From fine classes to superclasses, and the mistakes that stay inside one."""

import math

import numpy as np
import pytest

from helpers import labels, metrics
from helpers.errors import UserError

MAP = np.array([1, 0, 1, 2, 0])  # superclasses of 2, 2 and 1 classes


def test_labels_are_looked_up():
    coarse = metrics.to_coarse(np.array([0, 1, 4, 3]), MAP)
    assert coarse.tolist() == [1, 0, 0, 2] and coarse.dtype == np.int64
    assert metrics.to_coarse(np.array([[2], [3]], dtype=np.uint8), MAP).tolist() == [1, 2]
    assert metrics.to_coarse([3, 0], MAP.tolist()).tolist() == [2, 1]


def test_probabilities_are_added():
    p = np.array([[0.1, 0.2, 0.3, 0.25, 0.15]])
    np.testing.assert_allclose(metrics.to_coarse(p, MAP), [[0.35, 0.4, 0.25]])


def test_a_sum_may_outvote_the_best_class():
    p = np.array([[0.3, 0.0, 0.3, 0.4, 0.0]])
    assert metrics.to_coarse(p, MAP).argmax() == 1
    assert metrics.to_coarse(p.argmax(axis=1), MAP) == 2


def test_sums_stay_probabilities_for_a_hundred_classes():
    p = np.random.default_rng(0).dirichlet(np.ones(100), 50).astype(np.float32)
    coarse = metrics.to_coarse(p, labels.CIFAR100_FINE_TO_COARSE)
    assert coarse.shape == (50, 20) and coarse.dtype == np.float64
    np.testing.assert_allclose(coarse.sum(axis=1), 1, rtol=1e-5)


def test_coarse_accuracy_is_never_below_the_fine_one():
    y, predicted = np.random.default_rng(0).integers(0, 5, (2, 300))
    fine = (y == predicted).mean()
    assert (metrics.to_coarse(y, MAP) == metrics.to_coarse(predicted, MAP)).mean() >= fine


def test_inside():
    y = np.array([0, 0, 1, 3, 4, 2])
    predicted = np.array([0, 2, 4, 0, 3, 1])  # right, inside, inside, out, out, out
    row = metrics.inside_superclass(y, predicted, MAP)
    assert (row.mistakes, row.inside, row.share) == (5, 2, 0.4)
    # Siblings of the true classes 0, 1, 3, 4, 2: one each, but none for class 3; four others.
    assert row.by_chance == pytest.approx(4 / 5 / 4)


def test_chance_in_cifar100_is_4_of_99():
    y = np.random.default_rng(0).permutation(np.arange(20_000) % 100)
    predicted = (y + np.random.default_rng(1).integers(1, 100, len(y))) % 100  # evenly elsewhere
    row = metrics.inside_superclass(y, predicted, labels.CIFAR100_FINE_TO_COARSE)
    assert row.mistakes == 20_000
    assert row.by_chance == pytest.approx(4 / 99)
    assert row.share == pytest.approx(4 / 99, abs=0.006)


def test_chance_with_uneven_superclasses_is_met_by_even_mistakes():
    rng = np.random.default_rng(0)
    y = rng.choice(5, 20_000, p=[0.5, 0.2, 0.1, 0.1, 0.1])
    predicted = (y + rng.integers(1, 5, len(y))) % 5
    row = metrics.inside_superclass(y, predicted, MAP)
    assert row.share == pytest.approx(row.by_chance, abs=0.012)


def test_without_a_mistake_nothing_is_known():
    row = metrics.inside_superclass(np.arange(5), np.arange(5), MAP)
    assert row[:2] == (0, 0) and math.isnan(row.share) and math.isnan(row.by_chance)


@pytest.mark.parametrize(
    ("fine", "fine_to_coarse", "words"),
    [
        (np.array([5]), MAP, "from 5 to 5"),
        (np.array([-1]), MAP, "from -1"),
        (np.array([0.5]), MAP, "float64"),
        (np.array([], dtype=int), MAP, "empty"),
        (np.full((1, 4), 0.25), MAP, "4 columns for 5 classes"),
        (np.full((1, 5), 0.3), MAP, "sums to 1.5"),
        (np.array([[0.2, 0.2, 0.2, 0.4, np.nan]]), MAP, "NaN"),
        (np.array([[3.0, -2, 0, 0, 0]]), MAP, "probabilities in 0 to 1"),
        (np.zeros((2, 3, 5)), MAP, "shape"),
        (np.array([0]), MAP[None], "fine_to_coarse has shape"),
        (np.array([0]), MAP / 1, "fine_to_coarse has dtype"),
        (np.array([0]), MAP[:0], "fine_to_coarse is empty"),
        (np.array([0]), MAP - 1, "numbered from 0"),
        (np.array([0]), np.array([0, 2, 0]), "superclass 1"),
        (np.array([0]), np.array([0, 10**15]), "more superclasses than classes"),
    ],
)
def test_to_coarse_refuses(fine, fine_to_coarse, words):
    with pytest.raises(UserError, match=words) as caught:
        metrics.to_coarse(fine, fine_to_coarse)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("y", "predicted", "fine_to_coarse", "words"),
    [
        ([0, 1], [0], MAP, "y_fine has 2, predicted_fine has 1"),
        ([0, 5], [0, 1], MAP, "y_fine goes from 0 to 5"),
        ([0, 1], np.eye(5)[:2], MAP, "argmax"),
        ([0], [0], [0], "1 class"),
    ],
)
def test_inside_refuses(y, predicted, fine_to_coarse, words):
    with pytest.raises(UserError, match=words):
        metrics.inside_superclass(y, predicted, fine_to_coarse)
