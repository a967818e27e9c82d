"""Check of lesson 03's exercise to mirror pictures at random."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.student import as_array, call


@check("augmentation.random_flip")
def check_random_flip(function: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> str:
    """Check a function (images (n, h, w, 3) uint8, rng) that mirrors each with probability 1/2."""
    if callable(function) and not isinstance(function, type):
        _check_signature(function)
    images = np.random.default_rng(1001).integers(0, 256, (200, 4, 6, 3), dtype=np.uint8)
    result = as_array(call(_with_generator(function, 1), images), "an array of images")
    if result.shape != images.shape:
        raise Wrong(
            "shape",
            f"images of shape {images.shape} came back with shape {result.shape}.",
            "only the chosen pictures are returned."
            if result.shape[1:] == images.shape[1:]
            else "the array was reshaped, or axes changed places.",
            "return all pictures, the mirrored and the others, in their old order.",
        )
    if result.dtype != images.dtype:
        raise Wrong(
            "type",
            f"the pixels have dtype `{result.dtype}`, they came as `{images.dtype}`.",
            nudge="a flip only moves pixels: begin with `images.copy()`.",
        )
    mirrored = _mirrored(images, result)
    _check_chance(mirrored)
    again = np.asarray(call(_with_generator(function, 1), images))
    other = np.asarray(call(_with_generator(function, 2), images))
    if not np.array_equal(result, again):
        cause = "the chance does not come from `rng`, but from another generator."
        raise Wrong("value", "the same seed gives other pictures.", cause, "use `rng.random(…)`.")
    if np.array_equal(result, other):
        cause = "a seed or a generator is made inside the function, so it never changes."
        raise Wrong("value", "another seed gives the same pictures.", cause, "use `rng` itself.")
    return f"{mirrored.sum()} of 200 pictures mirrored, each by a chance of its own, from `rng`."


def _check_signature(function: Callable) -> None:
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        raise Wrong(
            "type",
            "your function can't be called with two arguments.",
            "an argument is missing: it takes the images and the generator.",
            "begin with `def random_flip(images, rng):`.",
        ) from None
    except ValueError:
        pass  # a built-in function that does not tell


def _with_generator(function: Any, seed: int) -> Any:
    """The function of images alone, with a new generator; other objects as they are."""
    if not callable(function) or isinstance(function, type):
        return function

    class Bound:
        # So that the message about an error names the line in the student's code.
        __code__ = getattr(function, "__code__", None)

        def __call__(self, images: np.ndarray) -> Any:
            return function(images, np.random.default_rng(seed))

    return Bound()


def _mirrored(images: np.ndarray, result: np.ndarray) -> np.ndarray:
    """Which pictures were mirrored left to right, (n,) booleans; Wrong where one is neither."""
    within = (1, 2, 3)
    same = (result == images).all(axis=within)
    mirrored = (result == images[:, :, ::-1]).all(axis=within)
    if (same | mirrored).all():
        return mirrored
    usual = {
        "upside down instead of left to right: axis 1 is the height, axis 2 the width.": images[
            :, ::-1
        ],
        "the colors are in reverse order: axis 3 holds red, green and blue.": images[..., ::-1],
        "turned by half a turn: both height and width are reversed.": images[:, ::-1, ::-1],
    }
    odd = ~(same | mirrored)
    found = [
        cause
        for cause, wrong in usual.items()
        if (result[odd] == wrong[odd]).all(axis=within).mean() > 0.5
    ]
    moved = (result[odd][:, None] == images[None]).all(axis=(2, 3, 4)).any()
    raise Wrong(
        "value",
        f"{odd.sum()} of {len(images)} pictures are neither as they were nor mirrored.",
        found[0] if found else "pictures changed places in the batch." if moved else "",
        "`images[:, :, ::-1]` mirrors all of them left to right.",
    )


def _check_chance(mirrored: np.ndarray) -> None:
    share = mirrored.mean()
    if share in (0, 1):
        raise Wrong(
            "value",
            f"{'all' if share else 'none'} of {len(mirrored)} pictures are mirrored.",
            "one draw decides for the whole batch, or there is no chance at all.",
            "draw as many numbers as there are pictures: `rng.random(len(images))`.",
        )
    if not 0.35 < share < 0.65:  # four standard deviations
        raise Wrong(
            "value",
            f"{share:.0%} of the pictures are mirrored, expected about 50 %.",
            "the probability is not 1/2.",
        )
