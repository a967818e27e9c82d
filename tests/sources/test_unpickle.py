"""The pickle reader: reads what CIFAR needs, runs nothing, and ends on anything hostile."""

import collections
import os
import pickle
import struct

import numpy as np
import pytest

from helpers.errors import UserError
from helpers.sources import unpickle
from tests.sources.hostile import batch

# As Python 2 wrote the published files: strings are bytes, arrays through numpy.core.
PYTHON_2 = (
    b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\n"
    b"q\x04K\x00\x85U\x01b\x87Rq\x05(K\x01K\x02K\x03\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01"
    b"\x87Rq\x07(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x06\x00\x01\xfe"
    b"\xff\x80\x7ftbU\x06labelsq\x08]q\t(K\x03K\x07eU\tfilenamesq\n]q\x0bU\x05a.pngau."
)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(protocol):
    content = batch(5, 0)
    read = unpickle.load(pickle.dumps(content, protocol=protocol), "file")
    assert read["labels"] == content["labels"]
    assert read["filenames"] == content["filenames"]
    np.testing.assert_array_equal(read["data"], content["data"])
    assert read["data"].dtype == np.uint8


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_keys_as_bytes_and_fortran_order(protocol):
    values = np.asfortranarray(np.arange(12, dtype=np.uint8).reshape(3, 4))
    read = unpickle.load(pickle.dumps({b"data": values}, protocol=protocol), "file")
    np.testing.assert_array_equal(read["data"], values)


def test_python_2():
    read = unpickle.load(PYTHON_2, "file")
    assert read["data"].tolist() == [[0, 1, 254], [255, 128, 127]]
    assert read["labels"] == [3, 7]


class Runs:
    """Makes a marker file when unpickled by Python."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def test_code_does_not_run(tmp_path):
    marker = tmp_path / "marker"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps({"data": Runs(marker), "labels": [1]}, protocol=protocol)
        with pytest.raises(UserError, match=r"bad\.pkl.*mkdir"):
            unpickle.load(data, "bad.pkl")
    assert not marker.exists()
    pickle.loads(data)
    assert marker.exists()  # the trap works: only our reader does not step into it


def short(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


_UINT8 = b"cnumpy\ndtype\n(U\x02u1K\x00K\x01tR"
_EMPTY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
HOSTILE = {
    "empty": b"",
    "no end": b"\x80\x02}",
    "not a pickle": b"<html></html>",
    "no dictionary": pickle.dumps([1, 2]),
    "other class": pickle.dumps({"a": collections.OrderedDict()}),
    "builtin eval": b"\x80\x02cbuiltins\neval\n(U\x011tR.",
    "getattr by dots": b"\x80\x04" + short("numpy") + short("f2py.os.system") + b"\x93.",
    "extension registry": b"\x80\x02}U\x01a\x82\x01s.",
    "persistent id": b"\x80\x02}U\x01aU\x01bQs.",
    "new object": b"\x80\x02}U\x01acnumpy\nndarray\n(K\x05t\x81s.",
    "instance": b"(inumpy\nndarray\n.",
    "object of dtype O": b"\x80\x02}U\x01acnumpy\ndtype\n(U\x01OK\x00K\x01tRs.",
    "other dtype": pickle.dumps({"data": np.arange(3.0)}),
    "object array": pickle.dumps({"data": np.array([{}, []], dtype=object)}),
    "structured dtype": pickle.dumps({"data": np.zeros(2, dtype=[("a", "u1")])}),
    "huge array from reconstruct": b"\x80\x02}U\x01acnumpy.core.multiarray\n_reconstruct\n"
    b"(cnumpy\nndarray\n(J\xff\xff\xff\x7ftU\x01btRs.",
    "shape without bytes": b"\x80\x02}U\x01a"
    + _EMPTY
    + b"(K\x01(J\xff\xff\xff\x7ft"
    + _UINT8
    + b"\x89U\x01xtbs.",
    "negative shape": b"\x80\x02}U\x01a"
    + _EMPTY
    + b"(K\x01(J\xff\xff\xff\xffJ\xff\xff\xff\xfft"
    + _UINT8
    + b"\x89U\x01xtbs.",
    "unfilled array": b"\x80\x02}U\x01a" + _EMPTY + b"s.",
    "state for a dictionary": b"\x80\x02}U\x01a(K\x01tbs.",
    "huge memo slot, then none": b"\x80\x02}r\xff\xff\xff\x7fj\xfe\xff\xff\x7f.",
    "huge bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b"x.",
    "huge bytes": b"\x80\x05\x8e" + struct.pack("<Q", 2**62) + b"x.",
    "many zero bytes": b"\x80\x02}U\x01acbuiltins\nbytes\n(J\xff\xff\xff\x7ftRs.",
    "bytes from a list": b"\x80\x02}U\x01acbuiltins\nbytes\n((K\x01K\x02ltRs.",
    "tuple as key": b"\x80\x02}(K\x01K\x02tK\x01s.",
    "deep tuple as key": b"\x80\x02})" + b"q\x00h\x00\x86" * 200 + b"K\x01s.",
    "pop from nothing": b"\x80\x020.",
    "the same bytes encoded a million times": b"\x80\x02}U\x01a(X\x00\x10\x00\x00"
    + b"x" * 4096
    + b"q\x00"
    + b"c_codecs\nencode\n(h\x00U\x06latin1tR" * 3000
    + b"ls.",
    "name as value": b"\x80\x02}U\x01acnumpy\nndarray\ns.",
    "million digits": b"I" + b"9" * 1_000_000 + b"\n.",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pickle_is_refused_in_one_line(data):
    with pytest.raises(UserError, match="some file is not a plain pickle") as caught:
        unpickle.load(data, "some file")
    assert "\n" not in str(caught.value)


def test_any_cut_or_flip_ends_in_a_value_or_an_error():
    data = pickle.dumps(batch(2, 0) | {"data": np.arange(8, dtype=np.uint8)}, protocol=2)
    rng = np.random.default_rng(1001)
    for _ in range(500):
        changed = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            changed[place] = rng.integers(0, 256)
        try:
            unpickle.load(bytes(changed[: rng.integers(1, len(data) + 1)]), "file")
        except UserError:
            continue
