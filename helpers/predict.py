"""From an image to class names with probabilities, and where in the image a network looked.

predict.top_k(model, "my_cat.jpg", class_names)          # [("cat", 0.93), …]
table = predict.folder(model, "my_photos", class_names)  # a row a file, as a DataFrame
heat = predict.grad_cam(model, image)                    # 1 where the evidence is strongest
"""

import contextlib
import functools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

import keras
import numpy as np
import pandas as pd
from keras import ops
from PIL import Image, ImageOps
from tqdm.auto import tqdm

from helpers import transfer
from helpers.image_files import is_system_file, open_image, shown
from helpers.settings import CourseError

WAYS = {  # to fit an image of another shape
    "crop": ImageOps.fit,  # the largest part in the middle
    "pad": functools.partial(ImageOps.pad, color="white"),
    "stretch": Image.Image.resize,
}
_NOISE = 1e-6  # of the sum of all terms: less than this is rounding, not evidence

Source = str | Path | np.ndarray


def image(
    source: Source, size: int | tuple[int, int], how: str = "crop", channels: int = 3
) -> np.ndarray:
    """What a network sees of an image of any kind, size and shape.

    Args:
        source: a file, or an array (h, w), (h, w, 1) or (h, w, 3), uint8.
        size: pixels a side, or (height, width), 1 to 1024.
        how: one of `WAYS`.
        channels: 3 for color, 1 for gray (ITU-R BT.601).

    Returns:
        (height, width, channels) uint8. An image of just this size is not changed.

    Raises:
        CourseError: no image, a damaged or huge one, or size, how or channels is none of these.
    """
    height, width = size if isinstance(size, tuple) else (size, size)
    if not (0 < height <= 1024 and 0 < width <= 1024 and how in WAYS and channels in (1, 3)):
        allowed = f"use 1 to 1024 pixels, one of {', '.join(WAYS)}, and 1 or 3"
        raise CourseError(f"size {size}, how {how!r} and channels {channels}: {allowed}")
    if not isinstance(source, np.ndarray):
        fitted = open_image(source)
    elif source.dtype == np.uint8 and (source.ndim == 2 or source.shape[2:] in ((1,), (3,))):
        flat = source[..., 0] if source.shape[2:] == (1,) else source
        fitted = Image.fromarray(flat).convert("RGB")
    else:
        what = f"an array of shape {source.shape} and dtype {source.dtype}"
        raise CourseError(f"{what}: pass one image as (height, width, 3) uint8, 0 to 255")
    if fitted.size != (width, height):
        fitted = WAYS[how](fitted, (width, height), Image.Resampling.BICUBIC)
    return np.asarray(fitted if channels == 3 else fitted.convert("L")).reshape(height, width, -1)


def probabilities(model: keras.Model, images: np.ndarray, mirror: bool = False) -> np.ndarray:
    """Class probabilities of many images.

    Args:
        model: gives (n, classes) probabilities, or (n, 1): that of the second of two classes.
        images: (n, height, width, channels), in the range the model was trained on.
        mirror: take the mean with the answers for the mirror images, which is usually a little
            better (test-time augmentation).

    Returns:
        (n, classes) float32; each row sums to 1.

    Raises:
        CourseError: the model's outputs are no probabilities. Keras' errors for other shapes.
    """
    views = [images, np.ascontiguousarray(images[:, :, ::-1])] if mirror else [images]
    found = np.mean([model.predict(view, batch_size=500, verbose=0) for view in views], axis=0)
    if found.shape[1:] == (1,) and found.min() >= 0 and found.max() <= 1:
        found = np.concatenate([1 - found, found], axis=1)
    if found.ndim != 2 or found.min() < -1e-3 or not np.allclose(found.sum(axis=1), 1, atol=1e-2):
        raise CourseError(
            f"the model's outputs of shape {found.shape} are no probabilities that sum to 1: end "
            "it with a softmax, as in keras.Sequential([model, keras.layers.Softmax()]); if they "
            "are NaN, the training has failed"
        )
    return found.astype(np.float32)


def top_k(
    model: keras.Model,
    source: Source,
    class_names: Sequence[str] | None = None,
    k: int = 5,
    *,
    mirror: bool = False,
    how: str = "crop",
    size: int | None = None,
) -> list[tuple[str, float]]:
    """The k likeliest classes of one image, likeliest first, as (name, probability) pairs.

    Args:
        model, mirror: as for `probabilities`.
        source, how: as for `image`.
        class_names: one name a class; None numbers them.
        k: how many; all where there are fewer classes.
        size: as for `seen_by`.

    Raises:
        CourseError: no image, or image, model and names do not fit each other.
    """
    found = probabilities(model, seen_by(model, source, how, size)[None], mirror)[0]
    names = class_names if class_names is not None else [f"class {i}" for i in range(len(found))]
    if isinstance(names, str) or len(names) != len(found):
        raise CourseError(f"the model has {len(found)} classes: pass as many class names")
    return [(str(names[i]), float(found[i])) for i in np.argsort(-found, kind="stable")[:k]]


def seen_by(
    model: keras.Model, source: Source, how: str = "crop", size: int | None = None
) -> np.ndarray:
    """`image`, (height, width, channels) uint8, in just the shape that a model takes.

    Args:
        size: pixels a side, for a model that takes any size.
    """
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4:
        raise CourseError(f"the model takes {shape}: pass one that takes images")
    sides = tuple(side or size for side in shape[1:3])
    if None in sides:
        raise CourseError("the model takes images of any size: tell it one, such as size=32")
    return image(source, sides, how, channels=shape[3])


def folder(
    model: keras.Model,
    path: str | Path | Sequence[str | Path],
    class_names: Sequence[str] | None = None,
    k: int = 3,
    **options: object,
) -> pd.DataFrame:
    """Show every file of a folder, and of the folders in it, to a network.

    Links are not followed. Files that a computer has put there, such as Thumbs.db, are left out.

    Args:
        path: a folder, an image, or several of them.
        others: as for `top_k`.

    Returns:
        A row a file, sorted by name: `file`; `class_1`, `probability_1` to k; and `problem`, why a
        file could not be read, else "".

    Raises:
        CourseError: no such folder, nothing in it, or model and names do not fit each other.
    """
    # Once with a blank image, so that what does not fit is an error and not the files' problem.
    pairs = top_k(model, np.full((64, 64, 3), 255, np.uint8), class_names, k, **options)
    columns = [f"{what}_{i + 1}" for i in range(len(pairs)) for what in ("class", "probability")]
    rows = []
    files = _listed(path)
    for name, file in tqdm(files, desc="predicting", disable=len(files) < 100 or None):
        row = {"file": name, "problem": ""}
        try:
            found = top_k(model, file, class_names, k, **options)
            row |= zip(columns, [value for pair in found for value in pair], strict=True)
        except CourseError as error:
            row["problem"] = str(error).removeprefix(shown(file.name)).strip(": ")
        rows.append(row)
    table = pd.DataFrame(rows, columns=["file", *columns, "problem"])
    return table.fillna(dict.fromkeys(columns[::2], ""))


def _listed(path: str | Path | Sequence[str | Path]) -> list[tuple[str, Path]]:
    """(name to show, path) of all files meant, sorted; a folder stands for what is in it."""
    found = []
    for one in [path] if isinstance(path, str | Path) else path:
        root = Path(one).expanduser()
        if not os.path.lexists(root):
            raise CourseError(f"{shown(one)} does not exist: name images or folders")
        if not root.is_dir():
            found.append((shown(one, 200), root))
            continue
        for file in root.rglob("*"):
            inside = file.relative_to(root)
            if not file.is_dir() and not any(map(is_system_file, inside.parts)):
                found.append((shown(inside.as_posix(), 200), file))
    if not found:
        raise CourseError(f"{shown(path)} has no files in it: name a folder of images")
    return sorted(found)


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table for spreadsheets, in which no text is a formula.

    A spreadsheet runs a cell that begins with = + - or @, and a stranger may have named a file so.
    Such a text gets a quotation mark (') in front.

    Raises:
        CourseError: no place to write.
    """
    safe = table.replace(r"^(?=\s*[=+@-])", "'", regex=True)
    try:  # with the byte order mark spreadsheets show letters beyond ASCII as they are
        safe.to_csv(path, index=False, encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{path} cannot be written ({error}): name another file") from None


def grad_cam(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Where in an image a network finds its evidence for the class that it names: Grad-CAM.

    The feature maps of the last layer that has some are added up, each weighted with the mean
    gradient of the class's logit with respect to it; what speaks against the class is cut off.
    Behind a global pooling and one Dense layer these weights are, but for a factor, the layer's.
    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
    Localization", ICCV 2017. Runs on the TensorFlow and JAX backends.

    Args:
        model: channels last, to (n, classes), or (n, 1) for two classes.
        image: (h, w, channels) uint8 or float, in the range that the model takes.

    Returns:
        (h, w) float32: 1 at the strongest place, 0 where nothing speaks for the class. 0
        everywhere where nothing at all does.

    Raises:
        CourseError: no layer has maps, or there are NaN. Keras' ValueError: the image does not fit.
    """
    layers = list(_layers_with_maps(model))
    if not layers:
        raise CourseError(f"no layer of '{model.name}' gives maps: Grad-CAM needs convolutions")
    backbone, head = transfer.split_model(model, layers[-1].name)
    maps = backbone(ops.convert_to_tensor(image[None]), training=False)
    with _on_logits(head.layers[-1]):
        slopes = _slopes(head, maps)
    maps, slopes = (ops.convert_to_numpy(ops.cast(one, "float32"))[0] for one in (maps, slopes))
    terms = slopes.mean(axis=(0, 1)) * maps
    if not (np.isfinite(image).all() and np.isfinite(terms).all()):
        raise CourseError("the gradients are not finite: look for NaN in the weights or the image")
    evidence = np.maximum(terms.sum(axis=-1), 0)
    heat = np.asarray(Image.fromarray(evidence).resize(image.shape[1::-1], Image.BILINEAR))
    is_noise = heat.max() <= _NOISE * np.abs(terms).sum(axis=-1).max()
    return np.zeros_like(heat) if is_noise else heat / heat.max()


def _layers_with_maps(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Layers that give (n, rows, columns, maps), in order; those of models within it too."""
    for layer in model.layers:
        shape = getattr(getattr(layer, "output", None), "shape", ())
        is_input = isinstance(layer, keras.layers.InputLayer)
        if isinstance(layer, keras.Model):
            yield from _layers_with_maps(layer)
        elif len(shape) == 4 and shape[1:3] != (1, 1) and not is_input:
            yield layer


def _slopes(head: keras.Model, maps):
    """Gradient of the class's logit with respect to the maps."""

    def score(maps):
        logits = ops.cast(head(maps, training=False), "float32")[0]
        return logits[0] if len(logits) == 1 else ops.max(logits)

    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(score)(maps)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(maps)
        value = score(maps)
    return tape.gradient(value, maps)


def _on_logits(last: keras.layers.Layer) -> contextlib.AbstractContextManager:
    """Leave out the softmax or sigmoid at the end, whose gradient fades where it is sure."""
    if isinstance(last, keras.layers.Softmax):
        return mock.patch.object(last, "call", lambda inputs, *_, **__: inputs)
    ends = (keras.activations.softmax, keras.activations.sigmoid)
    if getattr(last, "activation", None) in ends:
        return mock.patch.object(last, "activation", keras.activations.linear)
    return contextlib.nullcontext()
