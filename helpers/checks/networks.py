"""Looking into a student's classifier: what each layer is given, and what comes out."""

from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from helpers.checks.core import Wrong, likely, require_model

_LARGEST_PIXEL = 5.0  # what may reach the first layer that learns: 1 is usual, 3 standardized
_SMALLEST_SPREAD = 0.01  # below, the pixels were divided by 255 twice
_FEWEST_FEATURES = 8
_NO_PROBABILITIES = {
    "relu": "`relu` cuts negative values to 0; classes at 0 get no gradient.",
    "sigmoid": "`sigmoid` decides each class for itself, so they need not sum to 1.",
    "linear": "without activation the outputs are scores (logits) of any size.",
}


class Step(NamedTuple):
    """One layer's work on a batch of images."""

    layer: Any
    given: np.ndarray  # its input
    made: np.ndarray  # its output


def require_classifier(
    model: Any,
    image: tuple[int, int, int] = (32, 32, 3),
    classes: int = 10,
    *,
    most: int | None = None,
    convolution: bool = True,
) -> list[Step]:
    """Return what each layer did with four random images, pixels from 0 to 255, in order.

    Args:
        model: the student's; it is not changed.
        image: (height, width, channels) of an image.
        classes: number of probabilities.
        most: parameters that are allowed, trained or not; by default any number.
        convolution: whether one is needed that looks at more than a pixel.

    Raises:
        Wrong: it is no image classifier, or one that can't learn.
    """
    require_model(model)
    require_shapes(model, image, classes)
    random = np.random.default_rng(1001)
    steps = trace(model, random.integers(0, 256, (4, *image), dtype=np.uint8))
    if convolution:
        _require_convolution(steps)
    _require_few_parameters(steps, model.count_params(), most)
    require_probabilities(steps)
    _require_scaled_pixels(_require_learning(steps, min(_FEWEST_FEATURES, classes)), steps)
    return steps


def trace(model: Any, images: np.ndarray) -> list[Step]:
    """Run a model on images, as in prediction, and note what every layer is given and makes."""
    import keras

    steps: list[Step] = []
    apply = keras.Layer.__call__

    def watched(layer, inputs, *args, **kwargs):
        made = apply(layer, inputs, *args, **kwargs)
        is_model = hasattr(layer, "layers")
        if not is_model and hasattr(inputs, "shape") and hasattr(made, "shape"):
            steps.append(Step(layer, *map(keras.ops.convert_to_numpy, (inputs, made))))
        return made

    with mock.patch.object(keras.Layer, "__call__", watched):
        model(keras.ops.convert_to_tensor(images), training=False)
    return steps


def require_shapes(model: Any, image: tuple[int, int, int], classes: int) -> None:
    """Raises Wrong unless it takes images (or features) of this shape and gives so many numbers."""
    inside, outside = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    if inside != image:
        height, width, channels = image
        causes = {
            (channels, height, width): "channels come last in Keras.",
            (height, width): "the axis of the channels is missing.",
            (height * width * channels,): "images were flattened; rows and columns are lost.",
        }
        text = f"the model takes {inside}, expected {image}."
        raise Wrong("shape", text, causes.get(inside, ""))
    if outside != (classes,):
        cause = "one output can tell two classes apart; here are more." if outside == (1,) else ""
        if len(outside) == 3:
            cause = "still an image: `Flatten` or `GlobalAveragePooling2D` is missing."
        text = f"the model gives {outside} per image, expected ({classes},)."
        raise Wrong("shape", text, cause, "the last layer needs one unit per class.")


def _require_convolution(steps: list[Step]) -> None:
    kernels = [step.layer.kernel_size for step in steps if hasattr(step.layer, "kernel_size")]
    if not kernels:
        cause = "dense layers alone see numbers without their places in the image."
        nudge = "begin with one or two `Conv2D` layers, each with pooling behind it."
        raise Wrong("type", "the network has no `Conv2D` layer.", cause, nudge)
    if all(max(size) == 1 for size in kernels):
        cause = "a kernel of 1 × 1 sees one pixel and none of its neighbors: no edge, no texture."
        raise Wrong("value", "no convolution looks at more than one pixel.", cause, "use 3 × 3.")


def _require_few_parameters(steps: list[Step], total: int, most: int | None) -> None:
    if most is not None and total > most:
        largest = max((step.layer for step in steps), key=lambda layer: layer.count_params())
        cause = f"{largest.count_params():,} of them are in the layer `{largest.name}`"
        cause += ", whose input is long." if _kind(largest) == "Dense" else "."
        text = f"{total:,} parameters, at most {most:,} are allowed."
        nudge = "pool once more before `Flatten`, take `GlobalAveragePooling2D`, or fewer filters."
        raise Wrong("range", text, cause, nudge)


def _require_learning(steps: list[Step], fewest: int) -> Step:
    """The first layer that learns, where none is frozen and enough numbers reach the last one."""
    # Of a `Normalization` the numbers are measured, not trained.
    learning = [s for s in steps if s.layer.count_params() and _kind(s.layer) != "Normalization"]
    if (features := learning[-1].given[0].size) < fewest:
        text = f"the last layer decides from {features} numbers."
        cause = "the layers before it have too few filters or units."
        raise Wrong("value", text, cause, "give the convolutions 16 filters or more.")
    for step in learning:
        if not step.layer.trainable_weights:
            text = f"the layer `{step.layer.name}` is frozen: its weights stay random for ever."
            cause = "`trainable = False` was set, for the layer or for the model around it."
            raise Wrong("value", text, cause, "only pretrained layers are worth freezing.")
    return learning[0]


def _require_scaled_pixels(first: Step, steps: list[Step]) -> None:
    largest, spread = np.abs(first.given).max(), first.given.std()
    useful = spread > _SMALLEST_SPREAD and largest < _LARGEST_PIXEL
    if useful or _kind(first.layer) == "BatchNormalization":  # which brings any range to 1
        return
    normalized = any(_kind(step.layer) == "Normalization" for step in steps)
    causes = {
        "the pixels were divided twice.": largest < 1,
        "a `Normalization` layer does nothing until `adapt` has seen the images.": normalized,
        "pixels from 0 to 255 go in, or divided by too small a number.": True,
    }
    text = f"`{first.layer.name}`, the first layer that learns, is given numbers to {largest:.3g}."
    raise Wrong("range", text, likely(causes), "put `layers.Rescaling(1 / 255)` in front of it.")


def require_probabilities(steps: list[Step]) -> None:
    """Raises Wrong unless the last step makes probabilities, by the only softmax there is."""
    made_by = [getattr(step.layer, "activation", type(step.layer)) for step in steps]
    names = [getattr(activation, "__name__", "").lower() for activation in made_by]
    outputs = steps[-1].made
    sums = outputs.sum(axis=-1)
    if not (outputs.min() >= 0 and np.allclose(sums, 1, atol=1e-3)):
        text = f"the outputs are no probabilities: for a random image they sum to {sums[0]:.3g}."
        nudge = "which activation turns scores into positive numbers that sum to 1?"
        raise Wrong("value", text, _NO_PROBABILITIES.get(names[-1], ""), nudge)
    if "softmax" in names[:-1]:
        text = "there are two softmax layers, one behind the other."
        cause = "the second takes probabilities for scores: all classes come out nearly equal."
        nudge = "keep the last one, and let the layer before it give scores, without activation."
        raise Wrong("value", text, cause, nudge)


def require_accuracy(model: Any, images: np.ndarray, labels: np.ndarray, bar: float) -> float:
    """The accuracy of a trained classifier, which must reach a bar.

    Args:
        model: the student's, images to (n, classes).
        images: (n, height, width, channels) pixels 0..255.
        labels: (n,) class numbers.
        bar: fraction from 0 to 1.

    Raises:
        Wrong: it is no model, or stays below; the cause is told where it is near guessing.
    """
    require_model(model)
    scores = np.asarray(model.predict(images, verbose=0))
    predicted = scores.argmax(axis=-1)
    accuracy = float((predicted == labels).mean())
    if accuracy < bar:
        guessed = accuracy < 1.5 / scores.shape[-1]
        one = np.bincount(predicted).max() > 0.9 * len(predicted)
        causes = {
            "it gives one class to nearly all images: not trained, or at too high a rate.": one,
            "that is near guessing: was `fit` called on this model, with its own labels?": guessed,
        }
        text = f"{accuracy:.1%} of the validation images are right; the bar is {bar:.0%}."
        nudge = "train longer, try another learning rate, or change the layers."
        raise Wrong("value", text, likely(causes), nudge)
    return accuracy


def _kind(layer: Any) -> str:
    return type(layer).__name__
