"""From a Keras model to ONNX and LiteRT files."""

import contextlib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras

from helpers.errors import UserError
from helpers.export.formats import FORMATS, missing_to_write
from helpers.runtime import native_errors_held_back


def to_onnx(model: keras.Model, path: Path | str) -> Path:
    """Write a model as ONNX, an open format that many programs and chips run.

    The file takes batches of any size, float32 with pixels as the model takes them, and gives
    probabilities. Layers that only act in training, such as augmentation and dropout, are off.

    Args:
        model: built model with one input and one output, in float32.
        path: file to write, ending in .onnx; an older one is replaced.

    Returns:
        The path.

    Raises:
        UserError: a package is missing, the ending is another, the model can't be exported, or
            the file can't be written.
    """
    return _write(model, path, "onnx")


def to_litert(model: keras.Model, path: Path | str, *, quantized: bool = False) -> Path:
    """Write a model as LiteRT (formerly TensorFlow Lite), the format for phones.

    Input and output are as in `to_onnx`.

    Args:
        model: built model with one input and one output, in float32.
        path: file to write, ending in .tflite; an older one is replaced.
        quantized: keep the weights of large layers as whole numbers from -127 to 127 with a
            scale: about a quarter of the size, and slightly different probabilities.

    Returns:
        The path.

    Raises:
        UserError: as for `to_onnx`.
    """
    options = {}
    if quantized and not missing_to_write("litert"):
        import tensorflow as tf

        options["optimizations"] = [tf.lite.Optimize.DEFAULT]
    return _write(model, path, "litert", **options)


def write(
    model: keras.Model, stem: Path | str, formats: Sequence[str] = ("onnx", "litert")
) -> tuple[list[Path], list[str]]:
    """Write a model in every format that this machine can write.

    Args:
        model: as for `to_onnx`.
        stem: path without ending, as "build/cats".
        formats: some of `FORMATS`.

    Returns:
        The files written, and a line for each format that could not be, which says why.

    Raises:
        UserError: no such format.
    """
    paths, reasons = [], []
    writers = {"keras": _save, "onnx": to_onnx, "litert": to_litert}
    for format in formats:
        if format not in writers:
            raise UserError(f"no format '{format}': choose one of {', '.join(FORMATS)}")
        try:
            paths.append(writers[format](model, f"{stem}{FORMATS[format]}"))
        except UserError as error:
            reasons.append(str(error))
    return paths, reasons


def _save(model: keras.Model, path: Path | str) -> Path:
    return _placed(path, "keras", model.save)


def _write(model: keras.Model, path: Path | str, format: str, **options) -> Path:
    if reason := missing_to_write(format):
        raise UserError(reason)
    if not isinstance(model, keras.Model):
        raise UserError(f"{type(model).__name__} is no Keras model: pass the model itself")
    plain = _without_training(model)

    def export(file: str) -> None:
        with _quiet():
            plain.export(file, format=format, verbose=False, **options)

    return _placed(path, format, export)


def _without_training(model: keras.Model) -> keras.Model:
    """The same network with `training=False` built in.

    Keras 3.15 traces a model for ONNX without saying so, and augmentation layers then act as in
    training: their random numbers, which ONNX has not, end up in the file.
    """
    if not model.built or len(model.inputs or [0]) != 1:
        raise UserError(
            f"the model '{model.name}' has no input shape yet, or several inputs: call it on one "
            "batch of pictures first"
        )
    shape = model.input_shape
    other = {layer.compute_dtype for layer in model._flatten_layers()} - {"float32", None}
    if other:
        raise UserError(
            f"the model '{model.name}' computes in {', '.join(sorted(other))}: build it in float32 "
            "and copy the weights over with set_weights"
        )
    inputs = keras.Input(shape[1:], dtype="float32", name="pictures")
    plain = keras.Model(inputs, model(inputs, training=False), name=model.name)
    plain(inputs)  # Keras exports to ONNX only what was called once, if only in symbols
    return plain


def _placed(path: Path | str, format: str, make) -> Path:
    """Let `make` write a file next to the place it is meant for, then move it there, whole."""
    path = Path(path).expanduser()
    ending = FORMATS[format]
    if path.suffix != ending:
        raise UserError(f"'{path.name}' does not end in {ending}: name it {path.stem}{ending}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            unfinished = os.path.join(folder, path.name)
            make(unfinished)
            os.replace(unfinished, path)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror or error}): choose another place"
        ) from error
    except UserError:
        raise
    except Exception as error:  # converters raise many kinds
        first = (str(error) or type(error).__name__).strip().splitlines()[0][:160]
        raise UserError(
            f"the model cannot be written as {format} ({type(error).__name__}: {first}): look for "
            "a layer that the format does not know"
        ) from error
    return path


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what converters say about themselves; errors still come through."""
    loggers = [logging.getLogger(name) for name in ("tf2onnx", "tensorflow", "absl")]
    before = [logger.level for logger in loggers]
    try:
        with warnings.catch_warnings(), native_errors_held_back():
            warnings.simplefilter("ignore")
            for logger in loggers:
                logger.setLevel(logging.CRITICAL)
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
