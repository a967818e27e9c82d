"""What lesson 02 teaches and what `models` builds afterwards are the same networks."""

import json

import keras
import pytest

from helpers import models
from helpers.paths import NOTEBOOKS


@pytest.fixture(scope="module")
def taught():
    """The names that the lesson's cells with network builders define."""
    notebook = json.loads((NOTEBOOKS / "02_baseline_cnn.ipynb").read_text("utf-8"))
    names = {"keras": keras, "layers": keras.layers}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and ("def build_s1(" in source or "def build_s2(" in source):
            exec(source, names)
    return names


def settings(model):
    """Class and configuration of each layer, without its name."""
    without = {"name", "seed", "dtype", "build_config"}
    return [
        (type(layer).__name__, {k: v for k, v in layer.get_config().items() if k not in without})
        for layer in model.layers
    ]


@pytest.mark.parametrize(
    ("lesson", "build"), [("build_s1", models.s1_network), ("build_s2", models.s2_network)]
)
def test_lesson_and_models_agree(taught, lesson, build):
    assert settings(taught[lesson]()) == settings(build())
