"""The networks of the reports, and the weights that come with the course."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from helpers import datasets, fast_cnn, models
from helpers.settings import CourseError

SHIPPED = {
    "small": (models.small_cnn, models.load_small),
    "fast": (fast_cnn.network, models.load_fast),
}


@pytest.mark.parametrize(
    ("build", "parameters"), [(models.s2_network, 552_362), (models.small_cnn, 289_642)]
)
def test_parameters_and_probabilities(build, parameters):
    model = build()
    assert model.count_params() == parameters
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    probabilities = np.asarray(model(images))
    assert probabilities.shape == (3, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", SHIPPED)
def test_weights_are_the_recorded_ones_and_as_good_as_recorded(name):
    build, load = SHIPPED[name]
    record = json.loads((models.WEIGHTS / f"cifar10_{name}.json").read_text(encoding="utf-8"))
    weights = models.WEIGHTS / record["file"]
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == record["sha256"]
    assert record["parameters"] == build().count_params()
    images, labels = datasets.load("cifar10", profile="quick").test
    probabilities = load().predict(np.asarray(images), verbose=0)
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    # Of 500 images the fraction strays by 1.6 points (one standard deviation).
    assert abs(accuracy - record["test_accuracy"]) < 0.05


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("missing", "is missing: check the course out again"),
        ("cut", "is damaged"),
        ("empty", "is damaged"),
        ("text", "is damaged"),
        ("another network", "of another network"),
    ],
)
def test_damaged_weights(tmp_path, monkeypatch, damage, words):
    path = tmp_path / "cifar10_small.weights.h5"
    shutil.copy(models.WEIGHTS / path.name, path)
    content = {"cut": path.read_bytes()[:100_000], "empty": b"", "text": b"<html>404</html>"}
    if damage == "missing":
        path.unlink()
    elif damage == "another network":
        models.s2_network().save_weights(path)
    else:
        path.write_bytes(content[damage])
    monkeypatch.setattr(models, "WEIGHTS", tmp_path)
    with pytest.raises(CourseError, match=words) as raised:
        models.load_small()
    assert "\n" not in str(raised.value)
