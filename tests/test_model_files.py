"""Model files: saved whole and portable, a stranger's refused before Keras sees it."""

import io
import json
import time
import zipfile

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from helpers import keras_file, model_files
from helpers.settings import CourseError

NAMES = ("cat", "dog", "frog")


def small(classes=3, activation="softmax"):
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(classes, activation=activation),
        ]
    )


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The parts of a good file."""
    path = tmp_path_factory.mktemp("good") / "good.keras"
    small().save(path)
    return parts_of(path)


def parts_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path, parts, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


# --- save and load ---


def test_what_is_saved_comes_back_with_names_and_facts(tmp_path):
    model = small()
    path = tmp_path / "new" / "net.1.keras"
    model_files.save(model, tmp_path / "new" / "net.1", NAMES, size=8, accuracy=np.float32(0.5))
    assert {one.name for one in path.parent.iterdir()} == {"net.1.json", "net.1.keras"}
    loaded = model_files.load(path)
    assert (loaded.class_names, loaded.size) == (NAMES, 8)
    assert loaded.facts == {"accuracy": 0.5}
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3))
    assert np.array_equal(loaded.model.predict(images), model.predict(images))


def test_other_names_and_two_classes_and_shipped_networks(tmp_path):
    path = model_files.save(small(1, "sigmoid"), tmp_path / "two", ("cat", "dog"))
    assert model_files.load(path).class_names == ("cat", "dog")
    assert model_files.load(path, ["a", "b"]).class_names == ("a", "b")
    loaded = model_files.load("small")
    assert loaded.class_names[3] == "cat" and loaded.facts["validation_accuracy"] > 0.8
    loaded = model_files.load("cifar100")
    assert loaded.model.output_shape == (None, 100)
    superclass = dict(zip(loaded.class_names, loaded.superclasses, strict=True))
    assert superclass["lion"] == "large_carnivores"


@pytest.mark.parametrize(
    ("names", "facts", "words"),
    [
        (("cat", "dog"), {}, "3 classes"),
        (("cat", "cat", "dog"), {}, "different names"),
        ("abc", {}, "different names"),
        (NAMES, {"size": 0}, "size must be"),
    ],
)
def test_names_and_places_that_do_not_fit(tmp_path, names, facts, words):
    with pytest.raises(CourseError, match=words):
        model_files.save(small(), tmp_path / "x.keras", names, **facts)
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match="cannot be written"):
        model_files.save(small(), tmp_path / "file" / "x.keras", NAMES)


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"class_names": [1, 2, 3]}', '{"size": "8"}', '{"facts": 3}']
)
def test_broken_notes_are_refused_and_missing_ones_told(tmp_path, good, text):
    path = written(tmp_path / "m.keras", good)
    with pytest.warns(UserWarning, match="numbered"):
        assert model_files.load(path).class_names is None
    path.with_suffix(".json").write_text(text)
    with pytest.raises(CourseError, match=r"m\.json"):
        model_files.load(path)


# --- other versions of Keras, own code ---


def test_saved_without_settings_that_older_versions_do_not_know(tmp_path):
    text = parts_of(model_files.save(small(), tmp_path / "m", NAMES))["config.json"].decode()
    assert not [key for key in keras_file._NEWER_SETTINGS if f'"{key}"' in text]
    keep = {"config": {"renorm": True, "renorm_momentum": 0.99, "axis": None}}
    assert keras_file._portable(keep) == {"config": {"renorm": True, "axis": None}}


@pytest.mark.parametrize("what", ["Conv9D", "new_setting"])
def test_both_versions_are_told_where_this_one_lacks_something(tmp_path, good, what):
    description = json.loads(good["config.json"])
    layer = description["config"]["layers"][2]
    layer |= {"class_name": what} if what == "Conv9D" else {"config": layer["config"] | {what: 1}}
    parts = good | {
        "config.json": json.dumps(description).encode(),
        "metadata.json": b'{"keras_version": "3.99.1"}',
    }
    with pytest.raises(CourseError, match=what) as error:
        model_files.load(written(tmp_path / "m.keras", parts))
    assert keras.__version__ in str(error.value) and "3.99.1" in str(error.value)


def own_function(x):
    return keras.ops.softmax(x)


@keras.saving.register_keras_serializable("student")
class Doubled(layers.Layer):
    def call(self, x):
        return 2 * x


OWN = {
    "own_function": lambda: small(activation=own_function),
    "lambda": lambda: small(activation=lambda x: keras.ops.softmax(x)),
    "Doubled": lambda: keras.Sequential([keras.Input((4,)), Doubled(), layers.Dense(3)]),
    "Lambda": lambda: keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: 2 * x)]),
}


@pytest.mark.parametrize("name", OWN)
def test_own_code_is_warned_of_at_saving_and_named_at_loading(tmp_path, name):
    with pytest.warns(UserWarning, match=f"others cannot open it.*{name}"):
        path = model_files.save(OWN[name](), tmp_path / "own", NAMES)
    with pytest.raises(CourseError, match=name) as error:
        model_files.load(path)
    assert "version" not in str(error.value) and "\n" not in str(error.value)


# --- hostile files: refused within a second, before Keras sees them ---


def weights(fill):
    """An h5 file's bytes."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        fill(file)
    return data.getvalue()


def web(file):
    """34 groups, each with two hard links to the next: 2 ** 34 ways through them."""
    group = file
    for _ in range(34):
        group = group.create_group("a")
        group.parent["b"] = group


def circle(file):
    file.create_group("a")["again"] = file["/"]


def huge(file):
    file.create_dataset("w", shape=(10**9,), dtype="f4", chunks=(10**6,))


def packed(file):
    file.create_dataset("w", data=np.zeros(30_000_000, "f4"), compression="gzip")


def soft(file):
    file["a"] = h5py.SoftLink("/b")


def external_link(file):
    file["a"] = h5py.ExternalLink("/etc/passwd", "/b")


def external_data(file):
    file.create_dataset("a", (10,), "u1", external=[("/etc/passwd", 0, 10)])


def virtual(file):
    layout = h5py.VirtualLayout((10,), "u1")
    layout[:] = h5py.VirtualSource("/etc/passwd", "b", (10,))
    file.create_virtual_dataset("a", layout)


WEIGHTS = (web, circle, huge, packed, soft, external_link, external_data, virtual)


def described(kind, module="keras.layers", config=None, count=1):
    """A description with this entry as its layers."""
    layer = {"module": module, "class_name": kind, "config": config or {}, "registered_name": None}
    return layer | {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"layers": [layer] * count},
    }


DESCRIPTIONS = {
    "20,000 layers": described("ReLU", count=20_000),
    "20,000 models": described("Sequential", "keras", count=20_000),
    "wide": described("ReLU", config={"x": [{}] * 900_000}),
    "lambda layer": described("Lambda"),
    "hidden lambda": described("Lambda", "keras.src.layers.core.lambda_layer"),
    "reads a file": described("StringLookup", config={"vocabulary": "/etc/passwd"}),
    "a function of Keras": described("get_file", "keras.utils"),
    "a function that loads": described("load_model", "keras.models"),
    "of Python": described("system", "os"),
    "builtin": described("function", "builtins", "eval"),
    "without module": {"class_name": "Sequential", "config": {"layers": []}},
    "inside a setting": described("ReLU", config={"x": {"class_name": "__lambda__"}}),
    "memory": described("Variable", "keras", {"shape": [10**11]}),
    "no class": described("serialize"),
    "internal": described("np", "keras.src.ops.numpy"),
    "a list": [],
}


@pytest.fixture
def keras_unseen(monkeypatch):
    def load_model(*_args, **_settings):
        raise AssertionError("Keras has seen it")

    monkeypatch.setattr(keras.saving, "load_model", load_model)


def refused(path):
    start = time.process_time()
    with pytest.raises(CourseError) as error:
        model_files.load(path)
    assert time.process_time() - start < 10  # what it must not do takes minutes
    assert "\n" not in str(error.value) and path.name in str(error.value)


@pytest.mark.parametrize("fill", WEIGHTS, ids=lambda fill: fill.__name__)
def test_hostile_weights(tmp_path, good, keras_unseen, fill):
    refused(written(tmp_path / "m.keras", good | {"model.weights.h5": weights(fill)}))


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_hostile_descriptions(tmp_path, good, keras_unseen, name):
    text = json.dumps(DESCRIPTIONS[name]).encode()
    refused(written(tmp_path / "m.keras", good | {"config.json": text}))


@pytest.mark.parametrize(
    "change",
    [
        {"model.weights.h5": bytes(70_000_000)},
        {"config.json": b" " * 5_000_000 + b"{}"},
        {"config.json": b"[" * 200_000},
        {"metadata.json": bytes(5_000_000)},
        {"assets/layer/vocabulary.txt": b"x"},
        {"../evil.py": b"x"},
        {f"assets/{number}": b"" for number in range(1000)},
        {"model.weights.h5": b"no h5"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_hostile_archives(tmp_path, good, keras_unseen, change):
    refused(written(tmp_path / "m.keras", good | change, zipfile.ZIP_DEFLATED))


def test_damaged_files_no_file_and_another_ending(tmp_path, good, keras_unseen):
    whole = written(tmp_path / "m.keras", good).read_bytes()
    for content in (b"", b"no zip", b"PK\x03\x04 broken", whole[: len(whole) // 2]):
        (tmp_path / "m.keras").write_bytes(content)
        refused(tmp_path / "m.keras")
    (tmp_path / "m.h5").touch()
    for name in ("none.keras", "m.h5"):
        refused(tmp_path / name)


def test_layers_larger_than_their_weights_are_not_built(tmp_path, good):
    text = good["config.json"].replace(b'"units": 3', b'"units": 100000000000')
    assert text != good["config.json"]
    refused(written(tmp_path / "m.keras", good | {"config.json": text}))
    assert small().count_params() > 0  # and layers can be built again
