"""Size, time and differences of exported files."""

import numpy as np
import pytest

from helpers import export
from helpers.errors import UserError
from helpers.export import comparing


def test_compare_measures_each_file(network, images, onnx_file, litert_file):
    rows = export.compare(network, [onnx_file, litert_file], images)
    assert [row.format for row in rows] == ["onnx", "litert"]
    for row in rows:
        assert row.megabytes == row.path.stat().st_size / 1e6
        assert row.ms_single > 0 and row.ms_batch > 0
        assert row.largest_difference < 1e-4 and row.same_class == 1
    head, *lines = export.table(rows).splitlines()
    assert head.startswith("file") and lines[0].startswith("tiny.onnx")
    assert len({len(line) for line in (head, *lines)}) == 1


def test_check_notices_another_network(network, images, onnx_file):
    import keras

    other = keras.models.clone_model(network)
    other.set_weights([weight + 0.1 for weight in network.get_weights()])
    assert export.check(network, onnx_file, images) < 1e-4
    assert export.check(other, onnx_file, images) > 1e-3


def test_keras_files_take_part(network, images, tmp_path):
    path = tmp_path / "tiny.keras"
    network.save(path)
    assert export.check(network, path, images) == pytest.approx(0, abs=1e-6)


def test_bad_files_and_pictures(network, images, onnx_file, tmp_path):
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    (tmp_path / "empty.tflite").write_bytes(b"")
    for path, given, words in [
        (tmp_path / "none.onnx", images, "no file"),
        (tmp_path / "bad.onnx", images, "damaged, or no onnx file"),
        (tmp_path / "empty.tflite", images, "damaged, or no litert file"),
        (tmp_path / "net.h5", images, "another ending"),
        (onnx_file, images[0], "shape"),
        (onnx_file, images[:0], "shape"),
        (onnx_file, np.full(images.shape, np.nan), "NaN"),
    ]:
        with pytest.raises(UserError, match=words) as error:
            export.check(network, path, given)
        assert "\n" not in str(error.value)
    with pytest.raises(UserError, match="does not take images"):
        comparing._run(export.predictor(onnx_file), images[:, :9], onnx_file)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((16, 12, 3), (10, 16, 12, 3)),
        ((None, None, 3), (10, 32, 32, 3)),
        ((28, 28, 1), (10, 28, 28, 1)),
        ((4, 4, 3), (10, 4, 4, 3)),
    ],
)
def test_example_images_fit_the_model(shape, expected):
    import keras

    model = keras.Sequential([keras.Input(shape), keras.layers.GlobalMaxPooling2D()])
    images = export.example_images(model, 10)
    assert images.shape == expected and images.dtype == np.uint8


def test_no_example_images_for_a_model_of_numbers():
    import keras

    model = keras.Sequential([keras.Input((7,)), keras.layers.Dense(2)])
    with pytest.raises(UserError, match="no pictures"):
        export.example_images(model)
