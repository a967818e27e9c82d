"""The folder of one search: it belongs to this search alone, and is in order after a kill."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.errors import UserError

_IDENTITY = "search.json"
_WAYS_OUT = "choose another folder, or pass restart=True (--restart) to begin anew"
# keras-tuner reloads a search only if the file of this tuner exists: alone, and as chief.
_TUNERS = ("tuner0.json", "chief.json")


def open_search(
    folder: Path | str, build: Callable[[Any], Any], *, restart: bool = False, **settings: object
) -> dict[str, str]:
    """Ready a folder for a search, or for going on with one that was broken off.

    keras-tuner does not compare the search it finds with the one you ask for: it would go on with
    the old space. Here both must agree. What a killed process left half done is put in order, so
    that finished trials are kept and the broken one runs again.

    Args:
        folder: folder of this one search; made if need be.
        build: function of the hyperparameters, which declares the space.
        restart: delete what an earlier search left in the folder.
        settings: what else must be the same, as `tuner="random", seed=1001, epochs=4`.

    Returns:
        Arguments for a tuner: `kt.RandomSearch(build, …, **open_search(…))`.

    Raises:
        UserError: the folder holds another search, cannot be written to, or is damaged.
    """
    folder = Path(folder).expanduser().absolute()
    if restart:
        clear(folder)
    make(folder)
    identity = {"space": _space(build), **json.loads(json.dumps(settings))}
    _compare(folder, identity)
    mend(folder)
    return {"directory": str(folder.parent), "project_name": folder.name}


def make(folder: Path) -> None:
    """Make the folder and see that it can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"folder {folder} cannot be written to ({error.strerror}): choose another"
        ) from error


def clear(folder: Path) -> None:
    """Delete an earlier search, if there is one; a folder of anything else is left alone."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / _IDENTITY).is_file():
        raise UserError(f"{folder} holds no search, so it is not deleted: choose another folder")
    shutil.rmtree(folder)


def mend(folder: Path) -> None:
    """Make the files of a killed search agree.

    keras-tuner writes a trial's file before its own, `oracle.json`. A kill in between leaves a
    trial that the oracle does not know, which would be counted and never run, or a finished trial
    that the oracle takes for a running one, which would be run again.
    """
    oracle_path = folder / "oracle.json"
    if not oracle_path.exists():
        return
    oracle = _read(oracle_path)
    for path in folder.glob("trial_*/trial.json"):
        name, status = path.parent.name.removeprefix("trial_"), _read(path)["status"]
        if name not in oracle["start_order"]:
            shutil.rmtree(path.parent)  # the oracle will draw the same values again
        elif status in ("COMPLETED", "FAILED") and name not in oracle["end_order"]:
            oracle["end_order"].append(name)
            oracle["run_times"][name] = oracle["run_times"].get(name, 0) + 1
            ongoing = oracle["ongoing_trials"].items()
            oracle["ongoing_trials"] = {who: trial for who, trial in ongoing if trial != name}
    _write(oracle_path, oracle)
    for name in _TUNERS:
        if not (folder / name).exists():
            _write(folder / name, {})


def _space(build: Callable[[Any], Any]) -> list[str]:
    """Each hyperparameter that `build` declares, one line of JSON each."""
    from helpers.tuning.package import keras_tuner

    hp = keras_tuner().HyperParameters()
    build(hp)
    return [json.dumps(entry, sort_keys=True) for entry in hp.get_config()["space"]]


def _compare(folder: Path, identity: dict) -> None:
    path = folder / _IDENTITY
    if not path.exists():
        if (folder / "oracle.json").exists():
            raise UserError(f"{folder} holds a search of unknown origin: choose another folder")
        _write(path, identity)
        return
    before = _read(path)
    for name in before | identity:
        old, new = before.get(name), identity.get(name)
        if old == new:
            continue
        if name == "space":
            different = sorted(_names(set(old or ()) ^ set(new or ())))
            what = f"another space (differs in {', '.join(different)})"
        else:
            what = f"{name} {old}, not {new}"
        raise UserError(f"{folder} belongs to a search with {what}: {_WAYS_OUT}")


def _names(entries: set[str]) -> set[str]:
    return {json.loads(entry)["config"]["name"] for entry in entries}


def _read(path: Path) -> dict:
    try:
        content = json.loads(path.read_text("utf-8"))
        if isinstance(content, dict):
            return content
        problem = "no object"
    except (OSError, ValueError) as error:
        problem = type(error).__name__
    raise UserError(f"{path} is damaged ({problem}): {_WAYS_OUT}")


def _write(path: Path, content: dict) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_text(json.dumps(content), "utf-8")
    os.replace(partial, path)
