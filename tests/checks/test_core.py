"""The frame of checks: it survives anything, says one thing, and logs it."""

import json

import numpy as np
import pytest

from helpers import checks
from helpers.checks.core import Todo, Wrong, check
from helpers.checks.student import as_array, call
from helpers.checks.verdict import Message, Verdict


@check("test.echo")
def check_echo(work):
    return f"{call(work, np.arange(3)).sum()} is the sum."


class Hostile:
    """Raises at whatever one may ask it."""

    def _raise(self, *args):
        raise RuntimeError("I do not want to")

    __eq__ = __str__ = __repr__ = __len__ = __bool__ = __array__ = __iter__ = _raise
    __getattr__ = __format__ = __float__ = __index__ = __call__ = __deepcopy__ = _raise
    __hash__ = None

    @property
    def __class__(self):
        raise RuntimeError("not even this")


@pytest.mark.parametrize("work", [..., None])
def test_work_not_done_is_friendly(judged, work):
    status, said = judged(check_echo, work)
    assert status == "todo"
    assert "Not done yet" in said and "Traceback" not in said


def stub_ellipsis(x): ...


def stub_pass(x):
    """It has a docstring."""
    pass


def stub_return(x):
    return ...


def stub_not_implemented(x):
    raise NotImplementedError


@pytest.mark.parametrize("stub", [stub_ellipsis, stub_pass, stub_return, stub_not_implemented])
def test_stub_counts_as_not_done(judged, stub):
    assert judged(check_echo, stub)[0] == "todo"


def test_correct_work_is_true_and_says_what_was_verified(judged):
    assert check_echo(lambda x: x)
    status, said = judged(check_echo, lambda x: x)
    assert status == "correct" and "3 is the sum." in said


def no_return(x):
    x.sum()


def mutates(x):
    x[0] = 9
    return x


def asks_to_leave(x):
    raise SystemExit(3)


def divides(x):
    y = x + 1
    return y.no_such_thing


def recurses(x):
    return recurses(x)


def loud_error(x):
    raise ValueError("long\n" * 10_000)


def two_arguments(x, y):
    return x


class RudeError(Exception):
    def __str__(self):
        raise RuntimeError("ha")


def rude(x):
    raise RudeError


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (no_return, ["returns nothing", "return"]),
        (mutates, ["changes the data", "new object"]),
        (asks_to_leave, ["SystemExit"]),
        (divides, ["AttributeError", "no_such_thing", "line "]),
        (recurses, ["RecursionError"]),
        (loud_error, ["ValueError", "…"]),
        (two_arguments, ["TypeError", "exactly one argument"]),
        (rude, ["RudeError"]),
        (3, ["expected a function", "the number 3"]),
        (int, ["expected a function", "class"]),
        (np.zeros(3), ["expected a function", "without parentheses"]),
    ],
)
def test_odd_work_is_survived_and_named(judged, work, words):
    status, said = judged(check_echo, work)
    assert status == "wrong"
    assert len(said) < 1200 and "Traceback" not in said
    for word in words:
        assert word in said


def test_hostile_object_is_survived(judged):
    # Not a parameter: pytest itself does not survive it.
    assert judged(check_echo, Hostile())[0] == "wrong"
    assert judged(check_echo, lambda x: Hostile())[0] == "wrong"
    with pytest.raises(Wrong, match="makes no array"):
        as_array(Hostile(), "an array")


EXTRA = {
    "check_predicted_class": (np.ones(2) / 2, ["cat", "dog"]),
    "check_class_counts": (np.arange(10),),
    "check_split": (np.arange(10).repeat(20),),
}


@pytest.mark.parametrize("name", checks.__all__)
def test_no_check_takes_garbage_for_right_or_breaks(judged, name):
    garbage = [object(), 1j, -3.5, 10**5000, "x" * 10**6, b"", [], {}, set(), (), range(10**9)]
    garbage += [
        lambda: 1,
        lambda x: Hostile(),
        type,
        np.datetime64(0, "s"),
        Hostile(),
        NotImplemented,
    ]
    for work in garbage:
        status, said = judged(getattr(checks, name), work, *EXTRA.get(name, ()))
        assert status == "wrong", said
        assert len(said) < 1500


def test_line_number_is_that_of_the_students_code(judged):
    line = divides.__code__.co_firstlineno + 2
    assert f"line {line}: 'return y.no_such_thing'" in judged(check_echo, divides)[1]


def test_student_cannot_change_the_checks_own_data():
    given = np.arange(3)
    with pytest.raises(Wrong):
        call(mutates, given)
    assert given.tolist() == [0, 1, 2]


@pytest.mark.parametrize("result", [(i for i in range(3)), "abc", [[1, 2], [3]], object()])
def test_result_that_is_no_array(result):
    with pytest.raises(Wrong) as caught:
        as_array(result, "an array")
    assert "expected an array" in caught.value.text


def test_keyboard_interrupt_still_stops(judged):
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_echo(interrupted)


def test_verdicts_are_logged(tmp_path, monkeypatch, capsys):
    path = tmp_path / "results.jsonl"
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    check_echo(lambda x: x)
    check_echo(...)
    check_echo(7)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["status"] for line in lines] == ["correct", "todo", "wrong"]
    assert {line["check"] for line in lines} == {"test.echo"}


def test_log_that_cannot_be_written_does_not_spoil_the_check(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_RESULTS", str(tmp_path / "missing" / "results.jsonl"))
    assert check_echo(lambda x: x)


def test_verdict_is_shown_once_by_a_notebook():
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(Verdict("a.b", "correct", "fine"))
    assert data == {}


def test_message_escapes_and_names_its_role():
    verdict = Verdict("a.b", "wrong", "found `<b>`", "type", "a & b", "use `x < 3`")
    page = Message(verdict)._repr_html_()
    assert 'role="status"' in page and "Not right yet (type)" in page
    assert "<code" in page and "&lt;b&gt;" in page and "A &amp; b" in page
    text = repr(Message(verdict))
    assert text.splitlines()[0] == "✗ Not right yet (type): found '<b>'"
    assert "Likely cause: a & b" in text and "Try this: use 'x < 3'" in text


def test_todo_text_can_say_what_is_open(judged):
    @check("test.partly")
    def check_partly(work):
        raise Todo("still open: two.")

    assert judged(check_partly, 1) == ("todo", "○ Not done yet: still open: two.\n")
