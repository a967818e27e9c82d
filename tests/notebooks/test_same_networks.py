"""What a lesson teaches and what `models` builds afterwards are the same networks."""

import keras

from helpers import models
from helpers.authoring import notebooks


def settings(model):
    """Class and configuration of each layer, without its name."""
    without = {"name", "seed", "dtype", "build_config"}
    return [
        (type(layer).__name__, {k: v for k, v in layer.get_config().items() if k not in without})
        for layer in model.layers
    ]


def test_lesson_02_and_models_build_the_same():
    names = "build_s2", "with_dense_end"
    lesson = notebooks.taught("02", *names, keras=keras, layers=keras.layers)
    assert settings(lesson.build_s2()) == settings(models.s2_network())
