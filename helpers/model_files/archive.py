"""Look through a stranger's .keras file, then load it.

A .keras file is a zip file of `config.json`, which describes the layers, `model.weights.h5` and
`metadata.json`. Keras' safe mode refuses lambda functions; versions before 3.15.1 let other things
through. So all that is named in the description must be Keras' own, and the weights must lie in
the file itself.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import keras

from helpers.errors import UserError
from helpers.photos.names import shown

MAX_BYTES = 2 * 2**30  # of all that is in the archive, unpacked
_MAX_DESCRIPTION = 50_000_000
_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
_OWN = {"helpers"}  # what the course itself registers with Keras
_MODULES = (
    "keras.activations",
    "keras.constraints",
    "keras.dtype_policies",
    "keras.initializers",
    "keras.layers",
    "keras.losses",
    "keras.metrics",
    "keras.models",
    "keras.optimizers",
    "keras.random",
    "keras.regularizers",
    "keras.src.layers",
    "keras.src.models",
    "keras.src.ops",
    "keras.ops",
)
# They run code, or read files of the reader's computer.
_FORBIDDEN = {
    "Lambda",
    "TorchModuleWrapper",
    "FlaxLayer",
    "JaxLayer",
    "TFSMLayer",
    "StringLookup",
    "IntegerLookup",
    "TextVectorization",
}
# Keras' notation for plain values; there is one for lambda functions too.
_PLAIN = {"__keras_tensor__", "__tensor__", "__numpy__", "__tuple__", "__slice__", "__ellipsis__"}


def load(path: Path) -> keras.Model:
    """The model in a .keras file, uncompiled.

    Raises:
        UserError: no such file, a damaged or foreign one, or one that holds program code.
    """
    name = shown(path.name)
    if not path.exists():
        raise UserError(f"model file {shown(path)} is missing: check the name and the folder")
    if not path.is_file():
        raise UserError(f"{shown(path)} is no file: name a .keras file")
    if path.suffix != ".keras":
        raise UserError(f"{name} does not end in .keras: save the model with model.save('….keras')")
    _check(path, name)
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds for what it does not understand
        raise UserError(
            f"{name} cannot be loaded ({_first_line(error)}): was it saved by another version of "
            f"Keras than {keras.__version__}?"
        ) from error


def _check(path: Path, name: str) -> None:
    """Refuse a file before Keras sees it."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if "config.json" not in members or "model.weights.h5" not in members:
                raise UserError(f"{name} is a zip file but no Keras model: name another file")
            extra = [one for one in members if one not in _MEMBERS and one.strip("/") != "assets"]
            if extra:
                raise UserError(
                    f"{name} is refused, for it also holds '{shown(extra[0])}': ask its author"
                )
            if sum(info.file_size for info in members.values()) > MAX_BYTES:
                raise UserError(f"{name} unpacks to over {MAX_BYTES >> 30} GB: ask its author")
            if members["config.json"].file_size > _MAX_DESCRIPTION:
                raise UserError(f"{name} is refused, its description is too long: ask its author")
            description = json.loads(archive.read("config.json"))
            weights = archive.read("model.weights.h5")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise UserError(f"{name} is damaged or no Keras model: save it or copy it anew") from None
    except (ValueError, RecursionError):
        raise UserError(
            f"{name} is damaged, its description cannot be read: save it anew"
        ) from None
    except OSError as error:
        raise UserError(f"{name} cannot be read ({error.strerror}): copy it anew") from None
    _check_description(description, name)
    _check_weights(weights, name)


def _check_description(description: object, name: str) -> None:
    """Refuse all that is not Keras' own, whatever Keras would do with it."""
    if not isinstance(description, dict):
        raise UserError(f"{name} is damaged, its description is none: save it anew")
    # The settings of the training are not loaded; those of a model within the model would be.
    description = {key: value for key, value in description.items() if key != "compile_config"}
    for entry in _entries(description):
        kind, module = str(entry["class_name"]), entry.get("module")
        package = str(entry.get("registered_name") or "").rpartition(">")[0]
        if kind in _PLAIN:
            continue
        if kind in _FORBIDDEN or kind.startswith("__"):
            raise UserError(
                f"{name} is refused, its layer {shown(kind)} could run program code or read your "
                "files: ask its author for a model without it"
            )
        is_keras = module in ("keras", "builtins", None) or str(module).startswith(_MODULES)
        is_function = kind == "function" and module not in ("builtins", *_MODULES)
        if package in _OWN:
            continue
        if not is_keras or is_function or package:
            raise UserError(
                f"{name} is refused, it names {shown(kind)} of {shown(str(package or module))}, "
                "which is not Keras' own: ask its author for a model without it"
            )


def _entries(thing: object) -> Iterator[dict]:
    """Every description of an object in nested JSON."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "class_name" in one:
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _check_weights(data: bytes, name: str) -> None:
    """Refuse weights that lie outside the file, or that claim to be huge."""
    import h5py

    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            size = _declared(file, name)
    except UserError:
        raise
    except Exception:  # h5py raises many kinds for damaged files
        raise UserError(f"{name} is damaged, its weights cannot be read: copy it anew") from None
    if size > MAX_BYTES:
        raise UserError(f"{name} is refused, its weights claim to have {size / 1e9:.0f} GB")


def _declared(group, name: str) -> int:
    """Bytes that the arrays in a group declare; what points out of the file is refused."""
    import h5py

    total = 0
    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise UserError(f"{name} is refused, its weights are a link to another place")
        item = group[key]
        if isinstance(item, h5py.Group):
            total += _declared(item, name)
        elif item.external or item.is_virtual:
            raise UserError(f"{name} is refused, its weights lie in another file")
        else:
            total += item.size * item.dtype.itemsize
    return total


def _first_line(error: Exception) -> str:
    return shown((str(error) or type(error).__name__).strip().splitlines()[0], 140)
