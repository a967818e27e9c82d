"""Model files that are as they should be, and those of strangers."""

import io
import json
import zipfile

import keras
import numpy as np
import pytest
from keras import layers

from helpers import model_files, predict
from helpers.errors import UserError
from helpers.labels import CIFAR10

NAMES = ("cat", "dog", "frog")
FACTS = {"accuracy": 0.93, "data": "my photos"}


@pytest.fixture(scope="module")
def model():
    inputs = keras.Input((4, 4, 3))
    x = layers.Conv2D(3, 1)(inputs / 127.5 - 1)
    return keras.Model(inputs, layers.Softmax()(layers.GlobalAveragePooling2D()(x)))


@pytest.fixture
def saved(model, tmp_path):
    groups = ("pet", "pet", "wild")
    return model_files.save(
        model, tmp_path / "new" / "animals", NAMES, superclasses=groups, how="pad", **FACTS
    )


def test_what_is_saved_comes_back(model, saved):
    assert saved.name == "animals.keras" and saved.with_suffix(".json").is_file()
    assert sorted(path.name for path in saved.parent.iterdir()) == ["animals.json", "animals.keras"]
    loaded = model_files.load(saved)
    assert loaded.class_names == NAMES and loaded.superclasses == ("pet", "pet", "wild")
    assert (loaded.how, loaded.facts, loaded.notes) == ("pad", FACTS, ())
    image = np.random.default_rng(0).integers(0, 256, (9, 5, 3), dtype=np.uint8)
    before = predict.look(model, image, NAMES, how="pad")
    assert predict.look(loaded.model, image, **loaded.options).top == before.top


def test_shipped():
    for name in model_files.SHIPPED:
        loaded = model_files.load(name)
        assert loaded.class_names == CIFAR10 and loaded.size == 32
        assert len(loaded.superclasses) == 10 and name in loaded.name


def test_without_notes_names_are_told_or_numbered(saved):
    saved.with_suffix(".json").unlink()
    loaded = model_files.load(saved)
    assert loaded.class_names is None and "numbered" in loaded.notes[0]
    assert model_files.load(saved, ["a", "b", "c"]).class_names == ("a", "b", "c")
    with pytest.raises(UserError, match="2 class names but the model has 3 outputs"):
        model_files.load(saved, ["a", "b"])


def test_other_names_have_other_superclasses(saved):
    assert model_files.load(saved, NAMES).superclasses == ("pet", "pet", "wild")
    assert model_files.load(saved, ("x", "y", "z")).superclasses == ()


def test_notes_of_another_version_are_told(model, saved):
    with zipfile.ZipFile(saved, "a") as archive:
        archive.comment = b"changed"
    assert "another version" in model_files.load(saved).notes[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("{", "is damaged"),
        ("[1]", "holds no notes"),
        ("[" * 100_000, "is damaged"),
        ({"class_names": ["a"]}, "1 class names"),
        ({"class_names": [1, 2, 3]}, "list of names"),
        ({"class_names": "abc"}, "list of names"),
        ({"class_names": ["a", "a", "b"]}, "name each once"),
        ({"class_names": ["a", "b", "c" * 200]}, "letters"),
        ({"superclasses": ["a"]}, "1 superclasses"),
        ({"how": ["crop"]}, "how must be"),
        ({"white": 7}, "255 or 1"),
        ({"size": -3}, "size must be"),
        ({"facts": 3}, "mend it"),
    ],
)
def test_broken_notes(saved, change, words):
    beside = saved.with_suffix(".json")
    old = json.loads(beside.read_text())
    beside.write_text(change if isinstance(change, str) else json.dumps(old | change))
    with pytest.raises(UserError, match=words) as caught:
        model_files.load(saved)
    assert "\n" not in str(caught.value)


def changed(path, name, data):
    """The archive with one member replaced or added."""
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members[name] = data(members.get(name)) if callable(data) else data
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in members.items():
            if content is not None:
                archive.writestr(one, content)


def with_layer(entry):
    def change(config):
        config = json.loads(config)
        config["config"]["layers"].append(entry)
        return json.dumps(config)

    return change


def linked(_):
    import h5py

    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["layers"] = h5py.ExternalLink("/etc/passwd", "/")
    return stream.getvalue()


def huge(_):
    import h5py

    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("a", (10**6, 10**6), "f4", chunks=(1000, 1000))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("config.json", None, "no Keras model"),
        ("model.weights.h5", None, "no Keras model"),
        ("config.json", b"{", "description cannot be read"),
        ("config.json", b"[]", "description is none"),
        ("../escape.py", b"x", "it also holds"),
        ("assets/words.txt", b"x", "it also holds"),
        ("model.weights.h5", b"no weights", "weights cannot be read"),
        ("model.weights.h5", linked, "link to another place"),
        ("model.weights.h5", huge, "claim to have"),
        ("config.json", with_layer({"class_name": "Lambda", "config": {}}), "program code"),
        ("config.json", with_layer({"class_name": "__lambda__", "config": {}}), "program code"),
        (
            "config.json",
            with_layer({"module": "os", "class_name": "function", "config": "system"}),
            "not Keras' own",
        ),
        (
            "config.json",
            with_layer({"module": "keras.utils", "class_name": "function", "config": "get_file"}),
            "not Keras' own",
        ),
        (
            "config.json",
            with_layer({"module": "keras.layers", "class_name": "X", "registered_name": "me>X"}),
            "not Keras' own",
        ),
        (
            "config.json",
            with_layer({"module": "keras.layers", "class_name": "NoSuchLayer", "config": {}}),
            "cannot be loaded",
        ),
    ],
)
def test_changed_archives(saved, name, data, words):
    changed(saved, name, data)
    with pytest.raises(UserError, match=words) as caught:
        model_files.load(saved)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_a_lambda_layer_as_keras_saves_it(tmp_path):
    model = keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x * 2)])
    model.save(tmp_path / "code.keras")
    with pytest.raises(UserError, match="program code"):
        model_files.load(tmp_path / "code.keras")


def test_files_that_are_no_models(saved, tmp_path):
    (tmp_path / "cut.keras").write_bytes(saved.read_bytes()[:2000])
    (tmp_path / "text.keras").write_text("no model")
    (tmp_path / "empty.keras").touch()
    (tmp_path / "folder.keras").mkdir()
    (tmp_path / "old.h5").write_text("x")
    for name, words in {
        "cut.keras": "damaged or no Keras model",
        "text.keras": "damaged or no Keras model",
        "empty.keras": "damaged or no Keras model",
        "folder.keras": "is no file",
        "old.h5": "does not end in .keras",
        "missing.keras": "is missing",
    }.items():
        with pytest.raises(UserError, match=words):
            model_files.load(tmp_path / name)


def test_saving_what_does_not_fit(model, tmp_path):
    for names, words in ((("a", "b"), "2 class names"), ("abc", "list of names")):
        with pytest.raises(UserError, match=words):
            model_files.save(model, tmp_path / "a.keras", names)
    with pytest.raises(UserError, match="a fact cannot be noted"):
        model_files.save(model, tmp_path / "a.keras", NAMES, run=object())
    with pytest.raises(UserError, match="how must be"):
        model_files.save(model, tmp_path / "a.keras", NAMES, how="stretch")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        model_files.save(model, tmp_path / "file" / "a.keras", NAMES)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
