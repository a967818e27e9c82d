"""What lesson 05 searches and what `python -m helpers tune` searches are the same."""

import json
from types import SimpleNamespace

import keras
import numpy as np

from helpers import tuning
from helpers.paths import NOTEBOOKS
from helpers.tuning import network


def taught():
    """The names that the lesson's cells with `build` and `half_size` define."""
    notebook = json.loads((NOTEBOOKS / "05_hyperparameter_tuning.ipynb").read_text("utf-8"))
    names = {"keras": keras, "layers": keras.layers, "np": np, "plan": SimpleNamespace(seed=1001)}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        for start in ("def build(", "def half_size("):
            if cell["cell_type"] == "code" and source.startswith(start):
                exec(source.partition("\n\n\n")[0], names)
    return names


def test_the_same_space_and_network():
    kt = tuning.keras_tuner()
    spaces, shapes = [], []
    for build in (taught()["build"], network.build):
        hp = kt.HyperParameters()
        model = build(hp)
        spaces.append(hp.get_config())
        shapes.append([tuple(weight.shape) for weight in model.weights])
    assert spaces[0] == spaces[1]
    assert shapes[0] == shapes[1]


def test_the_same_small_pictures():
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(taught()["half_size"](images), network.half_size(images))
