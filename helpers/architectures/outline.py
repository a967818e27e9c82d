"""What a diagram shows of a model: its layers, in rows from input to output, and their links."""

from dataclasses import dataclass, replace
from typing import Any

import keras

from helpers.errors import UserError
from helpers.transfer.graph import nodes_of


@dataclass(frozen=True)
class Step:
    """One call of a layer.

    Attributes:
        kind: class of the layer, as in "Conv2D".
        label: kind and what matters of its settings, as in "Conv2D 32, 3 × 3, relu".
        shape: of one output, without the batch; an entry may be None.
        parameters: number of weights, trained or not.
        row: longest way from the input, which has row 0.
        inputs: positions, in the outline, of the steps it takes its input from.
    """

    kind: str
    label: str
    shape: tuple[int | None, ...]
    parameters: int
    row: int
    inputs: tuple[int, ...]


def outline(model: keras.Model) -> tuple[Step, ...]:
    """The steps of a model, each after those it depends on.

    Args:
        model: built `Sequential` or functional model; a model inside it is one step.

    Raises:
        UserError: it is no Keras model, it is not built, or it has no graph (a subclass of Model).
    """
    if not isinstance(model, keras.Model):
        raise UserError(f"{type(model).__name__} is no Keras model: pass the model itself")
    if not getattr(model, "built", False) or not getattr(model, "outputs", None):
        raise UserError(
            f"model '{model.name}' has no graph to draw: begin a Sequential model with "
            "keras.Input(shape), or make a functional one"
        )
    steps: list[Step] = []
    position: dict[int, int] = {}
    for node in nodes_of(model):
        layer = node.operation
        inputs = tuple(dict.fromkeys(position[id(parent)] for parent in node.parent_nodes))
        steps.append(
            Step(
                kind=type(layer).__name__,
                label=_label(layer),
                shape=tuple(node.output_tensors[0].shape[1:]),
                parameters=layer.count_params() if isinstance(layer, keras.Layer) else 0,
                row=1 + max((steps[index].row for index in inputs), default=-1),
                inputs=inputs,
            )
        )
        position[id(node)] = len(steps) - 1
    return tuple(steps)


def shorten(steps: tuple[Step, ...], most: int = 24) -> tuple[Step, ...]:
    """An outline of at most `most` rows: one step stands for what is left out in the middle.

    Args:
        steps: as `outline` gives them.
        most: number of rows to keep, 3 or more.
    """
    rows = 1 + max(step.row for step in steps)
    if rows <= most:
        return steps
    first = most // 2
    last = rows - (most - 1 - first)
    # The rows from first to last - 1 go; what links to them links to the step in their place.
    head = [index for index, step in enumerate(steps) if step.row < first]
    gone = [index for index, step in enumerate(steps) if first <= step.row < last]
    tail = [index for index, step in enumerate(steps) if step.row >= last]
    place = {old: new for new, old in enumerate(head)} | dict.fromkeys(gone, len(head))
    place |= {old: len(head) + 1 + new for new, old in enumerate(tail)}
    into_gap = (place[link] for index in gone for link in steps[index].inputs if link in head)
    gap = Step(
        kind="…",
        label=f"… {len(gone)} more layers",
        shape=steps[gone[-1]].shape,
        parameters=sum(steps[index].parameters for index in gone),
        row=first,
        inputs=tuple(dict.fromkeys(into_gap)),
    )
    below = [
        replace(
            steps[index],
            row=steps[index].row - (last - first) + 1,
            inputs=tuple(dict.fromkeys(place[link] for link in steps[index].inputs)),
        )
        for index in tail
    ]
    return (*(steps[index] for index in head), gap, *below)


def _label(layer: Any) -> str:
    """Kind and settings of a layer on one line."""
    kind = type(layer).__name__
    if kind == "InputLayer":
        return "Input"
    settings = []
    for name in ("filters", "units", "rate"):
        if isinstance(value := getattr(layer, name, None), int | float):
            settings.append(f"{value:g}")
    for name in ("kernel_size", "pool_size"):
        if window := getattr(layer, name, None):
            settings.append(" × ".join(map(str, window)))
    if getattr(layer, "kernel_size", None) and max(layer.strides) > 1:
        settings.append(f"stride {max(layer.strides)}")
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if activation != "linear":
        settings.append(activation)
    return f"{kind} {', '.join(settings)}".strip()
