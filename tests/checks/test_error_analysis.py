"""Lesson 08: right answers pass, wrong ones are refused with their cause."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from helpers.checks import error_analysis as check

MATRIX = np.array([[8, 2, 0], [1, 15, 4], [0, 4, 27]])
RECALLS = MATRIX.diagonal() / MATRIX.sum(axis=1)

Y = np.repeat(np.arange(4), 100)
P = np.random.default_rng(0).dirichlet(np.ones(4), 400) + 0.6 * np.eye(4)[Y]
P = (P / P.sum(axis=1, keepdims=True)).astype("float16").astype(float)  # as stored
AREA = roc_auc_score(Y == 1, P[:, 1])

# Of 1,000 images; from a threshold of 0.6 on, 95 % of the answers are right.
SURE = np.linspace(0.4, 1, 1000)
LABELS = (np.arange(1000) % 10 == 0).astype(int)
LABELS[SURE > 0.8] = 0
TWO = np.stack([SURE, 1 - SURE], axis=1).clip(0, 0.9999)


def judge(name, answer):
    given = {
        "recalls": (MATRIX,),
        "bootstrap": (),
        "area": (Y, P, 1),
        "threshold": (LABELS, TWO, 0.95, 0.4),
    }
    return getattr(check, name)(answer, *given[name])


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("recalls", RECALLS.tolist()),
        ("bootstrap", "D F B C A"),
        ("area", AREA),
        ("area", np.array([AREA])),
        ("threshold", 0.75),
        ("threshold", np.float16(0.7)),
    ],
)
def test_right(name, answer):
    assert judge(name, answer)


WRONG = {
    "recalls": [
        (MATRIX.diagonal() / MATRIX.sum(axis=0), "that is precision"),
        (MATRIX.diagonal() / MATRIX.sum(), "divided by all images"),
        (1 - RECALLS, "*missed*"),
        (MATRIX / MATRIX.sum(axis=1, keepdims=True), "not only its diagonal"),
        (MATRIX.diagonal(), "counts"),
        (100 * RECALLS, "percentages"),
        (RECALLS * np.nan, "entry 0 is nan"),
        (RECALLS.mean(), "one number"),
    ],
    "bootstrap": [
        ("D F E C A", "the same images"),
        ("F D B C A", "empty once"),
        ("D B F C A", "in each round"),
        ("D F C B A", "needs the images"),
        ("D F B A C", "all rounds"),
    ],
    "area": [
        (roc_auc_score(Y == 1, P.argmax(axis=1) == 1), "single corner"),
        (roc_auc_score(Y == 1, P.max(axis=1)), "the confidence"),
        (1 - AREA, "upside down"),
        (roc_auc_score(np.eye(4)[Y], P), "mean over all classes"),
        (roc_auc_score(Y == 1, P[:, 2]), "another class"),
        (P[:, 1], "not yet the area"),
        ([0.9] * 4, "all classes"),
        ("0.97", "expected one number"),
    ],
    "threshold": [
        (80, "divide by 100"),
        (-0.1, "from 0 to 1"),
        (np.nan, "from 0 to 1"),
        (0.95, "too high"),
        (0.55, "too low"),
        (0.598, "margin"),
        ([0.7, 0.8], "expected one number"),
    ],
}


@pytest.mark.parametrize(
    ("name", "answer", "words"), [(name, *row) for name, rows in WRONG.items() for row in rows]
)
def test_wrong(name, answer, words):
    verdict = judge(name, answer)
    assert verdict.status == "wrong" and words in repr(verdict)


@pytest.mark.parametrize("name", WRONG)
def test_a_stub_is_not_done_yet(name):
    assert judge(name, ...).status == "todo"
