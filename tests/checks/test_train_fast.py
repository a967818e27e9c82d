"""Lesson 13's checks: right answers pass, and each known mistake is refused with its cause."""

import keras
import numpy as np
import pytest

from helpers.checks import train_fast as check
from helpers.optimizers import OneCycle

A, B, C = 3.4445, -4.7750, 2.0315


def white(x, *, mean=True, root=0.5, turn=True, columns=True, zca=False):
    centered = x - x.mean(axis=0) if mean else x
    variances, directions = np.linalg.eigh(np.cov(x, rowvar=False))
    if not turn:
        return centered / x.std(axis=0)
    turned = centered @ (directions if columns else directions.T) / variances**root
    return turned @ directions.T if zca else turned


def one_round(x, product=np.matmul, b=B, c=C):
    gram = x @ x.T
    return A * x + (b * gram + c * product(gram, gram)) @ x


def twice(x):
    once = one_round(x)
    return one_round(once / np.linalg.norm(once))


def prepare(images, epochs, batch_size, *, divide=255, steps=None, added=5e-4):
    corners = [images[:, i : i + 31, j : j + 31] for i in (0, 1) for j in (0, 1)]
    patches = np.stack(corners, axis=3).reshape(-1, 12) / divide
    variances, directions = np.linalg.eigh(np.cov(patches, rowvar=False))
    kernels = directions / np.sqrt(variances + added)
    steps = steps or epochs * -(-len(images) // batch_size)
    biases = -patches.mean(axis=0) @ kernels
    return kernels.reshape(2, 2, 3, 12), biases, OneCycle(0.75, steps)


def prepared(**changes):
    return lambda images, epochs, batch_size: prepare(images, epochs, batch_size, **changes)


def without_biases(images, epochs, batch_size):
    kernels, biases, rate = prepare(images, epochs, batch_size)
    return kernels, 0 * biases, rate


RIGHT = [
    (check.whiten, white),
    (check.whiten, lambda x: white(x, zca=True)),
    (check.whiten, lambda x: -white(x).astype("float32")[:, ::-1]),
    (check.whiten, lambda x: white(x).tolist()),
    (check.one_round, one_round),
    (check.one_round, lambda x: one_round(x.T).T),
    (check.one_round, lambda x: one_round(x.astype("float32"))),
    (check.order, "G F E B D H A"),
    (check.order, ["F", "E", "B", "G", "D", "H", "A"]),
    (check.prepare, prepare),
    (check.prepare, prepared(steps=5 * (600 // 64))),
    (check.prepare, lambda *given: list(prepare(*given))),
]
WRONG = [
    (check.whiten, lambda x: x, "expected 1"),
    (check.whiten, lambda x: white(x, root=0), "not divided by the spread"),
    (check.whiten, lambda x: white(x, root=1), "not by their roots"),
    (check.whiten, lambda x: white(x, turn=False), "standardized by itself"),
    (check.whiten, lambda x: white(x, columns=False), "as columns"),
    (check.whiten, lambda x: white(x, mean=False), "mean was not subtracted"),
    (check.whiten, lambda x: white(x).T, "expected an array"),
    (check.whiten, lambda x: np.full(x.shape, np.nan), "nan"),
    (check.one_round, lambda x: A * x + B * x**3 + C * x**5, "matrices are multiplied"),
    (check.one_round, lambda x: one_round(x, np.multiply), "a @ a"),
    (check.one_round, lambda x: one_round(x, b=C, c=B), "exchanged"),
    (check.one_round, lambda x: one_round(x, c=0), "term with c"),
    (check.one_round, twice, "more than one round"),
    (check.one_round, lambda x: x @ x.T, "expected an array"),
    (check.order, "G F E C D H A", "this one counts images"),
    (check.order, "G E F B D H A", "asks for the length"),
    (check.order, "G F E B D A H", "half is over"),
    (check.order, "G F E B H D A", "before it can be trained"),
    (check.order, "G F B E D H A", "number of steps"),
    (check.order, "F E B D G H A", "no network to compile"),
    (check.prepare, prepared(divide=1), "meets other numbers"),
    (check.prepare, prepared(steps=5 * 600), "longer run"),
    (check.prepare, prepared(steps=10), "shorter run"),
    (check.prepare, without_biases, "expected about 1 and 0"),
    (check.prepare, lambda *given: prepare(*given)[:2], "could not be read"),
]


@pytest.mark.parametrize(("judge", "answer"), RIGHT)
def test_right(judge, answer):
    assert judge(answer).status == "correct"


@pytest.mark.parametrize(("judge", "answer", "words"), WRONG)
def test_wrong(judge, answer, words):
    verdict = judge(answer)
    assert verdict.status == "wrong" and words in repr(verdict)


IMAGES, LABELS = np.eye(10)[np.arange(50) % 10], np.arange(50) % 10


def racer(right):
    """A network that knows the first of its images by their numbers, and calls all others 0."""
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(10, use_bias=False)])
    model.set_weights([np.diag(np.arange(10) < right).astype("float32")])
    return model


@pytest.mark.parametrize(
    ("right", "seconds", "status", "words"),
    [
        (8, 12.3, "correct", "80.0%"),
        (8, np.float32(89), "correct", "89 seconds"),
        (5, 12.3, "wrong", "the bar is 68%"),
        (8, 91, "wrong", "the limit is 90"),
        (8, 0.0, "wrong", "before the training"),
        (8, "fast", "wrong", "expected a number of seconds"),
        (8, ..., "todo", "measure the time"),
    ],
)
def test_race(right, seconds, status, words):
    verdict = check.race(racer(right), seconds, 90, IMAGES, LABELS)
    assert verdict.status == status and words in repr(verdict)


@pytest.mark.parametrize("judge", [check.whiten, check.one_round])
def test_not_done_yet(judge):
    assert judge(...).status == judge(lambda given: ...).status == "todo"
