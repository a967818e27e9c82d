"""The frame of checks: it survives anything, says one thing, and logs it."""

import importlib
import json
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.checks import core
from helpers.checks.core import Todo, Wrong, as_array, call, check, compare
from helpers.settings import ROOT


@check("test.echo")
def echo(work):
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


def stub_ellipsis(x): ...


def stub_pass(x):
    """It has a docstring."""
    pass


def stub_return(x):
    return ...


def stub_not_implemented(x):
    raise NotImplementedError


STUBS = [..., None, stub_ellipsis, stub_pass, stub_return, stub_not_implemented]


@pytest.mark.parametrize("work", STUBS)
def test_work_not_done_is_friendly(work):
    assert echo(work).status == "todo"


def test_right_work_is_true_and_says_what_was_verified():
    verdict = echo(lambda x: x)
    assert verdict and "3 is the sum." in repr(verdict)


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
        (no_return, "returns nothing"),
        (mutates, "changes the data"),
        (asks_to_leave, "SystemExit"),
        (divides, f"line {divides.__code__.co_firstlineno + 2}: 'return y.no_such_thing'"),
        (recurses, "RecursionError"),
        (loud_error, "ValueError"),
        (two_arguments, "exactly one argument"),
        (rude, "RudeError"),
        (3, "expected a function, got the int '3'"),
        (int, "expected a function"),
        (np.zeros(3), "without parentheses"),
    ],
)
def test_odd_work_is_survived_and_named(work, words):
    verdict = echo(work)
    assert verdict.status == "wrong" and words in repr(verdict)
    assert len(repr(verdict)) < 1200


def test_hostile_object_is_survived():
    # Not a parameter: pytest itself does not survive it.
    assert echo(Hostile()).status == "wrong"
    assert echo(lambda x: Hostile()).status == "wrong"


@pytest.mark.parametrize("result", [(i for i in range(3)), "abc", [[1, 2], [3]], object()])
def test_result_that_is_no_array(result):
    with pytest.raises(Wrong, match="expected an array"):
        as_array(result, "an array")


def test_array_of_a_known_wrong_shape_has_its_cause():
    with pytest.raises(Wrong) as caught:
        as_array(np.zeros(5), "3 counts", shape=(3,), shapes={(5,): "one entry per image."})
    assert (caught.value.stage, caught.value.cause) == ("shape", "one entry per image.")
    assert as_array(np.zeros((7, 3)), "rows", shape=(None, 3)).shape == (7, 3)


RIGHT = np.array([1.0, 2.0, 4.0])
CAUSES = {"doubled.": 2 * RIGHT, "negative.": lambda array: (array < 0).any()}


@pytest.mark.parametrize(
    ("array", "cause"),
    [(2 * RIGHT, "doubled."), (-RIGHT, "negative."), (RIGHT + 1, ""), (RIGHT * np.nan, "")],
)
def test_difference_is_named_with_its_cause(array, cause):
    with pytest.raises(Wrong) as caught:
        compare(array, RIGHT, causes=CAUSES)
    assert caught.value.cause == cause and "entry 0 is" in caught.value.text


def test_equal_arrays_and_single_numbers_pass():
    compare(RIGHT.astype("float32"), RIGHT)
    compare(3, 3.0)


def test_keyboard_interrupt_still_stops():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        echo(interrupted)


def test_verdicts_are_logged(tmp_path, monkeypatch):
    path = tmp_path / "results.jsonl"
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    for work in (lambda x: x, ..., 7):
        echo(work)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["status"] for line in lines] == ["correct", "todo", "wrong"]


def test_after_an_exception_the_old_object_is_not_judged(monkeypatch):
    monkeypatch.setattr(core, "_last_cell", core._LastCell())
    core._last_cell.ended(SimpleNamespace(success=False))
    assert echo(lambda x: x).status == "todo"
    core._last_cell.ended(SimpleNamespace(success=True))
    assert echo(lambda x: x).status == "correct"


def test_verdict_escapes_the_students_text():
    page = core.Verdict("a.b", "wrong", "found `<b>`", "type", "a & b")._repr_html_()
    assert 'role="status"' in page and "&lt;b&gt;" in page and "<b>" not in page


def test_todo_text_can_say_what_is_open():
    @check("test.partly")
    def partly(work):
        raise Todo("still open: two.")

    assert "still open: two." in repr(partly(1))


# What a check needs besides the student's work.
MORE = {
    "start_here.predicted_class": (np.ones(2) / 2, ["cat", "dog"]),
}
GARBAGE = [object(), 1j, -3.5, "x" * 10**6, b"", [], {}, set(), (), lambda: 1, type]


def every_check():
    for file in sorted((ROOT / "helpers" / "checks").glob("*.py")):
        if file.stem in {"__init__", "core", "verdict", "watching"}:
            continue
        module = importlib.import_module(f"helpers.checks.{file.stem}")
        for name, function in vars(module).items():
            if hasattr(function, "__wrapped__") and function.__module__ == module.__name__:
                yield pytest.param(f"{file.stem}.{name}", function, id=f"{file.stem}.{name}")


@pytest.mark.parametrize(("name", "judge"), list(every_check()))
def test_no_check_takes_garbage_for_right_or_breaks(name, judge):
    needed = judge.__wrapped__.__code__.co_argcount - 1
    needed -= len(judge.__wrapped__.__defaults__ or ())
    more = MORE.get(name, (np.arange(10).repeat(20),) * needed)
    for work in [*GARBAGE, Hostile(), lambda x: Hostile()]:
        verdict = judge(work, *more)
        assert verdict.status == "wrong" and len(repr(verdict)) < 1500
