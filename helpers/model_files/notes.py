"""What is noted beside a model file, in NAME.json, and whether it fits the model."""

import hashlib
import json
from pathlib import Path

import keras

from helpers.errors import UserError
from helpers.photos.names import shown
from helpers.pictures import WAYS

_MAX_BYTES = 2_000_000
_MAX_NAME = 100


def blank() -> dict:
    """Notes on a model of which nothing is known."""
    return {
        "class_names": None,
        "superclasses": [],
        "how": "crop",
        "size": None,
        "white": None,
        "facts": {},
    }


def read(path: Path) -> tuple[dict, list[str]]:
    """What stands in NAME.json, and what is odd about it."""
    beside = path.with_suffix(".json")
    about = blank()
    if not beside.is_file():
        return about, []
    name = shown(beside.name)
    try:
        if beside.stat().st_size > _MAX_BYTES:
            raise UserError(f"{name} has over {_MAX_BYTES / 1e6:.0f} MB: is it a model's notes?")
        found = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise UserError(f"{name} is damaged: delete it, and tell the class names") from None
    if not isinstance(found, dict):
        raise UserError(f"{name} holds no notes on a model: delete it, and tell the class names")
    about |= {key: found[key] for key in about if key in found}
    notes = []
    if "sha256" in found and found["sha256"] != digest(path):
        notes.append(f"{name} was written for another version of the model; its names may be wrong")
    return about, notes


def check(about: dict, classes: int, source: str) -> None:
    """Refuse notes on a model that do not fit it, wherever they come from.

    Args:
        about: with the keys of `blank`.
        classes: the model's number of outputs.
        source: where the notes come from, for the error.

    Raises:
        UserError: names or options that are none.
    """
    for key in ("class_names", "superclasses"):
        if about[key]:
            _check_names(about[key], key, classes, source)
    if about["class_names"] is not None and len(set(about["class_names"])) != classes:
        raise UserError(f"{source}: {classes} different class names are needed: name each once")
    how, white, size, facts = (about[key] for key in ("how", "white", "size", "facts"))
    is_side = isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= 1024
    if how not in tuple(WAYS) or white not in (None, 1, 255):
        raise UserError(
            f"{source}: how must be one of {', '.join(WAYS)}, and white 255 or 1: mend it"
        )
    if not (size is None or is_side) or not isinstance(facts, dict):
        raise UserError(f"{source}: size must be a number of pixels from 1 to 1024: mend it")


def _check_names(names: object, key: str, classes: int, source: str) -> None:
    if not isinstance(names, list | tuple) or not all(
        isinstance(name, str) and name.strip() and len(name) <= _MAX_NAME for name in names
    ):
        raise UserError(
            f"{source}: {key} must be a list of names of 1 to {_MAX_NAME} letters: mend it"
        )
    if len(names) != classes:
        raise UserError(
            f"{source}: {len(names)} {key.replace('_', ' ')} but the model has {classes} outputs: "
            "pass one for each, in the order of the training"
        )


def outputs(model: keras.Model) -> int:
    """Number of classes of a model with one output (n, classes).

    Raises:
        UserError: it has another kind of output.
    """
    shape = getattr(model, "output_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 2 or not isinstance(shape[1], int):
        raise UserError(
            f"the model's output has shape {shape}: pass one to (n, classes) probabilities"
        )
    return shape[1]


def digest(path: Path) -> str:
    """A file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
