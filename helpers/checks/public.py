"""Public checks of a lab: a few cases that everybody may see; the marks come from others.

They print how many passed, and of the first that did not what was given, expected and seen. They
never raise, so that "Run all" goes on.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Todo, Wrong, call, shorten

SMALL = 12  # numbers of an array that is shown whole


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
    given = ", ".join(map(describe, arguments))
    try:
        answer = call(function, *arguments)
        if same(answer, expected):
            return ""
        seen = f"seen: {describe(answer)}"
    except Todo:
        return "the function is not written yet: put your code in place of the `...`."
    except Wrong as wrong:
        seen = f"seen: {wrong} {wrong.cause}".rstrip()
    except Exception as error:  # an odd object of the student's may fail at whatever it is asked
        seen = f"seen: an answer that cannot be read ({type(error).__name__})"
    return f"given: {given}\nexpected: {describe(expected)}\n{seen}"


def _report(faults: list[str]) -> None:
    print(f"public checks passed: {faults.count('')} of {len(faults)}")
    if first := next(filter(None, faults), ""):
        print(first)


def same(answer: Any, expected: Any) -> bool:
    """Whether two plain values agree: kinds of sequences and numbers make no difference."""
    if isinstance(answer, np.ndarray) and answer.ndim and answer.dtype.kind in "UO":  # names
        answer = answer.tolist()
    if isinstance(expected, dict):
        if not isinstance(answer, dict):
            return False
        found, right = ({str(k): v for k, v in one.items()} for one in (answer, expected))
        return found.keys() == right.keys() and all(same(found[k], right[k]) for k in right)
    if expected is None or isinstance(expected, str):
        return type(answer) is type(expected) and answer == expected
    if isinstance(expected, list | tuple) and not numeric(expected):
        pairs = isinstance(answer, list | tuple) and len(answer) == len(expected)
        return pairs and all(same(a, b) for a, b in zip(answer, expected, strict=True))
    if isinstance(answer, str | dict | None) or not numeric(answer):
        return False
    a, b = np.asarray(answer, float), np.asarray(expected, float)
    return a.shape == b.shape and bool(close(a, b).all())


def close(a: Any, b: Any) -> np.ndarray:
    """Where numbers agree."""
    return np.isclose(a, b, rtol=1e-4, atol=1e-6, equal_nan=True)


def numeric(value: Any) -> bool:
    """Whether it is a number, or numbers in an array or in nested lists."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:  # rows of different lengths
        return False


def describe(value: Any) -> str:
    """A value on one short line; of a large array its shape, type and range."""
    if isinstance(value, np.ndarray):
        if value.size <= SMALL:
            return "array(" + " ".join(np.array2string(value, separator=", ").split()) + ")"
        span = f", {value.min():.4g} to {value.max():.4g}" if value.dtype.kind in "iuf" else ""
        return f"an array of shape {value.shape} and type {value.dtype}{span}"
    if isinstance(value, float):
        return f"{value:.5g}"
    return shorten(repr(value), 100)
