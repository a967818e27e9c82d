"""The stored predictions are those of the networks that ship, on the images that they name."""

import json

import numpy as np
import pytest

from helpers import datasets, models
from helpers.settings import DATA

FOLDER = DATA / "predictions"


@pytest.mark.parametrize("name", ["small", "fast"])
def test_a_stored_answer_is_the_networks_own(name):
    stored = np.load(FOLDER / "cifar10.npz")
    data = datasets.load("cifar10", profile="quick")
    rows = [int(np.flatnonzero(stored["index"] == index)[0]) for index in data.val_index]
    assert (stored["labels"][rows] == data.val.labels).all()
    brightness = data.val.images.mean(axis=(1, 2, 3)) / 255
    assert np.allclose(stored["brightness"][rows], brightness, atol=1e-3)
    model = models.load_small() if name == "small" else models.load_fast()
    answers = model.predict(data.val.images[:200], verbose=0)
    # float16 has three digits; another processor adds in another order
    assert np.abs(stored[name][rows[:200]] - answers).max() < 0.01


@pytest.mark.parametrize(
    ("data", "name"), [("cifar10", "small"), ("cifar10", "fast"), ("cifar100", "fast")]
)
def test_accuracies_are_those_of_the_weights_record(data, name):
    stored = np.load(FOLDER / f"{data}.npz")
    record = json.loads((DATA / "weights" / f"{data}_{name}.json").read_text("utf-8"))
    found = {
        "validation_accuracy": (stored[name].argmax(axis=1) == stored["labels"]).mean(),
        "test_accuracy": (stored[f"test_{name}"] == stored["test_labels"]).mean(),
    }
    for key, accuracy in found.items():
        assert abs(accuracy - record[key]) < 0.002, key
