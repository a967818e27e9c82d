"""What makes one set of activations this one and no other, as one short text.

Everything that the numbers depend on goes in. What they do not depend on stays out, so that a
model that was built a second time finds what the first one left: names that Keras counts up,
and which layers are trainable.
"""

import hashlib
import json
from collections.abc import Iterator
from types import CodeType, FunctionType

import keras
import numpy as np

from helpers.errors import UserError

FORMAT = 1  # of the files; a new one makes all old ones unknown
_BLOCK = 4096  # pictures hashed in one go
_NOT_DECISIVE = {"trainable", "seed", "build_config"}


def key(trunk: keras.Model, images: np.ndarray, facts: dict) -> str:
    """A text that differs as soon as anything does that the activations depend on.

    Custom layers and augmentations count with their code, but not with that of functions which
    they call from elsewhere.

    Args:
        trunk: functional model.
        images: (n, height, width, channels), may be memory-mapped.
        facts: further things that matter, in JSON's types.

    Returns:
        32 hexadecimal digits.
    """
    digest = hashlib.sha256()
    described = [FORMAT, keras.backend.backend(), _network(trunk), facts]
    digest.update(json.dumps(described, sort_keys=True, default=repr).encode())
    for layer in trunk._flatten_layers(include_self=False):
        for text in _code_of_object(layer):
            digest.update(text.encode())
    for weight in trunk.weights:
        _add_array(digest, keras.ops.convert_to_numpy(weight.value))
    _add_array(digest, images)
    return digest.hexdigest()[:32]


def describe(thing: object) -> list[str]:
    """A view's settings and code; texts that hold an address in memory match nothing later."""
    return [repr(thing), *_code_of_object(thing)]


def _network(model: keras.Model) -> object:
    """The configuration with layers numbered instead of named."""
    try:
        config = model.get_config()
    except NotImplementedError as error:
        raise UserError(
            "a layer of the trunk does not describe itself, so its activations can't be told from "
            "others: give its class a get_config method"
        ) from error
    numbers = {layer["name"]: f"layer {i}" for i, layer in enumerate(config.get("layers", ()))}
    return _plain({k: v for k, v in config.items() if k != "name"}, numbers)


def _plain(value: object, numbers: dict[str, str]) -> object:
    if isinstance(value, dict):
        inside = {name: item for name, item in value.items() if name not in _NOT_DECISIVE}
        if value.get("class_name") == "__keras_tensor__":
            operation, *place = value["config"]["keras_history"]
            return [numbers.get(operation, operation), *place, value["config"].get("dtype")]
        if "class_name" in value and "DTypePolicy" not in str(value["class_name"]):
            inside.pop("name", None)
            if isinstance(inside.get("config"), dict):
                inside["config"] = {k: v for k, v in inside["config"].items() if k != "name"}
        ends = {
            name: inside.pop(name) for name in ("input_layers", "output_layers") & inside.keys()
        }
        plain = {str(name): _plain(item, numbers) for name, item in inside.items()}
        return plain | {name: _numbered(item, numbers) for name, item in ends.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, numbers) for item in value]
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.tolist()]
    return value


def _numbered(ends: object, numbers: dict[str, str]) -> object:
    """A model's input or output tensors, (layer, call, output) each, in lists and dictionaries."""
    if isinstance(ends, dict):
        return {name: _numbered(item, numbers) for name, item in ends.items()}
    if isinstance(ends, list | tuple):
        return [_numbered(item, numbers) for item in ends]
    return numbers.get(ends, ends)


def _code_of_object(thing: object) -> Iterator[str]:
    """Digests of the functions that a class outside Keras and the object itself bring along."""
    if isinstance(thing, FunctionType):
        yield _code(thing.__code__)
        return
    for owner in type(thing).__mro__:
        if owner is not object and not owner.__module__.startswith(("keras.", "tensorflow.")):
            for name, member in sorted(vars(owner).items()):
                if isinstance(member, FunctionType):
                    yield name + _code(member.__code__)
    for name, member in sorted(getattr(thing, "__dict__", {}).items()):
        if isinstance(member, FunctionType) and not member.__module__.startswith("keras."):
            yield name + _code(member.__code__)


def _code(code: CodeType) -> str:
    constants = [_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    text = repr((code.co_code, constants, code.co_names))
    return hashlib.sha256(text.encode()).hexdigest()


def _add_array(digest: object, values: np.ndarray) -> None:
    digest.update(f"{tuple(values.shape)} {values.dtype}".encode())
    if len(values.shape) == 0:
        digest.update(np.ascontiguousarray(values).tobytes())
        return
    for start in range(0, values.shape[0], _BLOCK):
        block = np.ascontiguousarray(values[start : start + _BLOCK])
        digest.update(block.reshape(-1).view(np.uint8).data)
