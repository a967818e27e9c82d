"""Lesson 08: right answers pass, wrong ones are refused with their cause."""

import numpy as np
import pytest
from scipy import stats

from helpers.checks import error_analysis as check

MATRIX = np.array([[8, 2, 0], [1, 15, 4], [0, 4, 27]])
RECALLS = MATRIX.diagonal() / MATRIX.sum(axis=1)

y = np.repeat(np.arange(4), 50)
p = np.random.default_rng(0).dirichlet(np.ones(4), 200) + 0.6 * np.eye(4)[y]
p /= p.sum(axis=1, keepdims=True)
called, top = p.argmax(axis=1), p.max(axis=1)
MISTAKES = np.flatnonzero((y == 1) & (called != y))
MISTAKES = MISTAKES[np.argsort(-top[MISTAKES])]
THRESHOLDS = np.array([p[y == c, c].mean() for c in range(4)])

RIGHT = np.arange(100) % 10 < 7  # 70 of 100
GIVEN = {"interval": (RIGHT,), "recalls": (MATRIX,), "class_mistakes": (y, p, 1)}
GIVEN["thresholds"] = (y, p)


def drawn(right, *levels, seed=0, rounds=500, size=None):
    rng = np.random.default_rng(seed)
    draws = [rng.choice(right, size=size or len(right)).mean() for _ in range(rounds)]
    return np.quantile(draws, levels or (0.025, 0.975))


@pytest.mark.parametrize(("hits", "n"), [(70, 100), (13, 20), (18, 20), (380, 500)])
@pytest.mark.parametrize("seed", range(3))
def test_interval_by_any_good_way(hits, n, seed):
    right = np.arange(n) < hits
    ways = [
        drawn(right, seed=seed),
        tuple(drawn(right, seed=seed, rounds=2000)),
        stats.bootstrap((right,), np.mean, random_state=seed, n_resamples=2000).confidence_interval,
        stats.binomtest(hits, n).proportion_ci(),
        stats.binomtest(hits, n).proportion_ci(method="wilson"),
        right.mean() + np.array([-1.96, 1.96]) * right.std() / np.sqrt(n),
    ]
    verdicts = [check.interval(way, right) for way in ways]
    assert all(verdicts) and not any("draws" in v.text for v in verdicts)  # a formula has none


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("recalls", RECALLS.tolist()),
        ("class_mistakes", MISTAKES.tolist()),
        ("thresholds", THRESHOLDS.tolist()),
    ],
)
def test_right(name, answer):
    assert getattr(check, name)(answer, *GIVEN[name])


WRONG = {
    "interval": [
        (0.7, "one number"),
        ([0.7] * 500, "from all rounds"),
        (100 * drawn(RIGHT), "'* 100'"),
        (20 * drawn(np.arange(20) < 14), "a fraction lies from 0 to 1"),
        ((0.8, 0.6), "swapped"),
        ((0.7, 0.7), "without replacement"),
        ((0.8, 0.9), "other images were drawn"),
        ((0.69, 0.87), "not around the fraction"),
        ((0.64, 0.82), "not around the fraction"),
        ((0.7 - 0.046, 0.7 + 0.046), "68 %"),
        ((0.7 - 0.075, 0.7 + 0.075), "90 %"),
        ((0.7 - 0.118, 0.7 + 0.118), "99 %"),
        (drawn(RIGHT, size=2000), "too many images"),
        (drawn(RIGHT, size=20), "too few images"),
        (drawn(RIGHT, 0, 1), "smallest and the largest"),
        ((np.nan, 0.8), "not finite"),
    ],
    "recalls": [
        (MATRIX.diagonal() / MATRIX.sum(axis=0), "that is precision"),
        (MATRIX.diagonal() / MATRIX.sum(), "divided by all images"),
        (1 - RECALLS, "*missed*"),
        (MATRIX / MATRIX.sum(axis=1, keepdims=True), "not only its diagonal"),
        (MATRIX.diagonal(), "counts"),
        (100 * RECALLS, "percentages"),
        (RECALLS * np.nan, "entry 0 is nan"),
    ],
    "class_mistakes": [
        (MISTAKES[::-1], "small to large"),
        (np.roll(MISTAKES, 1), "not sorted"),
        (np.flatnonzero(called != y), "all classes"),
        (np.flatnonzero((called == 1) & (y != 1)), "*called*"),
        (np.flatnonzero((called == 1) & (y == 1)), "wrong way round"),
        (np.flatnonzero(y == 1), "the right ones too"),
        (np.argsort(-top[MISTAKES]), "*short*"),
        (np.append(MISTAKES, MISTAKES[-1]), "more than once"),
        ((y == 1) & (called != y), "the condition"),
        (top[MISTAKES], "confidences"),
        (np.nonzero(y == 1), "a tuple"),
        ([500], "yours are 0"),
        ([], "yours are 0"),
    ],
    "thresholds": [
        (p.mean(axis=0), "over *all* images"),
        ([top[y == c].mean() for c in range(4)], "mean *confidence*"),
        ([p[called == c, c].mean() for c in range(4)], "*predicted*"),
        ([p[(called == c) & (y == c), c].mean() for c in range(4)], "only images that are"),
        (p[np.arange(200), y], "one number an image"),
        (p, "the probabilities themselves"),
        ([p[y == c].mean(axis=0) for c in range(4)], "*all* columns"),
        ([p[y == c, c].sum() for c in range(4)], "sums"),
    ],
}


@pytest.mark.parametrize(
    ("name", "answer", "words"), [(name, *row) for name, rows in WRONG.items() for row in rows]
)
def test_wrong(name, answer, words):
    verdict = getattr(check, name)(answer, *GIVEN[name])
    assert verdict.status == "wrong" and words in repr(verdict)


def test_interval_of_counts():
    right = np.arange(500) < 380
    assert "'.sum()'" in repr(check.interval(500 * drawn(right), right))


@pytest.mark.parametrize("name", GIVEN)
def test_a_stub_is_not_done_yet(name):
    assert getattr(check, name)(..., *GIVEN[name]).status == "todo"
