"""Plain data in and out: what is kept, what is refused, and that no bytes harm who reads them."""

import collections
import json
import struct
import time

import numpy as np
import pandas as pd
import pytest

from helpers.grading import evidence

Pair = collections.namedtuple("Pair", "a b")
KEPT = {
    "numbers": ([None, True, 3, 2.5, "x"], [None, True, 3, 2.5, "x"]),
    "an array": (np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3)),
    "the other byte order": (np.arange(3, dtype=">i4"), np.arange(3)),
    "long floats": (np.arange(3, dtype=np.longdouble), np.arange(3.0)),
    "a NumPy number": (np.float32(0.5), 0.5),
    "names": (np.array(["cat", "dog"]), ["cat", "dog"]),
    "a table": (pd.DataFrame({"n": [1, 2]}), {"n": [1, 2]}),
    "a table with names": (pd.Series([1, 2], index=["a", "b"]).to_frame("n"),
                           {"index": ["a", "b"], "n": [1, 2]}),
    "a counter": (collections.Counter("aab"), {"a": 2, "b": 1}),
    "a named tuple": (Pair(1, 2), [1, 2]),
    "a range": (range(3), [0, 1, 2]),
    "keys": ({"array": 1, 3: {"dict": 2}}, {"array": 1, "3": {"dict": 2}}),
    "half a letter": ({"\ud800": "\ud800"}, {"?": "?"}),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_plain_data_arrives(name):
    value, expected = KEPT[name]
    found = evidence.loads(evidence.dumps(value))
    np.testing.assert_equal(found, expected)


class Odd:
    def __array__(self, *_args, **_options):
        return np.zeros(3)


REFUSED = {
    "an odd object": Odd(),
    "an iterator": iter([]),
    "a set": {1},
    "bytes": b"x",
    "a complex number": 1j,
    "a large number": 10**30,
    "an odd object in a list": [0, Odd()],
    "complex numbers": np.array([1j]),
    "dates": np.array(["2026"], "M8[s]"),
    "a long text": "x" * 200_000,
    "a long list": [0] * 300_000,
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_things_are_refused(name):
    with pytest.raises(evidence.Refused):
        evidence.dumps(REFUSED[name])


HOSTILE = {
    "no JSON": b"\xff{",
    "nested": b"[" * 100_000 + b"]" * 100_000,
    "many lists": b"[" + b"[]," * 3_000_000 + b"[]]",
    "a long number": b"9" * 100_000,
    "an object": b'{"a": 1}',
    "a pair of three": b'{"dict": [[1, 2, 3]]}',
    "objects in an array": b'{"array": "AAAA", "dtype": "|O", "shape": [1]}',
    "a larger shape": b'{"array": "AAAA", "dtype": "|u1", "shape": [4000000, 4000000]}',
    "a negative shape": b'{"array": "AAAA", "dtype": "|u1", "shape": [-1]}',
    "true as a shape": b'{"array": "AA==", "dtype": "|u1", "shape": [true]}',
    "no base64": b'{"array": "\\u0000", "dtype": "|u1", "shape": [1]}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_refused_at_once(name):
    start = time.monotonic()
    with pytest.raises(evidence.Refused):
        evidence.loads(HOSTILE[name])
    assert time.monotonic() - start < 2  # a second thread stands still meanwhile


def test_whatever_is_read_can_be_written():
    found = evidence.loads(b'{"dict": [["\\ud800", "\\udfff"], ["nan", NaN]]}')
    json.dumps(found, ensure_ascii=False).encode()
    assert struct.unpack("d", struct.pack("d", found["nan"]))
