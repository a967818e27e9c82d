"""Predictions of an exported file, without Keras for ONNX and LiteRT.

Run only files that you exported yourself: the readers of these formats are native code, made for
speed and not to withstand a file that was made to harm.
"""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.export.formats import FORMATS, missing_to_run
from helpers.runtime import native_errors_held_back

Predict = Callable[[np.ndarray], np.ndarray]  # (n, h, w, c) pixels to (n, k) float32


def predictor(path: Path | str) -> Predict:
    """Open a .keras, .onnx or .tflite file for prediction.

    Args:
        path: a file that you trust.

    Returns:
        A function from (n, height, width, channels) pixels, uint8 or float, to (n, classes)
        float32 probabilities.

    Raises:
        UserError: no such file or format, a package is missing, or the file is damaged.
    """
    path = Path(path).expanduser()
    if path.suffix not in FORMATS.values():
        raise UserError(f"'{path.name}' has another ending than {', '.join(FORMATS.values())}")
    if not path.is_file():
        raise UserError(f"no file {path}: export the model first")
    format = next(name for name, ending in FORMATS.items() if ending == path.suffix)
    if reason := missing_to_run(format):
        raise UserError(reason)
    try:
        return {"keras": _keras, "onnx": _onnx, "litert": _litert}[format](path)
    except UserError:
        raise
    except Exception as error:  # each reader has errors of its own
        first = (str(error) or type(error).__name__).strip().splitlines()[0][:120]
        raise UserError(
            f"{path} is damaged, or no {format} file ({first}): export again"
        ) from error


def _keras(path: Path) -> Predict:
    from helpers import model_files

    model = model_files.load(path).model
    return lambda images: np.asarray(model.predict_on_batch(images))


def _onnx(path: Path) -> Predict:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(None, {name: np.asarray(images, np.float32)})[0]


def _litert(path: Path) -> Predict:
    with native_errors_held_back(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own reader says that it is the older one
        interpreter = _interpreter(path)
        interpreter.allocate_tensors()  # here, for it reports on what it uses
    place = interpreter.get_input_details()[0]["index"]

    def predict(images: np.ndarray) -> np.ndarray:
        images = np.asarray(images, np.float32)
        if tuple(interpreter.get_input_details()[0]["shape"]) != images.shape:
            interpreter.resize_tensor_input(place, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, images)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    return predict


def _interpreter(path: Path):
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        import tensorflow as tf

        Interpreter = tf.lite.Interpreter
    return Interpreter(str(path))
