"""The formats, their file endings, and the packages that each of them needs."""

import importlib.util

import keras

from helpers.errors import UserError

FORMATS = {"keras": ".keras", "onnx": ".onnx", "litert": ".tflite"}
_WRITERS = {
    ("onnx", "tensorflow"): ("tf2onnx",),
    ("onnx", "jax"): ("jax2onnx",),
    ("litert", "tensorflow"): ("tensorflow",),
}
_RUNTIME = "onnxruntime"
# Later releases of onnx would raise protobuf, which has to stay as it is in Colab.
_PIP = {"tf2onnx": 'tf2onnx "onnx<1.20"', "ai_edge_litert": "ai-edge-litert"}
_LITERT_RUNTIMES = ("ai_edge_litert", "tensorflow")  # the second brings an older one of its own


def missing(format: str) -> str:
    """Why this machine can't write and run a format, in one line; an empty text where it can.

    Args:
        format: one of `FORMATS`.

    Raises:
        UserError: no such format.
    """
    return missing_to_write(format) or missing_to_run(format)


def missing_to_write(format: str) -> str:
    """The same for writing alone."""
    _check_known(format)
    if format == "keras":
        return ""
    backend = keras.backend.backend()
    if (format, backend) not in _WRITERS:
        return (
            f"Keras' {backend} backend cannot write {_name(format)}: load the .keras file with "
            "KERAS_BACKEND=tensorflow and export it there"
        )
    return _line(f"writing {_name(format)}", _WRITERS[format, backend])


def missing_to_run(format: str) -> str:
    """The same for running alone."""
    _check_known(format)
    if format == "onnx":
        return _line("running ONNX", (_RUNTIME,))
    if format == "litert" and not any(map(_installed, _LITERT_RUNTIMES)):
        return _line("running LiteRT", _LITERT_RUNTIMES[:1])
    return ""


def _check_known(format: str) -> None:
    if format not in FORMATS:
        raise UserError(f"no format '{format}': choose one of {', '.join(FORMATS)}")


def _line(what: str, packages: tuple[str, ...]) -> str:
    absent = [package for package in packages if not _installed(package)]
    if not absent:
        return ""
    names = " ".join(_PIP.get(package, package) for package in absent)
    return f"{what} needs a package that is not installed: `pip install {names}`"


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _name(format: str) -> str:
    return {"onnx": "ONNX", "litert": "LiteRT"}[format]
