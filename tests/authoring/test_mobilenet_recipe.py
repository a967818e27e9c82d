import hashlib
import json

import keras
import numpy as np
import pytest

from helpers.authoring import mobilenet_recipe as recipe_module
from helpers.authoring import weights
from helpers.authoring.mobilenet_recipe import Recipe
from helpers.paths import DATA
from helpers.pretrained import SMALL_ALPHA


def test_written_weights_fit_a_network_that_prepares_pictures(tmp_path):
    _, base = recipe_module.classifier(4, 40, Recipe())
    record = weights.write("mobilenet", base, tmp_path, {})
    assert record["parameters"] == 410_208
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(keras.layers.Resizing(40, 40)(inputs))
    again = keras.applications.MobileNetV2(
        input_tensor=x,
        include_top=False,
        alpha=SMALL_ALPHA,
        weights=str(tmp_path / record["file"]),
    )
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype("float32")
    np.testing.assert_allclose(again(images), base(images), atol=1e-4)


@pytest.mark.slow
def test_the_recipe_goes_through_its_stages(tmp_path):
    rng = np.random.default_rng(0)
    split = rng.integers(0, 256, (8, 32, 32, 3), dtype=np.uint8), np.arange(8) % 4
    recipe = Recipe(stages=((1, 32), (1, 40)), batch_size=8)
    model, base = recipe_module.train(recipe, split, split, tmp_path)
    assert model.output_shape == (None, 4)
    assert base.count_params() == 410_208
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stage-0", "stage-1"]


def test_the_shipped_weights_are_those_of_the_record():
    record = json.loads((DATA / "weights/mobilenet_v2_035_cifar100.json").read_text())
    content = (DATA / "weights" / record["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == record["sha256"]
    assert len(content) < 5e6
    assert record["validation_accuracy"] > 0.2  # a hundred classes: chance is 1 %
