"""Lesson 05's checks: right answers pass, wrong ones are refused with their cause."""

import numpy as np
import pytest

from helpers.checks import tuning as check


def declare(hp, rate=None, dropout=None, units=(32, 64, 128)):
    rate = {"min_value": 1e-5, "max_value": 1e-1, "sampling": "log"} | (rate or {})
    hp.Float("learning_rate", **rate)
    hp.Float("dropout", **{"min_value": 0.0, "max_value": 0.5, "step": 0.1} | (dropout or {}))
    hp.Choice("units", list(units))


def halving(trials):
    rounds = [(trials, 1)]
    while rounds[-1][0] > 1:
        trials, epochs = rounds[-1]
        rounds.append((trials // 3, epochs * 3))
    return rounds


def smallest(results, least):
    good = [i for i, result in enumerate(results) if result["score"] >= least]
    return min(good, key=lambda i: results[i]["parameters"])


def best(results):
    return max(result["score"] for result in results)


CASES = [
    (check.search_space, declare, "Correct"),
    (check.search_space, lambda hp: declare(hp, units=(128, 32, 64)), "Correct"),
    (check.halving, halving, "Correct"),
    (check.halving, lambda n: [[n / 3**k, 3**k] for k in range(5) if 3**k <= n], "Correct"),
    (check.best_so_far, lambda scores: np.maximum.accumulate(scores), "Correct"),
    (check.best_so_far, lambda s: [max(s[: i + 1]) for i in range(len(s))], "Correct"),
    (check.choose_small, lambda results: smallest(results, best(results) - 0.02), "Correct"),
    (check.search_space, lambda hp: declare(hp, {"sampling": "linear"}), "drawn evenly"),
    (check.search_space, lambda hp: declare(hp, {"sampling": "reverse_log"}), "upper end"),
    (check.search_space, lambda hp: declare(hp, {"min_value": 1e-6}), "is 1e-06, asked for"),
    (check.search_space, lambda hp: declare(hp, {"step": 10}), "only a few"),
    (check.search_space, lambda hp: declare(hp, dropout={"step": None}), "every number"),
    (check.search_space, lambda hp: declare(hp, dropout={"step": 0.25}), "only a few"),
    (check.search_space, lambda hp: declare(hp, units=[32.0, 64.0, 128.0]), "whole numbers"),
    (check.search_space, lambda hp: hp.Float("lr", 0, 1), "declared are: lr"),
    (check.search_space, lambda hp: 1 / 0, "ZeroDivisionError"),
    (check.halving, lambda n: halving(n)[:-1], "the last round"),
    (check.halving, lambda n: halving(n)[1:], "the first round"),
    (check.halving, lambda n: [(trials, 1) for trials, _ in halving(n)], "the epochs stay at 1"),
    (check.halving, lambda n: [(n / 2**k, 2**k) for k in range(4)], "the factor is 3"),
    (check.halving, lambda n: n, "expected pairs"),
    (check.halving, lambda n: [pair[::-1] for pair in halving(n)], "are swapped"),
    (check.best_so_far, lambda scores: np.minimum.accumulate(scores), "lowest so far"),
    (check.best_so_far, lambda scores: np.sort(scores), "order of the trials is lost"),
    (check.best_so_far, lambda scores: np.max(scores), "not the best up to each"),
    (check.best_so_far, lambda scores: np.full_like(scores, scores.max()), "also of later ones"),
    (check.best_so_far, lambda scores: "0.5", "expected 7 scores"),
    (check.choose_small, lambda rs: int(np.argmax([r["score"] for r in rs])), "nearly as good"),
    (check.choose_small, lambda rs: int(np.argmin([r["parameters"] for r in rs])), "too low"),
    (check.choose_small, lambda rs: smallest(rs, 0.98 * best(rs)), "98 % of the best"),
    (check.choose_small, lambda rs: smallest(rs, best(rs) - 0.01), "1 point below"),
    (check.choose_small, lambda rs: smallest(rs, best(rs) - 0.05), "more than 2 points"),
    (check.choose_small, lambda rs: rs[0], "the entry itself"),
    (check.choose_small, lambda rs: 99, "is 99, expected 1"),
]


@pytest.mark.parametrize(("examine", "work", "words"), CASES)
def test_right_and_wrong_with_its_cause(examine, work, words):
    verdict = examine(work)
    assert verdict.status == ("correct" if words == "Correct" else "wrong"), repr(verdict)
    assert words in repr(verdict)


@pytest.mark.parametrize("stub", [..., lambda argument: ..., lambda argument: None])
def test_not_done_yet(stub):
    for examine in (check.search_space, check.halving, check.best_so_far, check.choose_small):
        assert examine(stub).status == "todo"
