"""What the reader of raw files accepts, and what it refuses in one line."""

import os
import pickle

import numpy as np
import pytest

from helpers import raw_files
from helpers.errors import UserError
from helpers.raw_files import reading
from tests.raw_files.conftest import batch, names


def write(tmp_path, content, protocol=2):
    path = tmp_path / "train"
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_batch(tmp_path, protocol):
    content = batch(7)
    read = raw_files.read_pickle(write(tmp_path, content, protocol))
    assert read.keys() == content.keys()
    assert read["data"].dtype == np.uint8
    np.testing.assert_array_equal(read["data"], content["data"])
    for key in ("fine_labels", "coarse_labels", "filenames", "batch_label"):
        assert read[key] == content[key]


def test_names(tmp_path):
    assert raw_files.read_pickle(write(tmp_path, names())) == names()


def test_bytes_of_python_2_become_text(tmp_path):
    content = {
        key.encode(): [text.encode() for text in value] if key == "filenames" else value
        for key, value in batch(3).items()
    }
    content[b"batch_label"] = b"training batch 1 of 1"
    read = raw_files.read_pickle(str(write(tmp_path, content)))
    assert read["filenames"][0] == "picture_s_000000.png"
    assert read["batch_label"] == "training batch 1 of 1"


class Runs:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"mkdir '{self.marker}'",)


@pytest.mark.parametrize("place", ["data", "filenames", "extra", "inside a list"])
def test_nothing_runs(tmp_path, place):
    marker, trap = tmp_path / "marker", Runs(tmp_path / "marker")
    content = batch(3)
    content |= {"fine_labels": [0, trap, 2]} if place == "inside a list" else {place: trap}
    path = write(tmp_path, content)
    with pytest.raises(UserError, match="system"):
        raw_files.read_pickle(path)
    assert not marker.exists()
    pickle.loads(path.read_bytes())
    assert marker.exists()  # the trap works: only our reader does not step into it


WRONG = {
    "rows of another length": ({"data": np.zeros((3, 3071), np.uint8)}, "expected (n, 3072)"),
    "images instead of rows": ({"data": np.zeros((3, 32, 32, 3), np.uint8)}, "expected (n, 3072)"),
    "no array": ({"data": [1, 2, 3]}, "no array"),
    "no images": ({"data": np.zeros((0, 3072), np.uint8)}, "shape does not fit"),
    "fine label too large": ({"fine_labels": [0, 100, 2]}, "fine_labels beyond 0 to 99"),
    "negative label": ({"fine_labels": [0, -1, 2]}, "fine_labels beyond"),
    "coarse label too large": ({"coarse_labels": [0, 20, 2]}, "coarse_labels beyond 0 to 19"),
    "label that is no number": ({"fine_labels": [0, "1", 2]}, "no list of whole numbers"),
    "label that is a bool": ({"fine_labels": [0, True, 2]}, "no list of whole numbers"),
    "label with a fraction": ({"fine_labels": [0, 1.5, 2]}, "no list of whole numbers"),
    "labels as an array": ({"fine_labels": np.zeros(3, np.uint8)}, "no list of whole numbers"),
    "too few labels": ({"coarse_labels": [0, 1]}, "2 coarse_labels for 3 images"),
    "too many names": ({"filenames": ["a"] * 4}, "4 filenames for 3 images"),
    "names that are no text": ({"filenames": [1, 2, 3]}, "'filenames' is no text"),
    "a title that is no text": ({"batch_label": {}}, "'batch_label' is no text"),
    "two superclasses of one class": (
        {"fine_labels": [5, 5, 2], "coarse_labels": [0, 1, 1]},
        "fine label 5 has coarse labels 0 and 1",
    ),
    "an entry more": ({"weights": [1]}, "unknown entry 'weights'"),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG.keys())
def test_wrong_content_is_refused_in_one_line(tmp_path, change, words):
    path = write(tmp_path, batch(3) | change)
    with pytest.raises(UserError) as caught:
        raw_files.read_pickle(path)
    assert words in str(caught.value) and str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["data", "fine_labels", "coarse_labels", "filenames"])
def test_a_missing_entry_is_named(tmp_path, key):
    content = batch(3)
    del content[key]
    with pytest.raises(UserError, match=f"lacks '{key}'"):
        raw_files.read_pickle(write(tmp_path, content))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fine_label_names": []}, "0 fine_label_names"),
        ({"fine_label_names": ["a"] * 101}, "101 fine_label_names"),
        ({"coarse_label_names": "people"}, "no list of texts"),
        ({"coarse_label_names": [["a"]]}, "no list of texts"),
        ({"data": np.zeros((1, 3072), np.uint8)}, "unknown entry 'data'"),
    ],
)
def test_wrong_names_are_refused(tmp_path, change, words):
    with pytest.raises(UserError, match=words):
        raw_files.read_pickle(write(tmp_path, names() | change))


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"\x80\x02}", b"\x89PNG\r\n"])
def test_what_is_no_pickle_is_refused(tmp_path, data):
    path = tmp_path / "train"
    path.write_bytes(data)
    with pytest.raises(UserError, match="train") as caught:
        raw_files.read_pickle(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    data = pickle.dumps(batch(3), protocol=2)
    path = tmp_path / "train"
    for length in np.linspace(1, len(data) - 1, 40).astype(int):
        path.write_bytes(data[:length])
        with pytest.raises(UserError):
            raw_files.read_pickle(path)


def test_a_shape_larger_than_the_bytes_is_refused(tmp_path):
    data = pickle.dumps(batch(3), protocol=2)
    claims = data.replace(b"K\x03M\x00\x0c\x86", b"J\xff\xff\xff\x7fM\x00\x0c\x86")
    assert claims != data
    path = tmp_path / "train"
    path.write_bytes(claims)
    with pytest.raises(UserError, match="shape does not fit"):
        raw_files.read_pickle(path)


def test_a_huge_file_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 2**20)
    path = tmp_path / "train"
    with open(path, "wb") as file:
        file.truncate(2**40)  # sparse: it takes no space
    with pytest.raises(UserError, match="over 1 MB"):
        raw_files.read_pickle(path)


def test_links_folders_and_pipes_are_refused(tmp_path):
    real = write(tmp_path, batch(3))
    link = tmp_path / "link"
    link.symlink_to(real)
    with pytest.raises(UserError, match="is a link"):
        raw_files.read_pickle(link)
    with pytest.raises(UserError, match="is no file"):
        raw_files.read_pickle(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(UserError, match="is no file"):
            raw_files.read_pickle(tmp_path / "pipe")
    with pytest.raises(UserError, match="No such file"):
        raw_files.read_pickle(tmp_path / "nothing")
