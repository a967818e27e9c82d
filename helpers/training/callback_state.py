"""The state of Keras callbacks, such as how long EarlyStopping has waited, and back again.

A callback's settings are the attributes named like its constructor's arguments; every other
attribute made of numbers, texts and arrays is state.
"""

import inspect
from collections.abc import Sequence

import keras
import numpy as np

_NOT_STATE = {"model", "_model", "params", "_params", "history", "epoch"}
_SCALARS = (bool, int, float, str, type(None))


def settings(callback: keras.callbacks.Callback) -> dict:
    """Class and simple settings of a callback, to tell whether the user changed them."""
    found = {"class": type(callback).__name__}
    for name in _setting_names(callback):
        value = getattr(callback, name, None)
        if isinstance(value, float | int) and not isinstance(value, bool):
            value = abs(value)  # Keras turns the sign of min_delta once training has begun
        if isinstance(value, _SCALARS):
            found[name] = value
    return found


def read(callbacks: Sequence[keras.callbacks.Callback]) -> tuple[list[dict], dict]:
    """State of callbacks.

    Returns:
        One dictionary in JSON's types for each callback, and the arrays they refer to, by name.
    """
    arrays: dict[str, np.ndarray] = {}
    states = []
    for index, callback in enumerate(callbacks):
        values = {}
        for name, value in _state(callback).items():
            try:
                values[name] = _pack(value, f"callback_{index}_{name}", arrays)
            except TypeError:
                continue  # a function, an open file: made anew by the callback itself
        states.append({"settings": settings(callback), "values": values})
    return states, arrays


def write(callbacks: Sequence[keras.callbacks.Callback], states: list[dict], arrays: dict) -> None:
    """Give callbacks the state that was read from callbacks of the same classes, in order."""
    left = list(states)
    for callback in callbacks:
        for saved in left:
            if saved["settings"]["class"] == type(callback).__name__:
                for name, value in saved["values"].items():
                    setattr(callback, name, _unpack(value, arrays))
                left.remove(saved)
                break


def _state(callback: keras.callbacks.Callback) -> dict:
    without = _NOT_STATE | _setting_names(callback)
    return {name: value for name, value in vars(callback).items() if name not in without}


def _setting_names(callback: keras.callbacks.Callback) -> set[str]:
    return set(inspect.signature(type(callback).__init__).parameters) - {"self"}


def _pack(value: object, name: str, arrays: dict) -> object:
    """A value in JSON's types; arrays move to `arrays`. TypeError: it is none of these."""
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.isbuiltin == 1 and value.dtype != object:
        arrays[name] = value
        return {"array": name}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_pack(item, f"{name}_{i}", arrays) for i, item in enumerate(value)]}
    if isinstance(value, dict):
        pairs = enumerate(value.items())
        return {
            "dict": [[_pack(k, "", {}), _pack(v, f"{name}_{i}", arrays)] for i, (k, v) in pairs]
        }
    raise TypeError(type(value).__name__)


def _unpack(value: object, arrays: dict) -> object:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {_unpack(k, arrays): _unpack(v, arrays) for k, v in content}
    items = [_unpack(item, arrays) for item in content]
    return tuple(items) if kind == "tuple" else items
