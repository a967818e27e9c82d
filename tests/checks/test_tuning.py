import numpy as np
import pytest

from helpers.checks import (
    check_best_so_far,
    check_choose_small,
    check_halving,
    check_search_space,
)


def declare(hp, **changes):
    rate = {"min_value": 1e-5, "max_value": 1e-1, "sampling": "log"} | changes.get("rate", {})
    dropout = {"min_value": 0.0, "max_value": 0.5, "step": 0.1} | changes.get("dropout", {})
    hp.Float("learning_rate", **rate)
    hp.Float("dropout", **dropout)
    hp.Choice("units", changes.get("units", [32, 64, 128]))


def test_search_space_right(judged):
    assert judged(check_search_space, declare)[0] == "correct"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rate": {"sampling": "linear"}}, "drawn evenly"),
        ({"rate": {"min_value": 1e-6}}, "goes from 1e-06"),
        ({"dropout": {"max_value": 0.6}}, "'dropout' goes from 0 to 0.6"),
        ({"dropout": {"step": None}}, "the step of 'dropout' is None"),
        ({"units": [32, 64]}, "'units' can be [32, 64]"),
    ],
)
def test_search_space_wrong(judged, changes, words):
    status, said = judged(check_search_space, lambda hp: declare(hp, **changes))
    assert status == "wrong"
    assert words in said


def test_search_space_odd_things(judged):
    assert judged(check_search_space, lambda hp: ...)[0] == "todo"
    assert judged(check_search_space, 5)[0] == "wrong"
    assert "ZeroDivisionError" in judged(check_search_space, lambda hp: 1 / 0)[1]
    said = judged(check_search_space, lambda hp: hp.Float("lr", 0, 1))[1]
    assert "'learning_rate' is not declared" in said and "declared are lr" in said


def halving(trials):
    rounds = [(trials, 1)]
    while rounds[-1][0] > 1:
        trials, epochs = rounds[-1]
        rounds.append((trials // 3, epochs * 3))
    return rounds


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda n: halving(n)[:-1], "the last round"),
        (lambda n: halving(n)[1:], "the first round"),
        (lambda n: [(trials, 1) for trials, _ in halving(n)], "the epochs are not"),
        (lambda n: [(n, 1), (n / 2, 2), (n / 4, 4)], "the factor is 3"),
        (lambda n: n, "expected a list"),
        (lambda n: [n, 1], "no pair"),
    ],
)
def test_halving_wrong(judged, function, words):
    status, said = judged(check_halving, function)
    assert status == "wrong"
    assert words in said


def test_halving_right_and_open(judged):
    assert judged(check_halving, halving)[0] == "correct"
    assert judged(check_halving, ...)[0] == "todo"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (np.minimum.accumulate, "lowest so far"),
        (np.sort, "order of the trials is lost"),
        (np.max, "not the best up to each"),
        (lambda scores: np.full_like(scores, scores.max()), "also of later ones"),
        (lambda scores: "0.5", "Not right"),
        (lambda scores: np.full_like(scores, np.nan), "nan"),
        (lambda scores: [], "shape"),
    ],
)
def test_best_so_far_wrong(judged, function, words):
    status, said = judged(check_best_so_far, lambda scores: function(scores))
    assert status == "wrong"
    assert words in said


def test_best_so_far_right(judged):
    assert judged(check_best_so_far, lambda scores: np.maximum.accumulate(scores))[0] == "correct"


def choose_small(results):
    best = max(result["score"] for result in results)
    good = [i for i, result in enumerate(results) if result["score"] >= best - 0.02]
    return min(good, key=lambda i: results[i]["parameters"])


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda rs: int(np.argmax([r["score"] for r in rs])), "nearly as good"),
        (lambda rs: int(np.argmin([r["parameters"] for r in rs])), "too low"),
        (lambda rs: rs[0], "the entry itself"),
        (lambda rs: 99, "no position"),
        (lambda rs: float("nan"), "no position"),
        (lambda rs: "0", "expected a position"),
        (lambda rs: [0, 1], "expected"),
    ],
)
def test_choose_small_wrong(judged, function, words):
    status, said = judged(check_choose_small, function)
    assert status == "wrong"
    assert words in said


def test_choose_small_right(judged):
    assert judged(check_choose_small, choose_small)[0] == "correct"
