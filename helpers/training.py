"""`fit`: `model.fit` that can be killed at any moment and goes on to the very same weights.

Chance is a function of seed and epoch, so that a resumed run draws what it would have drawn. After
each epoch everything that the run needs lies in one file, a NumPy archive without pickles that is
written whole or not at all. The file before it is kept too, in case the newest is damaged.
"""

import contextlib
import inspect
import json
import math
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import filelock
import keras
import numpy as np
from keras.callbacks import Callback, EarlyStopping, History

from helpers import fingerprint
from helpers.settings import CourseError

_KEPT = 2
_WAYS_OUT = "choose another run_dir, or pass restart=True to begin anew"
_REFUSED = {
    keras.callbacks.BackupAndRestore: "would resume the run a second time",
    keras.callbacks.CSVLogger: "would lose the first epochs; save pd.DataFrame(history.history)",
}
# Callbacks that decide how a run goes.
_STEERING = EarlyStopping, keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau


def fit(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int = 128,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    augment: Callable | None = None,
    callbacks: Sequence[Callback] = (),
    run_dir: Path | str | None = None,
    seed: int = 1001,
    restart: bool = False,
    verbose: int | str = 1,
) -> History:
    """Train a compiled model; with a `run_dir`, so that a kill at any moment costs one epoch.

    The same call in a new process goes on after the last whole epoch, and on a CPU ends with the
    same weights, bit for bit, as a run that was never killed. A finished run returns at once; with
    more `epochs` it goes on, if no callback had stopped it. At the end the optimizer gets back the
    learning rate it had, so that the call can be repeated.

    Args:
        model: compiled model with one input and one output.
        x: (n, ...) images, uint8 or float, as the model takes them.
        y: (n,) class numbers, or (n, classes) one-hot rows, as the loss takes them.
        epochs, batch_size, verbose: as for `model.fit`; epochs already done count.
        validation_data: (images, labels) to be judged after each epoch.
        augment: changes each training batch, `augment(images, labels, rng)` to (images, labels);
            an object with `at_epoch(epoch)` gives such a function, or None, for each epoch.
        callbacks: Keras callbacks. Attributes in which they remember numbers, texts, arrays, and
            lists and dictionaries of these, are saved too.
        run_dir: folder for this one run; None trains without files.
        seed: seed of order, dropout and augmentation layers; 0 or more.
        restart: forget what is saved in `run_dir` and begin anew.

    Returns:
        History of all epochs, also of those before a break.

    Raises:
        CourseError: `run_dir` holds another run or is in use, all that is saved there is damaged,
            a callback would disturb the resume, or the loss became NaN.
    """
    x, y = np.asanyarray(x), np.asanyarray(y)  # a guarded test split stays guarded
    if len(x) != len(y) or len(x) == 0:
        raise CourseError(f"{len(x)} images and {len(y)} labels: pass as many of both")
    model(keras.ops.convert_to_tensor(x[:1]), training=False)  # builds a model without an Input
    model.optimizer.build(model.trainable_variables)
    rate = _rate(model)
    batches = _Batches(x, y, batch_size, seed, augment)
    history, done = History(), 0
    watching = [_Guide(batches), *callbacks, history]
    folder = Path(run_dir).expanduser() if run_dir else None
    with _hold(folder) if folder else contextlib.nullcontext():
        if folder:
            run = _identity(model, batches, validation_data, callbacks)
            state = _reached(folder, run, epochs, restart)
            if state:
                done = state["epoch"]
                epochs = done if state["stopped"] else epochs
                if verbose:
                    print(f"resumed after epoch {done} of {epochs}")
            watching.append(_Saver(folder, run, callbacks, history, state))
        batches.start_epoch(done, epochs - 1)
        try:
            # A finished run passes through here too, for no epoch at all: what happens at the end
            # of training, as EarlyStopping's return to the best weights, happens again.
            model.fit(
                batches,
                epochs=epochs,
                initial_epoch=done,
                shuffle=False,
                validation_data=validation_data,
                validation_batch_size=max(batch_size, 256),  # judging is faster in large batches
                callbacks=watching,
                verbose=verbose,
            )
        finally:
            if isinstance(rate, float):
                model.optimizer.learning_rate = rate
    return history


class _Batches(keras.utils.PyDataset):
    """Batches whose order and augmentation only seed and epoch decide."""

    def __init__(self, x, y, batch_size: int, seed: int, augment: Callable | None):
        super().__init__()
        self.x, self.y, self.batch_size = x, y, batch_size
        self.seed, self.augment = seed, augment

    def __len__(self) -> int:
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        change = self.changes[index % len(self.changes)]
        if change is None:
            return self.x[rows], self.y[rows]
        # A generator of its own for each batch: the batches may be asked for in any order.
        rng = np.random.default_rng([self.seed, self.epoch, index])
        return change(self.x[rows], self.y[rows], rng)

    def start_epoch(self, epoch: int, *others: int) -> None:
        """Shuffle for an epoch, counted from 0; let batches of other epochs take turns with it.

        Keras' TensorFlow backend looks at the first two batches before it trains, and takes sides
        that agree for fixed. From two epochs it learns which differ from epoch to epoch.
        """
        at_epoch = getattr(self.augment, "at_epoch", lambda _epoch: self.augment)
        self.epoch, self.changes = epoch, [at_epoch(number) for number in (epoch, *others)]
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.x))


class _Guide(Callback):
    """Comes first: sets the chance of each epoch, and ends a run whose loss is NaN or infinite."""

    def __init__(self, batches: _Batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.batches.start_epoch(epoch)
        layers = self.model._flatten_layers()
        generators = (g for layer in layers for g in getattr(layer, "_seed_generators", ()))
        for index, generator in enumerate(generators):
            state = np.zeros(generator.state.shape, generator.state.dtype)
            state[0] = np.random.default_rng([self.batches.seed, epoch, index]).integers(2**31)
            generator.state.assign(state)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        loss = (logs or {}).get("loss", 0)
        if not math.isfinite(loss):
            raise CourseError(
                f"the loss became {loss} in epoch {epoch + 1}: lower the learning rate (usually by "
                "10), scale the pixels, and let the last layer suit the loss (softmax?)"
            )


class _Saver(Callback):
    """Saves the whole state after each epoch; comes last, for it saves what others changed."""

    def __init__(self, folder, run, callbacks, history, state: dict | None):
        super().__init__()
        self.folder, self.run, self.others, self.past = folder, run, _named(callbacks), history
        self.state = state

    def on_train_begin(self, logs: dict | None = None) -> None:
        # Only now, for most callbacks forget everything when training begins.
        if self.state is None:
            self._save(0)
            return
        for i, variable in enumerate(_variables(self.model)):
            variable.assign(self.state["arrays"][f"variable_{i}"])
        for name, callback in self.others.items():
            vars(callback).update(self.state["callbacks"].get(name, {}))
        self.past.epoch, self.past.history = self.state["epochs"], self.state["history"]

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._save(epoch + 1)

    def _save(self, epoch: int) -> None:
        values = [keras.ops.convert_to_numpy(v.value) for v in _variables(self.model)]
        arrays = {f"variable_{i}": value for i, value in enumerate(values)}
        facts = {
            "epoch": epoch,
            "stopped": bool(self.model.stop_training),
            "run": self.run,
            "history": {k: np.asarray(v).tolist() for k, v in self.past.history.items()},
            "epochs": self.past.epoch,
            "callbacks": {name: _remembered(c, arrays) for name, c in self.others.items()},
        }
        unfinished = self.folder / "state.part"
        with open(unfinished, "wb") as file:
            np.savez(file, json=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, self.folder / f"epoch-{epoch:05d}.npz")
        for path in _paths(self.folder)[_KEPT:]:
            path.unlink(missing_ok=True)


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


def _paths(folder: Path) -> list[Path]:
    """State files, newest first."""
    return sorted(folder.glob(f"epoch-{'[0-9]' * 5}.npz"), reverse=True)


def _read(path: Path) -> dict | None:
    """A saved state; None for a file that is damaged, which the archive's checksums show."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        text = arrays.pop("json").tobytes()
        facts = json.loads(text, object_hook=lambda d: arrays[d["array"]] if "array" in d else d)
        return facts | {"arrays": arrays}
    except Exception:  # a flipped byte raises nearly any kind
        return None


def _reached(folder: Path, run: dict, epochs: int, restart: bool) -> dict | None:
    """The state to go on from; None for a run that begins."""
    for path in _paths(folder) if restart else ():
        path.unlink()
    paths = _paths(folder)
    if not paths:
        return None
    for path in paths:
        if state := _read(path):
            break
        warnings.warn(f"{path} is damaged: the run goes on from an earlier epoch", stacklevel=3)
    else:
        raise CourseError(f"what was saved in {folder} is damaged: {_WAYS_OUT}")
    found = []
    for key, value in run.items():
        if (old := state["run"].get(key)) != value:
            short = len(f"{old}{value}") < 60
            found.append(f"{key}: was {old}, now {value}" if short else f"{key}: changed")
    if found:
        raise CourseError(f"{folder} belongs to another run ({'; '.join(found)}): {_WAYS_OUT}")
    if state["epoch"] > epochs:
        number = state["epoch"]
        raise CourseError(f"the run in {folder} has {number} epochs, not {epochs}: {_WAYS_OUT}")
    return state


def _named(callbacks: Sequence[Callback]) -> dict[str, Callback]:
    """Callbacks by class and number, so that they are found again in a new process."""
    kinds = [type(callback).__name__ for callback in callbacks]
    return {f"{kind} {kinds[:i].count(kind)}": callbacks[i] for i, kind in enumerate(kinds)}


def _remembered(callback: Callback, arrays: dict[str, np.ndarray]) -> dict:
    """What a callback remembers, fit for JSON; its arrays go into `arrays`."""

    def plain(value: object) -> object:
        if not isinstance(value, np.ndarray | np.generic) or value.dtype == object:
            raise TypeError  # such as a function: the callback makes it anew by itself
        if value.ndim == 0:
            return value.item()
        arrays[name := f"callbacks_{len(arrays)}"] = value
        return {"array": name}

    remembered = {}
    for name, value in vars(callback).items():
        with contextlib.suppress(TypeError, ValueError):
            if name not in ("params", *_settings(callback)):
                remembered[name] = json.loads(json.dumps(value, default=plain))
    return remembered


def _settings(callback: Callback) -> dict:
    """The attributes that are named like arguments of the constructor."""
    names = inspect.signature(type(callback).__init__).parameters
    settings = {name: getattr(callback, name, None) for name in names}
    # Keras turns the sign of min_delta once training has begun.
    return {k: abs(v) if isinstance(v, int | float) else v for k, v in settings.items()}


def _identity(model, batches: _Batches, validation, callbacks) -> dict:
    """Everything that decides how a run goes: short values, and digests of long ones.

    The weights it starts from are left out, and so is the number of epochs: a run may be extended.
    """
    for kind, reason in _REFUSED.items():
        if any(isinstance(callback, kind) for callback in callbacks):
            raise CourseError(f"leave {kind.__name__} out: it {reason}")
    digest, rate, compiled = fingerprint.digest, _rate(model), model._compile_config.config
    optimizer = vars(getattr(model.optimizer, "inner_optimizer", model.optimizer))
    plain = {k: v for k, v in optimizer.items() if isinstance(v, int | float | str) and k != "name"}
    steering = [c for c in callbacks if isinstance(c, _STEERING)]
    return {
        "backend": keras.backend.backend(),
        "number of parameters": model.count_params(),
        "network": fingerprint.network(model),
        "training data": [fingerprint.array(array) for array in (batches.x, batches.y)],
        "validation data": [fingerprint.array(np.asarray(array)) for array in validation or ()],
        "batch_size": batches.batch_size,
        "seed": batches.seed,
        "augment": digest(batches.augment),
        "loss": digest([model.loss, compiled.get("loss_weights")]),
        "metrics": digest([compiled.get("metrics"), compiled.get("weighted_metrics")]),
        "callbacks": digest([_settings(c) | {"verbose": type(c)} for c in steering]),
        "optimizer": type(model.optimizer).__name__,
        "optimizer's settings": digest(plain),
        "learning_rate": f"{rate:.7g}" if isinstance(rate, float) else digest(rate),
    }


def _rate(model: keras.Model) -> object:
    """The present learning rate, a float, or the schedule that decides it."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # mixed precision
    rate = optimizer._learning_rate
    return float(keras.ops.convert_to_numpy(rate)) if isinstance(rate, keras.Variable) else rate


def _hold(folder: Path) -> contextlib.AbstractContextManager:
    """Make the run's folder and hold it against other processes; a killed one's hold is void."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return filelock.FileLock(folder / ".lock").acquire(timeout=0)
    except filelock.Timeout:
        text = f"another process is training in {folder}: wait, or choose another run_dir"
        raise CourseError(text) from None
    except (OSError, NotImplementedError):
        return contextlib.nullcontext()  # some network drives know no locks
