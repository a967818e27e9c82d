"""Lesson 11: right answers pass, wrong ones are refused with their cause."""

import numpy as np
import pytest

from helpers.checks import predict as check
from helpers.metrics import fit_temperature


def top_k(p, names, k):
    return [(names[i], float(p[i])) for i in np.argsort(p)[::-1][:k]]


def pad(image, mode="constant", turned=False, corner=False, **settings):
    side = max(image.shape[:2])
    widths = []
    for length in image.shape[:2]:
        first = 0 if corner else (side - length) // 2
        pair = (first, side - length - first)
        widths.append(pair[::-1] if turned else pair)
    return np.pad(image, [*widths, (0, 0)], mode=mode, **settings)


y = np.random.default_rng(0).integers(0, 4, 300)
logits = np.random.default_rng(1).normal(size=(300, 4)) + 2 * np.eye(4)[y]
p = np.exp(2.5 * logits)  # too sure of itself
p /= p.sum(axis=1, keepdims=True)
BEST = fit_temperature(p, y)
LABEL, CONFIDENCE = p.argmax(axis=1), p.max(axis=1)
THRESHOLD = float(np.sort(CONFIDENCE)[150])  # one image has exactly this confidence
SURE = CONFIDENCE >= THRESHOLD
RIGHT = np.where(SURE, LABEL, -1)


def test_right_answers_pass():
    assert check.top_k(top_k)
    assert check.top_k(lambda p, n, k: sorted(zip(n, p, strict=True), key=lambda x: -x[1])[:k])
    assert check.pad_to_square(pad)
    assert check.temperature(BEST, p, y)
    assert check.temperature(np.array([BEST * 1.05]), p, y)
    assert check.answers(RIGHT, p, THRESHOLD)
    assert check.answers(RIGHT.tolist(), p, THRESHOLD)


@pytest.mark.parametrize("work", [..., None, lambda *_: ...])
def test_stubs_are_not_done_yet(work):
    assert check.top_k(work).status == "todo"


TOP_K = [
    (lambda p, n, k: top_k(p, n, 99), "`[:k]` is missing"),
    (lambda p, n, k: top_k(p, n, 2), "k is not used"),
    (lambda p, n, k: [(a, 100 * b) for a, b in top_k(p, n, k)], "percentages"),
    (lambda p, n, k: [(n[i], p[i]) for i in np.argsort(p)[:k]], "least likely come first"),
    (lambda p, n, k: top_k(p, n, k)[::-1], "least likely of them first"),
    (lambda p, n, k: list(zip(n, p, strict=True))[:k], "not sorted"),
    (
        lambda p, n, k: list(zip(n[:k], np.sort(p)[::-1], strict=False)),
        "not picked by the same",
    ),
    (lambda p, n, k: dict(top_k(p, n, k)), "dictionary"),
    (lambda p, n, k: np.array(top_k(p, n, k)), "not both"),
    (lambda p, n, k: zip(n, p, strict=True), "list(zip"),
    (lambda p, n, k: [b for _, b in top_k(p, n, k)], "alone"),
    (lambda p, n, k: [(b, a) for a, b in top_k(p, n, k)], "(probability, name)"),
    (lambda p, n, k: [(0, b) for _, b in top_k(p, n, k)], "expected (name, number)"),
    (lambda p, n, k: [(a, str(b)) for a, b in top_k(p, n, k)], "expected (name, number)"),
]
PAD = [
    (lambda i: i[: min(i.shape[:2]), : min(i.shape[:2])], "that is a crop"),
    (lambda i: i, "as it was"),
    (lambda i: pad(i)[..., 0], "channels are missing"),
    (lambda i: pad(i).astype(float), "float64"),
    (lambda i: pad(i, turned=True), "top or left"),
    (lambda i: pad(i, corner=True), "at the top left"),
    (lambda i: pad(i, constant_values=255), "white"),
    (lambda i: pad(i, mode="edge"), "own edge"),
    (lambda i: pad(i)[::-1], "expected"),
]
TEMPERATURE = [
    (1 / BEST, "1 / T"),
    (check._loss(p, y, BEST), "smallest loss itself"),
    (1.0, "were divided"),
    (0.2, "`argmax` in place"),
    (5.0, "too coarse"),
    ([1.0, 2.0], "expected one number"),
    (0, "above 0"),
    (np.nan, "above 0"),
    ("2", "expected one number"),
]
ANSWERS = [
    (LABEL, "not used"),
    (np.where(SURE, -1, LABEL), "changed places"),
    (np.where(CONFIDENCE > THRESHOLD, LABEL, -1), "`>=`"),
    (np.where(SURE, LABEL, 0), "became class 0"),
    (np.where(SURE, p.argmin(axis=1), -1), "`argmin`"),
    (p, "take `argmax`"),
    (LABEL[SURE], "the others get -1"),
    (RIGHT[:, None], "one column too many"),
    (SURE, "True and False"),
    (CONFIDENCE, "probabilities instead"),
    (RIGHT + 1, "labels are -1"),
]


@pytest.mark.parametrize(
    ("examine", "work", "words"),
    [
        *((check.top_k, *case) for case in TOP_K),
        *((check.pad_to_square, *case) for case in PAD),
        *((lambda work: check.temperature(work, p, y), *case) for case in TEMPERATURE),
        *((lambda work: check.answers(work, p, THRESHOLD), *case) for case in ANSWERS),
    ],
)
def test_wrong_answers_are_told_their_cause(examine, work, words):
    verdict = examine(work)
    assert verdict.status == "wrong"
    assert words in f"{verdict.text} {verdict.cause}"
