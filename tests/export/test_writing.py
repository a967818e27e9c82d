"""Exported files say what the model says; what can't be exported is told in one line."""

import keras
import numpy as np
import pytest

from helpers import export
from helpers.errors import UserError
from helpers.export import formats


def test_onnx_gives_the_same_probabilities_for_batches_of_any_size(onnx_file, images, expected):
    predict = export.predictor(onnx_file)
    np.testing.assert_allclose(predict(images), expected, atol=1e-4)
    np.testing.assert_allclose(predict(images[:1]), expected[:1], atol=1e-4)


def test_litert_gives_the_same_probabilities_for_batches_of_any_size(litert_file, images, expected):
    predict = export.predictor(litert_file)
    np.testing.assert_allclose(predict(images), expected, atol=1e-4)
    np.testing.assert_allclose(predict(images[:2]), expected[:2], atol=1e-4)
    np.testing.assert_allclose(predict(images.astype(float)), expected, atol=1e-4)


def test_nothing_but_the_file_is_left(onnx_file, litert_file):
    assert [path.name for path in onnx_file.parent.iterdir()] == ["tiny.onnx"]
    assert [path.name for path in litert_file.parent.iterdir()] == ["tiny.tflite"]


@pytest.mark.slow
def test_quantized_is_smaller_and_nearly_equal(tmp_path):
    from helpers import models

    model = models.load_small()
    plain = export.to_litert(model, tmp_path / "plain.tflite")
    small = export.to_litert(model, tmp_path / "small.tflite", quantized=True)
    assert small.stat().st_size < 0.35 * plain.stat().st_size
    images = export.example_images(model)
    assert export.check(model, plain, images) < 1e-4 < export.check(model, small, images) < 0.1


@pytest.mark.parametrize(
    ("format", "absent", "words"),
    [
        ("onnx", "tf2onnx", 'pip install tf2onnx "onnx<1.20"'),
        ("onnx", "jax2onnx", "pip install jax2onnx"),
        ("litert", "tensorflow", "pip install tensorflow"),
    ],
)
def test_a_missing_package_is_named_with_its_pip_line(
    monkeypatch, network, tmp_path, format, absent, words
):
    backend = "jax" if absent == "jax2onnx" else "tensorflow"
    monkeypatch.setattr(formats.keras.backend, "backend", lambda: backend)
    monkeypatch.setattr(formats, "_installed", lambda package: package != absent)
    write = {"onnx": export.to_onnx, "litert": export.to_litert}[format]
    path = tmp_path / f"tiny{export.FORMATS[format]}"
    with pytest.raises(UserError) as error:
        write(network, path)
    assert words in str(error.value) and "\n" not in str(error.value)
    assert not path.exists()
    assert words in export.missing(format)


def test_missing_readers(monkeypatch, onnx_file):
    monkeypatch.setattr(formats, "_installed", lambda package: package == "tf2onnx")
    assert "pip install onnxruntime" in export.missing("onnx")
    assert "pip install ai-edge-litert" in formats.missing_to_run("litert")
    with pytest.raises(UserError, match="pip install onnxruntime"):
        export.predictor(onnx_file)


def test_jax_cannot_write_litert(monkeypatch):
    monkeypatch.setattr(formats.keras.backend, "backend", lambda: "jax")
    assert "KERAS_BACKEND=tensorflow" in export.missing("litert")


def test_write_goes_on_where_one_format_is_missing(monkeypatch, network, tmp_path):
    monkeypatch.setattr(formats, "_installed", lambda package: False)
    paths, reasons = export.write(network, tmp_path / "new" / "tiny", ("keras", "onnx", "litert"))
    assert [path.name for path in paths] == ["tiny.keras"] and paths[0].is_file()
    assert len(reasons) == 2 and "tf2onnx" in reasons[0] and "tensorflow" in reasons[1]


def test_bad_models_and_paths(monkeypatch, network, tmp_path):
    monkeypatch.setattr(formats, "_installed", lambda package: True)
    unbuilt = keras.Sequential([keras.layers.Dense(3)])
    half = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, dtype="mixed_bfloat16")])
    a_file = tmp_path / "file"
    a_file.write_text("")
    for model, path, words in [
        (unbuilt, tmp_path / "a.onnx", "has no input shape yet"),
        (half, tmp_path / "a.onnx", "bfloat16"),
        ("tiny", tmp_path / "a.onnx", "str is no Keras model"),
        (network, tmp_path / "a.pb", "name it a.onnx"),
        (network, a_file / "a.onnx", "cannot be written"),
    ]:
        with pytest.raises(UserError, match=words) as error:
            export.to_onnx(model, path)
        assert "\n" not in str(error.value)
    with pytest.raises(UserError, match="no format 'pdf'"):
        export.write(network, tmp_path / "a", ("pdf",))
    with pytest.raises(UserError, match="no format 'pdf'"):
        export.missing("pdf")
