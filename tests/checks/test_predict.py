"""Lesson 11: right answers pass, wrong ones are refused with their cause."""

from pathlib import Path

import numpy as np
import pytest

from helpers.checks import predict as check


def top_k(p, names, k):
    return [(names[i], float(p[i])) for i in np.argsort(p)[::-1][:k]]


# 1,000 images of two classes: of the surest 900 just 94 % are right, of the surest 800 all are.
Y = np.zeros(1000, int)
CONFIDENCE = np.linspace(1, 0.51, 1000)
RIGHT = np.arange(1000) < 800
RIGHT[846:900] = RIGHT[954:] = True
P = np.where(RIGHT, CONFIDENCE, 1 - CONFIDENCE)
P = np.stack([P, 1 - P], axis=1)

FILES = [Path("ship.png"), Path("dog.jpg")]
ANSWERS = dict(zip(FILES, np.random.default_rng(0).dirichlet(np.ones(6), 2), strict=True))


def expected(file):
    return list(zip("abcdef", ANSWERS[file].tolist(), strict=True))


def page(change=lambda pairs: dict(pairs)):
    return lambda file: change(expected(Path(file)))


def threshold(value):
    return check.safe_threshold(value, P, Y)


def mended(classify):
    return check.mended_page(classify, FILES, expected)


RIGHT_ANSWERS = [
    (check.lines_of_a_prediction, "D H A G C B E"),
    (check.top_k, top_k),
    (check.top_k, lambda p, n, k: sorted(zip(n, p, strict=True), key=lambda x: -x[1])[:k]),
    (threshold, CONFIDENCE[799]),
    (threshold, np.array([CONFIDENCE[760]])),
    (mended, page()),
    (mended, page(lambda pairs: {name: np.float32(p) for name, p in pairs[:5]})),
]
WRONG_ANSWERS = [
    (check.lines_of_a_prediction, "D H A G C F B E", "divided twice"),
    (check.lines_of_a_prediction, "D A H G C B E", "turn the image before"),
    (check.lines_of_a_prediction, "D H G A C B E", "numbers of colors"),
    (check.lines_of_a_prediction, "D H A C G B E", "Pillow's work"),
    (check.lines_of_a_prediction, "D H A G C E B", "only after line B"),
    (check.top_k, lambda p, n, k: top_k(p, n, 99), "`[:k]` is missing"),
    (check.top_k, lambda p, n, k: top_k(p, n, 2), "k is not used"),
    (check.top_k, lambda p, n, k: [(a, 100 * b) for a, b in top_k(p, n, k)], "percentages"),
    (
        check.top_k,
        lambda p, n, k: [(n[i], p[i]) for i in np.argsort(p)[:k]],
        "least likely come first",
    ),
    (check.top_k, lambda p, n, k: top_k(p, n, k)[::-1], "least likely of them first"),
    (check.top_k, lambda p, n, k: list(zip(n, p, strict=True))[:k], "not sorted"),
    (
        check.top_k,
        lambda p, n, k: list(zip(n[:k], np.sort(p)[::-1], strict=False)),
        "not picked by the same",
    ),
    (check.top_k, lambda p, n, k: dict(top_k(p, n, k)), "dictionary"),
    (check.top_k, lambda p, n, k: np.array(top_k(p, n, k)), "not both"),
    (check.top_k, lambda p, n, k: zip(n, p, strict=True), "list(zip"),
    (check.top_k, lambda p, n, k: [b for _, b in top_k(p, n, k)], "alone"),
    (check.top_k, lambda p, n, k: [(b, a) for a, b in top_k(p, n, k)], "(probability, name)"),
    (threshold, CONFIDENCE[899], "no margin"),
    (threshold, CONFIDENCE[700], "too high"),
    (threshold, 90, "90 % is 0.9"),
    (mended, page(lambda pairs: pairs), "`dict(pairs)`"),
    (mended, page(lambda pairs: {name: 100 * p for name, p in pairs}), "percentages"),
    (mended, page(lambda pairs: {i: p for i, (_, p) in enumerate(pairs)}), "numbers of classes"),
    (mended, page(lambda pairs: {name: 1 / 6 for name, _ in pairs}), "divides by 255"),
    (mended, page(lambda pairs: {name: str(p) for name, p in pairs}), "expected probabilities"),
]


@pytest.mark.parametrize(("examine", "work"), RIGHT_ANSWERS)
def test_right_answers_pass(examine, work):
    assert examine(work).status == "correct"


@pytest.mark.parametrize(("examine", "work", "words"), WRONG_ANSWERS)
def test_wrong_answers_are_told_their_cause(examine, work, words):
    verdict = examine(work)
    assert verdict.status == "wrong"
    assert words in f"{verdict.text} {verdict.cause}"


@pytest.mark.parametrize("work", [..., None, lambda *_: ...])
def test_stubs_are_not_done_yet(work):
    assert check.top_k(work).status == mended(work).status == "todo"
