"""What makes a training run this run and not another, and how to say where two differ."""

import dataclasses
import hashlib
import json

import keras
import numpy as np

# Names that Keras counts up within one session, and seeds that it draws anew or `fit` replaces.
_WITHOUT = {"name", "seed", "build_config", "compile_config", "registered_name", "module"}
_DIGITS = 7  # float32 holds no more of a learning rate


def describe(
    model: keras.Model,
    data: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray] | None,
    batch_size: int,
    seed: int,
    augment: object = None,
) -> dict:
    """Everything that decides how a run goes, in JSON's types.

    The weights it starts from are left out, and so is the number of epochs: a run may be extended.
    """
    compiled = model.get_compile_config() or {}
    return {
        "backend": keras.backend.backend(),
        "network": _network(model),
        "training data": _digest(*data),
        "validation data": _digest(*validation) if validation else "none",
        "batch_size": batch_size,
        "seed": seed,
        "augment": _augment(augment),
        "loss": _plain(compiled.get("loss")),
        "metrics": _plain(compiled.get("metrics")),
        "optimizer": _optimizer(model.optimizer),
    }


def learning_rate(optimizer: keras.optimizers.Optimizer) -> object:
    """The present learning rate: a number, or a schedule's settings."""
    return _optimizer(optimizer).get("learning_rate")


def differences(before: dict, now: dict, rates: list) -> list[str]:
    """Where two runs differ, each in a few words.

    Args:
        before, now: results of `describe`.
        rates: further learning rates that the earlier run has had; a callback may have set them.
    """
    found = []
    for key in now:
        if key == "optimizer":
            found += _optimizer_differences(before.get(key, {}), now[key], rates)
        elif before.get(key) != now[key]:
            found.append(_difference(key, before.get(key), now[key]))
    return found


def _augment(augment: object) -> object:
    """Name and settings of what changes the batches; of a plain function its byte code."""
    if isinstance(augment, list | tuple):
        return [_augment(part) for part in augment]
    if dataclasses.is_dataclass(augment):
        fields = {f.name: _augment(getattr(augment, f.name)) for f in dataclasses.fields(augment)}
        return {"class": type(augment).__name__, **fields}
    code = getattr(augment, "__code__", None)
    if code is None:
        return _plain(augment)
    text = repr((code.co_code, [c for c in code.co_consts if not hasattr(c, "co_code")]))
    return {"function": augment.__name__, "code": hashlib.sha256(text.encode()).hexdigest()}


def _optimizer(optimizer: keras.optimizers.Optimizer) -> dict:
    """Class and settings; of the optimizer inside, where mixed precision has wrapped one."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    return {"class": type(optimizer).__name__, **_plain(optimizer.get_config())}


def _optimizer_differences(before: dict, now: dict, rates: list) -> list[str]:
    if before.get("class") != now["class"]:
        return [_difference("optimizer", before.get("class"), now["class"])]
    return [
        _difference(key, before.get(key), now.get(key))
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key)
        and not (key == "learning_rate" and now.get(key) in rates)
    ]


def _difference(key: str, before: object, now: object) -> str:
    if key == "network" and isinstance(before, dict) and isinstance(now, dict):
        if before["parameters"] != now["parameters"]:
            return f"the network had {before['parameters']:,} parameters, now {now['parameters']:,}"
        return "the network's layers or their settings have changed"
    if key in ("training data", "validation data"):
        if "none" in (before, now):
            return f"{key}: there was {'none' if before == 'none' else 'some'} before"
        return f"the {key} have changed"
    texts = [json.dumps(value) for value in (before, now)]
    if max(map(len, texts)) > 60:
        return f"{key} has changed"
    return f"{key} was {texts[0]}, now {texts[1]}"


def _network(model: keras.Model) -> dict:
    """Number of parameters and a digest of all layers' settings and of what is trained."""
    try:
        config = model.get_config()
    except NotImplementedError:  # a subclassed model that does not describe itself
        config = None
    layers = model._flatten_layers(include_self=False)
    names = {layer.name: f"layer {i}" for i, layer in enumerate(layers)} | {model.name: "model"}
    text = json.dumps(
        [
            _plain(config, names),
            [[list(v.shape), str(v.dtype), bool(v.trainable)] for v in model.weights],
        ]
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"parameters": model.count_params(), "digest": digest}


def _plain(value: object, names: dict[str, str] | None = None) -> object:
    """A configuration in JSON's types, with layers numbered instead of named."""
    if isinstance(value, dict):
        return {str(key): _plain(item, names) for key, item in value.items() if key not in _WITHOUT}
    if isinstance(value, list | tuple | set):
        return [_plain(item, names) for item in value]
    if isinstance(value, str):
        return (names or {}).get(value, value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, bool | int | None):
        return value
    if isinstance(value, np.ndarray):
        return _digest(value)
    return getattr(value, "__name__", type(value).__name__)


def _digest(*arrays: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype}".encode())
        for start in range(0, len(array), 4096):
            digest.update(np.ascontiguousarray(array[start : start + 4096]).data)
    return digest.hexdigest()
