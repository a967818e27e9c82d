"""Lesson 10: right answers pass, wrong ones are refused with their cause."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from helpers.checks import photos as check

ERROR = (0.9 * 0.1 / 20) ** 0.5
GOOD = {"standard_error": ERROR, "low": 0.9 - 1.96 * ERROR, "high": 0.9 + 1.96 * ERROR}
LABELS = np.repeat([0, 1, 2], 12)
GROUPS = np.repeat(np.arange(100, 112), 3)  # four scenes a class, three shots each
A, B = TORN = (np.arange(0, 36, 2), np.arange(1, 36, 2))
TRAIN, VAL = np.arange(31), np.arange(31, 36)  # cuts through group 110


def whole_groups(labels, groups):
    folds = StratifiedGroupKFold(n_splits=4, shuffle=True, random_state=1)
    return next(folds.split(labels, labels, groups))


def border_share(heat, square=False):
    rows, columns = heat.shape[0] // 8, heat.shape[0 if square else 1] // 8
    middle = heat[rows : heat.shape[0] - rows, columns : heat.shape[1] - columns]
    return 1 - middle.sum() / heat.sum() if heat.any() else 0.0


def numbers_of_groups(labels, groups):
    numbers = np.unique(groups)
    return numbers[len(numbers) // 3 :], numbers[: len(numbers) // 3]


CHECKS = {
    "error": lambda changes: check.standard_error(GOOD | changes, 18, 20),
    "leak": lambda answer: check.leak(answer, GROUPS, TRAIN, VAL),
    "split": lambda function: check.grouped_split(function, LABELS, GROUPS),
    "border": check.border_share,
}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("error", {}),
        ("error", {key: round(value, 2) for key, value in GOOD.items()}),
        ("leak", [110]),
        ("leak", {110}),
        ("split", whole_groups),
        ("border", border_share),
    ],
)
def test_right(name, answer):
    assert CHECKS[name](answer)


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
        ("leak", 1, "which"),
        ("leak", [], "no image is on both sides, but its group may be"),
        ("leak", np.arange(100, 112), "all groups there are"),
        ("leak", [30, 31, 32], "rows of images"),
        ("leak", [110, 110], "more than once"),
        ("leak", np.ones(36, bool), "mask"),
        ("split", lambda labels, groups: TORN, "torn apart"),
        ("split", lambda labels, groups: (np.arange(24), np.arange(24, 36)), "of class 2"),
        ("split", lambda labels, groups: whole_groups(labels, groups)[::-1], "wrong order"),
        ("split", lambda labels, groups: (A, A), "in both parts"),
        ("split", numbers_of_groups, "numbers of groups"),
        ("border", lambda heat: 1 - border_share(heat), "opposite"),
        ("border", lambda heat: border_share(heat, square=True), "height and width differ"),
        ("border", lambda heat: border_share(np.ones_like(heat)), "count pixels"),
        ("border", lambda heat: border_share(heat) if heat.any() else np.nan, "no heat"),
        ("border", lambda heat: 100 * border_share(heat), "divide by the sum"),
    ],
)
def test_wrong(name, answer, words):
    verdict = CHECKS[name](answer)
    assert verdict.status == "wrong" and words in repr(verdict).replace("'", "`"), verdict
