"""Plain data on its way into and out of the sandbox: JSON, with arrays in it, and nothing else.

Both sides use it. What comes out was made beside a student's code, so `unpack` trusts nothing: it
makes only None, bool, int, float, str, list, dict and arrays of booleans and numbers.
"""

import base64
import collections
import json
from typing import Any

import numpy as np
import pandas as pd

MAX_TEXT = 100_000  # signs of one text
MAX_ITEMS = 200_000  # of one list or dict
MAX_VALUES = 4_000_000  # of one array
MAX_DEPTH = 12
MAX_BYTES = 64 << 20  # of one message
MAX_SIGNS = 1_000_000  # commas and brackets of one message: each may become an object
NUMBERS = "biuf"  # kinds of arrays: booleans, integers, unsigned ones, floating point


class Refused(ValueError):
    """What came is no plain data; the text says what it is, as in "a generator"."""


def pack(value: Any, depth: int = MAX_DEPTH) -> Any:
    """A value as JSON's own types: an array as its bytes, a dict within a list of pairs.

    Tensors and NumPy's numbers become arrays and numbers, a table a dict of its columns.

    Raises:
        Refused: something else is in it, or too much.
    """
    kind = type(value)
    if value is None or kind in (bool, float):
        return value
    if kind is int and value.bit_length() <= 64:
        return value
    if kind is str and len(value) <= MAX_TEXT:
        return _text(value)
    if depth <= 0:
        raise Refused("something nested too deep")
    if isinstance(value, _LISTS | _DICTS) and len(value) > MAX_ITEMS:
        raise Refused(f"a {kind.__name__} of {len(value):,} items")
    if isinstance(value, _LISTS):
        return [pack(item, depth - 1) for item in value]
    if kind in _DICTS.__args__:
        return {"dict": [[str(key), pack(item, depth - 1)] for key, item in value.items()]}
    if kind in (pd.DataFrame, pd.Series):
        return pack(_columns(value), depth)
    if isinstance(value, np.ndarray | np.generic):
        return _pack_array(np.asarray(value), depth)
    if type(value).__module__.partition(".")[0] in ("tensorflow", "jax", "jaxlib", "keras"):
        import keras

        if keras.ops.is_tensor(value) or isinstance(value, keras.Variable):
            return _pack_array(keras.ops.convert_to_numpy(value), depth)
    raise Refused(f"a {kind.__name__[:60]}")


_LISTS = list | tuple | range | type({}.keys()) | type({}.values()) | pd.Index
_DICTS = dict | collections.OrderedDict | collections.defaultdict | collections.Counter


def _text(text: str) -> str:
    """Without half of a pair of signs, which can be neither written nor shown."""
    return text.encode("utf-8", "replace").decode()


def _columns(table: pd.DataFrame | pd.Series) -> dict | list:
    """A table as heading to column, named index first; of a series the values."""
    if isinstance(table, pd.Series):
        return table.tolist()
    named = not isinstance(table.index, pd.RangeIndex)
    table = table.reset_index() if named else table
    return {str(name): table.iloc[:, place].tolist() for place, name in enumerate(table.columns)}


def _pack_array(array: np.ndarray, depth: int) -> Any:
    if array.dtype.kind in "UO":  # class names
        return pack(array.tolist(), depth - 1)
    if array.dtype.kind not in NUMBERS or array.size > MAX_VALUES:
        raise Refused(f"an array of {array.size:,} values of type {array.dtype}")
    if array.ndim == 0:
        return array.item()
    kind = "f8" if array.dtype.itemsize > 8 else array.dtype.newbyteorder("<")
    array = np.ascontiguousarray(array.astype(kind))
    data = base64.b64encode(array.tobytes()).decode()
    return {"array": data, "dtype": array.dtype.str, "shape": list(array.shape)}


def unpack(data: Any, depth: int = MAX_DEPTH + 1) -> Any:
    """The value that `pack` packed.

    Raises:
        Refused: it is not what `pack` makes.
    """
    kind = type(data)
    if data is None or kind in (bool, int, float):
        return data
    if kind is str:
        return _text(data)
    if depth <= 0:
        raise Refused("something nested too deep")
    if kind is list:
        return [unpack(item, depth - 1) for item in data]
    if kind is dict and set(data) == {"dict"}:
        return {_text(str(key)): unpack(item, depth - 1) for key, item in _pairs(data["dict"])}
    if kind is dict and set(data) == {"array", "dtype", "shape"}:
        return _unpack_array(**data)
    raise Refused("no plain data")


def _pairs(data: Any) -> list:
    if type(data) is not list or any(type(pair) is not list or len(pair) != 2 for pair in data):
        raise Refused("no plain data")
    return data


def _unpack_array(array: str, dtype: str, shape: list) -> np.ndarray:
    known = ("|b1", "|i1", "|u1", *(f"<{kind}{size}" for kind in "iuf" for size in (2, 4, 8)))
    whole = type(shape) is list and all(type(n) is int and 0 <= n <= MAX_VALUES for n in shape)
    if type(array) is not str or dtype not in known or not whole or len(shape) > 32:
        raise Refused("no plain data")
    try:
        values = np.frombuffer(base64.b64decode(array, validate=True), dtype).reshape(shape)
    except ValueError as error:
        raise Refused("no plain data") from error
    return values.copy()  # of one's own, to write into


def dumps(value: Any) -> bytes:
    """A packed value as bytes."""
    return json.dumps(pack(value)).encode()


def loads(data: bytes) -> Any:
    """The value in bytes that nobody has checked.

    Raises:
        Refused: they hold none, or too much.
    """
    if len(data) > MAX_BYTES or sum(map(data.count, (b",", b"[", b"{"))) > MAX_SIGNS:
        raise Refused("too much")
    try:
        return unpack(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Refused) else Refused("no plain data") from error
