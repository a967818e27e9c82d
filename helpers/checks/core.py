"""The frame of every check: run it, survive what the student made, say what was found.

A check never raises. It shows a verdict and returns it; a verdict is true if the work is correct.
"""

import copy
import functools
import reprlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from IPython import get_ipython

from helpers import method
from helpers.checks.verdict import Verdict, log

_TODO = "replace the `...` in the exercise cell with your own work, run that cell, then this one."
_FAILED = "the cell that ran before this one stopped with an error: mend it and run it first."


class Wrong(Exception):
    """The first stage that failed: what is wrong, why it probably is, and a nudge.

    Stages are type, shape, range, run and value. Text between backticks is shown as code.
    """

    def __init__(self, stage: str, text: str, cause: str = "", nudge: str = "") -> None:
        super().__init__(text)
        self.stage, self.text, self.cause, self.nudge = stage, text, cause, nudge


class Todo(Exception):
    """The work is not done yet, or only in part; the text says what is open."""


def check(name: str) -> Callable[[Callable[..., str]], Callable[..., Verdict]]:
    """Make a check of a function that looks at the student's work.

    The function raises `Wrong` at the first stage that fails, `Todo` where the work is not done,
    and otherwise returns one line that says what was verified. The check made of it returns and
    logs a verdict, and lets no exception out. Work that is `...` or None is not done. If the cell
    before it failed, the old object still stands in its place: this is said instead.

    `name` is lesson and exercise, as in "data_preparation.to_float".
    """

    def decorate(examine: Callable[..., str]) -> Callable[..., Verdict]:
        @functools.wraps(examine)
        def wrapper(work: Any, *args: Any, **kwargs: Any) -> Verdict:
            verdict = _judge(name, examine, work, args, kwargs)
            log(verdict)
            return verdict

        return wrapper

    return decorate


def _judge(name: str, examine: Callable[..., str], work: Any, args: tuple, kwargs: dict) -> Verdict:
    if _last_cell.failed:
        return Verdict(name, "todo", _FAILED)
    if work is ... or work is None:
        return Verdict(name, "todo", _TODO)
    try:
        with method.paused():
            return Verdict(name, "correct", examine(work, *args, **kwargs))
    except Wrong as wrong:
        return Verdict(name, "wrong", wrong.text, wrong.stage, wrong.cause, wrong.nudge)
    except Todo as todo:
        return Verdict(name, "todo", str(todo) or _TODO)
    except Exception as error:
        # The student's object is odd in a way that no stage foresaw; it may even fail on purpose.
        text = f"your answer could not be read ({type(error).__name__}: {shorten(error)})."
        nudge = "look at `type(…)` of what you made, and compare it with what was asked for."
        return Verdict(name, "wrong", text, "type", nudge=nudge)


def compare(
    array: np.ndarray,
    right: Any,
    *,
    causes: Mapping[str, Any] | None = None,
    names: Sequence[str] | None = None,
    nudge: str = "",
    rtol: float = 1e-4,
    atol: float = 1e-6,
) -> None:
    """Compare a student's array with the right one, and tell the likely cause of a difference.

    Args:
        array: the student's.
        right: the right values.
        causes: what to say if the array is equal to a known wrong one: {text: wrong array or
            number, or whether the text fits, or a function from the student's array to either}.
            The first fit counts.
        names: what each entry of a one-dimensional array is called; by default "entry 3".
        nudge: what to try.
        rtol, atol: how far two numbers may differ, as in `np.isclose`.

    Raises:
        Wrong: the arrays differ; the first place that does is named.
    """
    array, right = np.asarray(array), np.asarray(right)
    if array.shape != right.shape:
        raise Wrong("value", f"expected shape {right.shape}, got {array.shape}.", nudge=nudge)

    def close(other: Any) -> np.ndarray:
        numbers = np.asarray(other, dtype=float)
        return np.isclose(array.astype(float), numbers, rtol=rtol, atol=atol, equal_nan=True)

    if (same := close(right)).all():
        return
    place = tuple(int(i) for i in np.argwhere(~same)[0])
    where = f"entry {place[0] if len(place) == 1 else place}" if place else "the value"
    if names is not None:
        where = names[place[0]]
    text = f"{where} is {_figure(array[place])}, expected {_figure(right[place])}."

    def fits(wrong: Any) -> bool:
        wrong = wrong(array) if callable(wrong) else wrong
        return wrong if isinstance(wrong, bool | np.bool_) else close(wrong).all()

    cause = next((cause for cause, wrong in (causes or {}).items() if fits(wrong)), "")
    raise Wrong("value", text, cause, nudge)


def _figure(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | np.integer) else f"{float(value):.6g}"


def as_array(
    result: Any,
    expected: str,
    *,
    shape: tuple[int | None, ...] | None = None,
    shapes: Mapping[tuple[int, ...], str] | None = None,
    nudge: str = "",
) -> np.ndarray:
    """Return a student's result as an array of numbers, of the right shape if one is given.

    Args:
        result: whatever the student made; tensors and lists of numbers will do.
        expected: what it should be, to be read after "expected".
        shape: the right shape; None stands for any length of an axis, () for a single number.
        shapes: known wrong shapes, and the cause of each.
        nudge: what to try when the shape is wrong.

    Raises:
        Wrong: it is no array of numbers, or has another shape.
    """
    try:
        array = np.asarray(result)
    except Exception:  # rows of different lengths, or an odd object
        array = np.asarray("")
    if array.dtype.kind not in "buif":
        raise Wrong("type", f"expected {expected}, got {describe(result)}.")
    if shape == () and array.size == 1:
        return array.reshape(())
    if shape is not None and not _fits(array.shape, shape):
        cause = (shapes or {}).get(array.shape, "")
        raise Wrong("shape", f"expected {expected}, got {describe(array)}.", cause, nudge)
    return array


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(want in (None, have) for have, want in pairs)


def require_model(model: object) -> None:
    """Raises Wrong unless it is a Keras model, built, so that its weights exist."""
    import keras

    if not isinstance(model, keras.Model):
        cause = "a list of layers, or the function that builds the model?"
        nudge = "put the layers into `keras.Sequential([...])` or `keras.Model(inputs, outputs)`."
        raise Wrong("type", f"expected a Keras model, got {describe(model)}.", cause, nudge)
    if not model.built:
        cause = "it does not know the shape of its input."
        nudge = "begin with `keras.Input((32, 32, 3))`, or the shape that was asked for."
        raise Wrong("shape", "the model has no weights yet.", cause, nudge)


def likely(causes: Mapping[str, Any]) -> str:
    """The first text whose condition holds, or none."""
    return next((text for text, holds in causes.items() if holds), "")


def call(function: Callable[..., Any], *arguments: Any, in_place: bool = False) -> Any:
    """Call a student's function with copies of the arguments and return what it returns.

    `in_place`: with the arguments themselves, which it may change; then it may return nothing.

    Raises:
        Todo: the function is still a stub.
        Wrong: it is no function, it fails, changes an argument, or returns nothing.
    """
    if not callable(function) or isinstance(function, type):
        cause = "you passed the result of the function, or something else in its place."
        nudge = "pass the function itself: its name, without parentheses."
        raise Wrong("type", f"expected a function, got {describe(function)}.", cause, nudge)
    given = arguments if in_place else copy.deepcopy(arguments)
    try:
        result = function(*given)
    except KeyboardInterrupt:
        raise
    except NotImplementedError:
        raise Todo from None
    except BaseException as error:  # exit() in a function must not end the notebook either
        raise _failure(function, error, len(arguments)) from None
    if result is ... or (result is None and _is_stub(function)):
        raise Todo
    if not all(_same(after, before) for after, before in zip(given, arguments, strict=True)):
        cause = "an assignment into the argument, such as `x[...] = …`, `x /= …` or `x.sort()`."
        nudge = "make a new object with the result, and return that."
        raise Wrong("value", "your function changes the data it is given.", cause, nudge)
    if result is None and not in_place:
        cause = "the `return` is missing, or it stands behind a method that changes data in place."
        nudge = "end the function with `return` and the result."
        raise Wrong("type", "your function returns nothing (`None`).", cause, nudge)
    return result


def _failure(function: Callable[..., Any], error: BaseException, arguments: int) -> Wrong:
    """Turn an exception of the student's function into one line with the place in their code."""
    text = f"your function stopped with `{type(error).__name__}: {shorten(error)}`"
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code and frame.filename == code.co_filename]
    if own:
        source = own[-1].line or ""
        text += f" in line {own[-1].lineno}" + (f": `{shorten(source, 80)}`" if source else "")
    cause = ""
    if isinstance(error, TypeError) and len(frames) == 1:
        number = "one argument" if arguments == 1 else f"{arguments} arguments"
        cause = f"the function does not take exactly {number}."
    elif isinstance(error, NameError):
        cause = "a name is misspelled, or the cell that defines it has not been run."
    nudge = "call your function yourself, with a small input, and print shapes on the way."
    return Wrong("run", text + ".", cause, nudge)


def _is_stub(function: Callable[..., Any]) -> bool:
    """Whether the body of a function is only `...`, `pass` or `return None`."""
    code = getattr(function, "__code__", None)
    return code is not None and len(code.co_code) <= len((lambda: None).__code__.co_code)


def _same(after: Any, before: Any) -> bool:
    if isinstance(before, np.ndarray):
        return np.array_equal(after, before)
    return not isinstance(before, list | dict) or after == before


def describe(thing: Any) -> str:
    """Say what a thing is, as in "an array of shape (3, 2) and type `uint8`" or "the int `3`"."""
    if type(thing) is np.ndarray:
        return f"an array of shape {thing.shape} and type `{thing.dtype}`"
    text = reprlib.repr(thing)  # short for long lists, and it survives an odd object
    return f"the {type(thing).__name__} `{shorten(text, 40)}`"


def shorten(thing: Any, limit: int = 120) -> str:
    """The text of a thing on one line of at most `limit` characters; never raises."""
    try:
        text = " ".join(str(thing)[: 4 * limit].split())
    except Exception:
        return "…"
    return text if len(text) <= limit else text[: limit - 1] + "…"


class _LastCell:
    """Remembers whether the notebook's cell before the present one ended in an exception."""

    failed = False

    def ended(self, result: Any) -> None:
        self.failed = not result.success


_last_cell = _LastCell()
if _shell := get_ipython():
    _shell.events.register("post_run_cell", _last_cell.ended)
