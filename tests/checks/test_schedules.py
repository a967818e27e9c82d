"""Lesson 04's checks: right answers pass, and each known mistake is refused with its cause."""

from functools import cache, partial

import keras
import numpy as np
import pytest
from keras import layers
from keras.optimizers import Adam
from keras.optimizers.schedules import CosineDecay, LearningRateSchedule

from helpers.authoring.recipes.first_lessons import lesson
from helpers.checks import schedules as check
from helpers.optimizers import OneCycle


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


build_narrow = lesson("04").build_narrow
LABELS = np.arange(60) % 10
COLORS = np.random.default_rng(0).integers(0, 256, (10, 1, 1, 3))
IMAGES = np.broadcast_to(COLORS[LABELS], (60, 16, 16, 3)).astype("float32")


@cache
def narrow(epochs=20, batch=10, rate=0.01, build=build_narrow):
    """A network trained on ten plain colors."""
    keras.utils.set_random_seed(1)
    model = build()
    model.compile(Adam(rate), "sparse_categorical_crossentropy")
    model.fit(IMAGES, LABELS, epochs=epochs, batch_size=batch, verbose=0)
    return model


def twice(schedule, again=None, epochs=4):
    """Two calls of `fit`, ten steps an epoch; `again`: a rate for a new optimizer in between."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(10, "softmax")])
    x, y = IMAGES[:, 0, 0] / 255, LABELS
    model.compile(Adam(schedule), "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=4, batch_size=6, verbose=0)
    if again:
        model.compile(Adam(again), "sparse_categorical_crossentropy")
    return model, model.fit(x, y, epochs=epochs, batch_size=6, verbose=0)


def second(*made):
    return check.second_training(*twice(*made))


def bar(make, labels=LABELS):
    return check.bar_reached(make(), IMAGES, labels)


def another():
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(20, 3),
            layers.GlobalMaxPooling2D(),
            layers.Dense(10, "softmax"),
        ]
    )


RIGHT = [
    (check.lines_of_a_run, "G B F C A E"),
    (lambda made: second(*made), (CosineDecay(0.1, 80),)),
    (lambda made: second(*made), (CosineDecay(0.1, 40), CosineDecay(0.1, 40))),
    (bar, narrow),
    (bar, partial(narrow, 36, 6)),
    (check.choose_rate, lambda sweep: sweep["rate"][int(np.argmin(sweep["loss"]))] / 10),
    (check.choose_rate, lambda s: np.array([s["rate"][np.argmin(s["loss"])]]) / 10),
    (check.warmup_cosine, cosine()),
    (check.warmup_cosine, cosine(warmup_steps=351)),
    (check.warmup_cosine, cosine(decay_steps=3170)),
]
WRONG = [
    (check.lines_of_a_run, "G B D C A E", "counts steps"),
    (check.lines_of_a_run, "B G F C A E", "`steps_per_epoch` is computed".replace("`", "'")),
    (check.lines_of_a_run, "G F B C A E", "must know the number"),
    (check.lines_of_a_run, "G B C F A E", "takes the schedule"),
    (check.lines_of_a_run, "G B F A C E", "takes the optimizer"),
    (check.lines_of_a_run, "G B F C E A", "after it was compiled"),
    (lambda made: second(*made), (CosineDecay(0.1, 40),), "no weight moves"),
    (lambda made: second(*made), (CosineDecay(0.1, 8),), "no weight moves"),
    (lambda made: second(*made), (CosineDecay(0.1, 160),), "longer than the two calls"),
    (lambda made: second(*made), (0.05,), "never settles"),
    (lambda made: second(*made), (CosineDecay(0.1, 80), None, 2), "2 epochs"),
    (lambda made: check.second_training(made[0], "no"), twice(0.1), "expected the history"),
    (bar, partial(narrow, 61), "at most 360"),
    (bar, partial(narrow, 1, 60, 1e-6), "near guessing"),
    (bar, partial(narrow, 1, 60, 0.01, another), "another network"),
    (bar, build_narrow, "never compiled"),
    (check.choose_rate, lambda s: s["rate"][int(np.argmin(s["loss"]))] / 2, "half of it"),
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
]


@pytest.mark.parametrize(("judge", "answer"), RIGHT)
def test_right(judge, answer):
    assert judge(answer).status == "correct"


@pytest.mark.parametrize(("judge", "answer", "words"), WRONG)
def test_wrong(judge, answer, words):
    verdict = judge(answer)
    assert verdict.status == "wrong" and words in repr(verdict)


@pytest.mark.parametrize("judge", [check.choose_rate])
def test_not_done_yet(judge):
    assert judge(...).status == judge(lambda given: ...).status == "todo"
