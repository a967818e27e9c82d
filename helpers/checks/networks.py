"""Looking into a student's network."""

from collections.abc import Iterator
from typing import Any

from helpers.checks.core import Wrong


def all_layers(model: Any) -> Iterator[Any]:
    """Layers of a model, in order, those of models inside it included."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from all_layers(layer)
        else:
            yield layer


def check_parameters(model: Any, most: int) -> None:
    """Refuse a network with more parameters than allowed, and name the layer that has most."""
    total = model.count_params()
    if total <= most:
        return
    largest = max(all_layers(model), key=lambda layer: layer.count_params())
    cause = f"{largest.count_params():,} of them are in the layer `{largest.name}`"
    if type(largest).__name__ == "Dense":
        cause += ", whose input is long"
    raise Wrong(
        "range",
        f"{total:,} parameters, at most {most:,} are allowed.",
        cause + ".",
        "pool once more before `Flatten`, take `GlobalAveragePooling2D` instead, or fewer filters.",
    )
