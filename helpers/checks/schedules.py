"""Checks of lesson 04: a staircase, a range test, a cosine with warm-up, a moving average."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, compare, describe, likely

_PEAK, _EPOCH, _LAST = 3e-3, 352, 3520  # of exercise 3: rate, steps an epoch, steps in all
_SWEEPS = (  # two range tests in which each usual mistake leads to another number
    {"rate": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0], "loss": [2.35, 2.0, 1.9, 1.8, 2.2, 6.5]},
    {
        "rate": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0],
        "loss": [2.4, 2.0, 1.9, 1.8, 1.7, 1.5, 2.1, 9.0],
    },
)


@check("schedules.staircase")
def staircase(function: Callable[[int], float]) -> str:
    """Check a function from a step to S1's rate: 1e-3, times 0.96 after every 1,000 steps."""
    for step in (0, 1000, 2000, 999, 1563, 31_259):
        rate = as_array(call(function, step), "one number", shape=())
        if not 0 < rate <= 1:
            cause = "a product where a power is needed, or a subtraction." if rate <= 0 else ""
            nudge = "a learning rate that falls from 0.001 stays above 0 and below 1."
            raise Wrong("range", f"at step {step:,} the rate is {rate:.3g}.", cause, nudge)
        stairs, passed = step // 1000, step / 1000
        causes = {
            "the stairs are missing: count only the *whole* thousands.": 1e-3 * 0.96**passed,
            "the first rate, 0.001, is missing as a factor.": 0.96**stairs,
            "the rate falls after every step; it should after every 1,000.": 1e-3 * 0.96**step,
            "multiplied once; each fall multiplies again, so it is a power.": 9.6e-4 * stairs,
            "one fall too many in the first 1,000 steps.": 1e-3 * 0.96 ** (stairs + 1),
            "the rate never falls.": 1e-3,
        }
        nudge = f"at step {step:,}: how many whole thousands of steps have passed? `//`"
        compare(rate, 1e-3 * 0.96**stairs, causes=causes, nudge=nudge, rtol=1e-3)
    return "the same staircase as `ExponentialDecay(…, staircase=True)`, at six steps."


@check("schedules.choose_rate")
def choose_rate(function: Callable[[dict[str, list[float]]], float]) -> str:
    """Check a function from a range test to a tenth of the rate with the lowest loss."""
    for sweep in _SWEEPS:
        rates, losses = sweep["rate"], sweep["loss"]
        best, lowest = int(np.argmin(losses)), min(losses)
        steepest = rates[int(np.argmin(np.diff(losses)))] * np.array([1, 0.1])
        causes = {
            "there the loss is lowest, and training may soon diverge. Divide by 10.": rates[best],
            "that is a position in the list, not a rate.": float(best),
            "that is the loss, or a tenth of it, not the rate it belongs to.": (
                lambda rate, low=lowest: np.isclose(rate, [low, low / 10]).any()
            ),
            "the highest loss (`argmax`) instead of the lowest.": rates[np.argmax(losses)] / 10,
            "there the loss falls most steeply, which is another rule than the lowest loss.": (
                lambda rate, steep=steepest: np.isclose(rate, steep, rtol=1e-3).any()
            ),
        }
        rate = as_array(call(function, sweep), "one number", shape=())
        nudge = f"the lowest loss, {losses[best]:g}, is at the rate {rates[best]:g}."
        compare(rate, rates[best] / 10, causes=causes, nudge=nudge, rtol=1e-3)
    return "right for two range tests: a tenth of the rate with the lowest loss."


@check("schedules.warmup_cosine")
def warmup_cosine(schedule: Any) -> str:
    """Check a schedule over 10 epochs of 352 steps: one epoch up to 3e-3, then a cosine to 0."""
    from keras import optimizers

    base = optimizers.schedules.LearningRateSchedule
    if not isinstance(schedule, base):
        is_optimizer = isinstance(schedule, optimizers.Optimizer)
        causes = {
            "the parentheses are missing.": isinstance(schedule, type),
            "the schedule is what the optimizer takes as `learning_rate`.": is_optimizer,
        }
        text = f"expected a Keras schedule such as `CosineDecay(…)`, got {describe(schedule)}."
        raise Wrong("type", text, likely(causes))

    around = np.arange(_EPOCH - 4, _EPOCH + 5)  # each step where a mistake shows
    steps = np.unique(np.concatenate([np.arange(8), np.arange(0, _LAST + 1, 8), around]))
    rates = np.array([float(schedule(int(step))) for step in steps])
    down = (np.clip(steps, _EPOCH, None) - _EPOCH) / (_LAST - _EPOCH)
    right = np.where(steps < _EPOCH, _PEAK * steps / _EPOCH, _PEAK * (1 + np.cos(np.pi * down)) / 2)
    # Rounding an epoch's steps down moves every rate a little; another shape moves them far.
    wrong = ~(np.abs(rates - right) <= 0.02 * _PEAK)
    wrong[[0, -1]] |= np.abs(rates[[0, -1]]) > 1e-3 * _PEAK
    if wrong.any():
        step, rate, expected = (int(steps[wrong][0]), rates[wrong][0], right[wrong][0])
        text = f"at step {step:,} the rate is {rate:.2g}, expected {expected:.2g}."
        cause = _schedule_cause(steps, rates, step, afterwards=float(schedule(2 * _LAST)))
        nudge = "`CosineDecay`: an epoch of warm-up has 352 steps, and 9 are left for the cosine."
        raise Wrong("value", text, cause, nudge)
    return "up to 0.003 in one epoch, then along a cosine to 0 at the end of epoch 10."


def _schedule_cause(steps: np.ndarray, rates: np.ndarray, wrong: int, afterwards: float) -> str:
    """Why the rates differ, first at the step `wrong`; `afterwards`, the rate is that."""
    peak, place, last = rates.max(), int(steps[rates.argmax()]), rates[-1]
    is_zero = rates[(steps > _EPOCH + 2) & (steps < 0.95 * _LAST)] < 1e-3 * _PEAK
    goes_on = last > 1e-3 * _PEAK
    causes = {
        f"the highest rate is {peak:.3g}: it is the argument `warmup_target`.": (
            abs(peak - _PEAK) > 0.01 * _PEAK
        ),
        "no warm-up: `warmup_target` and `warmup_steps` work only together.": place == 0,
        "steps, not epochs: the warm-up takes one epoch, which is 352 steps.": place == 1,
        f"the peak is at step {place:,}, expected {_EPOCH}.": abs(place - _EPOCH) > 2,
        "`initial_learning_rate` is where the warm-up begins; asked for was 0.": wrong == 0,
        f"`alpha` is the fraction of the peak that is left at the end, here {last / _PEAK:.0%}.": (
            goes_on and np.isclose(last, afterwards)
        ),
        "`decay_steps` counts from the end of the warm-up, so the cosine is too long.": goes_on,
        "`decay_steps` is too small, or counts epochs instead of steps.": is_zero.any(),
        "no straight line from 0 to the peak.": wrong < _EPOCH,
        "another curve than a half cosine.": True,
    }
    return likely(causes)


@check("schedules.moving_average")
def moving_average(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check an exponential moving average with momentum 0.9 that begins at the first value."""
    for values in (np.array([1.0, 2.0, 4.0, 0.0, 3.0]), np.full(7, 5.0), np.array([2.0, 0.0])):
        what, nudge = f"an array of {len(values)} averages", "keep the average after each value."
        shapes = {(): "only the last average; one for each value was asked for."}
        result = call(function, values)
        averages = as_array(result, what, shape=values.shape, shapes=shapes, nudge=nudge)
        mean = np.cumsum(values) / np.arange(1, len(values) + 1)
        causes = {
            "the average begins at 0, not at the first value.": _average(values, 0.0, 0.9),
            "0.9 and 0.1 are exchanged.": _average(values, values[0], 0.1),
            "that is the mean of all values so far, in which the old ones never fade.": mean,
            "the values came back as they were.": values,
        }
        nudge = f"0.9 times the old average plus 0.1 times the new value; with {values.tolist()}."
        compare(averages, _average(values, values[0], 0.9), causes=causes, nudge=nudge)
    return "right for three series: old values fade by 0.9 with every new one."


def _average(values: np.ndarray, first: float, momentum: float) -> np.ndarray:
    averages, average = [], first
    for value in values:
        average = momentum * average + (1 - momentum) * value
        averages.append(average)
    return np.array(averages)
