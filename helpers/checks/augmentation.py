"""Checks of lesson 03: factors, an order, a random flip, mixup, a network for moved images."""

import dis
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk_numbers
from helpers.checks.core import Todo, Wrong, as_array, call, check, compare, likely
from helpers.checks.networks import Step, require_accuracy, require_classifier
from helpers.checks.ordering import require_order

_SPAN = "that is the whole span; it goes by at most half of it each way."
_HALF = "that is half of it: the factor holds for each of the two directions."
_ANGLE = {36: _SPAN, 9: _HALF, 0.05: "that is the factor; asked for is the angle."}
_PIXELS = {16: _SPAN, 4: _HALF, 0.25: "that is the factor; asked for are pixels."}
_CONTRAST = {0.4: "that is the change; the contrast is multiplied by 1 and this much more."}
_RANGES = {
    "rotation_degrees": (18, _ANGLE, "a full turn has 360 degrees."),
    "translation_pixels": (8, _PIXELS, "the factor is a fraction of 32 pixels."),
    "contrast_factor": (1.4, _CONTRAST, "it is drawn between 1 − 0.4 and a number above 1."),
}
_BEFORE = {
    ("F", "G"): "line G needs what line F makes.",
    ("G", "B"): "`fit` cuts the images into two parts: shuffle them before.",
    ("D", "A"): "the model is built with the `changes` of line D.",
    ("A", "E"): "there is no model yet to compile.",
    ("E", "B"): "a model that is not compiled can't be trained.",
}
_COPIES = "mirrored copies made before the split: an image and its copy land on both sides."
_BATCH = 4000  # images: a fraction of 1/2 then strays by 0.8 points, one standard deviation
_STRAY = 0.035  # a bit more than four of them
_BAR = 0.7  # of the moved images


@check("augmentation.augmentation_ranges")
def augmentation_ranges(answers: Mapping[str, Any]) -> str:
    """Check the largest change that three of Keras' layers make on 32 x 32 images.

    They are `RandomRotation(0.05)`, `RandomTranslation(0.25, 0.25)` and `RandomContrast(0.4)`.
    """
    walk_numbers(answers, _RANGES)
    return "18 degrees, 8 pixels, 1.4 times the contrast."


@check("augmentation.training_order")
def training_order(order: Any) -> str:
    """Check an order of lines in which validation images stay as they are."""
    require_order(order, "ABDEFG", _BEFORE, {"C": _COPIES})
    return "the layers change what is trained on, and nothing else."


@check("augmentation.augmented_model")
def augmented_model(model: Any, images: np.ndarray, labels: np.ndarray) -> str:
    """Check a trained network for clothes that lie up to 4 pixels away from the middle.

    Args:
        model: (n, 28, 28, 1) pixels 0..255 to (n, 10) probabilities; it may turn images by at
            most 10 degrees in training.
        images, labels: of moved validation images.
    """
    steps = require_classifier(model, (28, 28, 1))
    _require_first(steps)
    if any(flip.mode != "horizontal" for flip in _of_kind(steps, "RandomFlip")):
        text = "`RandomFlip` turns images upside down, as its default mode does."
        raise Wrong("value", text, nudge="`RandomFlip('horizontal')` mirrors left and right only.")
    turns, moves = _of_kind(steps, "RandomRotation"), _of_kind(steps, "RandomTranslation")
    degrees = sum(360 * max(map(abs, layer.factor)) for layer in turns)
    if degrees > 10 + 1e-6:
        text = f"images are turned by up to {degrees:g} degrees, at most 10 are allowed."
        cause = "the factor is a fraction of a full turn: 0.1 is a tenth of it, not 10 degrees."
        if len(turns) > 1:
            cause = f"{len(turns)} `RandomRotation` layers in a row: their angles add up."
        raise Wrong("range", text, cause, "divide the degrees by 360.")
    for step in steps:  # a layer that changes brightness must know which value means white
        white, largest = max(getattr(step.layer, "value_range", None) or (0,)), step.given.max()
        if white and not 0.5 * white < largest < 1.5 * white:
            text = f"`{step.layer.name}` takes {white:g} for white, but gets up to {largest:.3g}."
            cause = "the default of `value_range` is (0, 255)." if white == 255 else ""
            nudge = "put it in front of `Rescaling`, or set `value_range` (section 2)."
            raise Wrong("value", text, cause, nudge)
    try:
        accuracy = require_accuracy(model, images, labels, _BAR)
    except Wrong as wrong:
        sides = ("height_lower", "height_upper", "width_lower", "width_upper")
        shift = sum(max(abs(getattr(layer, side)) for side in sides) for layer in moves)
        unlike = not 0.11 < shift < 0.25
        causes = {
            "in training the clothes always lay in the middle: no layer moved them.": not moves,
            f"in training they moved by up to {shift:.0%}, the camera moves them by 14 %.": unlike,
        }
        wrong.cause = wrong.cause or likely(causes)
        raise
    return f"{accuracy:.1%} of the moved images are right; asked for were {_BAR:.0%}."


def _of_kind(steps: list[Step], name: str) -> list[Any]:
    return [step.layer for step in steps if type(step.layer).__name__ == name]


def _require_first(steps: list[Step]) -> None:
    """Raises Wrong unless augmentation comes before all that learns."""
    names = [type(step.layer).__name__ for step in steps]
    first = next(i for i, step in enumerate(steps) if step.layer.trainable_weights)
    if late := [name for name in names[first:] if name.startswith("Random")]:
        text = f"`{late[0]}` stands behind a `{names[first]}` layer."
        cause = "there it changes feature maps, not images (section 5)."
        nudge = "put all augmentation layers right behind `keras.Input`."
        raise Wrong("value", text, cause, nudge)


@check("augmentation.random_flip")
def random_flip(function: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> str:
    """Check a function (images (n, h, w, 3) uint8, rng) that mirrors each with probability 1/2."""
    _require_filled(function)
    images = np.random.default_rng(1001).integers(0, 256, (_BATCH, 2, 5, 3), dtype=np.uint8)
    mirrored = np.stack([_mirrored(function, images, seed) for seed in (1, 2, 3, 1)])
    if not np.array_equal(mirrored[0], mirrored[3]):
        cause = "the chance does not come from `rng`, but from another generator."
        raise Wrong("value", "the same seed gives other images.", cause, "use `rng.random(…)`.")
    if np.array_equal(mirrored[0], mirrored[1]) and np.array_equal(mirrored[0], mirrored[2]):
        cause = "a seed or a generator is made inside the function, or there is no chance at all."
        raise Wrong("value", "another seed gives the same images.", cause, "use `rng` itself.")
    _check_chance(mirrored[:3])
    return f"{mirrored[0].mean():.0%} mirrored, each by a chance of its own, from `rng`."


def _require_filled(function: Any) -> None:
    """Raises Todo while a line such as `chosen = ...` is left."""
    code = dis.get_instructions(getattr(function, "__code__", "0"))
    for one, two in itertools.pairwise(code):
        if one.argval is ... and two.opname.startswith("STORE_FAST"):
            raise Todo(f"still open: `{two.argval} = ...`.")


def _mirrored(function: Any, images: np.ndarray, seed: int) -> np.ndarray:
    """Which images a student's function mirrors left to right, (n,) booleans."""
    what = f"images of shape {images.shape}"
    nudge = "return all images, the mirrored and the others, and leave the axes in their order."
    result = call(function, images, np.random.default_rng(seed))
    result = as_array(result, what, shape=images.shape, nudge=nudge)
    if result.dtype != images.dtype:
        text = f"the pixels have dtype `{result.dtype}`, they came as `{images.dtype}`."
        raise Wrong("type", text, nudge="a flip only moves pixels: begin with `images.copy()`.")

    # Which images are as they came, and which are reversed along an axis.
    views = [images, images[:, ::-1], images[:, :, ::-1], images[..., ::-1]]
    same, upside_down, mirrored, colors = ((result == v).all(axis=(1, 2, 3)) for v in views)
    odd = ~(mirrored | same)
    if not odd.any():
        return mirrored
    causes = {
        "axis 1 is the height, axis 2 the width: these are upside down.": upside_down[odd].any(),
        "the colors are reversed: axis 3 holds red, green and blue.": colors[odd].any(),
    }
    text = f"{odd.sum():,} of {len(images):,} images are neither as they were nor mirrored."
    nudge = "`images[:, :, ::-1]` mirrors all of them left to right."
    raise Wrong("value", text, likely(causes), nudge)


def _check_chance(mirrored: np.ndarray) -> None:
    """About half are mirrored, and no image's chance tells another's; (runs, n) booleans."""
    half = mirrored.mean(axis=1)
    alike = np.array([(mirrored[:, gap:] == mirrored[:, :-gap]).mean() for gap in (1, 2, 3, 4)])
    stray, by_turns = ((abs(fractions - 0.5) > _STRAY).any() for fractions in (half, alike))
    causes = {
        "all are mirrored, or none: one draw decides for the batch.": np.isin(half, (0, 1)).all(),
        f"{half[0]:.0%} of them are mirrored: the probability is not 1/2.": stray,
        "images are mirrored by turns or in blocks, such as every second one.": by_turns,
        "each time exactly as many images are chosen.": len(set(half)) == 1,
    }
    if not (cause := likely(causes)):
        return
    nudge = "draw as many numbers as there are images: `rng.random(len(images)) < 0.5`."
    raise Wrong("value", "the images do not have a chance of 1/2, each of its own.", cause, nudge)


@check("augmentation.mixup")
def mixup(function: Callable[..., tuple[np.ndarray, np.ndarray]]) -> str:
    """Check a function (images, one-hot labels, rng) that blends each with a partner."""
    n = 16  # image i is white in column i only, so that a blend shows what is in it
    images = np.zeros((n, 4, n, 3), "float32")
    images[np.arange(n), :, np.arange(n)] = 255
    for seed in (1, 2, 3):
        result = call(function, images, np.eye(n, dtype="float32"), np.random.default_rng(seed))
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise Wrong("type", "expected two arrays.", nudge="`return mixed, labels`")
        mixed = as_array(result[0], f"images of shape {images.shape}", shape=images.shape)
        _check_shares(mixed[:, 0, :, 0] / 255, as_array(result[1], "labels", shape=(n, n)))
    return "each label names what is in its image, with the same shares."


def _check_shares(shares: np.ndarray, labels: np.ndarray) -> None:
    """Shares of the images in each blend, and its label; (n, n) each."""
    own, said, unmixed = np.diag(shares), np.diag(labels), np.eye(len(shares))
    if np.allclose(shares, unmixed, atol=1e-3):
        raise Wrong("value", "no image is blended with another one.")
    two = (own < 0.99) & (said < 0.99)  # an image may be its own partner
    causes = {
        "the labels came back as they were.": unmixed,
        "they do not sum to 1.": not np.allclose(labels.sum(axis=1), 1, atol=1e-3),
        "the share is right, but the partner is another one.": np.allclose(own[two], said[two]),
        "the two shares are exchanged.": np.allclose(own[two], 1 - said[two], atol=1e-3),
    }
    names = [f"in the label of image {number}, a share" for number in range(len(labels))]
    nudge = "follow one image and its label by hand."
    compare(labels, shares, causes=causes, names=names, nudge=nudge, atol=1e-3)
