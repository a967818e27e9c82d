import numpy as np
import pytest

from helpers.checks import (
    check_class_mistakes,
    check_interval,
    check_recalls,
    check_thresholds,
)

MATRIX = np.array([[8, 2, 0], [1, 15, 4], [0, 4, 27]])
RECALLS = MATRIX.diagonal() / MATRIX.sum(axis=1)

RNG = np.random.default_rng(0)
y = np.repeat(np.arange(4), 50)
p = RNG.dirichlet(np.ones(4), 200)
p[np.arange(200), y] += 0.6
p /= p.sum(axis=1, keepdims=True)
answers, top = p.argmax(axis=1), p.max(axis=1)
MISTAKES = np.flatnonzero((y == 1) & (answers != y))
MISTAKES = MISTAKES[np.argsort(-top[MISTAKES])]
THRESHOLDS = np.array([p[y == c, c].mean() for c in range(4)])

RIGHT = np.arange(100) % 10 < 7


def quantiles(values, *levels, size=100, seed=0, rounds=500):
    rng = np.random.default_rng(seed)
    draws = [rng.choice(values, size=size).mean() for _ in range(rounds)]
    return np.quantile(draws, levels)


@pytest.mark.parametrize("answer", [RECALLS, RECALLS.tolist(), RECALLS.astype(np.float32)])
def test_recalls_right(judged, answer):
    assert judged(check_recalls, answer, MATRIX)[0] == "correct"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (MATRIX.diagonal() / MATRIX.sum(axis=0), "that is precision"),
        (MATRIX.diagonal() / MATRIX.sum(), "divided by all pictures"),
        (1 - RECALLS, "*missed*"),
        (RECALLS.round(2), "rounded"),
        (RECALLS[::-1], "another order"),
        (MATRIX / MATRIX.sum(axis=1, keepdims=True), "not only its diagonal"),
        (0.83, "one number for all"),
        (MATRIX.diagonal(), "not divided"),
        (100 * RECALLS, "percentages"),
        (np.full(3, np.nan), "not finite"),
        ("no", "expected 3 fractions"),
        ([], "expected 3 fractions"),
    ],
)
def test_recalls_wrong(judged, answer, words):
    status, said = judged(check_recalls, answer, MATRIX)
    assert status == "wrong" and words.replace("`", "'") in said


@pytest.mark.parametrize("answer", [MISTAKES, MISTAKES.tolist(), MISTAKES.astype(np.int32)])
def test_mistakes_right(judged, answer):
    assert len(MISTAKES) > 3
    assert judged(check_class_mistakes, answer, y, p, 1)[0] == "correct"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (MISTAKES[::-1], "small to large"),
        (np.roll(MISTAKES, 1), "not sorted by confidence"),
        (np.flatnonzero(answers != y), "all classes"),
        (np.flatnonzero((answers == 1) & (y != 1)), "*called*"),
        (np.flatnonzero((answers == 1) & (y == 1)), "wrong way round"),
        (np.flatnonzero(y == 1), "the right ones too"),
        (np.argsort(-top[MISTAKES]), "short"),
        (np.append(MISTAKES, MISTAKES[-1]), "more than once"),
        ((y == 1) & (answers != y), "the condition itself"),
        (top[MISTAKES], "confidences"),
        (np.nonzero(y == 1), "tuple"),
        ([500], "positions go from"),
        ([], "expected"),
        ("no", "array of positions"),
    ],
)
def test_mistakes_wrong(judged, answer, words):
    status, said = judged(check_class_mistakes, answer, y, p, 1)
    assert status == "wrong" and words in said


@pytest.mark.parametrize("seed", range(5))
def test_interval_right(judged, seed):
    ends = quantiles(RIGHT, 0.025, 0.975, seed=seed)
    assert judged(check_interval, ends, RIGHT)[0] == "correct"
    assert judged(check_interval, tuple(ends), RIGHT)[0] == "correct"


@pytest.mark.parametrize("seed", range(5))
def test_interval_of_twenty_pictures(judged, seed):
    few = np.arange(20) < 13
    assert judged(check_interval, quantiles(few, 0.025, 0.975, size=20, seed=seed), few)[0] == (
        "correct"
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (0.7, "pair"),
        ([0.7] * 500, "all rounds"),
        ((70, 80), "percentages"),
        ((0.8, 0.6), "swapped"),
        ((0.7, 0.7), "without replacement"),
        ((0.8, 0.9), "does not hold"),
        ((0.7 - 0.046, 0.7 + 0.046), "68 %"),
        ((0.7 - 0.075, 0.7 + 0.075), "90 %"),
        ((0.7 - 0.118, 0.7 + 0.118), "99 %"),
        ((0.69, 0.71), "too many pictures"),
        ((0.4, 0.95), "too few pictures"),
        ((np.nan, 0.8), "not finite"),
        ({}, "expected"),
    ],
)
def test_interval_wrong(judged, answer, words):
    status, said = judged(check_interval, answer, RIGHT)
    assert status == "wrong" and words in said


@pytest.mark.parametrize("answer", [THRESHOLDS, THRESHOLDS.tolist(), THRESHOLDS.round(5)])
def test_thresholds_right(judged, answer):
    assert judged(check_thresholds, answer, y, p)[0] == "correct"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (p.mean(axis=0), "over *all* pictures"),
        ([top[y == c].mean() for c in range(4)], "mean *confidence*"),
        ([p[answers == c, c].mean() for c in range(4)], "*predicted*"),
        ([p[(answers == c) & (y == c), c].mean() for c in range(4)], "only pictures that are"),
        (THRESHOLDS.mean(), "one threshold for all"),
        (p[np.arange(200), y], "one number a picture"),
        (p, "the probabilities themselves"),
        ([p[y == c].mean(axis=0) for c in range(4)], "*all* columns"),
        ([p[y == c, c].sum() for c in range(4)], "sums"),
        (np.full(4, np.nan), "lies from 0 to 1"),
        (THRESHOLDS[::-1], "expected"),
        (object(), "expected 4 numbers"),
    ],
)
def test_thresholds_wrong(judged, answer, words):
    status, said = judged(check_thresholds, answer, y, p)
    assert status == "wrong" and words in said


@pytest.mark.parametrize(
    ("check", "rest"),
    [
        (check_recalls, (MATRIX,)),
        (check_class_mistakes, (y, p, 1)),
        (check_interval, (RIGHT,)),
        (check_thresholds, (y, p)),
    ],
)
def test_todo(judged, check, rest):
    assert judged(check, ..., *rest)[0] == "todo"
