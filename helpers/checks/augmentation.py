"""Checks of lesson 03: what factors mean, which labels stay true, a network, a random flip."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk, walk_numbers
from helpers.checks.core import Wrong, as_array, call, check, describe, likely
from helpers.checks.networks import Step, require_classifier

_RANGES = {
    "rotation_degrees": (
        18,
        {
            36: "that is the whole span; the turn goes by at most half of it each way.",
            9: "that is half of it: the factor holds for each of the two directions.",
            0.05: "that is the factor; asked for is the angle.",
        },
        "a full turn has 360 degrees.",
    ),
    "translation_pixels": (
        8,
        {
            16: "that is the whole span; an image moves by at most half of it each way.",
            4: "that is half of it: the factor holds for each of the two directions.",
            0.25: "that is the factor; asked for are pixels.",
        },
        "the factor is a fraction of 32 pixels.",
    ),
    "contrast_factor": (
        1.4,
        {
            0.4: "that is the change; the contrast is multiplied by 1 and this much more.",
        },
        "the factor is drawn between 1 − 0.4 and a number above 1.",
    ),
}
# What stays true, then why, for those who said the other thing.
_LABELS = {
    "digit, mirrored": (False, "look at the mirrored 2 and 3: they are digits no more."),
    "digit, moved by 1 pixel": (True, "a digit means the same one pixel further to the left."),
    "digit, half a turn": (False, "a 6 becomes a 9, so the label would be wrong."),
    "car, mirrored": (True, "a car seen from the left or from the right is a car."),
    "traffic sign, mirrored": (False, "'turn left' becomes 'turn right'."),
    "cell under a microscope, quarter turn": (True, "under a microscope nothing is up or down."),
}
_BATCH = 4000  # images: a fraction of 1/2 then strays by 0.8 points, one standard deviation
_STRAY = 0.035  # a bit more than four of them


@check("augmentation.augmentation_ranges")
def augmentation_ranges(answers: Mapping[str, Any]) -> str:
    """Check the largest change that three of Keras' layers make on 32 x 32 images.

    They are `RandomRotation(0.05)`, `RandomTranslation(0.25, 0.25)` and `RandomContrast(0.4)`.
    """
    walk_numbers(answers, _RANGES)
    return "18 degrees, 8 pixels, 1.4 times the contrast."


@check("augmentation.label_preserving")
def label_preserving(answers: Mapping[str, Any]) -> str:
    """Check for which data and changes a label stays true: truth values by data and change."""

    def examine(key: str, answer: Any) -> None:
        if not isinstance(answer, bool | np.bool_):
            raise Wrong("type", f"`{key}`: expected `True` or `False`, got {describe(answer)}.")
        right, reason = _LABELS[key]
        if answer != right:
            raise Wrong("value", f"`{key}`: not {answer}.", reason, "imagine the changed image.")

    walk(answers, _LABELS, examine)
    return "six of six: no label would become wrong."


@check("augmentation.augmented_model")
def augmented_model(model: Any) -> str:
    """Check a network with flip, a gentle rotation and translation in front of its first layer.

    Takes (n, 32, 32, 3) pixels 0..255; gives (n, 10) probabilities.
    """
    steps = require_classifier(model)
    _check_order(steps)
    if any(flip.mode != "horizontal" for flip in _of_kind(steps, "RandomFlip")):
        text = "`RandomFlip` turns images upside down, as its default mode does."
        raise Wrong("value", text, nudge="`RandomFlip('horizontal')` mirrors left and right only.")
    turns, moves = _of_kind(steps, "RandomRotation"), _of_kind(steps, "RandomTranslation")
    degrees = sum(360 * max(map(abs, layer.factor)) for layer in turns)
    if not 0 < degrees < 10 + 1e-6:
        text = f"images are turned by up to {degrees:g} degrees, not by more than 0 and up to 10."
        cause = "the factor is a fraction of a full turn: 0.1 is a tenth of it, not 10 degrees."
        if len(turns) > 1:
            cause = f"{len(turns)} `RandomRotation` layers in a row: their angles add up."
        raise Wrong("range", text, cause, "divide the degrees by 360.")
    sides = ("height_lower", "height_upper", "width_lower", "width_upper")
    shift = sum(max(abs(getattr(layer, side)) for side in sides) for layer in moves)
    if not 0 < shift < 0.1 + 1e-6:
        text = f"images are moved by up to {shift:.0%}, not by more than 0 and up to 10 %."
        raise Wrong("range", text, nudge="both factors are fractions: 0.1 is 10 %.")
    for step in steps:  # a layer that changes brightness must know which value means white
        white, largest = max(getattr(step.layer, "value_range", None) or (0,)), step.given.max()
        if white and not 0.5 * white < largest < 1.5 * white:
            text = f"`{step.layer.name}` takes {white:g} for white, but gets up to {largest:.3g}."
            cause = "the default of `value_range` is (0, 255)." if white == 255 else ""
            nudge = "put it in front of `Rescaling`, or set `value_range` (section 2)."
            raise Wrong("value", text, cause, nudge)
    return "flip, at most 10 degrees, at most 10 %, in front of the first convolution."


def _of_kind(steps: list[Step], name: str) -> list[Any]:
    found = [step.layer for step in steps if type(step.layer).__name__ == name]
    if not found:
        raise Wrong("value", f"there is no `{name}` layer.", nudge="three kinds are asked for.")
    return found


def _check_order(steps: list[Step]) -> None:
    """Augmentation first, then what learns."""
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


def _mirrored(function: Any, images: np.ndarray, seed: int) -> np.ndarray:
    """Which images a student's function mirrors left to right, (n,) booleans."""
    what = f"images of shape {images.shape}"
    nudge = "return all images, the mirrored and the others, and leave the axes in their order."
    result = call(function, images, np.random.default_rng(seed))
    result = as_array(result, what, shape=images.shape, nudge=nudge)
    if result.dtype != images.dtype:
        text = f"the pixels have dtype `{result.dtype}`, they came as `{images.dtype}`."
        raise Wrong("type", text, nudge="a flip only moves pixels: begin with `images.copy()`.")

    def alike(wrong: np.ndarray) -> np.ndarray:
        return (result == wrong).all(axis=(1, 2, 3))

    mirrored = alike(images[:, :, ::-1])
    odd = ~(mirrored | alike(images))
    if not odd.any():
        return mirrored
    causes = {
        "upside down, not left to right: axis 1 is the height, axis 2 the width.": (
            alike(images[:, ::-1])[odd].mean() > 0.5
        ),
        "the colors are in reverse order: axis 3 holds red, green and blue.": (
            alike(images[..., ::-1])[odd].mean() > 0.5
        ),
    }
    text = f"{odd.sum():,} of {len(images):,} images are neither as they were nor mirrored."
    nudge = "`images[:, :, ::-1]` mirrors all of them left to right."
    raise Wrong("value", text, likely(causes), nudge)


def _check_chance(mirrored: np.ndarray) -> None:
    """About half are mirrored, and no image's chance tells another's; (runs, n) booleans."""
    half = mirrored.mean(axis=1)
    alike = [(mirrored[:, gap:] == mirrored[:, :-gap]).mean() for gap in (1, 2, 3, 4)]
    stray = (abs(half - 0.5) > _STRAY).any()
    causes = {
        "all are mirrored, or none: one draw decides for the batch.": np.isin(half, (0, 1)).all(),
        f"{half[0]:.0%} of them are mirrored: the probability is not 1/2.": stray,
        "images are mirrored by turns or in blocks, such as every second one.": (
            (abs(np.array(alike) - 0.5) > _STRAY).any()
        ),
        "each time exactly as many images are chosen.": len(set(half)) == 1,
    }
    if not (cause := likely(causes)):
        return
    nudge = "draw as many numbers as there are images: `rng.random(len(images)) < 0.5`."
    raise Wrong("value", "the images do not have a chance of 1/2, each of its own.", cause, nudge)
