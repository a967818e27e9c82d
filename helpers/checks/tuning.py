"""Checks of lesson 05: a search space, successive halving, the best so far, the smaller network."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Todo, Wrong, as_array, call, check, compare

# What each hyperparameter must be: the class, and the attributes with their right values.
_SPACE = {
    "learning_rate": (
        "Float",
        {"sampling": "log", "min_value": 1e-5, "max_value": 1e-1, "step": None},
    ),
    "dropout": ("Float", {"min_value": 0.0, "max_value": 0.5, "step": 0.1}),
    "units": ("Choice", {"values": [32, 64, 128]}),
}
_CAUSES = {
    "sampling=linear": "drawn evenly, nine of ten learning rates are above 0.01.",
    "sampling=reverse_log": "nearly all draws then lie next to the upper end.",
    "step=None": "without a step every number in the range can be drawn.",
    "step": "a step leaves only a few of the values in the range.",
    "values": "a layer needs whole numbers, and all three of them.",
}


@check("tuning.search_space")
def search_space(declare: Callable[[Any], Any]) -> str:
    """Check a function of keras-tuner's `hp` that declares three hyperparameters.

    learning_rate: Float from 1e-5 to 1e-1 with log sampling; dropout: Float from 0 to 0.5 in
    steps of 0.1; units: Choice of 32, 64, 128. What the function returns does not matter.
    """
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    if call(declare, hp, in_place=True) is None and not hp.space:
        raise Todo
    space = {entry.name: entry for entry in hp.space}
    for name, (kind, attributes) in _SPACE.items():
        if name not in space:
            cause = f"declared are: {', '.join(space)}." if space else ""
            nudge = "the first argument of `hp.Float` and `hp.Choice` is the name."
            raise Wrong("value", f"`{name}` is not declared.", cause, nudge)
        entry = space[name]
        if (found := type(entry).__name__) != kind:
            cause = "a choice knows no order between its values, a number does."
            raise Wrong("type", f"`{name}` is of kind `{found}`.", cause, f"use `hp.{kind}`.")
        for attribute, right in attributes.items():
            _check_attribute(name, attribute, getattr(entry, attribute), right)
    return "a logarithmic learning rate, a dropout in steps, and three numbers of units."


def _check_attribute(name: str, attribute: str, found: Any, right: Any) -> None:
    if attribute == "values":
        same = {repr(value) for value in found} == {repr(value) for value in right}  # 32 is no 32.0
    elif isinstance(right, float) and found is not None:
        same = np.isclose(found, right, rtol=1e-6, atol=1e-9)
    else:
        same = found == right
    if not same:
        text = f"`{attribute}` of `{name}` is {found}, asked for was {right}."
        cause = _CAUSES.get(f"{attribute}={found}", _CAUSES.get(attribute, ""))
        raise Wrong("value", text, cause, f"see the argument `{attribute}`.")


@check("tuning.halving")
def halving(function: Callable[[int], list[tuple[int, int]]]) -> str:
    """Check a function from a number of trials to the rounds of successive halving, factor 3.

    The rounds are (trials, epochs): (27, 1), (9, 3), (3, 9), (1, 27) for 27.
    """
    for start in (9, 27, 1, 81):
        right = np.array([(start // 3**k, 3**k) for k in range(5) if 3**k <= start])
        found = as_array(call(function, start), "pairs (trials, epochs)", shape=(None, 2))
        causes = {
            "the last round, with one trial, is missing: the loop ends too early.": right[:-1],
            "the first round, with one epoch, is missing.": right[1:],
            "trials and epochs are swapped.": right[:, ::-1],
            "the epochs stay at 1.": right * [1, 0] + [0, 1],
            "you halve; here the factor is 3.": [(start / 2**k, 2**k) for k in range(len(found))],
        }
        nudge = f"{start} trials: each round keeps a third and trains it three times as long."
        compare(found, right, causes=causes, nudge=nudge)
    return "the rounds are right for 1, 9, 27 and 81 trials: each costs about the same."


@check("tuning.best_so_far")
def best_so_far(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from (n,) scores to the (n,) best scores up to each trial."""
    scores = np.array([0.31, 0.42, 0.38, 0.42, 0.51, 0.2, 0.55])
    for given in (scores, scores[::-1].copy(), np.array([0.1])):
        result = call(function, given)
        shapes = {(): "that is the best of all, not the best up to each."}
        found = as_array(result, f"{len(given)} scores", shape=given.shape, shapes=shapes)
        causes = {
            "the lowest so far; a greater accuracy is better.": np.minimum.accumulate(given),
            "sorted scores: the order of the trials is lost.": np.sort(given),
            "the best of all trials, also of later ones.": np.full_like(given, given.max()),
            "it looks ahead, not back.": np.maximum.accumulate(given[::-1])[::-1],
        }
        nudge = "at each place: the greatest score from the first trial up to this one."
        compare(found, np.maximum.accumulate(given), causes=causes, nudge=nudge)
    return "right for rising and falling scores, and for a single one."


# (score, parameters) of each network. In the second and third lists the rules that look like the
# right one choose other networks than it does.
_TABLES = [
    [(0.50, 90_000), (0.49, 20_000), (0.485, 40_000), (0.30, 5_000)],
    [(0.60, 80_000), (0.594, 60_000), (0.586, 50_000), (0.583, 40_000), (0.575, 30_000)],
    [(0.57, 8_000), (0.61, 80_000), (0.599, 45_000), (0.602, 50_000), (0.595, 40_000)],
    [(0.70, 30_000)],
]


def _rule(least: Callable[[np.ndarray], float]) -> Callable[[np.ndarray, np.ndarray], int]:
    """The position of the smallest network whose score is at least `least(scores)`."""
    return lambda scores, sizes: int(np.argmin(np.where(scores >= least(scores), sizes, np.inf)))


_WRONG_RULES = {
    "it has the best score, but a smaller one is nearly as good.": lambda s, p: s.argmax(),
    "it is the smallest of all, but its score is too low.": _rule(lambda s: 0),
    "98 % of the best is no difference of 2 points, 0.02.": _rule(lambda s: 0.98 * s.max()),
    "you allow 1 point below the best; 2 points are asked for.": _rule(lambda s: s.max() - 0.01),
    "you allow more than 2 points below the best.": _rule(lambda s: s.max() - 0.05),
}


@check("tuning.choose_small")
def choose_small(function: Callable[[list[dict[str, Any]]], int]) -> str:
    """Check a function that chooses the smallest network within 0.02 of the best score.

    It takes a list of {"score": float, "parameters": int}, and returns a position in it.
    """
    arrays = [tuple(np.array(column) for column in zip(*table, strict=True)) for table in _TABLES]
    right = [_rule(lambda s: s.max() - 0.02)(*pair) for pair in arrays]
    lists = [[{"score": score, "parameters": size} for score, size in table] for table in _TABLES]
    what = "a position, not the entry itself"
    found = [as_array(call(function, results), what, shape=()) for results in lists]
    causes = {why: [rule(*pair) for pair in arrays] for why, rule in _WRONG_RULES.items()}
    names = [f"of the (score, parameters) {table}, your position" for table in _TABLES]
    nudge = "first find out which scores are good enough, then compare sizes among those."
    compare(np.array(found), right, causes=causes, names=names, nudge=nudge)
    return "the smallest network among those within 2 points of the best."
