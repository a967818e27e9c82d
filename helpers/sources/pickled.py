"""The few values that a pickle of CIFAR is made of, built from checked parts and nothing else."""

import numpy as np


class Refused(Exception):
    """Why a pickle is not read."""


class Name:
    """One of the admitted names; a token, never the object of that name."""

    def __init__(self, name: str):
        self.name = name


class Dtype:
    """Stands for `numpy.dtype('uint8')`, the only one admitted."""


class Array:
    """An array under construction: `REDUCE` makes it, `BUILD` fills it."""

    value: np.ndarray | None = None


def make_array(cls: object, shape: object, _typecode: object) -> Array:
    if not (isinstance(cls, Name) and cls.name == "ndarray") or shape != (0,):
        raise Refused("an array of an unusual kind")
    return Array()


def make_dtype(code: object, *_flags: object) -> Dtype:
    if code not in ("u1", b"u1", "|u1", b"|u1", "uint8"):
        raise Refused("an array that is not of uint8")
    return Dtype()


def encode(text: object, encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise Refused("bytes in an unusual encoding")
    return text.encode("latin-1")


def make_bytes(content: object = b"") -> bytes:
    # bytes(n) would make n zeros; only what is written in the file is admitted.
    if content == () or content == []:
        return b""
    if not isinstance(content, bytes | bytearray):
        raise Refused("bytes made from something else")
    return bytes(content)


def fill_array(
    target: Array, _version: object, shape: object, dtype: object, fortran: object, content: object
) -> None:
    if target.value is not None:
        raise Refused("an array filled twice")
    target.value = _to_array(content, dtype, shape, "F" if fortran else "C")


def array_from_buffer(content: object, dtype: object, shape: object, order: object) -> Array:
    array = Array()
    array.value = _to_array(content, dtype, shape, order)
    return array


def _to_array(content: object, dtype: object, shape: object, order: object) -> np.ndarray:
    if isinstance(content, str):  # Python 2's strings were bytes
        content = content.encode("latin-1")
    if not isinstance(content, bytes | bytearray) or not isinstance(dtype, Dtype):
        raise Refused("an array without bytes")
    if type(shape) is not tuple or len(shape) > 8 or order not in ("C", "F"):
        raise Refused("an array of unusual shape")
    if not all(type(length) is int and 0 <= length <= len(content) for length in shape):
        raise Refused("an array whose shape does not fit its bytes")
    size = 1
    for length in shape:
        size *= length
    if size != len(content):
        raise Refused("an array whose shape does not fit its bytes")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape, order=order)


def finished(value: object) -> object:
    """Turn a filled array stub into its array; refuse what is unfinished. Looks one level deep."""
    if isinstance(value, Array):
        if value.value is None:
            raise Refused("an empty array")
        return value.value
    if isinstance(value, Name | Dtype):
        raise Refused("a name where a value should be")
    return value


def text(key: str | bytes) -> str:
    return key.decode("latin-1") if isinstance(key, bytes) else key
