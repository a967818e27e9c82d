import numpy as np
import pytest

from helpers.checks import (
    check_border_share,
    check_grouped_split,
    check_leak,
    check_standard_error,
)

ERROR = (0.9 * 0.1 / 20) ** 0.5
GOOD = {"standard_error": ERROR, "low": 0.9 - 1.96 * ERROR, "high": 0.9 + 1.96 * ERROR}

LABELS = np.repeat([0, 1, 2], 12)
GROUPS = np.repeat(np.arange(12), 3)  # four scenes a class, three shots each
TORN = (np.arange(0, 36, 2), np.arange(1, 36, 2))


def test_standard_error_right(judged):
    assert judged(check_standard_error, GOOD, 18, 20)[0] == "correct"
    rounded = {key: round(value, 2) for key, value in GOOD.items()}
    assert judged(check_standard_error, rounded, 18, 20)[0] == "correct"


def test_standard_error_open(judged):
    assert judged(check_standard_error, ..., 18, 20)[0] == "todo"
    status, said = judged(check_standard_error, GOOD | {"high": ...}, 18, 20)
    assert status == "todo" and "2 of 3 right" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"standard_error": 0.3}, "not divided by the number"),
        ({"standard_error": 0.09 / 20}, "square root is missing"),
        ({"standard_error": 0.3 / 20}, "divided by n"),
        ({"standard_error": 1.96 * ERROR}, "half the interval"),
        ({"low": 0.9 - ERROR}, "68 %"),
        ({"high": 1.0}, "cut off at 1"),
        ({"low": GOOD["high"], "high": GOOD["low"]}, "swapped"),
        ({"low": 77}, "fractions"),
        ({"standard_error": float("nan")}, "is nan"),
        ({"standard_error": "small"}, "one number"),
    ],
)
def test_standard_error_wrong(judged, changes, words):
    status, said = judged(check_standard_error, GOOD | changes, 18, 20)
    assert status == "wrong" and words in said


def test_standard_error_no_dictionary(judged):
    assert judged(check_standard_error, [0.1], 18, 20)[0] == "wrong"


def test_leak_right(judged):
    train, val = np.arange(0, 31), np.arange(31, 36)  # cuts through group 10
    for answer in ([10], np.array([10]), {10}):
        assert judged(check_leak, answer, GROUPS, train, val)[0] == "correct"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (1, "which"),
        ([], "0 groups"),
        (np.arange(12), "all groups there are"),
        ([10, 11], "all groups of validation"),
        (np.arange(11), "all groups of training"),
        ([10, 10], "more than once"),
        (np.ones(36, bool), "mask"),
        ("ten", "expected the numbers"),
    ],
)
def test_leak_wrong(judged, answer, words):
    status, said = judged(check_leak, answer, GROUPS, np.arange(0, 31), np.arange(31, 36))
    assert status == "wrong" and words in said


def whole_groups(labels, groups):
    rng = np.random.default_rng(1)
    chosen = []
    for label in np.unique(labels):
        members = rng.permutation(np.unique(groups[labels == label]))
        chosen += members[: max(1, round(0.3 * len(members)))].tolist()
    inside = np.isin(groups, chosen)
    return np.flatnonzero(~inside), np.flatnonzero(inside)


def changes_its_argument(labels, groups):
    groups[:] = 0
    return TORN


def test_grouped_split_right(judged):
    assert judged(check_grouped_split, whole_groups, LABELS, GROUPS)[0] == "correct"


def test_grouped_split_open(judged):
    def stub(labels, groups): ...

    assert judged(check_grouped_split, stub, LABELS, GROUPS)[0] == "todo"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda labels, groups: TORN, "torn apart"),
        (lambda labels, groups: (np.arange(24), np.arange(24, 36)), "no picture of class 2"),
        (lambda labels, groups: whole_groups(labels, groups)[::-1], "wrong order"),
        (lambda labels, groups: (TORN[0], TORN[0]), "both sides"),
        (lambda labels, groups: (TORN[0], TORN[1][:3]), "on no side"),
        (lambda labels, groups: (TORN[0], TORN[1][[0, 0]]), "more than once"),
        (lambda labels, groups: TORN[0], "expected a pair"),
        (lambda labels, groups: (TORN[0], TORN[1] * 2), "rows of the validation side go"),
        (lambda labels, groups: (TORN[0] * 1.0, TORN[1]), "expected integers"),
        (lambda labels, groups: (TORN[0], []), "not empty"),
        (lambda labels, groups: (labels == 0, labels > 0), "mask"),
        (lambda labels: TORN, "TypeError"),
        (changes_its_argument, "changes the data"),
        (TORN, "expected a function"),
    ],
)
def test_grouped_split_wrong(judged, function, words):
    status, said = judged(check_grouped_split, function, LABELS, GROUPS)
    assert status == "wrong" and words in said


def border_share(heat, parts=8, square=False):
    rows, columns = heat.shape[0] // parts, heat.shape[1] // parts
    columns = rows if square else columns
    middle = heat[rows : heat.shape[0] - rows, columns : heat.shape[1] - columns]
    return 1 - middle.sum() / heat.sum() if heat.any() else 0.0


def test_border_share_right(judged):
    assert judged(check_border_share, border_share)[0] == "correct"
    assert judged(check_border_share, lambda heat: np.float32(border_share(heat)))[0] == "correct"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda heat: 1 - border_share(heat), "opposite"),
        (lambda heat: border_share(heat, 4), "quarter"),
        (lambda heat: border_share(heat, square=True), "height and width differ"),
        (lambda heat: 1 - heat[8:-8, 8:-8].size / heat.size, "count pixels"),
        (
            lambda heat: (
                1 - heat[6:42, 12:84].sum() / heat.sum()
                if 96 in heat.shape
                else 1 - heat[8:-8, 8:-8].sum() / heat.sum()
            ),
            "no heat",
        ),
        (lambda heat: 100 * border_share(heat), "divide by the sum"),
        (lambda heat: heat, "one number"),
        (lambda heat: "much", "one number"),
        (0.5, "expected a function"),
    ],
)
def test_border_share_wrong(judged, function, words):
    status, said = judged(check_border_share, function)
    assert status == "wrong" and words in said


def test_border_share_open(judged):
    assert judged(check_border_share, ...)[0] == "todo"
