"""A page on which a visitor's photo is classified in the visitor's own browser.

    build(Path("build/page"))  # then open build/page/classify.html

The course's small network runs there in plain JavaScript: no server computes, no photo is sent.
The folder may lie on any static server, or on a disk: the weights are a script, for a page that
was opened from disk may not fetch anything.
"""

import base64
import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
from keras import layers

from helpers import formats, models
from helpers.settings import CourseError

SOURCE = Path(__file__).with_name("browser")
FILES = ("classify.html", "classify.js", "classify.css")
MAX_BYTES = 2_000_000  # of weights.js, which a visitor's telephone loads before the first answer

# What classify.js does; the sizes it takes from the kernels.
ORDER = re.compile(
    r"Rescaling (Conv2D (MaxPooling2D )?BatchNormalization ReLU )+GlobalMaxPooling2D Dense"
)


def build(folder: Path) -> None:
    """Write the page: its three files as they are, and weights.js.

    Args:
        folder: made if need be; files of these names are replaced.

    Raises:
        CourseError: the weights are missing or damaged, or weights.js becomes too large.
    """
    text = weights_script(models.load_small(), formats.catalog()["cifar10"].class_names)
    if len(text) > MAX_BYTES:
        raise CourseError(
            f"weights.js has {len(text):,} bytes, over {MAX_BYTES:,}: take a smaller network"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(SOURCE / name, folder / name)
    (folder / "weights.js").write_text(text, "utf-8", newline="\n")


def weights_script(model: keras.Model, class_names: list[str]) -> str:
    """A network as JavaScript, `const NETWORK = {…};`, as classify.js reads it.

    The numbers are float32, little-endian, in base64: of each block the kernel (3, 3, inputs,
    filters), scale and shift (filters,); then the dense kernel (features, classes) and its bias.
    With float16 the file would be half as large, and probabilities off by up to 0.002.

    Args:
        model: built as `models.small_cnn`.
        class_names: one name a class.

    Raises:
        CourseError: the model has layers that classify.js cannot do, or other classes.
    """
    blocks, dense = _layers(model)
    if dense.units != len(class_names):
        raise CourseError(f"the model has {dense.units} classes: pass as many class names")
    arrays = []
    for convolution, _, normalization in blocks:
        arrays += [convolution.get_weights()[0], *scale_and_shift(normalization)]
    arrays += dense.get_weights()
    data = b"".join(np.ascontiguousarray(array, "<f4").tobytes() for array in arrays)
    network = {
        "classes": list(class_names),
        "features": dense.get_weights()[0].shape[0],
        "convolutions": [
            {"inputs": one.get_weights()[0].shape[2], "filters": one.filters, "pool": pool}
            for one, pool, _ in blocks
        ],
        "weights": base64.b64encode(data).decode("ascii"),
    }
    return f"const NETWORK = {json.dumps(network)};\n"


def scale_and_shift(normalization: layers.BatchNormalization) -> tuple[np.ndarray, np.ndarray]:
    """What a batch normalization does once training is over: x * scale + shift.

    This is not folded into the convolution before it, for a pooling may stand in between, and the
    maximum moves through a multiplication only where the scale is positive.

    Returns:
        scale, shift: (filters,) float64.
    """
    gamma, beta, mean, variance = (w.astype(np.float64) for w in normalization.get_weights())
    scale = gamma / np.sqrt(variance + normalization.epsilon)
    return scale, beta - mean * scale


def _layers(model: keras.Model) -> tuple[list[tuple], layers.Dense]:
    """The blocks, as (convolution, whether a pooling follows, normalization), and the last layer.

    Raises:
        CourseError: classify.js does not do these layers in this order.
    """
    kinds = " ".join(type(layer).__name__ for layer in model.layers)
    if not ORDER.fullmatch(kinds):
        raise CourseError(f"the page cannot do the layers of '{model.name}': see classify.js")
    blocks = []
    for before, layer in pairwise(model.layers):
        if isinstance(before, layers.Conv2D):
            convolution, pool = before, isinstance(layer, layers.MaxPooling2D)
        if isinstance(layer, layers.BatchNormalization):
            blocks.append((convolution, pool, layer))
    return blocks, model.layers[-1]
