"""Check of lesson 05's exercise to declare a search space."""

from collections.abc import Callable
from typing import Any

from helpers.checks.core import Todo, Wrong, check
from helpers.checks.describe import describe, shorten

_NAMES = {"learning_rate": "Float", "dropout": "Float", "units": "Choice"}


@check("hyperparameter_tuning.search_space")
def check_search_space(declare: Callable[[Any], Any]) -> str:
    """Check a function of keras-tuner's `hp` that declares three hyperparameters.

    learning_rate: Float from 1e-5 to 1e-1 with log sampling; dropout: Float from 0 to 0.5 in
    steps of 0.1; units: Choice of 32, 64, 128. What the function returns does not matter.
    """
    space = _declared(declare)
    missing = [name for name in _NAMES if name not in space]
    if missing:
        others = ", ".join(sorted(set(space) - set(_NAMES)))
        raise Wrong(
            "value",
            f"`{missing[0]}` is not declared.",
            f"it has another name: declared are {others}." if others else "",
            "the first argument of `hp.Float` and `hp.Choice` is the name.",
        )
    for name, kind in _NAMES.items():
        if type(space[name]).__name__ != kind:
            raise Wrong(
                "type",
                f"`{name}` is of kind `{type(space[name]).__name__}`, expected `{kind}`.",
                "a choice knows no order between its values, a number does.",
                f"use `hp.{kind}`.",
            )
    _check_rate(space["learning_rate"])
    _check_dropout(space["dropout"])
    if sorted(space["units"].values) != [32, 64, 128]:
        raise Wrong(
            "range", f"`units` can be {list(space['units'].values)}, asked for was 32, 64 or 128."
        )
    return "a logarithmic learning rate, a dropout in steps, and three numbers of units."


def _declared(declare: Callable[[Any], Any]) -> dict[str, Any]:
    """Hyperparameters by name, as a real `hp` object records them."""
    from helpers.tuning import keras_tuner

    if not callable(declare):
        raise Wrong(
            "type",
            f"expected a function, got {describe(declare)}.",
            "you passed what it returns.",
            "pass the function itself: its name, without parentheses.",
        )
    hp = keras_tuner().HyperParameters()
    try:
        result = declare(hp)
    except Exception as error:
        raise Wrong(
            "type",
            f"your function fails with {type(error).__name__}: {shorten(error)}.",
            nudge="call it yourself with `hp = kt.HyperParameters()`, and read the error.",
        ) from None
    if not hp.space and (result is ... or result is None):
        raise Todo
    return {entry.name: entry for entry in hp.space}


def _check_rate(rate: Any) -> None:
    if rate.sampling != "log":
        raise Wrong(
            "value",
            "`learning_rate` is drawn evenly, not on a logarithmic scale.",
            "the default: nine of ten draws are then above 0.01.",
            "see the argument `sampling`.",
        )
    if not (_near(rate.min_value, 1e-5) and _near(rate.max_value, 1e-1)):
        raise Wrong(
            "range",
            f"`learning_rate` goes from {rate.min_value:g} to {rate.max_value:g}, asked for was "
            "1e-5 to 1e-1.",
        )


def _check_dropout(dropout: Any) -> None:
    if not (_near(dropout.min_value, 0) and _near(dropout.max_value, 0.5)):
        raise Wrong(
            "range",
            f"`dropout` goes from {dropout.min_value:g} to {dropout.max_value:g}, asked for was 0 "
            "to 0.5.",
        )
    if dropout.step is None or not _near(dropout.step, 0.1):
        raise Wrong(
            "value",
            f"the step of `dropout` is {dropout.step}, asked for was 0.1.",
            "without a step every number in the range can be drawn."
            if dropout.step is None
            else "",
            "see the argument `step`.",
        )


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 + 1e-6 * abs(b)
