"""The door for `.keras` files: what a stranger's file holds is looked at before Keras sees it.

A .keras file is a zip file of `config.json`, which describes the layers, `model.weights.h5`, and
`metadata.json`. Keras' safe mode refuses lambda functions; versions before 3.15.1 let other things
through. So everything that the description names must be a class of Keras' own that runs no code
and reads no files, and sizes are bounded before anything is unpacked or built.
"""

import contextlib
import io
import json
import math
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

import keras

from helpers.image_files import shown
from helpers.settings import CourseError

# Limits of a stranger's file. ResNet152 with Adam's state has 720 MB and 900 kB of JSON.
MAX_BYTES = 800_000_000
_MAX_RATIO = 50  # unpacked to packed; weights hardly shrink, and Keras does not pack them at all
_MAX_DESCRIPTION = 4_000_000
_MAX_PARTS = 100_000  # of the description: lists and dictionaries; a layer has about 25
_MAX_LAYERS = 1_200  # NASNetLarge has 1,041

_MEMBERS = ("config.json", "metadata.json", "model.weights.h5")
_SETTINGS = (
    *("keras.constraints", "keras.dtype_policies", "keras.initializers"),
    *("keras.random", "keras.regularizers"),
)
# Inner ones are such as `x / 127.5` between two layers, and layers of Keras' applications.
_LAYERS = ("keras", "keras.layers", "keras.models")
_INNER = ("keras.src.models.", "keras.src.ops.", "keras.src.applications.")
# They run code, or read files of the reader's computer.
_FORBIDDEN = (
    *("Lambda", "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"),
    *("IntegerLookup", "StringLookup", "TextVectorization", "__lambda__"),
)
# Keras' notation for plain values.
_PLAIN = ("__keras_tensor__", "__tensor__", "__numpy__", "__tuple__", "__slice__", "__ellipsis__")
# Settings that came after Keras 3.12, with the value that means "as before": left out, a file from
# a newer Keras opens in an older one.
_NEWER_SETTINGS = {
    **dict.fromkeys(("input_axes", "output_axes", "quantization_config", "sliding_window")),
    **{"renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99, "use_gate": False},
}
_OWN_CODE = (
    "it needs {}, which is its author's own code and not Keras'. Ask for a model without it, or "
    "for the code, and load it with keras.saving.load_model"
)


def load(path: Path) -> keras.Model:
    """The model in a .keras file, uncompiled; only parts that were looked at reach Keras.

    Raises:
        CourseError: no such file, or it is damaged, hostile, or not Keras' own alone.
    """
    name = shown(path.name)
    if not path.is_file() or path.suffix != ".keras":
        raise CourseError(f"{shown(path, 200)} is no .keras file: check the name and the folder")
    try:
        parts = _read_archive(path)
        description = _portable(json.loads(parts["config.json"]))
        description.pop("compile_config", None)  # of the training; it may name anything
        version = shown(json.loads(parts["metadata.json"])["keras_version"], 30)
        if reason := reason_to_refuse(description, version):
            raise CourseError(reason)
        with _no_more_than(_count_weights(parts["model.weights.h5"])):
            return _load_copy(parts, description, version)
    except CourseError as error:
        raise CourseError(f"{name} is refused: {error}") from None
    except Exception:  # zip, JSON and h5 readers raise many kinds for a damaged file
        raise CourseError(f"{name} is damaged or no Keras model: copy it again") from None


def _load_copy(parts: Mapping[str, bytes], description: dict, version: str) -> keras.Model:
    """The model of these parts; Keras reads exactly what was looked at."""
    with tempfile.TemporaryDirectory(prefix="course-model-") as folder:
        clean = Path(folder, "model.keras")
        _write_archive(clean, parts, description)
        try:
            return keras.saving.load_model(clean, compile=False, safe_mode=True)
        except CourseError:
            raise
        except Exception as error:  # Keras raises many kinds for what it does not understand
            last = (str(error) or type(error).__name__).strip().splitlines()[-1]
            raise CourseError(
                f"Keras {keras.__version__} cannot load it, which was saved with Keras {version} "
                f"({shown(last, 100)}). Install that version, or save it with `model_files.save`"
            ) from None


def _read_archive(path: Path) -> dict[str, bytes]:
    """The members of a .keras file; none is unpacked before its size is known."""
    if path.stat().st_size > MAX_BYTES:
        raise CourseError(f"it has over {MAX_BYTES / 1e6:.0f} MB, as no course model")
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name, size = member.filename, member.file_size
            if name not in (*_MEMBERS, "assets/"):
                raise CourseError(f"it also holds '{shown(name)}'")
            limit = MAX_BYTES if name == "model.weights.h5" else _MAX_DESCRIPTION
            if size > min(limit, 1_000_000 + _MAX_RATIO * member.compress_size):
                raise CourseError(f"{name} unpacks to {size / 1e6:,.0f} MB")
        return {name: archive.read(name) for name in _MEMBERS}


def _dictionaries(thing: object) -> Iterator[dict]:
    """Every dictionary in nested JSON, which may not have too many parts."""
    waiting = [thing]
    for _ in range(_MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
        inside = part.values() if isinstance(part, dict) else part
        waiting += [one for one in inside if isinstance(one, dict | list)]
    raise CourseError("its description has too many parts")


def _portable(description: dict) -> dict:
    """Leave out what only a newer Keras knows, where it says nothing."""
    for entry in _dictionaries(description):
        for key, as_before in _NEWER_SETTINGS.items():
            if key in entry and entry[key] == as_before:
                del entry[key]
    return description


def reason_to_refuse(description: dict, version: str = keras.__version__) -> str:
    """Why a model is not opened, whatever Keras would do with it; "" for a good one."""
    layers = 0
    for entry in _dictionaries(description):
        kind, module = entry.get("class_name"), str(entry.get("module"))
        if isinstance(function := entry.get("activation"), dict) and "class_name" not in function:
            return _OWN_CODE.format("a lambda function as an activation")
        if kind is None or kind in _PLAIN:
            continue
        if kind in _FORBIDDEN:
            return f"its layer {kind} could run code or read files. Ask for a model without it"
        if kind == "function":
            return _OWN_CODE.format(f"the function {shown(entry.get('config'))}")
        is_setting = module in _SETTINGS or (module, kind) == ("keras", "DTypePolicy")
        is_ours = is_setting or module in _LAYERS or module.startswith(_INNER)
        if ">" in str(entry.get("registered_name")) or not is_ours:
            return _OWN_CODE.format(f"{shown(kind)} of {shown(module)}")
        layers += not is_setting
        found = getattr(sys.modules.get(module), str(kind), None)
        is_keras = isinstance(found, type) and found.__module__.startswith("keras.")
        if not is_keras or not (is_setting or issubclass(found, keras.Operation)):
            advice = (
                f"Keras {version}, with which it was saved"
                if version != keras.__version__
                else "a newer Keras"
            )
            return (
                f"it needs {shown(kind)}, which Keras {keras.__version__} does not have: "
                f"install {advice}"
            )
    return f"it has over {_MAX_LAYERS:,} layers" if layers > _MAX_LAYERS else ""


def _count_weights(data: bytes) -> int:
    """How many numbers the weights are; refuses those that lie outside the file or lie about it."""
    import h5py

    links, arrays = [], []
    with h5py.File(
        io.BytesIO(data), "r"
    ) as file:  # a visit meets each object once, also in circles
        file.visititems_links(lambda _, link: links.append(link))
        if not all(isinstance(link, h5py.HardLink) for link in links):
            raise CourseError("its weights link to another place")
        file.visititems(lambda _, item: arrays.append(item) if hasattr(item, "dtype") else None)
        if any(one.external or one.is_virtual or one.dtype.hasobject for one in arrays):
            raise CourseError("its weights lie in another file")
        if (size := sum(one.nbytes for one in arrays)) > len(data):
            raise CourseError(f"its weights claim {size / 1e6:,.0f} MB")
        return sum(one.size for one in arrays)


@contextlib.contextmanager
def _no_more_than(numbers: int) -> Iterator[None]:
    """Let layers ask for no more numbers than the file holds: Dense(10**9) would fill memory."""
    plain, asked = keras.layers.Layer.add_weight, []

    def add_weight(self, shape=None, *args, **kwargs):
        asked.append(math.prod(shape or ()))
        if sum(asked) > numbers:
            raise CourseError("its layers are larger than its weights")
        return plain(self, shape, *args, **kwargs)

    with mock.patch.object(keras.layers.Layer, "add_weight", add_weight):
        yield


def make_portable(path: Path) -> dict:
    """Make a file that Keras has saved one that older versions open; returns its description."""
    with zipfile.ZipFile(path) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    description = _portable(json.loads(parts["config.json"]))
    _write_archive(path, parts, description)
    description.pop("compile_config", None)
    return description


def _write_archive(path: Path, parts: Mapping[str, bytes], description: dict) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (parts | {"config.json": json.dumps(description).encode()}).items():
            archive.writestr(name, data)
