"""The frame of every check: run its stages, survive what the student made, say what was found."""

import functools
from collections.abc import Callable
from typing import Any

from helpers.checks.describe import shorten
from helpers.checks.verdict import Message, Verdict, log


class Wrong(Exception):
    """The first stage that failed: what is wrong, why it probably is, and a nudge.

    Text between backticks is shown as code.
    """

    def __init__(self, stage: str, text: str, cause: str = "", nudge: str = "") -> None:
        super().__init__(text)
        self.stage = stage
        self.text = text
        self.cause = cause
        self.nudge = nudge


class Todo(Exception):
    """The work is not done yet, or only in part; the text says what is open."""


_TODO = "replace the `...` in the exercise cell with your own work, run that cell, then this one."


def check(name: str) -> Callable[[Callable[..., str]], Callable[..., Verdict]]:
    """Make a check of a function that looks at the student's work.

    The function raises `Wrong` at the first stage that fails, `Todo` where the work is not done,
    and otherwise returns one line that says what was verified. The check made of it shows and
    returns a verdict, logs it, and lets no exception out. Work that is `...` or None is not done.

    Args:
        name: lesson and exercise, as in "data_preparation.to_float".
    """

    def decorate(examine: Callable[..., str]) -> Callable[..., Verdict]:
        @functools.wraps(examine)
        def wrapper(work: Any, *args: Any, **kwargs: Any) -> Verdict:
            verdict = _judge(name, examine, work, args, kwargs)
            log(verdict)
            from IPython.display import display  # prints plain text outside a notebook

            display(Message(verdict))
            return verdict

        return wrapper

    return decorate


def _judge(name: str, examine: Callable[..., str], work: Any, args: tuple, kwargs: dict) -> Verdict:
    if work is ... or work is None:
        return Verdict(name, "todo", _TODO)
    try:
        return Verdict(name, "correct", examine(work, *args, **kwargs))
    except Wrong as wrong:
        return Verdict(name, "wrong", wrong.text, wrong.stage, wrong.cause, wrong.nudge)
    except Todo as todo:
        return Verdict(name, "todo", str(todo) or _TODO)
    except Exception as error:
        # The student's object is odd in a way that no stage foresaw; it may even fail on purpose.
        return Verdict(
            name,
            "wrong",
            f"your answer could not be read ({type(error).__name__}: {shorten(error)}).",
            stage="type",
            nudge="look at `type(…)` of what you made, and compare it with what was asked for.",
        )
