"""Check of lesson 03's exercise to build a network with augmentation in front."""

from typing import Any

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.networks import all_layers

_MOST_DEGREES, _MOST_SHIFT = 10, 0.1


@check("augmentation.augmented_model")
def check_augmented_model(model: Any) -> str:
    """Check a network with flip, a gentle rotation and translation in front of its first layer.

    Takes (n, 32, 32, 3) pixels 0..255; gives (n, 10).
    """
    import keras

    if not isinstance(model, keras.Model):
        cause = "call the function that builds the model." if callable(model) else ""
        if isinstance(model, list | tuple):
            cause = "a list of layers is no network yet: hand it to `keras.Sequential`."
        raise Wrong("type", f"expected a Keras model, got {describe(model)}.", cause)
    for name, expected in (("input", (32, 32, 3)), ("output", (10,))):
        try:
            shape = tuple(getattr(model, f"{name}_shape")[1:])
        except (AttributeError, ValueError, TypeError):
            cause = "it does not know its input: begin with `keras.Input((32, 32, 3))`."
            raise Wrong("shape", f"the model has no {name} shape yet.", cause) from None
        if shape != expected:
            raise Wrong("shape", f"the model's {name} is {shape}, expected {expected}.")
    layers = list(all_layers(model))
    _check_order(layers)
    for name, examine in _EXAMINE.items():
        found = [layer for layer in layers if type(layer).__name__ == name]
        if not found:
            raise Wrong("value", f"there is no `{name}` layer.", nudge="three kinds are asked for.")
        for layer in found:
            examine(layer)
    return "flip, at most 10 degrees, at most 10 %, in front of the first convolution."


def _check_order(layers: list[Any]) -> None:
    """Augmentation first, then what learns."""
    learned = None
    for layer in layers:
        name = type(layer).__name__
        if layer.count_params():
            learned = learned or name
        elif name.startswith("Random") and learned:
            raise Wrong(
                "value",
                f"`{name}` stands behind a `{learned}` layer.",
                "there it changes feature maps, not pictures (section 5).",
                "put all augmentation layers right behind `keras.Input`.",
            )


def _check_flip(layer: Any) -> None:
    if layer.mode != "horizontal":
        raise Wrong(
            "value",
            f"`RandomFlip` has the mode `{layer.mode}`: pictures get turned upside down.",
            "the default mode is 'horizontal_and_vertical'.",
            "`RandomFlip('horizontal')` mirrors left and right only.",
        )


def _check_rotation(layer: Any) -> None:
    degrees = 360 * max(map(abs, layer.factor))
    if degrees > _MOST_DEGREES + 1e-6:
        causes = {
            36: "0.1 is a tenth of a full turn, not 10 degrees.",
            20: "that is 20 degrees each way.",
        }
        cause = causes.get(round(degrees), "the factor is a share of a full turn.")
        text = f"`RandomRotation` turns by up to {degrees:g} degrees, at most 10 are allowed."
        raise Wrong("range", text, cause, "divide the degrees by 360.")
    if degrees == 0:
        raise Wrong("range", "`RandomRotation` never turns anything: its factor is 0.")


def _check_translation(layer: Any) -> None:
    limits = (layer.height_lower, layer.height_upper, layer.width_lower, layer.width_upper)
    most = max(map(abs, limits))
    if most > _MOST_SHIFT + 1e-6:
        text = f"`RandomTranslation` moves by up to {most:.0%}, at most 10 % are allowed."
        raise Wrong("range", text, nudge="both factors are shares: 0.1 is 10 %.")
    if most == 0:
        raise Wrong("range", "`RandomTranslation` never moves anything: its factors are 0.")


_EXAMINE = {
    "RandomFlip": _check_flip,
    "RandomRotation": _check_rotation,
    "RandomTranslation": _check_translation,
}
