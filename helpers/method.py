"""A record of method: what a notebook trained, on which images, and what judged it.

    with method.record() as seen:
        ...                 # any Keras code
    seen.table()            # what was done
    seen.findings()         # what cannot be right, and why

It notes what `compile`, `fit`, `evaluate` and `predict` of Keras are given, also inside a search of
keras-tuner, and changes nothing of what they do. What it cannot see (NumPy, scikit-learn, own
training loops), it says nothing about: no finding means only that nothing was noticed.
"""

import contextlib
import functools
import inspect
import re
import sys
import tomllib
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers import method_data
from helpers.method_data import Given
from helpers.settings import DATA

if TYPE_CHECKING:
    import pandas as pd

_WATCHED = ("compile", "fit", "evaluate", "predict")
_LOADERS = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
_LOADERS |= {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
_KEPT = 2  # latest trained networks whose images are kept, to look for copies
_KEEP_PIXELS = ("InputLayer", "Resizing", "CenterCrop", "Reshape", "Flatten", "ZeroPadding2D")
_DECIDE = ("EarlyStopping", "ReduceLROnPlateau")  # callbacks for which validation data decides


@dataclass
class Setup:
    """One `compile`: where, with which optimizer and which loss."""

    place: tuple
    optimizer: str = ""
    rate: float | None = None
    schedule: Callable | None = None
    loss: str = ""
    from_logits: bool | None = None


@dataclass
class Call:
    """One call of `fit`, `evaluate` or `predict`.

    Attributes:
        cell: number of the notebook's cell; outside of notebooks the line.
        place: file and line of the user's calls that led to it.
        model: the model's name; `number` tells two models of one name apart.
        given, val: what it was given, and the validation data of a `fit`.
        before, after: digests of the weights.
        trainable, frozen: which weights could change, and how many could not.
        activation, units: of the output.
        factor: by which the model itself multiplies pixels, before its first weights.
        steps, begin: optimizer steps of this `fit`, and those before.
        epochs, first: number of epochs, and the first one.
        copies: fraction of the images that judge with a changed copy in the training images.
        same: fraction of those that `validation_split` takes that are training images too.
        split: `validation_split`.
        decides: callbacks, or a search, for which the validation data decides something.
        seed: of Keras' random numbers; None if none was set.
        times: how often it was called.
    """

    kind: str
    cell: int
    place: tuple
    model: str
    number: int
    setup: Setup | None
    given: Given
    val: Given | None = None
    before: tuple = ()
    after: tuple = ()
    trainable: frozenset = frozenset()
    frozen: int = 0
    activation: str = ""
    units: int | None = None
    factor: float = 1.0
    steps: int | None = None
    begin: int = 0
    epochs: int = 1
    first: int = 0
    copies: float = 0.0
    same: float = 0.0
    split: float = 0.0
    decides: tuple[str, ...] = ()
    seed: int | None = None
    times: int = 1


@dataclass(eq=False)  # two records are two, also while both are empty
class Record:
    """What was noted between `start` and `stop`.

    Attributes:
        calls: in their order; a call repeated from one place with the same data is there once.
        cell: number of the running cell, for whoever runs cells without IPython's counter.
    """

    calls: list[Call] = field(default_factory=list)
    cell: int | None = None
    _setups: dict = field(default_factory=dict)  # id of a model: a weak reference, its Setup
    _trained: dict = field(default_factory=dict)  # digest of weights: what they were trained on
    _known: method_data.Known | None = None

    @property
    def known(self) -> method_data.Known:
        """The images of published data sets that can be recognized."""
        if self._known is None:
            self._known = method_data.samples().copy()
        return self._known

    def stop(self) -> None:
        """Note nothing more."""
        if self in _running:
            _running.remove(self)
        if not _running:
            _unhook()

    def table(self) -> "pd.DataFrame":
        """What was trained and judged, on what: cell, call, model, images, pixels, note."""
        import pandas as pd

        rows = [_row(call) for call in self.calls]
        return pd.DataFrame(rows, columns=["cell", "call", "model", "images", "pixels", "note"])

    def findings(self) -> "pd.DataFrame":
        """What cannot be right: cell, bug (a row of `catalog()`), name, reason."""
        import pandas as pd

        from helpers import method_rules

        found = method_rules.findings(self.calls)
        names = catalog()["name"]
        rows = [(one.cell, one.bug, names[one.bug], _plain(one.reason)) for one in found]
        return pd.DataFrame(rows, columns=["cell", "bug", "name", "reason"])


def _plain(text: str) -> str:
    """A sentence for a table, where backticks are only signs."""
    return text[0].upper() + text[1:].replace("`", "") if text[0] != "`" else text.replace("`", "")


def catalog() -> "pd.DataFrame":
    """The bugs of lesson 14: a row for each, with name, symptom, why, cost, mend and lesson."""
    import pandas as pd

    text = re.sub(r"<!--.*?-->", "", (DATA / "clinic.toml").read_text("utf-8"))
    return pd.DataFrame(tomllib.loads(text)["bug"]).set_index("id")


@contextlib.contextmanager
def record() -> Iterator[Record]:
    """Note what happens inside; an outer record pauses meanwhile."""
    seen = start()
    try:
        yield seen
    finally:
        seen.stop()


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Let records note nothing inside."""
    with record() if _running else contextlib.nullcontext():
        yield


def start() -> Record:
    """Note what happens from now on, until `stop`."""
    if not _running:
        _hook()
    _running.append(Record())
    return _running[-1]


# --- hooks --------------------------------------------------------------------------------------

_running: list[Record] = []
_undo: list[Callable] = []
_inside = False  # a call of Keras that calls another one


def _hook() -> None:
    import keras

    for name in _WATCHED:
        _replace(keras.Model, name, _watched(name, getattr(keras.Model, name)))
    for place in ("keras", "keras.src", "keras._tf_keras.keras"):
        for name, title in _LOADERS.items():
            if module := sys.modules.get(f"{place}.datasets.{name}"):
                _replace(module, "load_data", _watched_loader(title, module.load_data))


def _replace(owner: Any, name: str, new: Any) -> None:
    """Set an attribute, to be set back unless somebody else has replaced it meanwhile."""
    own, old = name in vars(owner), getattr(owner, name)

    def back() -> None:
        if vars(owner).get(name) is new:
            setattr(owner, name, old) if own else delattr(owner, name)

    setattr(owner, name, new)
    _undo.append(back)


def _unhook() -> None:
    while _undo:
        _undo.pop()()


def _watched(name: str, original: Callable) -> Callable:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def call(self, *args, **kwargs):
        global _inside
        if _inside or not _running:
            return original(self, *args, **kwargs)
        note = _quietly(_before, _running[-1], name, self, signature, args, kwargs)
        _inside, result = True, None
        try:
            result = original(self, *args, **kwargs)
            return result
        finally:
            _inside = False
            _quietly(_after, _running[-1], name, self, note, result)

    return call


def _watched_loader(title: str, original: Callable) -> Callable:
    @functools.wraps(original)
    def load_data(*args, **kwargs):
        loaded = original(*args, **kwargs)
        if _running:
            _quietly(_learn, _running[-1], title, loaded)
        return loaded

    return load_data


def _learn(seen: Record, title: str, loaded: tuple) -> None:
    for split, (images, labels) in zip(("train", "test"), loaded, strict=True):
        seen.known.add(title, split, images, labels)


def _quietly(function: Callable, *args: Any) -> Any:
    """What it returns; None if it fails: a record must never break the run that it watches."""
    with contextlib.suppress(Exception):
        return function(*args)


# --- what is noted ------------------------------------------------------------------------------


def _before(seen: Record, name: str, model, signature, args, kwargs) -> Call | None:
    if name == "compile":
        return None
    told = signature.bind(model, *args, **kwargs)
    told.apply_defaults()
    told = told.arguments
    data = _given(seen, told["x"], told.get("y"))
    place, cell, searching = _place(seen)
    call = Call(name, cell, place, model.name, id(model), _setup(seen, model), data)
    call.before = call.after = _digest(model)
    if name == "fit":
        _note_fit(seen, call, model, told, searching)
    judged, trained = (call.val, data) if name == "fit" else (data, seen._trained.get(call.before))
    if call.split and isinstance(told["x"], np.ndarray):
        parts = method_data.split_off(told["x"], call.split)
        trained, judged = (_given(seen, part, None) for part in parts)
        if judged.images is not None:
            call.same = judged.rows.share_in(trained.rows)
    if judged is not None and trained is not None and name != "predict":
        call.copies = _quietly(method_data.share_of_copies, judged, trained) or 0.0
    return call


def _given(seen: Record, x: Any, y: Any) -> Given:
    """What can be seen of it; if it can't be read, the call still counts."""
    return _quietly(method_data.given, x, y, seen.known) or Given()


def _note_fit(seen: Record, call: Call, model, told: dict, searching: bool) -> None:
    from keras.src.utils import rng_utils

    data, val = call.given, told["validation_data"]
    call.split = told["validation_split"] or 0.0
    call.first, call.epochs = told["initial_epoch"], told["epochs"] - told["initial_epoch"]
    call.seed = rng_utils.get_random_seed()
    call.begin = int(model.optimizer.iterations) if model.optimizer else 0
    batches = told["steps_per_epoch"] or data.batches
    if batches is None and data.n:
        batches = -(-int(data.n * (1 - call.split)) // (told["batch_size"] or 32))
    call.steps = batches * call.epochs if batches else None
    decides = [type(one).__name__ for one in _list(told["callbacks"]) if _decides(one)]
    call.decides = (*decides, *(["the search"] if searching else []))
    if val is not None:
        pair = val if isinstance(val, tuple | list) else (val, None)
        call.val = _given(seen, pair[0], pair[1])


def _after(seen: Record, name: str, model, call: Call | None, result: Any) -> None:
    if name == "compile":
        weak = weakref.ref(model)
        seen._setups[id(model)] = weak, _setup_of(model, _place(seen)[0])
    elif call is not None:
        # A network may know its layers' shapes only now.
        call.activation, call.units = _output(model)
        call.factor = _factor(model)
        call.trainable = frozenset(id(weight) for weight in model.trainable_weights)
        call.frozen = len(model.weights) - len(call.trainable)
        if call.steps and hasattr(result, "epoch"):  # early stopping may have ended it
            call.steps = call.steps // call.epochs * len(result.epoch)
        call.after = _digest(model) if name == "fit" else call.before
        if name == "fit":
            seen._trained[call.after] = call.given
            for digest in list(seen._trained)[:-_KEPT]:  # their images take memory
                seen._trained.pop(digest).images = None
        else:
            call.given.images = None
        last = seen.calls[-1] if seen.calls else None
        if last and name != "fit" and _alike(last, call):
            last.times += 1
        else:
            seen.calls.append(call)
        if call.val:
            call.val.images = None


def _alike(a: Call, b: Call) -> bool:
    """The same call again, as in a loop over images."""
    keys = ("kind", "cell", "place", "number", "before")
    ranges = (a.given.low, a.given.high) == (b.given.low, b.given.high)
    return all(getattr(a, key) == getattr(b, key) for key in keys) and ranges


def _list(callbacks: Any) -> list:
    found = getattr(callbacks, "callbacks", callbacks)
    return list(found) if isinstance(found, list | tuple) else [found] if found else []


def _decides(callback: Any) -> bool:
    name = type(callback).__name__
    best = name == "ModelCheckpoint" and getattr(callback, "save_best_only", False)
    return (name in _DECIDE or best) and str(getattr(callback, "monitor", "")).startswith("val_")


def _setup(seen: Record, model) -> Setup | None:
    weak, setup = seen._setups.get(id(model), (lambda: None, None))
    return setup if weak() is model else None


def _setup_of(model, place: tuple) -> Setup:
    optimizer, loss = model.optimizer, model.loss
    rate = getattr(optimizer, "_learning_rate", None)
    found = Setup(place, type(optimizer).__name__)
    if _is_keras(rate) and callable(rate):
        found.schedule = rate
    elif hasattr(rate, "assign"):
        found.rate = float(rate)
    found.loss = loss if isinstance(loss, str) else getattr(loss, "name", None) or ""
    if "crossentropy" in found.loss.lower() and (isinstance(loss, str) or _is_keras(loss)):
        found.from_logits = bool(getattr(loss, "from_logits", False))
    return found


def _is_keras(thing: Any) -> bool:
    return type(thing).__module__.partition(".")[0] == "keras"


def _place(seen: Record) -> tuple[tuple, int, bool]:
    """The user's lines that led to this call, number of the cell, and whether a search runs."""
    frame, searching, lines, space = sys._getframe(1), False, [], None
    while frame is not None:
        room = frame.f_globals.get("__name__", "").partition(".")[0]
        searching |= room == "keras_tuner" and frame.f_code.co_name == "search"
        if space is None and room not in ("keras", "keras_tuner", "helpers", "contextlib"):
            space = frame.f_globals
        if space is frame.f_globals:
            lines.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    cell = seen.cell
    if cell is None:
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        cell = shell.execution_count if shell else lines[-1][1]
    return tuple(lines), cell, searching


def _digest(model) -> tuple:
    """A few sums that change when weights do."""
    weights = (np.asarray(weight).reshape(-1) for weight in model.weights)
    return tuple(float(w[:: max(1, len(w) // 256)].sum(dtype=np.float64)) for w in weights)


def _output(model) -> tuple[str, int | None]:
    """Activation ("" if it cannot be seen) and number of the outputs."""
    if not getattr(model, "built", False) or len(getattr(model, "outputs", None) or []) != 1:
        return "", None
    units, history = int(model.outputs[0].shape[-1] or 0), model.outputs[0]._keras_history
    if len(model.outputs[0].shape) != 2:  # one answer for each pixel, for example
        return "", None
    while True:
        layer = history.operation
        kind = type(layer).__name__
        if kind in ("Softmax", "ReLU"):
            return "" if getattr(layer, "max_value", None) else kind.lower(), units
        if hasattr(layer, "outputs") and hasattr(layer, "layers"):
            history = layer.outputs[0]._keras_history
        elif (function := getattr(layer, "activation", None)) is not None:
            return getattr(function, "__name__", ""), units
        elif kind in ("Rescaling", "Reshape", "Flatten", "Dropout"):
            history = layer._inbound_nodes[history.node_index].input_tensors[0]._keras_history
        else:
            return "", units


def _factor(model) -> float:
    """By what the layers before the first weights multiply; 1 if that cannot be seen."""
    factor, layers = 1.0, getattr(model, "layers", [])
    if len(getattr(model, "operations", layers)) != len(layers):  # arithmetic between layers
        return factor
    for layer in layers:
        kind = type(layer).__name__
        if kind == "Rescaling" and np.ndim(layer.scale) == 0:
            factor *= float(layer.scale)
        elif hasattr(layer, "layers"):
            return factor * _factor(layer)
        elif kind not in _KEEP_PIXELS and not kind.startswith("Random"):
            break
    return factor


# --- the table ----------------------------------------------------------------------------------


def _row(call: Call) -> tuple:
    low, high = call.given.low, call.given.high
    pixels = "" if low is None else f"{low:.4g} to {high:.4g}"
    notes = []
    if call.kind == "fit":
        notes.append("1 epoch" if call.epochs == 1 else f"{call.epochs} epochs")
        notes.append("no seed" if call.seed is None else f"seed {call.seed}")
        if call.frozen:
            notes.append(f"{len(call.trainable)} weights learn, {call.frozen} do not")
        if call.val is not None:
            decides = f" ({', '.join(call.decides)})" if call.decides else ""
            notes.append(f"validation: {call.val.told}{decides}")
        elif call.split:
            notes.append(f"validation: the last {call.split:.0%}")
    if call.times > 1:
        notes.append(f"{call.times} times")
    return call.cell, call.kind, call.model, call.given.told, pixels, "; ".join(notes)
