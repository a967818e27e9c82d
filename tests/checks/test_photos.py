"""Lesson 10: right answers pass, wrong ones are refused with their cause."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

from helpers.checks import photos as check

ERROR = (0.9 * 0.1 / 20) ** 0.5
GOOD = {"standard_error": ERROR, "low": 0.9 - 1.96 * ERROR, "high": 0.9 + 1.96 * ERROR}
GROUPS = np.random.default_rng(0).permutation(16).repeat(3)  # scenes of three shots, in no order
LABELS = GROUPS % 3
WHOLE = next(StratifiedGroupKFold(4).split(LABELS, LABELS, GROUPS))
TORN = next(StratifiedKFold(4, shuffle=True, random_state=7).split(LABELS, LABELS))
ONE_CLASS = np.flatnonzero(LABELS != 2), np.flatnonzero(LABELS == 2)
HALF = next(StratifiedGroupKFold(2).split(LABELS, LABELS, GROUPS))

FEATURES = np.random.default_rng(1).normal(size=(48, 5)) + 3 * np.eye(5)[LABELS]
SPLITS = list(StratifiedKFold(3).split(FEATURES, LABELS))

CHECKS = {
    "error": lambda changes: check.standard_error(GOOD | changes, 18, 20),
    "split": lambda rows: check.grouped_split(rows, LABELS, GROUPS),
    "order": check.lines_of_a_split,
    "head": lambda head: check.head_reaches(head, FEATURES, LABELS, SPLITS),
}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("error", {}),
        ("error", {key: round(value, 2) for key, value in GOOD.items()}),
        ("split", WHOLE),
        ("split", [list(part) for part in WHOLE]),
        ("order", "C E B F H A D"),
        ("order", "chebfad"),
        ("head", LogisticRegression()),
    ],
)
def test_right(name, answer):
    assert CHECKS[name](answer).status == "correct"


@pytest.mark.parametrize("name", CHECKS)
def test_not_done(name):
    assert CHECKS[name]({"high": ...} if name == "error" else ...).status == "todo"


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("error", {"standard_error": 0.3}, "not divided by the number"),
        ("error", {"low": 0.9 - ERROR}, "68 %"),
        ("error", {"high": 1.0}, "cut off at 1"),
        ("error", {"low": GOOD["high"], "high": GOOD["low"]}, "swapped"),
        ("error", {"low": 77}, "fractions"),
        ("error", {"standard_error": float("nan")}, "not nan"),
        ("split", TORN, "does not know the groups"),
        ("split", ONE_CLASS, "no image of class 2"),
        ("split", WHOLE[::-1], "wrong order"),
        ("split", HALF, "asked was a quarter"),
        ("split", (WHOLE[0], WHOLE[0]), "in both parts"),
        ("split", (np.arange(4, 16), np.arange(4)), "numbers of groups"),
        ("split", 3, "expected a pair"),
        ("order", "C G E B F H A D", "both sides"),
        ("order", "C B E F H A D", "must know the `groups`"),
        ("order", "C E B F A H D", "on the `features`"),
        ("order", "C E B F H D A", "after it was trained"),
        ("order", "C E B F A D", "missing: H"),
        ("head", KNeighborsClassifier, "parentheses"),
        ("head", LinearRegression(), "regressor"),
        ("head", "LogisticRegression", "expected a classifier"),
        ("head", LogisticRegression(C=1e-9), "the bar is 60 %"),
        ("head", LogisticRegression(C=-1), "could not be read"),
    ],
)
def test_wrong(name, answer, words):
    verdict = CHECKS[name](answer)
    assert verdict.status == "wrong" and words in repr(verdict).replace("'", "`"), verdict
