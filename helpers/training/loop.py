"""`fit`: `model.fit` that can be killed at any moment and goes on from its last epoch."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np

from helpers import locks
from helpers.errors import UserError
from helpers.progress import EpochProgress
from helpers.training import callback_state, identity, inputs, state, variables
from helpers.training.batches import Augment, EpochChance, ShuffledBatches
from helpers.training.guards import DivergenceGuard, EpochSaver

_VALIDATION_BATCH = 256  # judging needs no small batches, and large ones are faster


def fit(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int = 128,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    augment: Augment | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    run_dir: Path | str | None = None,
    seed: int = 1001,
    restart: bool = False,
    verbose: bool = True,
) -> keras.callbacks.History:
    """Train a compiled model; with a `run_dir`, so that a kill at any moment costs one epoch.

    The order of the pictures, dropout and augmentation layers are functions of seed and epoch.
    After each epoch everything the run needs is saved in `run_dir`: weights, optimizer, history
    and what the callbacks remember. The same call in a new process goes on from there, and on a
    CPU ends with the same weights, bit for bit, as a run that was never killed. (The first weights
    are the model's own: call `keras.utils.set_random_seed` before building it to repeat a run in
    another folder.) A finished run returns at once, with its final weights; with more `epochs` it
    goes on, if no callback had stopped it.

    Args:
        model: compiled model with one input and one output.
        x: (n, ...) pictures, uint8 or float, as the model takes them.
        y: (n,) class numbers, or (n, classes) one-hot rows, as the loss takes them.
        epochs: epochs of the whole run, those already done included.
        batch_size: pictures in a batch.
        validation_data: (pictures, labels) to be judged after each epoch.
        augment: changes each training batch before the model sees it:
            `augment(images, labels, rng)` returns images and labels, of new shapes if it likes.
            `rng` is a NumPy generator that seed, epoch and batch decide. See `helpers.augment`.
        callbacks: Keras callbacks. What they remember in plain attributes is kept too.
        run_dir: folder for this one run; None trains without files.
        seed: seed of order, dropout and augmentation layers; 0 or more.
        restart: forget what is saved in `run_dir` and begin anew.
        verbose: print one line an epoch.

    Returns:
        History of all epochs, also of those before a break.

    Raises:
        UserError: data or model cannot work together, `run_dir` holds another run or is in use,
            or the loss became NaN.
    """
    inputs.check_compiled(model)
    inputs.check_numbers(epochs, batch_size, seed)
    x, y = inputs.checked_pair((x, y), "training data")
    output_shape = inputs.build(model, x)
    inputs.check_labels(y, output_shape, model.loss, "training data")
    if validation_data is not None:
        validation_data = inputs.checked_pair(validation_data, "validation data")
        inputs.check_labels(validation_data[1], output_shape, model.loss, "validation data")
    callbacks = list(callbacks)
    inputs.check_callbacks(callbacks)

    history = next((c for c in callbacks if isinstance(c, keras.callbacks.History)), None)
    history = history or keras.callbacks.History()
    others = [callback for callback in callbacks if callback is not history]
    batches = ShuffledBatches(x, y, int(batch_size), int(seed), augment)

    with _locked(run_dir) as folder:
        resumed = run = None
        if folder is not None:
            run = identity.describe(
                model, (x, y), validation_data, int(batch_size), int(seed), augment
            )
            if restart:
                state.clear(folder)
            resumed = _saved_state(folder, run, epochs)
        done = resumed.epoch if resumed else 0
        if _is_finished(resumed, others):
            epochs = done
        watching = [DivergenceGuard(folder), EpochChance(batches), *others, history]
        if verbose:
            watching.append(EpochProgress(resumed_after=done))
        if folder is not None:
            watching.append(EpochSaver(folder, run, others, history, resumed))
        batches.preview((done, epochs - 1))
        variables.make_metrics(model, y)
        with _rate_restored_on_error(model):
            # A finished run passes through here too, for no epoch at all: what happens at the end
            # of training, as EarlyStopping's return to the best weights, happens again.
            model.fit(
                batches,
                epochs=int(epochs),
                initial_epoch=done,
                shuffle=False,
                validation_data=validation_data,
                validation_batch_size=max(int(batch_size), _VALIDATION_BATCH),
                callbacks=watching,
                verbose=0,
            )
    return history


@contextmanager
def _locked(run_dir: Path | str | None) -> Iterator[Path | None]:
    """The run's folder, made and held against other processes; a killed one's hold is void."""
    if run_dir is None:
        yield None
        return
    folder = Path(run_dir).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"run_dir {folder} cannot be made ({error.strerror}): choose a folder you may write to"
        ) from error
    taken = f"another process is training in {folder}: wait for it, or choose another run_dir"
    with locks.held(folder, taken):
        yield folder


def _saved_state(folder: Path, run: dict, epochs: int) -> state.RunState | None:
    """The state to go on from; None for a folder without any."""
    ways_out = "choose another run_dir, or pass restart=True to begin anew"
    reached, damaged = state.load(folder, up_to=epochs)
    newest = state.newest_epoch(folder)
    if reached is None and damaged:
        raise UserError(f"what was saved in {folder} is damaged: {ways_out}")
    if reached is None and newest is not None:
        raise UserError(f"the run in {folder} has {newest} epochs, more than {epochs}: {ways_out}")
    if reached is None:
        return None
    if found := identity.differences(reached.identity, run, rates=[reached.learning_rate]):
        raise UserError(f"{folder} belongs to another run ({'; '.join(found)}): {ways_out}")
    for path in damaged:
        warnings.warn(
            f"{path} is damaged: the run goes on from epoch {reached.epoch} instead", stacklevel=4
        )
    return reached


def _is_finished(
    resumed: state.RunState | None, others: Sequence[keras.callbacks.Callback]
) -> bool:
    """A callback stopped the run, and the callbacks are still the same."""
    if resumed is None or not resumed.stopped:
        return False
    return [callback_state.settings(c) for c in others] == [
        saved["settings"] for saved in resumed.callbacks
    ]


@contextmanager
def _rate_restored_on_error(model: keras.Model) -> Iterator[None]:
    """Undo what a callback did to the learning rate when a run breaks off in this process.

    Otherwise the next call of `fit` would take the model for one compiled with another rate.
    """
    rate = identity.learning_rate(model.optimizer)
    try:
        yield
    except BaseException:
        if isinstance(rate, float):
            model.optimizer.learning_rate = rate
        raise
