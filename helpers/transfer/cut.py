"""Take a model apart behind any layer, and put it together again."""

import math

import keras
from keras import layers

from helpers.errors import UserError
from helpers.transfer import graph


def split(model: keras.Model, layer: keras.layers.Layer | str) -> tuple[keras.Model, keras.Model]:
    """Cut a model behind a layer into a trunk and a tail that share the model's layers.

    In front of the cut are the layer and everything it depends on. Training the tail therefore
    trains the model's own layers: the model, and `join(trunk, tail)`, know it at once. Where the
    cut goes through a residual block several tensors cross it; the trunk then gives one flat
    vector for each picture, and the tail's first layers take it apart.

    Args:
        model: flat functional model with one input and one output: a Keras application built with
            `input_tensor=` and the layers behind its `.output`. A Sequential model will do too.
        layer: the last layer of the trunk, or its name.

    Returns:
        Trunk, (n, height, width, channels) pictures to (n, ...) activations, and tail,
        activations to the model's output. Both are uncompiled.

    Raises:
        UserError: no such layer, it lies within a model that is called as a layer, it is used
            more than once, or the model is not functional.
    """
    _check_model(model)
    tensors = graph.crossing(model, graph.find_layer(model, layer))
    if tensors[0] is model.outputs[0]:  # behind the last layer: nothing is left for the tail
        rest = keras.Input(tensors[0].shape[1:], dtype=tensors[0].dtype)
        trunk = keras.Model(model.inputs[0], tensors[0], name="trunk")
        return trunk, keras.Model(rest, layers.Identity()(rest), name="tail")
    if len(tensors) == 1:
        return (
            keras.Model(model.inputs[0], tensors[0], name="trunk"),
            keras.Model(tensors[0], model.outputs[0], name="tail"),
        )
    sizes = [_size(tensor) for tensor in tensors]
    vector = layers.Concatenate()([layers.Flatten()(tensor) for tensor in tensors])
    trunk = keras.Model(model.inputs[0], vector, name="trunk")
    rest = keras.Model(tensors, model.outputs[0])
    flat = keras.Input((sum(sizes),), name="activations")
    tail = keras.Model(flat, _inline(rest, _take_apart(flat, tensors, sizes)), name="tail")
    return trunk, tail


def join(trunk: keras.Model, tail: keras.Model) -> keras.Model:
    """Put a trunk and a tail together: a model that predicts as `tail(trunk(pictures))`.

    The tail may be the one that `split` gave or any other that takes the trunk's activations. The
    layers are shared, not copied. The model is flat, so that it can be saved, and split again
    behind another layer.

    Args:
        trunk: functional model, pictures to activations.
        tail: model, activations to output.

    Returns:
        Uncompiled model, pictures to the tail's output.

    Raises:
        UserError: one of them is not functional, or they do not fit together.
    """
    _check_model(trunk)
    _check_model(tail)
    given, expected = trunk.outputs[0].shape[1:], tail.inputs[0].shape[1:]
    if len(given) != len(expected) or any(
        None not in (a, b) and a != b for a, b in zip(given, expected, strict=True)
    ):
        raise UserError(
            f"the trunk gives activations {given} but the tail takes {expected}: join a tail with "
            "the trunk it was made for"
        )
    return keras.Model(trunk.inputs[0], _inline(tail, trunk.outputs[0]), name="joined")


def _inline(model: keras.Model, inputs: object) -> object:
    """The model's layers one by one behind symbolic inputs, instead of the model as one layer."""
    return model.call(inputs)


def _take_apart(vector: object, tensors: list, sizes: list[int]) -> list:
    """The tensors again from the flat vectors (n, sum of sizes) that the trunk gives.

    Cropping stands for slices because it is a layer: a model made of layers can be loaded safely.
    """
    total, start, parts = sum(sizes), 0, []
    column = layers.Reshape((total, 1))(vector)
    for tensor, size in zip(tensors, sizes, strict=True):
        part = layers.Cropping1D((start, total - start - size))(column)
        parts.append(layers.Reshape(tuple(tensor.shape[1:]))(part))
        start += size
    return parts


def _size(tensor: object) -> int:
    shape = tuple(tensor.shape[1:])
    if None in shape:
        raise UserError(
            f"the cut goes through a block with activations of shape {shape}: give keras.Input the "
            "height and width of the pictures, or cut at the end of a block"
        )
    return math.prod(shape)


def _check_model(model: object) -> None:
    if not isinstance(model, keras.Model):
        raise UserError(f"model is a {type(model).__name__}: pass a Keras model")
    # Sequential models before their first picture, and subclassed ones, have no graph.
    inputs, outputs = (getattr(model, name, None) or [] for name in ("inputs", "outputs"))
    if len(inputs) != 1 or len(outputs) != 1:
        raise UserError(
            f"model '{model.name}' has no graph from one input to one output: build it with "
            "keras.Model(inputs, outputs), or begin a Sequential one with keras.Input"
        )
