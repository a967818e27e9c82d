"""Short descriptions of objects that may be huge, odd or hostile."""

import types
from typing import Any

import numpy as np


def shorten(thing: Any, limit: int = 160) -> str:
    """Return str(thing) on one line of at most limit characters; never raises."""
    try:
        text = " ".join(str(thing)[: 4 * limit].split())
    except Exception:
        return "…"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def describe(thing: Any) -> str:
    """Say what a thing is, as in "an array of shape (3, 2) and dtype uint8"; never raises."""
    try:
        return _describe(thing)
    except Exception:
        return f"an object of type `{type(thing).__name__}`"


def _describe(thing: Any) -> str:
    if isinstance(thing, np.ndarray):
        return f"an array of shape {thing.shape} and dtype `{thing.dtype}`"
    if isinstance(thing, str):
        return f"the text '{shorten(thing, 40)}'"
    if isinstance(thing, bool | np.bool_):
        return f"`{thing}`"
    if isinstance(thing, int | float | np.number):
        return f"the number {shorten(thing, 40)}"
    if isinstance(thing, list | tuple | dict | set):
        entries = "1 entry" if len(thing) == 1 else f"{len(thing)} entries"
        return f"a {type(thing).__name__} of {entries}"
    if isinstance(thing, types.GeneratorType):
        return "a generator"
    if isinstance(thing, type):
        return f"the class `{thing.__name__}` itself"
    if isinstance(thing, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return "a function"
    return f"an object of type `{type(thing).__name__}`"
