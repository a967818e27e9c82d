"""A small network with layers that act in training only, and its exported files, made once."""

import importlib.util

import numpy as np
import pytest


@pytest.fixture(scope="package")
def network():
    import keras
    from keras import layers

    keras.utils.set_random_seed(1001)
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.2),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.GlobalMaxPooling2D(),
            layers.Dense(5, activation="softmax"),
        ],
        name="tiny",
    )


@pytest.fixture(scope="package")
def images(network):
    from helpers import export

    return export.example_images(network, 15)


@pytest.fixture(scope="package")
def expected(network, images):
    return np.asarray(network.predict_on_batch(images))


@pytest.fixture(scope="package")
def onnx_file(network, tmp_path_factory):
    from helpers import export

    for package in ("tf2onnx", "onnxruntime"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed: `pip install {package}`")
    return export.to_onnx(network, tmp_path_factory.mktemp("onnx") / "tiny.onnx")


@pytest.fixture(scope="package")
def litert_file(network, tmp_path_factory):
    from helpers import export

    if reason := export.missing("litert"):
        pytest.skip(reason)
    return export.to_litert(network, tmp_path_factory.mktemp("litert") / "tiny.tflite")
