"""The command writes, compares, and says what is missing; bad models are refused in one line."""

import argparse
import json

import pytest

from helpers import export, export_command, model_files, models, paths
from helpers.errors import UserError
from helpers.export import formats


def run(*words):
    parser = argparse.ArgumentParser()
    export_command.configure(parser)
    return export_command.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    import keras
    from keras import layers

    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(2, 3),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    return model_files.save(
        model, tmp_path_factory.mktemp("models") / "gray.keras", ("a", "b", "c"), white=1
    )


def test_onnx_and_card(model_file, tmp_path, capsys):
    if reason := export.missing("onnx"):
        pytest.skip(reason)
    assert run(model_file, "--to", "onnx", "--card", "--dir", tmp_path) == 0
    said = capsys.readouterr()
    assert "gray.keras" in said.out and "gray.onnx" in said.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gray.md", "gray.onnx"]
    card = (tmp_path / "gray.md").read_text("utf-8")
    assert "gray.onnx" in card and "a, b, c." in card


def test_missing_packages_are_told_with_exit_code_1(model_file, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(formats, "_installed", lambda package: False)
    assert run(model_file, "--dir", tmp_path) == 1
    said = capsys.readouterr()
    assert "pip install tf2onnx" in said.err and "pip install tensorflow" in said.err
    assert "nothing" in said.out and "gray.keras" in said.out  # compared with itself alone


def test_a_file_that_differs_is_told(capsys, tmp_path):
    row = export.Row("onnx", tmp_path / "x.onnx", 1.0, 1.0, 1.0, 0.2, 0.9)
    assert export_command._differing([row])
    assert "x.onnx differs by 0.2" in capsys.readouterr().err
    assert export_command._differing([row._replace(largest_difference=float("nan"))])
    assert not export_command._differing([row._replace(path=tmp_path / "x_quantized.tflite")])
    assert not export_command._differing([row._replace(largest_difference=1e-6)])


def test_the_shipped_networks_bring_their_record():
    facts = export_command._shipped_facts("small")
    record = json.loads((paths.DATA / "weights" / "cifar10_small.json").read_text("utf-8"))
    assert facts == record and facts["file"] == models.SMALL_WEIGHTS["cifar10"]
    assert export_command._shipped_facts("my.keras") == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.keras"], "none.keras"),
        (["small", "--run-dir", "x"], "add --card"),
        (["small", "--to", "onnx", "--quantized"], "add --to litert"),
    ],
)
def test_mistakes(words, said, tmp_path):
    with pytest.raises(UserError, match=said) as error:
        run(*words, "--dir", tmp_path)
    assert "\n" not in str(error.value)
