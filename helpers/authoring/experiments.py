"""Recorded runs: what the lessons compare, trained over several seeds, kept in data/runs.

    python -m helpers runs baseline augmentation --workers 2

Every variant trains with every seed, each in a process of its own. A finished run is written to
data/runs/NAME.csv at once and not trained again, so a stopped command goes on where it was. What
is trained stands in `authoring.recipes`.
"""

import importlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from helpers.authoring import record as machine
from helpers.authoring.notebooks import write_text
from helpers.settings import DATA, CourseError

COLUMNS = ["experiment", "variant", "seed", "epoch", "metric", "value"]
SEEDS = (1001, 1002, 1003)
FOLDER = DATA / "runs"
COMPARISONS = "helpers.authoring.recipes.comparisons"


def record(
    names: Sequence[str], workers: int, folder: Path = FOLDER, module: str = COMPARISONS
) -> int:
    """Train what is missing in the named files; returns how many runs failed.

    Args:
        names: keys of `comparisons.EXPERIMENTS`; all of them if there are none.
        workers: processes at a time, each with its part of the processor's cores.
        folder: of NAME.csv, and of NAME.json with hardware, versions, date and commit.
        module: whose `EXPERIMENTS` say what is trained; each process imports it.

    Raises:
        CourseError: an unknown name.
    """
    experiments = require(names, module)
    # Set before the children start: each takes its part of the cores.
    threads = max(1, (os.cpu_count() or 1) // workers)
    os.environ |= dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"), str(threads))
    chosen = names or experiments
    return sum(_record(name, experiments[name], workers, folder, module) for name in chosen)


def require(names: Sequence[str], module: str = COMPARISONS) -> Mapping[str, Mapping]:
    """The module's `EXPERIMENTS`; a CourseError if it lacks one of the names."""
    experiments = importlib.import_module(module).EXPERIMENTS
    if unknown := set(names) - set(experiments):
        known = ", ".join(experiments)
        raise CourseError(f"there is no comparison '{min(unknown)}': use one of {known}")
    return experiments


def _record(
    name: str, experiments: Mapping[str, Mapping], workers: int, folder: Path, module: str
) -> int:
    file = folder / f"{name}.csv"
    table = pd.read_csv(file) if file.exists() else pd.DataFrame(columns=COLUMNS)
    known = set(table[["experiment", "variant", "seed"]].itertuples(index=False, name=None))
    known |= {(experiment, "search", seed) for experiment, _, seed in known}
    runs = [
        (experiment, variant, seed)
        for seed in SEEDS
        for experiment, variants in experiments.items()
        for variant in variants
    ]
    missing = [run for run in runs if run not in known]
    print(f"{name}: {len(runs) - len(missing)} of {len(runs)} runs are recorded", flush=True)
    begin, failed = time.perf_counter(), 0
    # "spawn": TensorFlow does not survive a fork. One task a child: its memory is given back.
    options = {"mp_context": get_context("spawn"), "max_tasks_per_child": 1}
    with ProcessPoolExecutor(workers, **options) as pool:
        tasks = {pool.submit(train, name, *run, module): run for run in missing}
        for task in as_completed(tasks):
            what = ", ".join(map(str, tasks[task]))
            if error := task.exception():
                print(f"  {what}: {type(error).__name__}: {error}", flush=True)
                failed += 1
                continue
            table = pd.concat([table, task.result()], ignore_index=True)
            _write(table, file)
            print(f"  {what}: done, {time.perf_counter() - begin:.0f} s in all", flush=True)
    if missing and not failed:
        facts = {key: value for key, value in machine.machine().items() if key != "gpu"}
        write_text(file.with_suffix(".json"), json.dumps(facts, indent=1) + "\n")
    return failed


def train(
    name: str, experiment: str, variant: str, seed: int, module: str = COMPARISONS
) -> pd.DataFrame:
    """One run's rows, with the columns `COLUMNS`; a search has one variant for each trial."""
    from helpers.course import import_keras_quietly

    import_keras_quietly()
    import keras

    experiments = importlib.import_module(module).EXPERIMENTS[name]
    keras.utils.set_random_seed(seed)
    result = experiments[experiment][variant](seed)
    if not isinstance(result, pd.DataFrame):
        result = pd.DataFrame(result, columns=["epoch", "metric", "value"])
        result["variant"] = variant
    return result.assign(experiment=experiment, seed=seed)[COLUMNS]


def _write(table: pd.DataFrame, path: Path) -> None:
    """Replace the file in one step; the runs in a fixed order, whichever ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = table.astype({"value": float})
    ordered = ordered.sort_values(["experiment", "variant", "seed"], kind="stable")
    write_text(path, ordered.to_csv(index=False, float_format="%.5g"))
