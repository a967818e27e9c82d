"""Temperature, threshold and "I don't know": right by hand, and bad input is refused."""

import numpy as np
import pytest

from helpers import metrics, unsure
from helpers.errors import UserError

# Confidence 0.9 right, 0.8 wrong, 0.7 right, 0.6 right, 0.6 wrong.
P = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4], [0.6, 0.4]])
Y = np.array([0, 0, 1, 0, 1])


@pytest.fixture(scope="module")
def boaster():
    """Labels drawn from p, and the same probabilities made too sure: (y, p, too_sure)."""
    rng = np.random.default_rng(1001)
    p = rng.dirichlet(np.full(5, 0.5), 5000)
    y = (p.cumsum(axis=1) > rng.random((5000, 1))).argmax(axis=1)
    return y, p, unsure.cool(p, 0.4)


def test_coverage_by_hand_with_equal_confidences_together():
    curve = unsure.coverage(P, Y)
    np.testing.assert_allclose(curve.threshold, [0.9, 0.8, 0.7, 0.6])
    np.testing.assert_allclose(curve.coverage, [0.2, 0.4, 0.6, 1.0])
    np.testing.assert_allclose(curve.accuracy, [1, 1 / 2, 2 / 3, 3 / 5])


@pytest.mark.parametrize(
    ("target", "expected"), [(0.5, 0.6), (0.6, 0.6), (0.65, 0.7), (0.7, 0.9), (1.0, 0.9)]
)
def test_threshold_is_the_lowest_that_is_good_enough(target, expected):
    assert unsure.threshold(P, Y, target) == pytest.approx(expected)


def test_threshold_keeps_its_promise_on_the_data_it_was_chosen_on(boaster):
    y, p, _ = boaster
    chosen = unsure.threshold(p, y, 0.9)
    answers = unsure.answer(p, chosen)
    answered = answers != unsure.UNKNOWN
    assert (answers[answered] == y[answered]).mean() >= 0.9
    curve = unsure.coverage(p, y)
    lower = curve.threshold < chosen
    assert (curve.accuracy[lower] < 0.9).all()
    assert answered.mean() == pytest.approx(curve.coverage[~lower][-1])


def test_threshold_of_float32_probabilities_answers_the_picture_it_came_from(boaster):
    y, p, _ = boaster
    p = p.astype(np.float32)
    chosen = unsure.threshold(p, y, 0.95)
    assert (unsure.answer(p, chosen) >= 0).sum() == (p.max(axis=1) >= chosen).sum() > 0


def test_no_threshold_high_enough_says_what_the_best_one_reaches():
    wrong = 1 - Y
    with pytest.raises(UserError, match=r"99 %.*reaches 50\.0 %"):
        unsure.threshold(P, wrong, 0.99)


def test_answer_includes_the_threshold_itself():
    assert unsure.answer(P, 0.7).tolist() == [0, 1, 1, -1, -1]
    assert unsure.answer(P, 0).tolist() == [0, 1, 1, 0, 0]
    assert unsure.answer(P, 1).tolist() == [-1] * 5
    assert unsure.answer(P, 0.5).dtype == np.int64


def test_temperature_repairs_what_heat_has_done(boaster):
    y, p, too_sure = boaster
    heat = unsure.temperature(too_sure, y)
    assert heat == pytest.approx(1 / 0.4, rel=0.05)
    right = p.argmax(axis=1) == y
    errors = [
        metrics.reliability(q.max(axis=1), right).ece
        for q in (too_sure, unsure.cool(too_sure, heat))
    ]
    assert errors[1] < errors[0] / 5


def test_cool_keeps_the_order_and_takes_zeros():
    hard = np.array([[1.0, 0.0, 0.0], [0.0, 0.3, 0.7]])
    soft = unsure.cool(hard, 2.0)
    assert np.isfinite(soft).all()
    np.testing.assert_array_equal(soft.argmax(axis=1), [0, 2])
    assert np.isfinite(unsure.temperature(hard, np.array([1, 2])))


def test_in_words():
    assert unsure.in_words(np.array([1, -1, 0]), ("cat", "dog")) == ["dog", "I don't know", "cat"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: unsure.coverage(P, Y[:3]), "differ in number"),
        (lambda: unsure.coverage(P[0], Y), "shape"),
        (lambda: unsure.coverage(P[:0], Y[:0]), "shape"),
        (lambda: unsure.coverage(np.where(P > 0.8, np.nan, P), Y), "NaN"),
        (lambda: unsure.coverage(5 * P, Y), "probabilities"),
        (lambda: unsure.coverage(P, Y + 1), "numbered 0 to 1"),
        (lambda: unsure.temperature(np.log(P), Y), "probabilities"),
        (lambda: unsure.temperature(P, Y[:2]), "differ in number"),
        (lambda: unsure.cool(P, 0), "above 0"),
        (lambda: unsure.threshold(P, Y, 95), "target_precision is 95"),
        (lambda: unsure.threshold(P, Y, True), "target_precision"),
        (lambda: unsure.threshold(P, Y, np.nan), "target_precision"),
        (lambda: unsure.answer(P, 70), "from 0 to 1"),
        (lambda: unsure.answer(P, "0.7"), "from 0 to 1"),
        (lambda: unsure.answer(P, np.nan), "from 0 to 1"),
        (lambda: unsure.in_words(np.array([2]), ("cat", "dog")), "2 class names"),
        (lambda: unsure.in_words(np.array([-2]), ("cat", "dog")), "2 class names"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(UserError, match=words) as error:
        call()
    assert "\n" not in str(error.value)
