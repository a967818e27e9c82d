"""Lines in order: every order that fits is right, and the reason is told where one does not."""

import pytest

from helpers.checks.core import Wrong
from helpers.checks.ordering import require_order

# B and C need A, and D needs both of them; X is no part of it.
BEFORE = {("A", "B"): "b uses a", ("A", "C"): "c uses a", ("B", "D"): "d uses b"}
BEFORE |= {("C", "D"): "d uses c"}


def judge(answer):
    require_order(answer, "ABCD", BEFORE, {"X": "x undoes it"})


@pytest.mark.parametrize(
    "answer",
    [
        "A B C D",
        "A C B D",
        "acbd",
        "A,B,C,D",
        "a, c, b, d",
        " A > B > C > D\n",
        list("ABCD"),
        ("a", "C", " b ", "D"),
        ["A B", "C D"],
    ],
)
def test_every_order_that_fits_is_right_however_it_is_written(answer):
    judge(answer)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("B A C D", "line B comes too early. b uses a"),
        ("A B D C", "line D comes too early. d uses c"),
        ("D C B A", "line B comes too early"),
        ("A B C", "still missing: D"),
        ("", "still missing: A, B, C, D"),
        ([], "still missing"),
        ("A B B C D", "line B is there more than once"),
        ("A B C D X", "line X does not belong in this program. x undoes it"),
        ("A X C D", "line X does not belong"),
        ("A B C D Q", "there is no line Q"),
        ("1 2 3 4", "there is no line 1"),
        (1234, 'expected letters such as "A B C D", got'),
        ([0, 1, 2, 3], "expected letters"),
        ({"A": 1}, "expected letters"),
    ],
)
def test_an_order_that_does_not_fit_is_wrong_with_its_reason(answer, words):
    with pytest.raises(Wrong) as wrong:
        judge(answer)
    assert words in f"{wrong.value.text} {wrong.value.cause}"
