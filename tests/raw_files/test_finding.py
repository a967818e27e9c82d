"""Where the folder of raw files comes from."""

import hashlib
import io
import tarfile

import numpy as np
import pytest

from helpers import datasets, paths, raw_files
from helpers.errors import UserError
from helpers.sources import cifar, sample, store
from helpers.sources.catalog import CATALOG
from tests.raw_files.conftest import spec_of
from tests.sources.hostile import flipped, tar_gz, write


@pytest.fixture(autouse=True)
def own_build(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_example_holds_the_sample(tmp_path):
    folder = raw_files.make_example(tmp_path / "new" / "folder")
    assert names_in(folder) == ["meta", "source.txt", "test", "train"]
    train, meta = (raw_files.read_pickle(folder / name) for name in ("train", "meta"))
    known = sample.read(CATALOG["cifar10"])
    images = train["data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(images, known.train_images[np.argsort(known.train_index)])
    data = datasets.load("cifar100", profile="quick")
    assert meta["fine_label_names"] == list(data.class_names)
    assert meta["coarse_label_names"] == ["animals", "vehicles"]
    fine, coarse = np.array(train["fine_labels"]), np.array(train["coarse_labels"])
    np.testing.assert_array_equal(data.fine_to_coarse[fine], coarse)
    assert len(fine) == 2000 and len(set(train["filenames"])) == 2000
    assert len(raw_files.read_pickle(folder / "test")["data"]) == 500
    assert "stand-in" in raw_files.describe(folder)


def test_example_replaces_what_is_there_and_nothing_else(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    (tmp_path / "train").write_bytes(b"old")
    raw_files.make_example(tmp_path)
    before = (tmp_path / "train").read_bytes()
    raw_files.make_example(tmp_path)
    assert (tmp_path / "train").read_bytes() == before != b"old"
    assert names_in(tmp_path) == ["meta", "mine.txt", "source.txt", "test", "train"]


def test_example_needs_a_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written") as caught:
        raw_files.make_example(tmp_path / "file")
    assert "\n" not in str(caught.value)


def test_quick_is_the_example(tmp_path):
    folder = raw_files.folder("quick")
    assert folder.is_relative_to(tmp_path / "build")
    assert len(raw_files.read_pickle(folder / "train")["data"]) == 2000


def test_unknown_profile():
    with pytest.raises(UserError, match="COURSE_PROFILE"):
        raw_files.folder("fast")


@pytest.mark.parametrize("place", ["keras", "named file", "named folder", "downloads"])
def test_full_takes_the_published_files(tmp_path, monkeypatch, published, archive, tiny, place):
    root, name = tmp_path / "cache", "cifar-100-python.tar.gz"
    if place == "keras":
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
        write(tmp_path / "keras" / "datasets" / "cifar-100-python-target_archive", archive)
    elif place == "downloads":
        write(root / "downloads" / name, archive)
    else:
        path = write(tmp_path / "data" / name, archive)
        monkeypatch.setenv("COURSE_DATA", str(path if place == "named file" else path.parent))
    folder = raw_files.folder("full", cache_dir=root, offline=True, **tiny)
    assert {name: (folder / name).read_bytes() for name in published} == published
    assert names_in(folder) == ["meta", "source.txt", "test", "train"]
    assert "official archive" in raw_files.describe(folder)
    assert raw_files.folder("full", cache_dir=root, offline=True, **tiny) == folder


def test_full_takes_the_folder_that_keras_extracted(tmp_path, monkeypatch, published, tiny):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    base = tmp_path / "keras" / "datasets" / "cifar-100-python"
    for name, data in published.items():
        write(base / name, data)
    root = tmp_path / "cache"
    assert raw_files.folder("full", cache_dir=root, offline=True, **tiny) == base
    assert "cifar-100-python" in raw_files.describe(base)


def test_full_writes_the_files_anew_from_arrays(tmp_path, published, archive, tiny):
    root = tmp_path / "cache"
    path = write(tmp_path / "somewhere.tar.gz", archive)
    store.save(root, tiny["spec"], cifar.read_archive(tiny["spec"], path, "a test"))
    folder = raw_files.folder("full", cache_dir=root, offline=True, **tiny)
    for name in ("train", "test"):
        ours = raw_files.read_pickle(folder / name)
        theirs = raw_files.read_pickle(write(tmp_path / "published", published[name]))
        np.testing.assert_array_equal(ours["data"], theirs["data"])
        assert ours["fine_labels"] == theirs["fine_labels"]
        assert ours["coarse_labels"] == theirs["coarse_labels"]
    meta = raw_files.read_pickle(folder / "meta")
    assert meta["fine_label_names"] == list(CATALOG["cifar100"].class_names)
    assert "written anew" in raw_files.describe(folder)


def test_full_without_any_source_warns_and_takes_the_example(tmp_path, tiny):
    with pytest.warns(UserWarning, match="neither in the cache nor elsewhere"):
        folder = raw_files.folder("full", cache_dir=tmp_path / "cache", offline=True, **tiny)
    assert "stand-in" in raw_files.describe(folder)


def test_a_changed_archive_is_not_used(tmp_path, archive, tiny):
    root = tmp_path / "cache"
    write(root / "downloads" / "cifar-100-python.tar.gz", flipped(archive))
    with pytest.warns(UserWarning, match="neither in the cache nor elsewhere"):
        folder = raw_files.folder("full", cache_dir=root, offline=True, **tiny)
    assert "stand-in" in raw_files.describe(folder)


def with_link(published):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for name, data in published.items():
            info = tarfile.TarInfo(f"cifar-100-python/{name}")
            if name == "test":
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/hostname"
            else:
                info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def packed(published, **changes):
    contents = {f"cifar-100-python/{name}": data for name, data in published.items()}
    return tar_gz({name: data for name, data in (contents | changes).items() if data is not None})


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda p: packed(p, **{"cifar-100-python/meta": None}), "meta is missing"),
        (lambda p: packed(p, **{"cifar-100-python/train": b"other"}), "train is missing or not"),
        (lambda p: packed(p, **{"cifar-100-python/meta": b"x" * 2**17}), "far too large"),
        (with_link, "no plain file"),
    ],
)
def test_an_archive_is_held_against_its_hashes(tmp_path, published, build, words):
    hashes = {name: hashlib.md5(data).hexdigest() for name, data in published.items()}
    archive, root = build(published), tmp_path / "cache"
    write(root / "downloads" / "cifar-100-python.tar.gz", archive)
    spec = spec_of(archive, hashes)
    with pytest.raises(UserError, match=words):
        raw_files.folder("full", cache_dir=root, spec=spec, meta_md5=hashes["meta"])
    assert not (root / "cifar100" / "raw").exists()


def test_other_members_are_never_written(tmp_path, published):
    hashes = {name: hashlib.md5(data).hexdigest() for name, data in published.items()}
    archive = packed(published, **{"../../escaped": b"x", "cifar-100-python/notes": b"x"})
    root = tmp_path / "cache"
    write(root / "downloads" / "cifar-100-python.tar.gz", archive)
    spec = spec_of(archive, hashes)
    folder = raw_files.folder("full", cache_dir=root, spec=spec, meta_md5=hashes["meta"])
    assert names_in(folder) == ["meta", "source.txt", "test", "train"]
    assert not list(tmp_path.rglob("escaped"))
