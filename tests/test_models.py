import hashlib
import json
import shutil

import numpy as np
import pytest

from helpers import datasets, models
from helpers.errors import UserError
from helpers.paths import DATA

RECORD = DATA / "weights" / "cifar10_small.json"
WEIGHTS = DATA / "weights" / "cifar10_small.weights.h5"
SHIPPED = {
    "small": (models.small_cnn, models.load_small),
    "fast": (models.fast_network, models.load_fast),
}


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (models.s1_network, 160_202),
        (models.s2_network, 552_362),
        (models.small_cnn, 289_642),
    ],
)
def test_parameters_and_probabilities(build, parameters):
    model = build()
    assert model.count_params() == parameters
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    probabilities = np.asarray(model(images))
    assert probabilities.shape == (3, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(model(images.astype("float32"))), probabilities)


def test_s4s_network_has_the_parameters_of_the_report():
    model = models.s4_network()
    assert model.count_params() == 13_870_484
    assert model.output_shape == (None, 100)
    first_dense = next(layer for layer in model.layers if type(layer).__name__ == "Dense")
    assert first_dense.count_params() == 8_193_000


def test_other_sizes():
    model = models.s2_network(classes=3, input_shape=(28, 28, 1))
    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 3)


def test_s2_layers_stand_in_the_report_order():
    kinds = [type(layer).__name__ for layer in models.s2_network().layers]
    block = ["Conv2D", "BatchNormalization"] * 2 + ["MaxPooling2D", "Dropout"]
    assert kinds == ["Rescaling", *block * 3, "Flatten", "Dense", "Dropout", "Dense"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_record_belongs_to_the_weights(name):
    record = json.loads((DATA / "weights" / f"cifar10_{name}.json").read_text(encoding="utf-8"))
    weights = DATA / "weights" / record["file"]
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == record["sha256"]
    assert record["parameters"] == SHIPPED[name][0]().count_params()
    assert weights.stat().st_size < 5_000_000
    assert record["test_accuracy"] >= 0.85


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_networks_reach_their_recorded_accuracy_on_the_sample(name):
    images, labels = datasets.load("cifar10", profile="quick").test
    probabilities = SHIPPED[name][1]("cifar10").predict(np.asarray(images), verbose=0)
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    record = json.loads((DATA / "weights" / f"cifar10_{name}.json").read_text(encoding="utf-8"))
    # Of 500 pictures the share strays by 1.6 points (one standard deviation).
    assert abs(accuracy - record["test_accuracy"]) < 0.05


def test_unknown_weights():
    with pytest.raises(UserError, match="no weights for 'cifar11': choose one of cifar10"):
        models.load_small("cifar11")


def test_missing_weights(tmp_path):
    with pytest.raises(UserError, match="is missing: check the course out again"):
        models.load_small(weights_dir=tmp_path)


@pytest.mark.parametrize("damage", ["cut", "empty", "text"])
def test_damaged_weights(tmp_path, damage):
    path = tmp_path / WEIGHTS.name
    shutil.copy(WEIGHTS, path)
    content = {"cut": path.read_bytes()[:100_000], "empty": b"", "text": b"<html>404</html>"}
    path.write_bytes(content[damage])
    with pytest.raises(UserError, match="is damaged") as raised:
        models.load_small(weights_dir=tmp_path)
    assert "\n" not in str(raised.value)


def test_weights_of_another_network(tmp_path):
    models.s1_network().save_weights(tmp_path / WEIGHTS.name)
    with pytest.raises(UserError, match="of another network"):
        models.load_small(weights_dir=tmp_path)
