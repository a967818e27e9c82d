"""A heat map laid over its picture."""

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.plots.images import image_grid

# Perceptually uniform, and brighter with every step, so that it reads without colors too.
_MAP = "inferno"
_STRONGEST = 0.65  # share of the map's color where the heat is 1: the picture stays visible
_GRAY = np.float32([0.299, 0.587, 0.114])


def heat_overlay(ax: Axes, image: np.ndarray, heat: np.ndarray, title: str | None = None) -> None:
    """Draw a picture in gray with its heat map in color on it; no heat leaves the gray.

    Args:
        ax: one axes.
        image: (h, w, 3), (h, w, 1) or (h, w); uint8, or float in [0, 1].
        heat: (h, w) float in [0, 1], as `helpers.gradcam.grad_cam` gives it for each picture.
        title: what to see.

    Raises:
        UserError: picture and map differ in size, or values are out of range.
    """
    heat = np.asarray(heat)
    if heat.ndim != 2 or not np.issubdtype(heat.dtype, np.floating):
        raise UserError(f"heat of shape {heat.shape} and dtype {heat.dtype}: pass one map (h, w)")
    image = np.asarray(image)
    if image.shape[:2] != heat.shape:
        raise UserError(
            f"a picture of {image.shape} and heat of {heat.shape}: pass the map of this picture"
        )
    if not (heat.size and heat.min() >= 0 and heat.max() <= 1):  # false for NaN too
        raise UserError("heat outside 0..1 or NaN: pass a map as grad_cam gives it")
    image_grid(ax, blend(image, heat)[None], title=title)


def blend(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The gray picture with the heat on it, (h, w, 3) float32 in 0..1; see `heat_overlay`."""
    pixels = image.astype(np.float32) / (255 if image.dtype == np.uint8 else 1)
    gray = pixels @ _GRAY if pixels.shape[-1:] == (3,) and pixels.ndim == 3 else pixels
    gray = gray.reshape(heat.shape)[..., None]
    colors = colormaps[_MAP](heat)[..., :3]
    share = _STRONGEST * heat[..., None]
    return np.clip(gray * (1 - share) + colors * share, 0, 1).astype(np.float32)
