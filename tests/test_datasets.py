"""`datasets.load` end to end: samples, splits, cache, mirrors."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

from helpers import datasets
from helpers.errors import UserError
from helpers.sources import mosaic, sample, store
from tests.sources import conftest as fixtures
from tests.sources import hostile as web

own_folders, server, tiny = fixtures.own_folders, fixtures.server, fixtures.tiny
tiny_fashion = fixtures.tiny_fashion


@pytest.mark.parametrize(
    ("name", "shape", "sizes"),
    [
        ("cifar10", (32, 32, 3), (1800, 200, 500)),
        ("cifar100", (32, 32, 3), (1800, 200, 500)),
        ("fashion_mnist", (28, 28, 1), (2700, 300, 1000)),
    ],
)
def test_embedded_sample(name, shape, sizes):
    data = datasets.load(name)
    for split, size in zip((data.train, data.val, data.test), sizes, strict=True):
        assert split.images.shape == (size, *shape)
        assert split.images.dtype == np.uint8
        assert split.labels.dtype == np.int64
        assert len(set(np.bincount(split.labels).tolist())) == 1  # stratified
    assert len(data.class_names) == 10
    assert "sample" in data.source
    assert data.describe().count("\n") == 2


@pytest.mark.parametrize("name", ["cifar10", "fashion_mnist"])
def test_sample_is_whole_and_its_splits_share_no_image(name):
    assert mosaic.problems(sample.MINI / name) == []
    data = datasets.load(name)
    rows = np.concatenate([data.train_index, data.val_index])
    assert len(np.unique(rows)) == len(rows)


@pytest.mark.parametrize("name", ["cifar10", "fashion_mnist"])
def test_hashes_of_the_sample_stand_in_the_readme(name):
    text = (sample.MINI.parent / "README.md").read_text(encoding="utf-8")
    for file, digest in mosaic.read_meta(sample.MINI / name)["sha256"].items():
        assert f"| `mini/{name}/{file}` | `{digest}` |" in text


def test_sample_is_small():
    sizes = [path.stat().st_size for path in sample.MINI.rglob("*") if path.is_file()]
    assert max(sizes) < 5e6
    assert sum(sizes) < 6.5e6


def test_cifar100_stand_in_says_so():
    data = datasets.load("cifar100")
    assert data.name == "cifar100"
    assert "stand-in" in data.source
    assert data.coarse_names == ("animals", "vehicles")
    assert data.fine_to_coarse.tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 1, 1]


def test_unknown_name():
    with pytest.raises(UserError, match="cifar10, cifar100, fashion_mnist"):
        datasets.load("mnist")


def test_other_seeds_and_fractions():
    default = datasets.load("cifar10")
    other = datasets.load("cifar10", seed=7, val_fraction=0.25)
    again = datasets.load("cifar10", seed=7, val_fraction=0.25)
    assert len(other.val.labels) == 500
    np.testing.assert_array_equal(other.train_index, again.train_index)
    place = {row: at for at, row in enumerate(default.train_index.tolist())}
    for at, row in enumerate(other.train_index[:50].tolist()):
        if row in place:
            np.testing.assert_array_equal(other.train.images[at], default.train.images[place[row]])
            assert other.train.labels[at] == default.train.labels[place[row]]
    everything = datasets.load("cifar10", val_fraction=0)
    assert len(everything.train.labels) == 2000
    assert len(everything.val.labels) == 0


def test_arrays_cannot_be_written_by_mistake():
    data = datasets.load("cifar10")
    for split in (data.train, data.val, data.test):
        with pytest.raises(ValueError, match="read-only"):
            split.images[0] = 0
        with pytest.raises(ValueError, match="read-only"):
            split.labels[0] = 0


def test_test_uses_are_counted():
    data = datasets.load("cifar10")
    data.describe()
    assert data.test_uses == 0
    x, y = data.test
    assert data.test_uses == 1
    assert len(data.test.labels) == len(x) == len(y)
    assert data.test_uses == 2


def test_import_is_light():
    code = (
        "import sys; from helpers import datasets; datasets.load('cifar10'); "
        "sys.exit(bool({'keras', 'sklearn', 'matplotlib', 'tensorflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def load(tiny, **options):
    return datasets.load("cifar10", profile="full", catalog=tiny.catalog, **options)


@pytest.fixture
def cached(tiny, server, tmp_path):
    """The tiny data set, downloaded and cached; the folder of its arrays."""
    load(tiny, mirrors=[server.add("cifar-10-python.tar.gz", web.good(tiny.archive))])
    return store.folder(tmp_path / "cache", tiny.spec)


def test_mirror_then_cache(tiny, server):
    server.add("cifar-10-python.tar.gz", web.good(tiny.archive))
    data = load(tiny, mirrors=[server.address])
    assert len(data.train.labels) == 180
    assert len(data.val.labels) == 20
    again = load(tiny, offline=True)
    assert server.count("cifar-10-python.tar.gz") == 1
    np.testing.assert_array_equal(data.train.images, again.train.images)
    flat = tiny.dicts["test_batch"]["data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(again.test.images, flat)


def test_mirrors_from_the_environment(tiny, server, monkeypatch):
    server.add("there/cifar-10-python.tar.gz", web.good(tiny.archive))
    monkeypatch.setenv("COURSE_MIRRORS", f"{server.url('empty')}, {server.url('there')}")
    assert "official" in load(tiny).source
    assert server.count("empty/cifar-10-python.tar.gz") == 1


def test_all_fails_gives_one_warning_and_the_sample(tiny, server):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = load(tiny, mirrors=[server.url("nothing")])
    (warning,) = caught
    assert "404" in str(warning.message)
    assert "data import cifar10" in str(warning.message)
    assert "\n" not in str(warning.message)
    assert warning.filename.endswith("test_datasets.py")
    assert "sample" in data.source
    assert len(data.train.labels) == 1800


def test_wrong_archive_from_mirror_is_never_parsed(tiny, server, tmp_path):
    server.add("cifar-10-python.tar.gz", web.good(web.flipped(tiny.archive)))
    with pytest.warns(UserWarning, match="hash differs"):
        load(tiny, mirrors=[server.address])
    assert not (tmp_path / "cache/downloads/cifar-10-python.tar.gz").exists()
    assert not store.exists(tmp_path / "cache", tiny.spec)


def damage_truncate(folder):
    path = folder / "train_images.npy"
    path.write_bytes(path.read_bytes()[:5000])


def damage_manifest(folder):
    (folder / "manifest.json").write_text("{")


def damage_missing(folder):
    (folder / "test_labels.npy").unlink()


def damage_header(folder):
    path = folder / "test_images.npy"
    path.write_bytes(b"\x00" * path.stat().st_size)


def damage_empty(folder):
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize(
    "damage", [damage_truncate, damage_manifest, damage_missing, damage_header, damage_empty]
)
def test_damaged_cache_is_rebuilt_from_the_kept_archive(tiny, cached, damage):
    damage(cached)
    data = load(tiny, offline=True)
    assert len(data.train.labels) == 180
    assert store.problems(cached.parent.parent, tiny.spec) == []


def test_mapped_arrays_outlive_a_rebuild(tiny, cached):
    data = load(tiny, offline=True)
    before = data.train.images.sum()
    damage_manifest(cached)
    load(tiny, offline=True)
    assert data.train.images.sum() == before


def test_cache_that_cannot_be_written(tiny, server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    path = web.write(tmp_path / "cifar-10-python.tar.gz", tiny.archive)
    assert len(load(tiny, path=path, cache_dir=tmp_path / "file").train.labels) == 180
    with pytest.MonkeyPatch.context() as patch, pytest.warns(UserWarning, match="COURSE_CACHE"):
        patch.setenv("COURSE_DATA", str(path))
        assert len(load(tiny, cache_dir=tmp_path / "file").train.labels) == 180


def test_named_path_comes_first_in_both_profiles(tiny, tmp_path):
    path = web.write(tmp_path / "cifar-10-python.tar.gz", tiny.archive)
    for profile in ("quick", "full"):
        data = datasets.load("cifar10", path=path, profile=profile, catalog=tiny.catalog)
        assert len(data.train.labels) == 180
    with pytest.raises(UserError, match="does not exist"):
        datasets.load("cifar10", path=tmp_path / "nowhere")


def test_course_data_with_other_data_sets_is_no_mistake(tiny, server, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    server.add("cifar-10-python.tar.gz", web.good(tiny.archive))
    assert "official archive" in load(tiny, mirrors=[server.address]).source


def test_damaged_source_is_named_and_the_next_one_used(tiny, server, tmp_path, monkeypatch):
    bad = web.write(tmp_path / "cifar-10-python.tar.gz", web.flipped(tiny.archive))
    monkeypatch.setenv("COURSE_DATA", str(bad))
    server.add("cifar-10-python.tar.gz", web.good(tiny.archive))
    with pytest.warns(UserWarning, match="not the official.*another source"):
        assert len(load(tiny, mirrors=[server.address]).train.labels) == 180


def test_fashion_from_mirrors(tiny_fashion, server):
    spec, contents = tiny_fashion
    for name, content in contents.items():
        server.add(name, web.good(content))
    data = datasets.load(
        "fashion_mnist",
        profile="full",
        mirrors=[server.address],
        catalog={"fashion_mnist": spec},
    )
    assert data.train.images.shape == (90, 28, 28, 1)


def test_keras_accepts_the_mapped_arrays(tiny, cached):
    keras = pytest.importorskip("keras")
    data = load(tiny, offline=True)
    model = keras.Sequential(
        [keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)]
    )
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(*data.train, validation_data=data.val, epochs=1, verbose=0)
        model.evaluate(*data.test, verbose=0)
