"""Public checks of labs: they count, they say what was seen, and nothing makes them raise."""

import numpy as np
import pytest

from helpers.checks import public


class Hostile:
    def _raise(self, *args):
        raise RuntimeError("no")

    __repr__ = __eq__ = __array__ = __len__ = __iter__ = __bool__ = _raise
    __hash__ = None


def stub(x):
    """It has a docstring."""
    ...


def changes(x):
    x += 1
    return x


CASES = ((np.arange(3),), np.array([0, 2, 4])), ((np.ones(20),), np.full(20, 2.0))


@pytest.mark.parametrize(
    ("function", "count", "words"),
    [
        (lambda x: 2 * x, 2, []),
        (lambda x: (2 * x).tolist(), 2, []),
        (lambda x: x * x, 0, ["given: array([0, 1, 2])", "array([0, 2, 4])", "array([0, 1, 4])"]),
        (lambda x: x + 1, 1, ["given: array([0, 1, 2])"]),
        (lambda x: 2 * x if len(x) < 9 else x, 1, ["given: an array of shape (20,)", "1 to 1"]),
        (stub, 0, ["not written yet"]),
        (..., 0, ["expected a function"]),
        (changes, 0, ["changes the data"]),
        (lambda x: 1 / 0, 0, ["ZeroDivisionError"]),
        (lambda: 1, 0, ["TypeError", "does not take exactly one argument"]),
        (lambda x: exit(), 0, ["SystemExit"]),
        (lambda x: Hostile(), 0, ["cannot be read (RuntimeError)"]),
        (lambda x: "text", 0, ["seen: 'text'"]),
        (lambda x: [[1], [1, 2]], 0, ["seen:"]),
    ],
)
def test_a_function_is_tried_and_the_first_fault_is_told(function, count, words, capsys):
    public.check(function, *CASES)
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == f"public checks passed: {count} of 2"
    assert all(word in "\n".join(rest) for word in words)
    assert bool(rest) == (count < 2)


@pytest.mark.parametrize(
    ("expected", "good", "bad"),
    [
        ({"a": [1, 2]}, {"a": (1, 2.0)}, {"a": [1, 2], "b": 0}),
        (["cat", 1], ("cat", 1), ["dog", 1]),
        ("cat", "cat", np.array("cat")),
        (np.float32(np.nan), float("nan"), 0.0),
        (0.1, 0.100001, 0.11),
    ],
)
def test_kinds_of_answers(expected, good, bad, capsys):
    public.check(lambda answer: answer, ((good,), expected), ((bad,), expected))
    assert "passed: 1 of 2" in capsys.readouterr().out


def test_conditions(capsys):
    public.check_that(("one is one", lambda: True), ("pigs fly", lambda: 1 > 2))
    assert capsys.readouterr().out.splitlines() == [
        "public checks passed: 1 of 2",
        "this should be true, and is not: pigs fly.",
    ]
    public.check_that(("it is there", lambda: missing.shape), ("odd", Hostile))  # noqa: F821
    out = capsys.readouterr().out
    assert "passed: 0 of 2" in out and "NameError" in out
