"""Public checks of a lab: a few cases that everybody may see; the marks come from others.

They print how many passed, and of the first that did not what was given, expected and seen. They
never raise, so that "Run all" goes on.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Todo, Wrong, call, shorten


def check(function: Callable, *cases: tuple[tuple, Any]) -> None:
    """Try a student's function on cases: each is a tuple of arguments and the right answer.

    Numbers may differ a little, as in `np.isclose`, and lists and arrays count as the same.
    """
    _report([_fault(function, arguments, expected) for arguments, expected in cases])


def check_that(*conditions: tuple[str, Callable[[], Any]]) -> None:
    """Test what should be true: each condition is a sentence and a function of no arguments."""
    faults = []
    for sentence, holds in conditions:
        try:
            fault = "" if bool(holds()) else f"this should be true, and is not: {sentence}."
        except Exception as error:
            seen = f"{type(error).__name__}: {shorten(error)}"
            fault = f"this should be true: {sentence}. Looking at it ended with {seen}"
        faults.append(fault)
    _report(faults)


def _fault(function: Callable, arguments: tuple, expected: Any) -> str:
    """What is wrong with the answer to these arguments, or nothing."""
    given = ", ".join(map(_show, arguments))
    try:
        answer = call(function, *arguments)
        if _same(answer, expected):
            return ""
        seen = f"seen: {_show(answer)}"
    except Todo:
        return "the function is not written yet: put your code in place of the `...`."
    except Wrong as wrong:
        seen = f"seen: {wrong} {wrong.cause}".rstrip()
    except Exception as error:  # an odd object of the student's may fail at whatever it is asked
        seen = f"seen: an answer that cannot be read ({type(error).__name__})"
    return f"given: {given}\nexpected: {_show(expected)}\n{seen}"


def _report(faults: list[str]) -> None:
    print(f"public checks passed: {faults.count('')} of {len(faults)}")
    if first := next(filter(None, faults), ""):
        print(first)


def _same(answer: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        known = isinstance(answer, dict) and answer.keys() == expected.keys()
        return known and all(_same(answer[key], value) for key, value in expected.items())
    if isinstance(expected, str):
        return isinstance(answer, str) and answer == expected
    if isinstance(expected, list | tuple) and any(isinstance(part, str) for part in expected):
        return list(answer) == list(expected)
    found, right = np.asarray(answer), np.asarray(expected)
    if found.dtype.kind not in "biuf" or found.shape != right.shape:
        return False
    return bool(np.isclose(found.astype(float), right, rtol=1e-4, atol=1e-6, equal_nan=True).all())


def _show(value: Any) -> str:
    """A value on one short line; of a large array its shape, type and range."""
    if isinstance(value, np.ndarray):
        if value.size <= 12:
            return "array(" + " ".join(np.array2string(value, separator=", ").split()) + ")"
        span = f", {value.min():.4g} to {value.max():.4g}" if value.dtype.kind in "iuf" else ""
        return f"an array of shape {value.shape} and type {value.dtype}{span}"
    return shorten(repr(value), 100)
