"""What a lesson teaches and what `models` builds afterwards are the same networks."""

import ast

import keras

from helpers import models
from helpers.authoring import notebooks


def taught(lesson, *functions):
    """The last of some functions that a lesson's cells define; it may call the others."""
    names = {"keras": keras, "layers": keras.layers}
    for cell in notebooks.read(*notebooks.find([lesson])).cells:
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef) and node.name in functions:
                    exec(ast.unparse(node), names)
    return names[functions[-1]]


def settings(model):
    """Class and configuration of each layer, without its name."""
    without = {"name", "seed", "dtype", "build_config"}
    return [
        (type(layer).__name__, {k: v for k, v in layer.get_config().items() if k not in without})
        for layer in model.layers
    ]


def test_lesson_02_and_models_build_the_same():
    lesson = taught("02", "s2_block", "build_s2")
    assert settings(lesson()) == settings(models.s2_network())
