"""Checks of lesson 04 about schedules: a staircase by hand, and a cosine with warm-up."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array, call

_FIRST, _EVERY, _FACTOR = 1e-3, 1000, 0.96
_PEAK, _STEPS_PER_EPOCH, _EPOCHS = 3e-3, 352, 10


@check("learning_rate_schedules.staircase")
def check_staircase(function: Callable[[int], float]) -> str:
    """Check a function from a step to S1's rate: 1e-3, times 0.96 after every 1,000 steps."""
    for step in (0, 1000, 2000, 999, 1563, 31_259):
        result = as_array(call(function, step), "a learning rate")
        if result.size != 1:
            raise Wrong("shape", f"expected one number, got {describe(result)}.")
        rate = float(result.reshape(()))
        if not 0 < rate <= 1:
            raise Wrong(
                "range",
                f"at step {step:,} the rate is {rate:.3g}.",
                "a product where a power is needed, or a subtraction." if rate <= 0 else "",
                "a learning rate that falls from 0.001 stays above 0 and below 1.",
            )
        expected = _FIRST * _FACTOR ** (step // _EVERY)
        if np.isclose(rate, expected, rtol=1e-3):
            continue
        causes = {
            _FIRST * _FACTOR ** (step / _EVERY): "the steps of the staircase are missing: count "
            "only the *whole* thousands that have passed.",
            _FACTOR ** (step // _EVERY): "the first rate, 0.001, is missing as a factor.",
            _FIRST * _FACTOR**step: "the rate falls after every step; it should after every 1,000.",
            _FIRST * _FACTOR * (step // _EVERY): "multiplied once; each fall multiplies again, "
            "so it is a power.",
            _FIRST * _FACTOR ** (step // _EVERY + 1): "one fall too many: the first 1,000 steps "
            "keep the first rate.",
            _FIRST: "the rate never falls.",
        }
        cause = next((why for value, why in causes.items() if np.isclose(rate, value)), "")
        text = f"at step {step:,} the rate should be {expected:.6f}, yours is {rate:.6g}."
        raise Wrong("value", text, cause, "how many whole thousands of steps have passed? `//`")
    return "the same staircase as `ExponentialDecay(…, staircase=True)`, at six steps."


@check("learning_rate_schedules.warmup_cosine")
def check_warmup_cosine(schedule: Any) -> str:
    """Check a schedule over 10 epochs of 352 steps: one epoch up to 3e-3, then a cosine to 0."""
    import keras

    base = keras.optimizers.schedules.LearningRateSchedule
    if isinstance(schedule, type) and issubclass(schedule, base):
        raise Wrong(
            "type", "this is the class itself, not a schedule.", "the parentheses are missing."
        )
    if not isinstance(schedule, base):
        cause = ""
        if isinstance(schedule, keras.optimizers.Optimizer):
            cause = "the schedule is what the optimizer takes as `learning_rate`."
        text = f"expected a Keras schedule such as `CosineDecay(…)`, got {describe(schedule)}."
        raise Wrong("type", text, cause)
    steps = _probed_steps()
    rates = np.array([float(schedule(int(step))) for step in steps])
    _check_peak(steps, rates)
    _check_ends(steps, rates)
    middle = _STEPS_PER_EPOCH * (1 + _EPOCHS) // 2
    half_way = float(rates[steps == middle][0])
    if abs(half_way - _PEAK / 2) > 0.02 * _PEAK:
        raise Wrong(
            "value",
            f"half-way down (step {middle:,}) the rate is {half_way:.2g}, "
            f"expected {_PEAK / 2:.2g}.",
            "another curve than a half cosine.",
            "use `keras.optimizers.schedules.CosineDecay`.",
        )
    return "up to 0.003 in one epoch, then along a cosine to 0 at the end of epoch 10."


def _probed_steps() -> np.ndarray:
    """Every eighth step of the run, and each one where a mistake shows; a call takes a while."""
    last = _EPOCHS * _STEPS_PER_EPOCH
    around = np.arange(_STEPS_PER_EPOCH - 4, _STEPS_PER_EPOCH + 5)
    return np.unique(np.concatenate([np.arange(8), np.arange(0, last + 1, 8), around]))


def _check_peak(steps: np.ndarray, rates: np.ndarray) -> None:
    peak, place = float(rates.max()), int(steps[rates.argmax()])
    if not np.isfinite(rates).all() or rates.min() < -1e-9 or abs(peak - _PEAK) > 0.01 * _PEAK:
        cause = "without `warmup_target` the first rate is the peak." if place == 0 else ""
        nudge = "the peak is the argument `warmup_target`."
        raise Wrong(
            "range", f"the highest rate is {peak:.3g}, asked for was {_PEAK}.", cause, nudge
        )
    if place == 0:
        raise Wrong(
            "value",
            "the rate begins at its peak: there is no warm-up.",
            "`warmup_target` and `warmup_steps` work only together.",
            "begin at `initial_learning_rate=0.0` and give the peak as `warmup_target`.",
        )
    if abs(place - _STEPS_PER_EPOCH) > 2:
        causes = {1: "steps, not epochs: the warm-up takes one epoch, which is 352 steps."}
        raise Wrong(
            "value",
            f"the peak is at step {place:,}, expected {_STEPS_PER_EPOCH}.",
            causes.get(place, "`warmup_steps` is not one epoch."),
            "45,000 pictures in batches of 128 make 352 steps.",
        )


def _check_ends(steps: np.ndarray, rates: np.ndarray) -> None:
    if rates[0] > 0.02 * _PEAK:
        raise Wrong(
            "value",
            f"the first rate is {rates[0]:.3g}, asked for was 0.",
            "`initial_learning_rate` is where the warm-up begins.",
        )
    zero = steps[(steps > _STEPS_PER_EPOCH + 2) & (rates < 1e-3 * _PEAK)]
    reached = int(zero[0]) if len(zero) else None
    if reached is None:
        raise Wrong(
            "value",
            f"after {steps[-1]:,} steps, the end of the run, the rate is {rates[-1]:.2g}, not 0.",
            "`decay_steps` counts from the end of the warm-up, so the cosine is too long.",
            "how many of the 10 epochs are left for the way down?",
        )
    if reached < 0.95 * steps[-1]:
        raise Wrong(
            "value",
            f"the rate is 0 from step {reached:,} on; the run has {steps[-1]:,} steps.",
            "`decay_steps` is too small, or counts epochs instead of steps.",
            "9 epochs of 352 steps are left after the warm-up.",
        )
