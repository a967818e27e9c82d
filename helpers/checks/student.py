"""Running a student's function, and reading what it returns, without being spoiled by it."""

import copy
import dis
import linecache
import traceback
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Todo, Wrong
from helpers.checks.describe import describe, shorten

_MOST_ENTRIES = 10_000_000  # `range(10**9)` as an array would fill the memory


def call(function: Callable[..., Any], argument: Any) -> Any:
    """Call a student's function with a copy of the argument and return what it returns.

    Raises:
        Todo: the function is still a stub.
        Wrong: it is no function, it fails, changes its argument, or returns nothing.
    """
    require_function(function)
    given = copy.deepcopy(argument)
    try:
        result = function(given)
    except KeyboardInterrupt:
        raise
    except NotImplementedError:
        raise Todo from None
    except BaseException as error:  # exit() in a function must not end the notebook either
        raise _failure(function, error) from None
    if result is ... or (result is None and _is_stub(function)):
        raise Todo
    if not _same(given, argument):
        raise Wrong(
            "value",
            "your function changes the data it is given.",
            "an assignment into the argument, such as `x[...] = …`, `x /= …` or `x.sort()`.",
            "make a new object with the result, and return that.",
        )
    if result is None:
        raise Wrong(
            "type",
            "your function returns nothing (`None`).",
            "the `return` is missing, or it stands behind a method that changes data in place.",
            "end the function with `return` and the result.",
        )
    return result


def require_function(function: object) -> None:
    """Raises Wrong unless it is a function: not its result, and not a class."""
    if not callable(function) or isinstance(function, type):
        raise Wrong(
            "type",
            f"expected a function, got {describe(function)}.",
            "you passed the result of the function, or something else in its place.",
            "pass the function itself: its name, without parentheses.",
        )


def as_array(result: Any, expected: str) -> np.ndarray:
    """Return a student's result as an array of numbers.

    Args:
        result: whatever the student made; tensors and lists of numbers will do.
        expected: what it should be, to be read after "expected".

    Raises:
        Wrong: it is no array of numbers.
    """
    if type(result) is types.GeneratorType:
        raise Wrong(
            "type",
            f"expected {expected}, got a generator.",
            "`yield` instead of `return`, or round brackets around a `for` expression.",
            "return the array itself.",
        )
    if _too_long(result):
        raise Wrong("shape", f"expected {expected}, got over {_MOST_ENTRIES:,} entries.")
    try:
        array = np.asarray(result)
    except Exception as error:
        text = f"expected {expected}, got {describe(result)} that makes no array"
        raise Wrong("type", f"{text} ({type(error).__name__}: {shorten(error)}).") from None
    if array.dtype.kind not in "buif":
        raise Wrong("type", f"expected {expected}, got {describe(result)}.")
    return array


def _too_long(result: Any) -> bool:
    try:
        return len(result) > _MOST_ENTRIES
    except Exception:  # a single number has no length, and an odd object may raise anything
        return False


def _failure(function: Callable[..., Any], error: BaseException) -> Wrong:
    """Turn an exception of the student's function into one line with the place in their code."""
    text = f"your function stopped with `{type(error).__name__}: {shorten(error)}`"
    code = getattr(function, "__code__", None)
    frames = [
        (frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    own = [place for place in frames if code and place[0] == code.co_filename]
    if own:
        file, line = own[-1]
        source = linecache.getline(file, line).strip()
        text += f" in line {line}" + (f": `{shorten(source, 80)}`" if source else "")
    cause = ""
    if isinstance(error, TypeError) and len(frames) == 1:
        cause = "the function does not take exactly one argument."
    elif isinstance(error, NameError):
        cause = "a name is misspelled, or the cell that defines it has not been run."
    nudge = "call your function yourself, with a small input, and print shapes on the way."
    return Wrong("run", text + ".", cause, nudge)


def _is_stub(function: Callable[..., Any]) -> bool:
    """Whether the body of a function is only `...`, `pass` or `return None`."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, types.CodeType):
        return False
    idle = {"RESUME", "NOP", "CACHE", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    return all(step.opname in idle for step in dis.get_instructions(code))


def _same(after: Any, before: Any) -> bool:
    if isinstance(before, np.ndarray):
        return (after.shape, after.dtype) == (before.shape, before.dtype) and np.array_equal(
            after, before
        )
    return after == before
