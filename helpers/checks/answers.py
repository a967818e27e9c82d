"""Exercises that are answered with a dictionary, some of whose values may still be open."""

from collections.abc import Callable, Mapping
from typing import Any

from helpers.checks.core import Todo, Wrong
from helpers.checks.describe import describe


def walk(answers: Any, known: Mapping[str, Any], examine: Callable[[str, Any], None]) -> None:
    """Examine every answer that is given.

    Args:
        answers: the student's.
        known: the keys that are asked for, in the order in which they are examined.
        examine: takes key and answer, raises `Wrong` where it is not right.

    Raises:
        Wrong: no dictionary, a key is missing, or what `examine` raises.
        Todo: some answers, or all, are `...` or None; the others are right.
    """
    if not isinstance(answers, Mapping):
        raise Wrong("type", f"expected a dictionary, got {describe(answers)}.")
    if missing := [key for key in known if key not in answers]:
        raise Wrong(
            "shape",
            f"no entry for {', '.join(f'`{key}`' for key in missing)}.",
            "a key was renamed or deleted.",
            f"the keys are {', '.join(f'`{key}`' for key in known)}.",
        )
    todo = [key for key in known if answers[key] is ... or answers[key] is None]
    for key in known:
        if key not in todo:
            examine(key, answers[key])
    if todo:
        done = f"{len(known) - len(todo)} of {len(known)} right so far; "
        raise Todo((done if len(todo) < len(known) else "") + f"still open: {'; '.join(todo)}.")
