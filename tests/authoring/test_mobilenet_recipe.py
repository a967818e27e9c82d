import hashlib
import json

import keras
import numpy as np

from helpers.authoring import mobilenet_recipe as recipe_module
from helpers.authoring import weights
from helpers.authoring.mobilenet_recipe import Recipe
from helpers.paths import DATA


def test_a_part_of_the_recipe_trains_and_its_weights_fit_a_network_that_prepares_pictures(tmp_path):
    rng = np.random.default_rng(0)
    split = rng.integers(0, 256, (8, 32, 32, 3), dtype=np.uint8), np.arange(8) % 4
    recipe = Recipe(stages=((1, 32), (1, 40)), batch_size=8)
    model, base = recipe_module.train(recipe, split, split)
    record = weights.write("mobilenet", base, tmp_path, {})
    assert record["parameters"] == 410_208
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(keras.layers.Resizing(40, 40)(inputs))
    again = keras.applications.MobileNetV2(
        input_tensor=x,
        include_top=False,
        alpha=recipe_module.ALPHA,
        weights=str(tmp_path / record["file"]),
    )
    expected = base.predict(split[0], verbose=0)
    np.testing.assert_allclose(again.predict(split[0], verbose=0), expected, atol=1e-4)
    assert model.output_shape == (None, 4)


def test_the_shipped_weights_are_those_of_the_record():
    record = json.loads((DATA / "weights/mobilenet_v2_035_cifar100.json").read_text())
    content = (DATA / "weights" / record["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == record["sha256"]
    assert len(content) < 5e6
    assert record["validation_accuracy"] > 0.2  # a hundred classes: chance is 1 %
