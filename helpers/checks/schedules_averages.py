"""Checks of lesson 04 about reading a range test, and about the moving average."""

from collections.abc import Callable, Iterator

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array, call

_MOMENTUM = 0.9


@check("learning_rate_schedules.choose_rate")
def check_choose_rate(function: Callable[[dict[str, list[float]]], float]) -> str:
    """Check a function from a range test to a tenth of the rate with the lowest loss."""
    for sweep in _sweeps():
        rates, losses = sweep["rate"], sweep["loss"]
        result = as_array(call(function, sweep), "one learning rate")
        if result.size != 1:
            raise Wrong("shape", f"expected one number, got {describe(result)}.")
        found, best = float(result.reshape(())), int(np.argmin(losses))
        if np.isclose(found, rates[best] / 10, rtol=1e-3):
            continue
        causes = {
            rates[best]: "that is where the loss is lowest: one more step, and it may diverge. "
            "Divide by 10.",
            float(best): "that is a position in the list, not a rate.",
            min(losses): "that is the loss, not the rate it belongs to.",
            losses[best] / 10: "that is a tenth of the loss, not of the rate.",
            rates[int(np.argmax(losses))]
            / 10: "the highest loss (`argmax`) instead of the lowest.",
        }
        cause = next((why for value, why in causes.items() if np.isclose(found, value)), "")
        raise Wrong(
            "value",
            f"the lowest loss, {losses[best]:g}, is at the rate {rates[best]:g}, so a tenth is "
            f"{rates[best] / 10:g}; your function says {found:.4g}.",
            cause,
            "find the position of the lowest loss, and take the rate at the same position.",
        )
    return "right for two range tests: a tenth of the rate with the lowest loss."


def _sweeps() -> Iterator[dict[str, list[float]]]:
    """Two range tests in which each usual mistake leads to another number."""
    yield {
        "rate": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0],
        "loss": [2.35, 2.31, 2.1, 1.8, 2.2, 6.5],
    }
    yield {
        "rate": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0],
        "loss": [2.4, 2.32, 2.2, 2.0, 1.7, 1.5, 2.1, 9.0],
    }


@check("learning_rate_schedules.moving_average")
def check_moving_average(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check an exponential moving average with momentum 0.9 that begins at the first value."""
    for values in (np.array([1.0, 2.0, 4.0, 0.0, 3.0]), np.full(7, 5.0), np.array([2.0, 0.0])):
        result = as_array(call(function, values), "an array of averages")
        if result.shape != values.shape:
            cause = "only the last average; one for each value was asked for."
            raise Wrong(
                "shape",
                f"{len(values)} values in, {describe(result)} out.",
                cause if result.size == 1 else "",
                "keep the average after each value in a list.",
            )
        if np.allclose(result, _average(values, values[0], _MOMENTUM), rtol=1e-4):
            continue
        causes = (
            (_average(values, 0.0, _MOMENTUM), "the average begins at 0, not at the first value."),
            (_average(values, values[0], 1 - _MOMENTUM), "0.9 and 0.1 are exchanged."),
            (np.cumsum(values) / np.arange(1, len(values) + 1), "that is the mean of all values "
             "so far, in which the old ones never fade."),
            (values, "the values came back as they were."),
        )  # fmt: skip
        cause = next((why for wrong, why in causes if np.allclose(result, wrong)), "")
        raise Wrong(
            "value",
            f"for {values.tolist()} the averages are "
            f"{_average(values, values[0], _MOMENTUM).round(4).tolist()}, "
            f"yours {result.astype(float).round(4).tolist()}.",
            cause,
            "the new average is 0.9 times the old one plus 0.1 times the new value.",
        )
    return "right for three series: old values fade by 0.9 with every new one."


def _average(values: np.ndarray, first: float, momentum: float) -> np.ndarray:
    """Averages after each value; the first value is not averaged into itself if it is `first`."""
    averages, average = [], first
    for value in values:
        average = momentum * average + (1 - momentum) * value
        averages.append(average)
    return np.array(averages)
