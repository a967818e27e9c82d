"""What a picture is, and where the network looked; no Gradio in here."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers import gradcam, predict
from helpers.errors import UserError
from helpers.model_files import Loaded
from helpers.plots.heat import blend

K = 5


@dataclass(frozen=True, eq=False)
class Answer:
    """What the page shows of one picture.

    Attributes:
        look: what the network sees and answers, as in the notebook.
        heat: (h, w, 3) uint8, its picture in gray with Grad-CAM's map for the likeliest class on
            it; None for a network that has no such map.
    """

    look: predict.Look
    heat: np.ndarray | None


def look_at(served: Loaded, path: Path, *, mirror: bool = False, how: str = "crop") -> predict.Look:
    """What the model takes one picture file for.

    Args:
        served: the model and its names.
        path: any file.
        mirror: whether to take the mean with the answer for the mirror image.
        how: one of `pictures.WAYS`.

    Raises:
        UserError: no picture that can be read.
    """
    return predict.look(served.model, path, k=K, mirror=mirror, **(served.options | {"how": how}))


def answer(served: Loaded, path: Path, *, mirror: bool = False, how: str = "crop") -> Answer:
    """The same with the map of where it looked; arguments and errors are those of `look_at`."""
    look = look_at(served, path, mirror=mirror, how=how)
    return Answer(look, _heat(served, look))


def _heat(served: Loaded, look: predict.Look) -> np.ndarray | None:
    likeliest = int(np.argmax(look.probabilities))
    try:
        heat = gradcam.grad_cam(served.model, look.pixels[None], classes=likeliest)[0]
    except (UserError, ValueError):  # no convolutions, or (height, width) without channels
        return None
    return np.rint(255 * blend(look.seen, heat)).astype(np.uint8)
