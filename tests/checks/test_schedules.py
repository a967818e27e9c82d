"""Lesson 04's checks: right answers pass, and each known mistake is refused with its cause."""

import numpy as np
import pytest
from keras.optimizers import Adam
from keras.optimizers.schedules import CosineDecay, LearningRateSchedule

from helpers.checks import schedules as check
from helpers.optimizers import OneCycle


def ema(values, momentum=0.9, first=None):
    averages, average = [], values[0] if first is None else first
    for value in values:
        average = momentum * average + (1 - momentum) * value
        averages.append(average)
    return averages


def cosine(**changes):
    options = {"initial_learning_rate": 0.0, "warmup_target": 3e-3, "warmup_steps": 352}
    return CosineDecay(**(options | {"decay_steps": 9 * 352} | changes))


class Drawn(LearningRateSchedule):
    """A schedule from a function, for shapes that Keras has not."""

    def __init__(self, function):
        self.function = function

    def __call__(self, step):
        return self.function(step)


def steepest(sweep):
    return sweep["rate"][int(np.argmin(np.diff(sweep["loss"])))]


RIGHT = [
    (check.staircase, lambda step: 1e-3 * 0.96 ** (step // 1000)),
    (check.staircase, lambda step: np.float32(0.001) * 0.96 ** np.floor(step / 1000)),
    (check.choose_rate, lambda sweep: sweep["rate"][int(np.argmin(sweep["loss"]))] / 10),
    (check.choose_rate, lambda s: np.array([s["rate"][np.argmin(s["loss"])]]) / 10),
    (check.warmup_cosine, cosine()),
    (check.warmup_cosine, cosine(warmup_steps=351)),
    (check.warmup_cosine, cosine(decay_steps=3170)),
    (check.moving_average, ema),
    (check.moving_average, lambda values: np.array(ema(values), "float32")),
]
WRONG = [
    (check.staircase, lambda step: 1e-3 * 0.96 ** (step / 1000), "whole"),
    (check.staircase, lambda step: 0.96 ** (step // 1000), "first rate, 0.001, is missing"),
    (check.staircase, lambda step: 1e-3 * 0.96**step, "after every 1,000"),
    (check.staircase, lambda step: 1e-3 * 0.96 ** (step // 1000 + 1), "one fall too many"),
    (check.staircase, lambda step: 1e-3, "never falls"),
    (check.staircase, lambda step: 1e-3 * 0.96 * (step // 1000), "power"),
    (check.staircase, lambda step: float("nan"), "nan"),
    (check.staircase, lambda step: [1e-3, 2e-3], "expected one number"),
    (check.choose_rate, lambda s: s["rate"][int(np.argmin(s["loss"]))], "Divide by 10"),
    (check.choose_rate, lambda s: int(np.argmin(s["loss"])), "position in the list"),
    (check.choose_rate, lambda s: min(s["loss"]), "that is the loss"),
    (check.choose_rate, lambda s: s["rate"][int(np.argmax(s["loss"]))] / 10, "highest loss"),
    (check.choose_rate, steepest, "most steeply"),
    (check.choose_rate, lambda s: steepest(s) / 10, "most steeply"),
    (check.choose_rate, lambda s: s["loss"].sort() or 1, "changes the data"),
    (check.warmup_cosine, cosine(decay_steps=10 * 352), "counts from the end of the warm-up"),
    (check.warmup_cosine, cosine(decay_steps=9), "counts epochs instead of steps"),
    (check.warmup_cosine, cosine(warmup_steps=1), "steps, not epochs"),
    (check.warmup_cosine, cosine(warmup_steps=96), "the peak is at step 96"),
    (check.warmup_cosine, cosine(warmup_target=0.03), "highest rate is 0.03"),
    (check.warmup_cosine, cosine(initial_learning_rate=1e-3), "asked for was 0"),
    (check.warmup_cosine, cosine(warmup_target=None, warmup_steps=0), "highest rate"),
    (check.warmup_cosine, cosine(alpha=0.1), "alpha"),
    (check.warmup_cosine, OneCycle(3e-3, 3520, 0.3, 0, 0), "expected 352"),
    (check.warmup_cosine, OneCycle(3e-3, 3520, 0.1, 0, 0), "another curve"),
    (
        check.warmup_cosine,  # half the peak until the end, then 0
        Drawn(lambda t: 3e-3 * t / 352 if t <= 352 else 1.5e-3 * (t < 3500)),
        "another curve",
    ),
    (
        check.warmup_cosine,  # nothing during the warm-up, then a jump
        Drawn(lambda t: 0.0 if t < 350 else float(cosine()(t))),
        "no straight line",
    ),
    (check.warmup_cosine, CosineDecay, "parentheses are missing"),
    (check.warmup_cosine, Adam(cosine()), "takes as"),
    (check.moving_average, lambda values: ema(values, first=0.0), "begins at 0"),
    (check.moving_average, lambda values: ema(values, momentum=0.1), "exchanged"),
    (check.moving_average, lambda v: np.cumsum(v) / np.arange(1, len(v) + 1), "never fade"),
    (check.moving_average, lambda values: ema(values)[-1], "only the last average"),
    (check.moving_average, lambda values: ema(values)[1:], "5 averages"),
    (check.moving_average, lambda values: values, "came back"),
    (check.moving_average, lambda values: np.full(len(values), np.nan), "nan"),
]


@pytest.mark.parametrize(("judge", "answer"), RIGHT)
def test_right(judge, answer):
    assert judge(answer).status == "correct"


@pytest.mark.parametrize(("judge", "answer", "words"), WRONG)
def test_wrong(judge, answer, words):
    verdict = judge(answer)
    assert verdict.status == "wrong" and words in repr(verdict)


@pytest.mark.parametrize("judge", [check.staircase, check.choose_rate, check.moving_average])
def test_not_done_yet(judge):
    assert judge(...).status == judge(lambda given: ...).status == "todo"
