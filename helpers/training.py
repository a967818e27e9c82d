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

_WAYS_OUT = "choose another run_dir, or pass restart=True to begin anew"
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
            an object with `at_epoch(epoch)` gives such a function for each epoch.
        callbacks: Keras callbacks. Attributes in which they remember numbers, texts, arrays, and
            lists and dictionaries of these, are saved too.
        run_dir: folder for this one run; None trains without files.
        seed: seed of order, dropout and augmentation layers; 0 or more.
        restart: forget what is saved in `run_dir` and begin anew.

    Returns:
        History of all epochs, also of those before a break.

    Raises:
        CourseError: `run_dir` holds another run or is in use, all that is saved there is damaged,
            `BackupAndRestore` is among the callbacks, or the loss became NaN.
    """
    x, y = np.asanyarray(x), np.asanyarray(y)  # a guarded test split stays guarded
    if len(x) != len(y) or len(x) == 0:
        raise CourseError(f"{len(x)} images and {len(y)} labels: pass as many of both")
    model(keras.ops.convert_to_tensor(x[:1]), training=False)  # builds a model without an Input
    model.optimizer.build(model.trainable_variables)
    batches, rate, done = _Batches(x, y, batch_size, seed, augment), _rate(model), 0
    folder = Path(run_dir).expanduser() if run_dir else None
    run = _Run(folder, batches, callbacks)
    with _hold(folder) if folder else contextlib.nullcontext():
        if folder:
            run.identity = _identity(model, batches, validation_data, callbacks)
            run.state = None if restart else _reached(folder, run.identity, epochs)
        if run.state:
            done = run.state["epoch"]
            epochs = done if run.state["stopped"] else epochs
            if verbose:
                print(f"resumed after epoch {done} of {epochs}")
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
                callbacks=[*callbacks, run.history, run],
                verbose=verbose,
            )
        finally:
            if isinstance(rate, float):
                model.optimizer.learning_rate = rate
    return run.history


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


class _Run(Callback):
    """Sets the chance of each epoch and, with a folder, saves the whole state after it.

    It comes last, for it saves what other callbacks changed.
    """

    identity = state = None  # `state` is the saved one from which the run goes on

    def __init__(self, folder: Path | None, batches: _Batches, callbacks: Sequence[Callback]):
        super().__init__()
        self.folder, self.batches, self.history = folder, batches, History()
        kinds = [type(callback).__name__ for callback in callbacks]
        names = (f"{kind} {kinds[:i].count(kind)}" for i, kind in enumerate(kinds))
        self.others = dict(zip(names, callbacks, strict=True))  # found again in a new process

    def on_train_begin(self, logs: dict | None = None) -> None:
        # Only now, for most callbacks forget everything when training begins.
        if self.state:
            for i, variable in enumerate(_variables(self.model)):
                variable.assign(self.state["arrays"][f"variable_{i}"])
            for name, callback in self.others.items():
                vars(callback).update(self.state["callbacks"].get(name, {}))
            self.history.epoch, self.history.history = self.state["epochs"], self.state["history"]
        elif self.folder:
            for path in _saved(self.folder):
                path.unlink()
            self._save(0)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.batches.start_epoch(epoch)
        layers = self.model._flatten_layers()
        generators = (g for layer in layers for g in getattr(layer, "_seed_generators", ()))
        for index, generator in enumerate(generators):
            rng = np.random.default_rng([self.batches.seed, epoch, index])
            generator.state.assign([rng.integers(2**31), 0])

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        loss = (logs or {}).get("loss", 0)
        if not math.isfinite(loss):
            remedy = "lower the learning rate, scale the pixels, let the last layer suit the loss"
            raise CourseError(f"the loss became {loss} in epoch {epoch + 1}: {remedy}")
        if self.folder:
            self._save(epoch + 1)

    def _save(self, epoch: int) -> None:
        variables = enumerate(_variables(self.model))
        arrays = {f"variable_{i}": keras.ops.convert_to_numpy(v.value) for i, v in variables}
        facts = {
            "epoch": epoch,
            "stopped": bool(self.model.stop_training),
            "run": self.identity,
            "history": self.history.history,
            "epochs": self.history.epoch,
            "callbacks": {name: _remembered(c, arrays) for name, c in self.others.items()},
        }
        unfinished = self.folder / "state.part"
        with open(unfinished, "wb") as file:
            text = json.dumps(facts, default=lambda value: np.asarray(value).tolist()).encode()
            np.savez(file, json=np.frombuffer(text, np.uint8), **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, self.folder / f"epoch-{epoch:05d}.npz")
        for path in _saved(self.folder)[2:]:  # the newest and the one before stay
            path.unlink(missing_ok=True)


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


def _saved(folder: Path) -> list[Path]:
    """State files, newest first."""
    return sorted(folder.glob(f"epoch-{'[0-9]' * 5}.npz"), reverse=True)


def _reached(folder: Path, identity: dict, epochs: int) -> dict | None:
    """The state to go on from; None for a run that begins."""
    paths = _saved(folder)
    for path in paths:
        if state := _read(path):
            break
        warnings.warn(f"{path} is damaged: the run goes on from an earlier epoch", stacklevel=3)
    else:
        if paths:
            raise CourseError(f"what was saved in {folder} is damaged: {_WAYS_OUT}")
        return None
    found = []
    for key, value in identity.items():
        if (old := state["run"].get(key)) != value:
            short = len(f"{old}{value}") < 60
            found.append(f"{key}: was {old}, now {value}" if short else f"{key}: changed")
    if found:
        raise CourseError(f"{folder} belongs to another run ({'; '.join(found)}): {_WAYS_OUT}")
    if (done := state["epoch"]) > epochs:
        raise CourseError(f"the run in {folder} has {done} epochs, not {epochs}: {_WAYS_OUT}")
    return state


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


def _remembered(callback: Callback, arrays: dict[str, np.ndarray]) -> dict:
    """What a callback remembers, fit for JSON; its arrays go into `arrays`."""

    def apart(value: object) -> dict:
        if not isinstance(value, np.ndarray | np.generic) or value.dtype == object:
            raise TypeError  # such as a function: the callback makes it anew by itself
        arrays[name := f"callbacks_{len(arrays)}"] = value
        return {"array": name}

    remembered = {}
    for name in vars(callback).keys() - {"params", *_settings(callback)}:
        with contextlib.suppress(TypeError, ValueError):
            remembered[name] = json.loads(json.dumps(vars(callback)[name], default=apart))
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
    if any(isinstance(callback, keras.callbacks.BackupAndRestore) for callback in callbacks):
        raise CourseError("leave BackupAndRestore out: it would resume the run a second time")
    digest, rate, compiled = fingerprint.digest, _rate(model), model._compile_config.config
    optimizer = vars(_optimizer(model)).items()
    plain = {k: v for k, v in optimizer if isinstance(v, int | float | str) and k != "name"}
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


def _optimizer(model: keras.Model) -> keras.optimizers.Optimizer:
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)  # in mixed precision


def _rate(model: keras.Model) -> object:
    """The present learning rate, a float, or the schedule that decides it."""
    rate = _optimizer(model)._learning_rate
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
