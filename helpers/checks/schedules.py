"""Checks of lesson 04: an order of lines, a range test, a warm-up, a mended run, a bar."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, compare, describe, require_model
from helpers.checks.networks import require_accuracy, require_classifier
from helpers.checks.ordering import require_order

_NARROW = 54_130  # parameters of the lesson's network
_PEAK, _EPOCH, _LAST = 3e-3, 352, 3520  # of exercise 3: rate, steps an epoch, steps in all
_SWEEPS = (  # rates and losses of two range tests; each mistake leads to another number
    ([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0], [2.35, 2.0, 1.9, 1.8, 2.2, 6.5]),
    ([0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3], [2.4, 2.0, 1.9, 1.8, 1.7, 1.5, 2.1, 9.0]),
)


@check("schedules.lines_of_a_run")
def lines_of_a_run(order: Any) -> str:
    """Check the order of six lines: steps, schedule, optimizer, compile, fit."""
    before = {
        ("G", "B"): "`steps_per_epoch` is computed in line G.",
        ("B", "F"): "the schedule must know the number of `steps`, which line B computes.",
        ("F", "C"): "the optimizer takes the schedule, which line F makes.",
        ("C", "A"): "`compile` takes the optimizer, which line C makes.",
        ("A", "E"): "a model is trained after it was compiled.",
    }
    cause = "a schedule counts steps: this one would be at 0 after 20 batches, in the first epoch."
    require_order(order, "GBFCAE", before, {"D": cause})
    return "images, steps, schedule, optimizer, `compile`, `fit`."


@check("schedules.choose_rate")
def choose_rate(function: Callable[[dict[str, list[float]]], float]) -> str:
    """Check a function from a range test to a tenth of the rate with the lowest loss."""
    for rates, losses in _SWEEPS:
        found = call(function, {"rate": rates, "loss": losses})
        rate = as_array(found, "one number", shape=())
        best = int(np.argmin(losses))
        loss = np.isclose(rate, [losses[best], losses[best] / 10]).any()
        steepest = rates[int(np.argmin(np.diff(losses)))] * np.array([1, 0.1])
        steep = np.isclose(rate, steepest, rtol=1e-3).any()
        causes = {
            "there the loss is lowest, and training may soon diverge. Divide by 10.": rates[best],
            "half of it is for the peak of a schedule, not for a constant rate.": rates[best] / 2,
            "that is a position in the list, not a rate.": float(best),
            "that is the loss, or a tenth of it, not the rate it belongs to.": loss,
            "the highest loss (`argmax`) instead of the lowest.": rates[np.argmax(losses)] / 10,
            "there the loss falls most steeply, which is another rule than the lowest loss.": steep,
        }
        nudge = f"the lowest loss, {losses[best]:g}, is at the rate {rates[best]:g}."
        compare(rate, rates[best] / 10, causes=causes, nudge=nudge, rtol=1e-3)
    return "right for two range tests: a tenth of the rate with the lowest loss."


@check("schedules.warmup_cosine")
def warmup_cosine(schedule: Any) -> str:
    """Check a schedule over 10 epochs of 352 steps: one epoch up to 3e-3, then a cosine to 0."""
    from keras import optimizers

    base = optimizers.schedules.LearningRateSchedule
    if not isinstance(schedule, base):
        text = f"expected a Keras schedule such as `CosineDecay(…)`, got {describe(schedule)}."
        cause = "the parentheses are missing." if isinstance(schedule, type) else ""
        if isinstance(schedule, optimizers.Optimizer):
            cause = "the schedule is what the optimizer takes as `learning_rate`."
        raise Wrong("type", text, cause)
    around = np.arange(_EPOCH - 4, _EPOCH + 5)  # each step where a mistake shows
    steps = np.unique(np.concatenate([np.arange(8), np.arange(0, _LAST + 1, 8), around]))
    rates = np.array([float(schedule(int(step))) for step in steps])
    down = (np.clip(steps, _EPOCH, None) - _EPOCH) / (_LAST - _EPOCH)
    right = np.where(steps < _EPOCH, _PEAK * steps / _EPOCH, _PEAK * (1 + np.cos(np.pi * down)) / 2)
    peak, place, (start, last) = rates.max(), int(steps[rates.argmax()]), rates[[0, -1]]
    nearly_0 = 1e-3 * _PEAK
    is_zero = rates[(steps > _EPOCH + 2) & (steps < 0.95 * _LAST)] < nearly_0
    bent = np.abs(rates - right)[steps < _EPOCH] > 0.02 * _PEAK
    stays = last > nearly_0 and np.isclose(last, float(schedule(2 * _LAST)))
    causes = {
        f"the highest rate is {peak:.3g}, see `warmup_target`.": abs(peak / _PEAK - 1) > 0.01,
        "no warm-up: `warmup_target` and `warmup_steps` work only together.": place == 0,
        "steps, not epochs: the warm-up takes one epoch, which is 352 steps.": place == 1,
        f"the peak is at step {place:,}, expected {_EPOCH}.": abs(place - _EPOCH) > 2,
        "`initial_learning_rate` is where the warm-up begins; asked for was 0.": start > nearly_0,
        f"`alpha` is the fraction of the peak left at the end, here {last / _PEAK:.0%}.": stays,
        "`decay_steps` counts from the end of the warm-up: too long.": last > nearly_0,
        "`decay_steps` is too small, or counts epochs instead of steps.": is_zero.any(),
        "no straight line from 0 to the peak.": bent.any(),
        "another curve than a half cosine.": True,
    }
    nudge = "`CosineDecay`: an epoch of warm-up has 352 steps, and 9 are left for the cosine."
    names = [f"the rate at step {step:,}" for step in steps]
    more = {"causes": causes, "nudge": nudge, "rtol": 0}
    # Rounding an epoch's steps down moves every rate a little; another shape moves them far.
    compare(rates, right, names=names, atol=0.02 * _PEAK, **more)
    compare([start, last], [0, 0], names=["the first rate", "the last"], atol=nearly_0, **more)
    return "up to 0.003 in one epoch, then along a cosine to 0 at the end of epoch 10."


@check("schedules.second_training")
def second_training(model: Any, second: Any) -> str:
    """Check a second call of `fit`, given its model and its history: it learns, and ends calm."""
    require_model(model)
    losses = list(getattr(second, "history", {}).get("loss", []))
    if not losses:
        text = f"expected the history of the second call, got {describe(second)}."
        raise Wrong("type", text, nudge="`second = model.fit(…)` returns it.")
    if len(losses) < 4:
        text = f"the second call has {len(losses)} epochs, asked for were 4."
        raise Wrong("shape", text)
    if not np.isfinite(losses).all():
        raise Wrong("value", "the loss is not a number.", "the learning rate is too large.")
    end = float(model.optimizer.learning_rate)
    if losses[-1] > 0.95 * losses[0]:
        text = f"in the second call the loss goes from {losses[0]:.3f} to {losses[-1]:.3f}."
        stands = "the schedule is over before the second call begins, and no weight moves."
        raise Wrong("value", text, stands if end < 1e-4 else "", "which rates does it step with?")
    if end > 1e-3:
        text = f"at the end the learning rate is {end:.2g}; it should be near 0."
        cause = "the schedule is longer than the two calls together."
        if isinstance(model.optimizer.get_config()["learning_rate"], float):
            cause = "a constant rate never settles."
        raise Wrong("value", text, cause, "count the steps of both calls.")
    return f"in the second call the loss goes from {losses[0]:.2f} to {losses[-1]:.2f}."


@check("schedules.bar_reached")
def bar_reached(model: Any, images: np.ndarray, labels: np.ndarray) -> str:
    """Check a network like `build_narrow()` after at most 360 steps: 42 % on these images."""
    require_classifier(model, (16, 16, 3), most=_NARROW)
    if model.count_params() != _NARROW:
        text = f"{model.count_params():,} parameters; `build_narrow()` has {_NARROW:,}."
        raise Wrong("shape", text, "another network: here only the training is to be chosen.")
    if (optimizer := getattr(model, "optimizer", None)) is None:
        raise Wrong("run", "the model was never compiled.", nudge="`compile`, then `fit`.")
    if (steps := int(optimizer.iterations)) > 360:
        cause = "more than 12 epochs, smaller batches, or `fit` called again with the same model."
        raise Wrong("range", f"trained for {steps:,} steps, at most 360 are allowed.", cause)
    accuracy = require_accuracy(model, images, labels, 0.42)
    return f"{accuracy:.1%} of the validation images after {steps} steps; the bar is 42 %."
