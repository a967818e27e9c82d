"""What a run has reached after an epoch, in one file that is written whole or not at all.

The file is a NumPy archive without pickles: the variables of model and optimizer, the arrays that
callbacks keep, and a text in JSON with everything else. Each part carries a checksum, so a damaged
file is noticed and the one before it is taken.
"""

import contextlib
import json
import os
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

KEPT = 2
_DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error)


@dataclass
class RunState:
    """A run after `epoch` finished epochs.

    Attributes:
        epoch: number of finished epochs; 0 is the state before the first step.
        stopped: a callback ended the run at this epoch.
        identity: what tells this run from others, see `identity`.
        learning_rate: a number, or a schedule's settings.
        history: values of each metric, one an epoch.
        epochs: numbers of these epochs, counted from 0.
        callbacks: state of the callbacks, in JSON's types; see `callback_state`.
        arrays: everything that is an array, by name.
    """

    epoch: int
    stopped: bool
    identity: dict
    learning_rate: object
    history: dict[str, list] = field(default_factory=dict)
    epochs: list[int] = field(default_factory=list)
    callbacks: list[dict] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def save(state: RunState, folder: Path) -> None:
    """Write a state and remove all but the last two.

    Raises:
        OSError: it could not be written, as with a full disk; the older states are untouched.
    """
    text = json.dumps({**vars(state), "arrays": None})
    unfinished = folder / "state.part"
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, json=np.frombuffer(text.encode(), np.uint8), **state.arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, folder / f"epoch-{state.epoch:05d}.npz")
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    _sync_folder(folder)
    for path in _paths(folder)[KEPT:]:
        path.unlink(missing_ok=True)


def load(folder: Path, up_to: int) -> tuple[RunState | None, list[Path]]:
    """Newest readable state with at most `up_to` epochs.

    Returns:
        The state, or None, and the damaged files that were passed over.
    """
    damaged = []
    for path in _paths(folder):
        if _epoch(path) > up_to:
            continue
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            facts = json.loads(arrays.pop("json").tobytes().decode())
            return RunState(**{**facts, "arrays": arrays}), damaged
        except _DAMAGED:
            damaged.append(path)
    return None, damaged


def newest_epoch(folder: Path) -> int | None:
    """Epochs of the newest file, readable or not; None where there is none."""
    return max(map(_epoch, _paths(folder)), default=None)


def clear(folder: Path) -> None:
    """Remove the states, and nothing else."""
    for path in [*_paths(folder), folder / "state.part"]:
        path.unlink(missing_ok=True)


def variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Every variable of model and optimizer by a name that holds for equally built models."""
    named = {f"model_{i}": v for i, v in enumerate(model.variables)}
    named |= {f"optimizer_{i}": v for i, v in enumerate(model.optimizer.variables)}
    return named


def read_variables(model: keras.Model) -> dict[str, np.ndarray]:
    """Values of model and optimizer; numbers NumPy does not know, as bfloat16, in float32."""
    values = {}
    for name, variable in variables(model).items():
        value = keras.ops.convert_to_numpy(variable.value)
        values[name] = value if value.dtype.isbuiltin else value.astype(np.float32)
    return values


def write_variables(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Set model and optimizer to saved values."""
    for name, variable in variables(model).items():
        variable.assign(arrays[name])


def _paths(folder: Path) -> list[Path]:
    """State files, newest first."""
    return sorted(
        (path for path in folder.glob("epoch-*.npz") if path.stem[6:].isdecimal()),
        key=_epoch,
        reverse=True,
    )


def _epoch(path: Path) -> int:
    return int(path.stem[6:])


def _sync_folder(folder: Path) -> None:
    """Make a new name last through a power cut, where the system knows how to."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
