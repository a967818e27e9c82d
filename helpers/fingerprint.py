"""Whether two settings are the same: a digest of what a function does and of what it has bound.

A function is told from another by its code, its default arguments, the variables it encloses and
the global ones it reads, so that a changed number in any of them shows. What belongs to Python or
to an installed package counts by its name, and a Keras object by its configuration.
"""

import hashlib
import inspect
import json
import sys
import types
import warnings
from functools import partial

import keras
import numpy as np

# Names that Keras counts up within one session, and seeds that it draws anew or `fit` replaces.
_UNSTABLE = {"name", "seed", "built", "build_config", "compile_config", "registered_name"}
_UNSTABLE |= {"input_layers", "output_layers"}
# What methods, decorated functions and the like consist of.
_PARTS = "__name__", "__func__", "__self__", "__wrapped__", "func", "args", "keywords", "_fn_kwargs"


def digest(value: object) -> str:
    """A text that is the same for equal settings, also in another process.

    Args:
        value: function, callable object, loss, layer, or any nesting of plain values and arrays.
    """
    with warnings.catch_warnings(action="ignore"):  # of lambdas and of old names in modules
        return hashlib.sha256(json.dumps(_read(value, {})).encode()).hexdigest()


def network(model: keras.Model) -> str:
    """A digest of all layers' settings, of what is trained, and of functions in the layers."""
    return digest(model)


def array(values: np.ndarray) -> str:
    """A digest of an array's shape, dtype and content."""
    found = hashlib.sha256(f"{values.shape} {values.dtype}".encode())
    found.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8))
    return found.hexdigest()


def _read(value: object, seen: dict[int, tuple[str, object]]) -> object:
    """What a value consists of, in nested lists of texts.

    Things may refer to each other: `seen` holds, by id, a text for each that was met before, and
    the thing itself so that its id stays its own.
    """
    read = partial(_read, seen=seen)
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, tuple | list):
        return [read(item) for item in value]
    if isinstance(value, set | frozenset):  # in any order: it must not change the numbers
        return sorted((_read(item, dict(seen)) for item in value), key=str)
    if isinstance(value, types.CodeType):
        return [value.co_code.hex(), read((value.co_names, value.co_consts))]
    if id(value) in seen:
        return seen[id(value)][0]
    seen[id(value)] = f"number {len(seen)}", value
    if isinstance(value, dict):
        return [[str(key), read(value[key])] for key in sorted(value, key=str)]
    if hasattr(type(value), "__array__"):
        items = np.asarray(value)
        return read(items.tolist()) if items.dtype == object else array(items)
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, types.FunctionType | type) and _is_library(value):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, types.FunctionType):
        return read((value.__code__, value.__defaults__, value.__kwdefaults__, _outer(value)))
    if isinstance(value, type):
        own = {k: v for k, v in vars(value).items() if callable(v) or not k.startswith("__")}
        return read((value.__qualname__, own, value.__bases__))
    parts = tuple(getattr(value, name, None) for name in _PARTS)
    return [read((type(value), *parts, _attributes(value))), _config(value, read)]


def _outer(function: types.FunctionType) -> dict:
    """Variables that a function reads from outside.

    Of a module, or an object that can't be called, only what the code names: a closure over a data
    set does not depend on all of its images.
    """
    names = _names(function.__code__)
    outer = {k: v for k, v in function.__globals__.items() if k in names}
    outer |= inspect.getclosurevars(function).nonlocals
    for k, v in outer.items():
        if hasattr(v, "__dict__") and not callable(v) and not hasattr(type(v), "__array__"):
            outer[k] = {name: getattr(v, name) for name in names if hasattr(v, name)} or v
    return outer


def _names(code: types.CodeType) -> set[str]:
    """Names of the globals and attributes in code, and in the functions within."""
    inner = [_names(const) for const in code.co_consts if isinstance(const, types.CodeType)]
    return set(code.co_names).union(*inner)


def _attributes(value: object) -> object:
    """What counts of an object beside its configuration."""
    if isinstance(value, keras.Model):
        weights = [(tuple(v.shape), str(v.dtype), v.trainable) for v in value.weights]
        return weights, list(value._flatten_layers(include_self=False))
    found = getattr(value, "__dict__", {}).items()
    if isinstance(value, types.SimpleNamespace):
        return vars(value)
    if _is_library(type(value)) or isinstance(value, keras.Layer):  # the user's functions
        return {k: v for k, v in found if isinstance(v, types.FunctionType | partial)}
    if hasattr(value, "get_config"):  # Keras' private attributes and variables change
        kept = {k: v for k, v in found if k[0] != "_" and k not in _UNSTABLE}
        return {k: v for k, v in kept.items() if not isinstance(v, keras.Variable)}
    return object.__getstate__(value)


def _config(value: object, read) -> object:
    """What Keras says of an object, without what differs between two equal ones."""
    layers = [x.name for x in value._flatten_layers()] if isinstance(value, keras.Model) else []

    def stable(found: dict) -> object:
        if found.get("class_name") == "__lambda__":  # holds the name of a temporary file
            return "lambda"
        if list(found) == ["name"]:  # of a precision
            return found["name"]
        if "keras_history" in found:  # the layer that an input comes from
            return [layers.index(found["keras_history"][0]), found["keras_history"][1:]]
        return {k: v for k, v in found.items() if k not in _UNSTABLE}

    try:
        return json.loads(json.dumps(value.get_config(), default=read), object_hook=stable)
    except Exception:  # undescribed, without source, in a circle: each backend has its own kinds
        return None


def _is_library(thing: object) -> bool:
    """It comes with Python or with an installed package."""
    name = getattr(thing, "__module__", None) or ""
    file = getattr(sys.modules.get(name), "__file__", None) or ""
    known = {"keras", "numpy", *sys.stdlib_module_names}
    return name.split(".")[0] in known or "site-packages" in file or "dist-packages" in file
