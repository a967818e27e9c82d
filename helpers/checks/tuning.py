"""Checks of lesson 05 on what a search does, and how its results are read."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe, shorten
from helpers.checks.student import call


@check("hyperparameter_tuning.halving")
def check_halving(function: Callable[[int], list[tuple[int, int]]]) -> str:
    """Check a function from a number of trials to the rounds of successive halving, factor 3.

    The rounds are (trials, epochs): (27, 1), (9, 3), (3, 9), (1, 27) for 27.
    """
    for start in (9, 27, 1, 81):
        right = _rounds(start)
        result = call(function, start)
        if not isinstance(result, list | tuple):
            raise Wrong("type", f"expected a list of pairs, got {describe(result)}.")
        if any(np.shape(pair) != (2,) for pair in result):
            raise Wrong("shape", "a round is no pair of trials and epochs.", "", "use tuples.")
        found = [(float(trials), float(epochs)) for trials, epochs in result]
        if found == right:
            continue
        raise Wrong(
            "value",
            f"for {start} trials your rounds are {shorten(result)}, expected {right}.",
            _halving_cause(found, right),
            "each round keeps a third of the trials and gives each three times the epochs.",
        )
    return "the rounds are right for 1, 9, 27 and 81 trials: each costs about the same."


def _rounds(trials: int) -> list[tuple[int, int]]:
    rounds = [(trials, 1)]
    while rounds[-1][0] > 1:
        rounds.append((rounds[-1][0] // 3, rounds[-1][1] * 3))
    return rounds


def _halving_cause(found: list, right: list) -> str:
    if found == right[:-1]:
        return "the last round, with one trial, is missing: the loop ends too early."
    if found == right[1:]:
        return "the first round, with one epoch, is missing."
    if [trials for trials, _ in found] == [trials for trials, _ in right]:
        return "the numbers of trials are right, the epochs are not."
    if found == [(epochs, trials) for trials, epochs in right]:
        return "trials and epochs are swapped."
    if len(found) > 1 and found[0] == right[0] and found[1][0] == found[0][0] / 2:
        return "you halve; here the factor is 3."
    return ""


@check("hyperparameter_tuning.best_so_far")
def check_best_so_far(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from (n,) scores to the (n,) best scores up to each trial."""
    scores = np.array([0.31, 0.42, 0.38, 0.42, 0.51, 0.2, 0.55])
    for given in (scores, scores[::-1].copy(), np.array([0.1])):
        right = np.maximum.accumulate(given)
        result = call(function, given)
        try:
            found = np.asarray(result, dtype=float)
        except (TypeError, ValueError):
            raise Wrong("type", f"expected numbers, got {describe(result)}.") from None
        if found.shape != right.shape:
            cause = "that is the best of all, not the best up to each." if found.ndim == 0 else ""
            raise Wrong("shape", f"expected {right.shape} values, got shape {found.shape}.", cause)
        if np.allclose(found, right):
            continue
        causes = [
            (np.minimum.accumulate(given), "the lowest so far; a greater accuracy is better."),
            (np.sort(given), "sorted scores: the order of the trials is lost."),
            (np.full_like(given, given.max()), "the best of all trials, also of later ones."),
            (np.maximum.accumulate(given[::-1])[::-1], "it looks ahead, not back."),
        ]
        raise Wrong(
            "value",
            f"for {given.tolist()} you return {shorten(found.tolist())}.",
            next((cause for wrong, cause in causes if np.allclose(found, wrong)), ""),
            "at each place: the greatest score from the first trial up to this one.",
        )
    return "right for rising and falling scores, and for a single one."


@check("hyperparameter_tuning.choose_small")
def check_choose_small(function: Callable[[list[dict[str, Any]]], int]) -> str:
    """Check a function that chooses the smallest network within 0.02 of the best score.

    It takes a list of {"score": float, "parameters": int}, and returns a position in it.
    """
    for results in _result_lists():
        scores = np.array([result["score"] for result in results])
        sizes = np.array([result["parameters"] for result in results])
        good = scores >= scores.max() - 0.02
        right = int(np.argmin(np.where(good, sizes, np.inf)))
        result = call(function, results)
        if isinstance(result, dict):
            raise Wrong("type", "expected a position, got the entry itself.", "", "use its index.")
        if isinstance(result, bool) or not isinstance(result, int | float | np.number | np.ndarray):
            raise Wrong("type", f"expected a position, got {describe(result)}.")
        if np.size(result) != 1:
            raise Wrong("shape", f"expected one position, got {describe(result)}.")
        place = float(np.reshape(result, ()))
        if place == right:
            continue
        if not (place.is_integer() and 0 <= place < len(results)):
            raise Wrong("range", f"{place:g} is no position in a list of {len(results)}.")
        chosen = int(place)
        cause = ""
        if chosen == int(np.argmax(scores)):
            cause = "it has the best score, but a smaller one is nearly as good."
        elif chosen == int(np.argmin(sizes)):
            cause = "it is the smallest of all, but its score is too low."
        elif good[chosen]:
            cause = "its score is good enough, but there is a smaller one as good."
        raise Wrong(
            "value",
            f"you chose position {chosen}, expected {right}.",
            cause,
            "first find out which scores are good enough, then compare sizes among those.",
        )
    return "the smallest network among those within 2 points of the best."


def _result_lists() -> list[list[dict[str, Any]]]:
    tables = [
        [(0.50, 90_000), (0.49, 20_000), (0.485, 40_000), (0.30, 5_000)],
        [(0.40, 10_000), (0.61, 80_000), (0.58, 9_000), (0.60, 50_000), (0.595, 70_000)],
        [(0.70, 30_000)],
    ]
    return [[{"score": s, "parameters": p} for s, p in table] for table in tables]
