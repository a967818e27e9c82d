"""Which tensors cross a cut through a model's graph.

Keras keeps the graph as nodes: one for each call of a layer, with the tensors that went in and came
out. Models that share layers have nodes of their own, so a layer's `output` may belong to another
model. Here the graph is walked back from the model's own outputs instead.
"""

import difflib

import keras

from helpers.errors import UserError

# One tensor of the graph: the operation that gave it, which of its calls, which of its outputs.
Place = tuple[int, int, int]


def crossing(model: keras.Model, layer: keras.layers.Layer) -> list:
    """Tensors that layers behind the cut take from layers in front of it.

    In front of the cut are the layer and everything it depends on.

    Args:
        model: functional model.
        layer: one of its layers, used once.

    Returns:
        Symbolic tensors, each once, in the order in which they are needed.

    Raises:
        UserError: the layer is used more than once.
    """
    nodes = nodes_of(model)
    own = [node for node in nodes if node.operation is layer]
    if len(own) != 1:
        raise UserError(
            f"layer '{layer.name}' is used {len(own)} times in this model: cut behind a layer "
            "that is used once"
        )
    front = {id(node) for node in _upwards(own[0].output_tensors)}
    needed = [
        tensor for node in nodes if id(node) not in front for tensor in node.input_tensors
    ] + list(model.outputs)
    found: dict[Place, object] = {}
    for tensor in needed:
        if id(_node(tensor)) in front:
            found.setdefault(_place(tensor), tensor)
    return list(found.values())


def find_layer(model: keras.Model, layer: keras.layers.Layer | str) -> keras.layers.Layer:
    """A layer of the model itself, by name or as an object.

    Raises:
        UserError: there is none, or it lies within a model that is called as a layer.
    """
    named = {found.name: found for found in model.layers}
    if isinstance(layer, str):
        if layer in named:
            return named[layer]
    elif any(found is layer for found in model.layers):
        return layer
    name = layer if isinstance(layer, str) else getattr(layer, "name", repr(layer))
    for outer in model.layers:
        if isinstance(outer, keras.Model) and _within(outer, layer):
            raise UserError(
                f"layer '{name}' lies within '{outer.name}', a model that is called as a layer: "
                "build the application with input_tensor=… and go on from its .output, then all "
                "layers are the model's own"
            )
    similar = difflib.get_close_matches(name, named, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(similar)}" if similar else "see model.summary()"
    raise UserError(f"the model has no layer '{name}': {hint}")


def _within(model: keras.Model, layer: keras.layers.Layer | str) -> bool:
    inner = model._flatten_layers(include_self=False)
    return any(found is layer or found.name == layer for found in inner)


def nodes_of(model: keras.Model) -> list:
    """The model's nodes, each after those it depends on."""
    return _upwards(model.outputs)


def _upwards(tensors: list) -> list:
    """The nodes that tensors depend on, each after those it depends on itself."""
    ordered, seen = [], set()
    # Networks are deeper than Python lets functions call themselves, hence a stack.
    stack = [(_node(tensor), False) for tensor in reversed(tensors)]
    while stack:
        node, inputs_done = stack.pop()
        if inputs_done:
            ordered.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack += [(_node(tensor), False) for tensor in reversed(node.input_tensors)]
    return ordered


def _node(tensor: object):
    operation, node_index, _ = tensor._keras_history
    return operation._inbound_nodes[node_index]


def _place(tensor: object) -> Place:
    operation, node_index, tensor_index = tensor._keras_history
    return id(operation), node_index, tensor_index
