"""Check of lesson 10's exercise on where the heat of a Grad-CAM lies."""

from collections.abc import Callable

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.student import as_array, call


@check("your_own_photos.border_share")
def check_border_share(function: Callable[[np.ndarray], float]) -> str:
    """Check a function from a heat map (h, w) to the share of its heat at the border.

    The border is the outer eighth on each side; a map without heat has the share 0.
    """
    for name, heat in _maps().items():
        given = as_array(call(function, heat), "one number")
        if given.ndim:
            raise Wrong("shape", f"expected one number, got an array of shape {given.shape}.")
        share, right = float(given), _border_share(heat)
        if np.isnan(share):
            cause = "0 divided by 0: this map has no heat." if not heat.any() else ""
            nudge = "return 0 where the sum of the map is 0."
            raise Wrong("value", f"the result for {name} is NaN.", cause, nudge)
        if not -1e-6 <= share <= 1 + 1e-6:
            text = f"the result for {name} is {share:.3g}; a share lies from 0 to 1."
            raise Wrong("range", text, "a sum or a percentage.", "divide by the sum of all heat.")
        if abs(share - right) > 1e-3:
            text = f"for {name} you find {share:.3f}, it is {right:.3f}."
            raise Wrong("value", text, _cause(heat, share), "sum the middle and subtract it.")
    return "the share is right for five maps, one without heat and one that is no square."


def _maps() -> dict[str, np.ndarray]:
    """Heat maps in 0..1, float32, that tell the usual mistakes apart."""
    rng = np.random.default_rng(10)
    corner = np.zeros((64, 64), "float32")
    corner[:6, :6] = 1
    middle = np.zeros((64, 64), "float32")
    middle[24:40, 24:40] = 0.5
    return {
        "a map with all heat in a corner": corner,
        "a map with all heat in the middle": middle,
        "a map with heat everywhere": rng.random((64, 64), dtype="float32") ** 2,
        "a map of 48 x 96": rng.random((48, 96), dtype="float32") ** 2,
        "a map without heat": np.zeros((64, 64), "float32"),
    }


def _middle(heat: np.ndarray, parts: int = 8) -> np.ndarray:
    rows, columns = heat.shape[0] // parts, heat.shape[1] // parts
    return heat[rows : heat.shape[0] - rows, columns : heat.shape[1] - columns]


def _border_share(heat: np.ndarray) -> float:
    total = float(heat.sum(dtype="float64"))
    return 1 - float(_middle(heat).sum(dtype="float64")) / total if total else 0.0


def _cause(heat: np.ndarray, share: float) -> str:
    total = float(heat.sum(dtype="float64"))
    height, width = heat.shape
    # A square slice of a map that is no square, with one side's eighth for both.
    eighth = height // 8
    square = heat[eighth : height - eighth, eighth : width - eighth].sum() / total if total else 0
    usual = [
        (1 - _border_share(heat), "that is the share in the *middle*, the opposite."),
        (1 - _middle(heat).size / heat.size, "you count pixels; weigh them with their heat."),
        (1 - (_middle(heat, 4).sum() / total if total else 0), "a quarter on each side."),
        (1 - (_middle(heat, 16).sum() / total if total else 0), "an eighth in all, not each side."),
        (1 - square, "height and width differ: each side has an eighth of its own."),
        (0.0, "integer division, or the border was cut to nothing."),
    ]
    return next((why for wrong, why in usual if abs(wrong - share) < 2e-3), "")
