"""`datasets.load` end to end: the same rows as ever, sample, cache, mirrors, and the guard."""

import hashlib
import json
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from helpers import datasets, formats, settings, sources
from helpers.settings import CourseError
from tests import hostile


def digest(*arrays):
    hasher = hashlib.sha256()
    for array in arrays:
        hasher.update(np.ascontiguousarray(np.asarray(array)).tobytes())
    return hasher.hexdigest()[:16]


# The same rows and pixels as the recorded results were made with.
CIFAR10 = ["dee2e5d177383908", "8f0eb0558e1aea89", "c41f9fefd3ece644", "74343507f1051b2e"]
FASHION = ["c9a4937b747c2390", "2a9468cea94a697c", "a1e8f62e0538e779", "baa88c5525fcb0a8"]
SAMPLES = {"cifar10": CIFAR10, "cifar100": CIFAR10, "fashion_mnist": FASHION}


@pytest.mark.parametrize("name", list(SAMPLES))
def test_embedded_sample(name):
    data = datasets.load(name)
    parts = data.train_index, data.val_index, data.train.images, data.test.images
    assert [digest(part) for part in parts] == SAMPLES[name]
    for split in (data.train, data.val, data.test):
        assert split.labels.dtype == np.int64
        assert len(set(np.bincount(split.labels).tolist())) == 1  # stratified
        for array in split:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    assert "sample" in data.source and data.source in str(data)
    assert ("stand-in" in data.source) == (name == "cifar100")


ROWS = [
    (50_000, 10, ("653023d3cc95757f", "f4990f1cae355d9a")),
    (50_000, 100, ("4340f2d0a53e8277", "27b370560cd9ebdd")),
    (60_000, 10, ("951f7461bdc256a1", "e60f50e0a70314b2")),
]


@pytest.mark.parametrize(("count", "classes", "expected"), ROWS)
def test_rows_of_the_split_are_the_same_as_ever(count, classes, expected):
    labels = np.random.default_rng(0).permutation(np.arange(count) % classes).astype(np.int64)
    images, index = np.zeros((count, 1), np.uint8), np.arange(count)
    data = datasets.split(formats.Arrays(images, labels, images, labels, "", index))
    border = count - data.val_count
    assert (digest(data.train_index[:border]), digest(data.train_index[border:])) == expected


def test_readme_tells_the_hashes_of_the_sample():
    text = (settings.DATA / "README.md").read_text(encoding="utf-8")
    for name in ("cifar10", "fashion_mnist"):
        meta = json.loads((sources.MINI / name / "meta.json").read_text(encoding="utf-8"))
        for file, known in meta["sha256"].items():
            assert f"| `mini/{name}/{file}` | `{known}` |" in text


# The full profile, with a tiny data set in place of CIFAR-10


@pytest.fixture(scope="module")
def tiny():
    return hostile.tiny_cifar()


@pytest.fixture
def full(tiny, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setitem(formats.catalog(), "cifar10", tiny.spec)


@pytest.fixture
def server(tiny, monkeypatch):
    with hostile.running_server() as state:
        monkeypatch.setenv("COURSE_MIRRORS", f"{state.address}/empty, {state.address}/there")
        state.add("there/cifar-10-python.tar.gz", hostile.good(tiny.archive))
        yield state


def sizes(data):
    return [len(split.labels) for split in (data.train, data.val, data.test)]


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("COURSE_MIRRORS", "http://does-not-exist.invalid")


def cached_file():
    return settings.cache_dir() / "cifar10.npz"


def test_mirrors_once_then_the_cache(full, tiny, server):
    first, again = datasets.load("cifar10"), datasets.load("cifar10")
    assert sizes(first) == sizes(again) == [180, 20, 40]
    assert server.count("empty/cifar-10-python.tar.gz") == 1
    assert server.count("there/cifar-10-python.tar.gz") == 1
    assert "official" in again.source
    batch, row = divmod(first.train_index[0], 40)
    pixels = tiny.dicts[f"data_batch_{batch + 1}"]["data"][row].reshape(3, 32, 32)
    for data in (first, again):
        np.testing.assert_array_equal(data.train.images[0], pixels.transpose(1, 2, 0))
    places = datasets.status()["place"]
    assert places["cifar10"] == str(cached_file()) and places["cifar100"] == "not here"


def test_nothing_to_be_had_gives_one_warning_and_the_sample(full, offline):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = datasets.load("cifar10")
    (warning,) = caught
    told = str(warning.message)
    assert "no network" in told and "data import cifar10" in told and "\n" not in told
    assert warning.filename == __file__
    assert sizes(data) == [1800, 1000, 500]


@pytest.mark.parametrize("damage", [lambda data: data[:5000], hostile.flipped])
def test_damaged_cache_is_made_anew(full, server, damage):
    before = datasets.load("cifar10")
    cached_file().write_bytes(damage(cached_file().read_bytes()))
    with pytest.warns(UserWarning, match="damaged"):
        after = datasets.load("cifar10")
    np.testing.assert_array_equal(before.train.images, after.train.images)
    assert server.count("there/cifar-10-python.tar.gz") == 1  # from the kept archive


@pytest.fixture
def archive(tiny, tmp_path):
    path = tmp_path / "renamed.tar.gz"
    path.write_bytes(tiny.archive)
    return path


def test_cache_that_cannot_be_written(full, archive, server, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(archive / "folder"))
    with pytest.warns(UserWarning, match="COURSE_CACHE"):
        assert sizes(datasets.load("cifar10")) == [180, 20, 40]
    with pytest.raises(CourseError, match="COURSE_CACHE"):
        datasets.import_("cifar10", archive)


def test_a_named_path_in_both_profiles_and_import(full, archive, offline):
    for profile in ("quick", "full"):
        assert sizes(datasets.load("cifar10", path=archive, profile=profile)) == [180, 20, 40]
    assert not cached_file().exists()
    datasets.import_("cifar10", archive)
    archive.unlink()
    assert sizes(datasets.load("cifar10")) == [180, 20, 40]


def test_keras_cache_is_used_and_filled(full, tiny, server, monkeypatch):
    archive = sources.keras_path(tiny.spec, tiny.spec.files[0])
    assert archive.name == "cifar-10-batches-py-target_archive"
    datasets.load("cifar10")
    assert archive.read_bytes() == tiny.archive
    cached_file().unlink()
    monkeypatch.setenv("COURSE_MIRRORS", "http://does-not-exist.invalid")
    assert sizes(datasets.load("cifar10")) == [180, 20, 40]
    cached_file().unlink()
    archive.write_bytes(hostile.flipped(tiny.archive))
    with pytest.warns(UserWarning, match="no network"):
        assert sizes(datasets.load("cifar10")) == [1800, 1000, 500]


def test_fashion_from_the_mirrors_that_the_user_names(full, server, monkeypatch):
    spec, contents = hostile.tiny_fashion()
    monkeypatch.setitem(formats.catalog(), "fashion_mnist", spec)
    for name, content in contents.items():
        server.add(name, hostile.good(content))
    monkeypatch.setenv("COURSE_MIRRORS", server.address)
    data = datasets.fetch("fashion_mnist")
    assert data.train.images.shape == (90, 28, 28, 1)


def test_cache_that_is_written_twice_at_once_and_read_meanwhile(full, tiny):
    spec, data = sources.sample(formats.catalog()["fashion_mnist"])
    datasets.keep(spec, data)
    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(datasets.keep, spec, data) for _ in range(20)]
        while not all(writer.done() for writer in writers):
            assert datasets.cached(spec) is not None  # as it is of a half-written file
    assert not any(writer.exception() for writer in writers)
    assert not list(settings.cache_dir().glob("*.part"))


# The guard of the test split

rng = np.random.default_rng(1001)
X_TRAIN, Y_TRAIN = rng.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8), np.arange(40) % 4


@pytest.fixture
def held_back():
    x = rng.integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    return datasets.guarded(datasets.Split(x, np.arange(20, dtype=np.int64) % 4), "cifar10")


@pytest.fixture
def model():
    keras = pytest.importorskip("keras")
    layers = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(4, "softmax")]
    model = keras.Sequential(layers)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def heard():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield lambda: [entry for entry in caught if entry.category is datasets.TestSplitWarning]


def fit(model, x=X_TRAIN, y=Y_TRAIN, **options):
    return model.fit(x, y, epochs=2, verbose=0, **options)


def fit_that_evaluates(model, x, y):
    import keras

    def evaluate(epoch, logs):
        model.evaluate(x, y, verbose=0)

    fit(model, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=evaluate)])


MISUSES = {
    "trained on, only the labels": lambda model, x, y: fit(model, np.array(x), y),
    "validated on": lambda model, x, y: fit(model, validation_data=((x / 255)[::2], y[::2])),
    "evaluated in a callback": fit_that_evaluates,
}


@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES.keys())
def test_fit_that_uses_the_test_split_warns_once_at_the_users_line(model, held_back, heard, misuse):
    misuse(model, *held_back)
    (warning,) = heard()
    assert "data.val" in str(warning.message)
    assert warning.filename == __file__


def test_right_use_is_silent(model, held_back, heard):
    from sklearn import linear_model, metrics

    x, y = held_back
    fit(model, validation_data=(X_TRAIN, Y_TRAIN))
    model.evaluate(x, y, verbose=0)
    metrics.classification_report(y, model.predict(x, verbose=0).argmax(1), zero_division=0)

    def fit_of_the_users(self, x):
        return x.shape, x[:2]

    fit_of_the_users(None, x)
    assert heard() == []
    linear_model.LogisticRegression().fit(x.reshape(len(x), -1) / 255, y)
    assert len(heard()) == 1


def test_it_is_an_array_in_every_other_way(held_back):
    x, y = held_back
    assert isinstance(x[0], datasets.GuardedArray) and (x / 255).dtype == np.float64
    assert type(x.mean()) is np.float64 and type((y == np.zeros(20)).mean()) is np.float64
    assert type(y[0]) is np.int64
    assert np.bincount(y).tolist() == [5, 5, 5, 5]
    floats = np.concatenate([x, x]).astype("float32")
    floats /= 255
    assert floats.max() <= 1
