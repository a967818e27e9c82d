"""Transfer learning without running the frozen part of a network again in every epoch.

Cut a model behind a layer (`split_model`), run the front part once over all images and keep what
it gives on disk (`cached_features`), train the rest on that, and put both together again
(`join_model`).
"""

import contextlib
import math
import os
import warnings
from pathlib import Path

import filelock
import keras
import numpy as np

from helpers import fingerprint
from helpers.settings import CourseError, cache_dir

_BATCH = 128  # images that are computed and written at a time


def split_model(model: keras.Model, layer_name: str) -> tuple[keras.Model, keras.Model]:
    """Cut a model behind a layer into a backbone and a head that share the model's layers.

    So training the head trains the model, too. A model that is called as a layer, such as
    `base(x, training=False)`, is opened: the cut may go through it.

    Args:
        model: functional or Sequential model with one input and one output.
        layer_name: the last layer of the backbone.

    Returns:
        Backbone, images to features, and head, features to the model's output. Both are flat
        (no model inside) and uncompiled.

    Raises:
        CourseError: no such layer, it is the last, other tensors pass by it (as in a residual
            block), or the model has no graph.
    """
    _require_graph(model)
    given = model.inputs[0]
    inputs, outputs = keras.Input(batch_shape=given.shape, dtype=given.dtype), {}
    last = _replay(model, inputs, outputs)
    if layer_name not in outputs:
        raise CourseError(f"the model has no layer '{layer_name}': see model.summary()")
    if outputs[layer_name] is last:
        raise CourseError(f"'{layer_name}' is the last layer: nothing is left for a head")
    backbone = keras.Model(inputs, outputs[layer_name], name="backbone")
    with contextlib.suppress(ValueError):  # Keras can't reach the output from this tensor alone
        head = keras.Model(outputs[layer_name], last, name="head")
        starts = [layer for layer in head.layers if isinstance(layer, keras.layers.InputLayer)]
        if len(starts) == 1:  # older Keras goes back to the images
            return backbone, head
    reason = f"layers behind '{layer_name}' also need what passes by it in a residual block"
    raise CourseError(f"{reason}: cut at a block's end, a layer …_add or …_project_BN")


def join_model(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """Put a backbone and a head together: a model that predicts as `head(backbone(images))`.

    Any head fits that takes what the backbone gives. The model is flat and uncompiled; its layers
    are shared, not copied.

    Raises:
        CourseError: they do not fit together, or one of them has no graph.
    """
    _require_graph(backbone)
    _require_graph(head)
    given, taken = backbone.output_shape[1:], head.input_shape[1:]
    if not _fits(given, taken):
        reason = f"the backbone gives features {given} but the head takes {taken}"
        raise CourseError(f"{reason}: join a head with the backbone it was made for")
    return keras.Model(backbone.inputs[0], _replay(head, backbone.outputs[0], {}), name="joined")


def _replay(model: keras.Model, inputs, outputs: dict[str, keras.KerasTensor]):
    """Call the model's layers one by one on another tensor; note in `outputs` what each gives.

    Models within are opened, without a mode such as `training=False`: in Keras 3 `fit` and
    `predict` set the mode of every layer themselves.
    """

    def call(layer, *args, **kwargs):
        if _has_graph(layer):
            return _replay(layer, args[0], outputs)
        outputs[layer.name] = layer(*args, **kwargs)
        return outputs[layer.name]

    graph = keras.Model(model.inputs[0], model.outputs[0])  # of a Sequential model, too
    return graph._run_through_graph(inputs, lambda layer: layer, call)  # as `clone_model` does


def _has_graph(thing: object) -> bool:
    # Sequential models before their first image, and subclassed ones, have none.
    ends = (getattr(thing, name, None) or () for name in ("inputs", "outputs"))
    return isinstance(thing, keras.Model) and all(len(end) == 1 for end in ends)


def _require_graph(model: object) -> None:
    if not _has_graph(model):
        advice = "build it with keras.Model, or begin a Sequential one with keras.Input"
        raise CourseError(f"{model!r} is no Keras model with one input and one output: {advice}")


def _fits(given: tuple, taken: tuple) -> bool:
    return len(given) == len(taken) and all(
        None in pair or pair[0] == pair[1] for pair in zip(given, taken, strict=True)
    )


def cached_features(
    backbone: keras.Model, images: np.ndarray, *, folder: Path | str | None = None, progress=True
) -> np.memmap:
    """The backbone's features of images, computed once and then read from disk.

    They are found again only if nothing changed that they depend on: the backbone's layers and
    weights, every byte of the images and their order. Other images, such as mirrored ones, have
    features of their own. A run that was killed goes on with the batch it was at; of two processes
    one computes and the other waits. The backbone works in inference mode.

    Args:
        backbone: functional model, as `split_model` gives, (n, ...) images to (n, ...) features.
        images: (n, ...) numbers as the backbone takes them; may be memory-mapped.
        folder: where the files are kept; by default "features" in the course's cache.
        progress: say what is computed and where it is kept, with a bar for long work.

    Returns:
        (n, ...) float16 array, read-only, memory-mapped.

    Raises:
        CourseError: images and backbone do not fit, a feature is not finite or over 65,504,
            a layer has no `get_config`, or the folder has no room or can't be written to.
    """
    images = np.asarray(images)
    _require_graph(backbone)
    taken = backbone.input_shape[1:]
    if not images.size or not _fits(images.shape[1:], taken):
        reason = f"the backbone takes images (n, {', '.join(map(str, taken))})"
        raise CourseError(f"{reason}, these are {images.shape}: make keras.Input and images agree")
    shape = len(images), *backbone.compute_output_shape((1, *images.shape[1:]))[1:]
    root = Path(folder).expanduser() if folder else cache_dir() / "features"
    file = root / f"{_key(backbone, images)}.float16"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(file.with_suffix(".lock")):  # a second process waits
            if not file.exists() or file.stat().st_size != 2 * math.prod(shape):
                _compute(file, backbone, images, shape, progress)
            return np.memmap(file, "float16", mode="r", shape=shape)
    except OSError as error:
        reason = f"features can't be kept in {root} ({error.strerror or error})"
        raise CourseError(f"{reason}: make room, or pass another folder=") from error


def _compute(file: Path, backbone: keras.Model, images: np.ndarray, shape, progress: bool) -> None:
    """Append the batches that a killed run did not get to, then give the file its final name."""
    from tqdm.auto import tqdm

    row = 2 * math.prod(shape[1:])  # bytes
    part = file.with_suffix(".part")
    done = part.stat().st_size // row // _BATCH * _BATCH if part.exists() else 0
    if progress:
        needed = (shape[0] - done) * row / 1e6
        print(f"Features {shape}: {needed:,.1f} MB to {file.parent}")
    with open(part, "ab") as out:
        out.truncate(done * row)
        starts = range(done, shape[0], _BATCH)
        for start in tqdm(starts, desc="features", delay=3, leave=False, disable=not progress):
            out.write(_answer(backbone, images, start).tobytes())
            out.flush()  # the system has it now: a kill costs no earlier batch
        os.fsync(out.fileno())  # or a power cut could leave a whole file of zeros
    os.replace(part, file)


def _answer(backbone: keras.Model, images: np.ndarray, start: int) -> np.ndarray:
    """Features of the batch that begins there: (up to _BATCH, ...) float16."""
    batch = images[start : start + _BATCH]
    count = len(batch)
    if count < _BATCH < len(images):  # another size would make Keras prepare the backbone again
        batch = np.concatenate([batch, np.repeat(batch[-1:], _BATCH - count, axis=0)])
    values = np.asarray(backbone.predict_on_batch(batch))[:count].astype("float32")
    with np.errstate(over="ignore"):
        values = values.astype("float16")
    if not np.isfinite(values).all():
        reason = "the backbone gives NaN, infinity or a number over 65,504"
        raise CourseError(f"{reason}: load its weights, prepare the images as it expects")
    return values


def _key(backbone: keras.Model, images: np.ndarray) -> str:
    """32 hexadecimal digits for all that the features depend on."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of a lambda, which could not be loaded
            backbone.get_config()
    except NotImplementedError:
        reason = "a layer of the backbone does not describe itself"
        raise CourseError(f"{reason}: give its class a get_config method") from None
    facts = [keras.backend.backend(), fingerprint.network(backbone), backbone.get_weights()]
    return fingerprint.digest([*facts, fingerprint.array(images)])[:32]
