"""Checks of lesson 05: a search space, the lines of a search, the smaller network."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from helpers.checks.core import Todo, Wrong, call, check, compare, describe, likely, require_model
from helpers.checks.networks import require_accuracy
from helpers.checks.ordering import require_order

_MOST, _BAR = 12_000, 0.37  # exercise 5: parameters, validation accuracy

# What each hyperparameter must be: the class, and the attributes with their right values.
_RATE = {"sampling": "log", "min_value": 1e-5, "max_value": 1e-1, "step": None}
_SPACE = {
    "learning_rate": ("Float", _RATE),
    "dropout": ("Float", {"min_value": 0.0, "max_value": 0.5, "step": 0.1}),
    "units": ("Choice", {"values": "[32, 64, 128]"}),
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
            found = getattr(entry, attribute)
            # As text: 32 is no 32.0.
            found = str(sorted(found)) if attribute == "values" else found
            if found != right:
                text = f"`{attribute}` of `{name}` is {found}, asked for was {right}."
                cause = _CAUSES.get(f"{attribute}={found}", _CAUSES.get(attribute, ""))
                raise Wrong("value", text, cause, f"see the argument `{attribute}`.")
    return "a logarithmic learning rate, a dropout in steps, and three numbers of units."


_BEFORE = {
    ("G", "E"): "the tuner must exist before it can show its space.",
    ("E", "B"): "the space should be looked at before the search costs anything.",
    ("G", "B"): "the tuner must exist before it can search.",
    ("B", "A"): "before the search there is nothing to choose the best from.",
    ("A", "F"): "the network is built with the best hyperparameters, so these come first.",
    ("F", "C"): "the network must be built before it can be trained.",
}


@check("tuning.search_order")
def search_order(order: Any) -> str:
    """Check the order of a search's six lines, named by letters as in "G E B A F C"."""
    test = "the test data must not choose: then no honest number is left for the end."
    require_order(order, "ABCEFG", _BEFORE, {"D": test})
    return "tuner, a look at the space, search, best values, a new network, training."


@check("tuning.mended_space")
def mended_space(build: Callable[[Any], Any]) -> str:
    """Check a function of `hp` whose two sizes must be searched independently of each other.

    It returns a network with one convolution of 8 to 32 filters, and a dense layer of 32 to 128
    units before its last one.
    """
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    require_model(call(build, hp, in_place=True))
    tried = {entry.name: list(entry.values) for entry in hp.space}
    ends = {name: (min(values), max(values)) for name, values in tried.items()}
    found, rates = set(), set()
    for values in product(*ends.values()):
        hp.values = dict(zip(ends, values, strict=True))
        model = call(build, hp, in_place=True)
        filters = [layer.filters for layer in model.layers if hasattr(layer, "filters")]
        units = [layer.units for layer in model.layers if hasattr(layer, "units")]
        found.add((filters[0], units[0]))
        rates.add(float(model.optimizer.learning_rate))
    right = {(8, 32), (8, 128), (32, 32), (32, 128)}
    if found != right:
        same = all(f == u for f, u in found)
        causes = {
            "both layers still get the same number: what does `hp` know a value by?": same,
            "one of the two sizes is fixed now; both are to be searched.": len(found) < 4,
            "the ends of a range are others than asked for.": True,
        }
        pairs = ", ".join(f"{f} and {u}" for f, u in sorted(found))
        text = f"at the ends of the ranges filters and units are {pairs}."
        raise Wrong("value", text, likely(causes), "compare the calls of `hp.Int` one by one.")
    if len(rates) < 2:
        raise Wrong("value", "the learning rate is no longer searched.")
    return "filters and units are searched independently of each other."


@check("tuning.small_and_good")
def small_and_good(model: Any, images: np.ndarray, labels: np.ndarray) -> str:
    """Check a trained network by its size and its accuracy on the (n, 16, 16, 3) images."""
    require_model(model)
    if (size := model.count_params()) > _MOST:
        text = f"the network has {size:,} parameters; {_MOST:,} are allowed."
        nudge = "fewer filters, or another number of blocks: see the column `parameters`."
        raise Wrong("value", text, "", nudge)
    accuracy = require_accuracy(model, images, labels, _BAR)
    return f"{accuracy:.1%} with {size:,} parameters."


# (score, parameters) of each network. In the second and third lists the rules that look like the
# right one choose other networks than it does.
_TABLES = [
    [(0.50, 90_000), (0.49, 20_000), (0.485, 40_000), (0.30, 5_000)],
    [(0.60, 80_000), (0.594, 60_000), (0.586, 50_000), (0.583, 40_000), (0.575, 30_000)],
    [(0.57, 8_000), (0.61, 80_000), (0.599, 45_000), (0.602, 50_000), (0.595, 40_000)],
    [(0.70, 30_000)],
]


# The lowest score that is good enough, by usual wrong rules.
_WRONG_RULES = {
    "it has the best score, but a smaller one is nearly as good.": lambda best: best,
    "it is the smallest of all, but its score is too low.": lambda best: 0,
    "98 % of the best is no difference of 2 points, 0.02.": lambda best: 0.98 * best,
    "you allow 1 point below the best; 2 points are asked for.": lambda best: best - 0.01,
    "you allow more than 2 points below the best.": lambda best: best - 0.05,
}


def _smallest(table: pd.DataFrame, lowest: float) -> int:
    """The position of the smallest network whose score is at least `lowest`."""
    return table["parameters"].where(table["score"] >= lowest).argmin()


@check("tuning.choose_small")
def choose_small(function: Callable[[pd.DataFrame], Any]) -> str:
    """Check a function that chooses the smallest network within 0.02 of the best score.

    It takes a table with the columns `score` and `parameters`, and returns the label of a row.
    """
    found, right, causes = [], [], {why: [] for why in _WRONG_RULES}
    for rows in _TABLES:
        names = [f"trial {number:02d}" for number in range(5, 5 + len(rows))]
        table = pd.DataFrame(rows, columns=["score", "parameters"], index=names)
        label = call(function, table)
        if not isinstance(label, str) or label not in names:
            text = f'expected a label such as "{names[0]}", got {describe(label)}.'
            cause = "`idxmin` gives the label of the row with the lowest value."
            raise Wrong("type", text, cause)
        found.append(names.index(label))
        best = table["score"].max()
        right.append(_smallest(table, best - 0.02))
        for why, lowest in _WRONG_RULES.items():
            causes[why].append(_smallest(table, lowest(best)))
    names = [f"of the (score, parameters) {rows}, your row" for rows in _TABLES]
    nudge = "first find out which scores are good enough, then compare sizes among those."
    compare(np.array(found), right, causes=causes, names=names, nudge=nudge)
    return "the smallest network among those within 2 points of the best."
