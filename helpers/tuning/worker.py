"""One process of a search: the chief, who hands out trials, or a worker, who runs them.

    python -m helpers.tuning.worker JOB

JOB is a `Job` in JSON. keras-tuner learns its part from three environment variables, which `team`
sets. Standard input is a pipe that only the parent holds open: at its end the process ends too.
"""

import importlib.util
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers.errors import UserError

BATCH_SIZE = 32
TUNERS = ("random", "hyperband", "bayesian")
HYPERBAND_FACTOR = 3


@dataclass(frozen=True)
class Job:
    """What chief and workers must know, all the same.

    Attributes:
        folder: the search's folder.
        tuner: one of TUNERS.
        trials: how many; Hyperband decides for itself and takes None.
        epochs: of each trial, or at most, for Hyperband.
        images: training pictures.
        seed: seed of the drawn hyperparameters.
        space: a Python file with `build(hp)`; "" for the course's own network.
    """

    folder: str
    tuner: str
    trials: int | None
    epochs: int
    images: int
    seed: int
    space: str = ""

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def make_tuner(job: Job, build: Callable[[Any], Any], place: dict[str, str]) -> Any:
    """The tuner of a job, over the folder that `open_search` made ready."""
    from helpers.tuning.package import keras_tuner

    kt = keras_tuner()
    shared = {"objective": "val_accuracy", "seed": job.seed, **place}
    if job.tuner == "random":
        return _patient(kt.RandomSearch)(build, max_trials=job.trials, **shared)
    if job.tuner == "bayesian":
        return _patient(kt.BayesianOptimization)(build, max_trials=job.trials, **shared)
    return _patient(kt.Hyperband)(build, max_epochs=job.epochs, factor=HYPERBAND_FACTOR, **shared)


def load_build(space: str) -> Callable[[Any], Any]:
    """The function `build` of a Python file, or the course's own."""
    if not space:
        from helpers.tuning.network import build

        return build
    path = Path(space)
    if not path.is_file():
        raise UserError(f"no file {path}: name a Python file with a function build(hp)")
    spec = importlib.util.spec_from_file_location("search_space", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UserError(
            f"{path} cannot be run ({type(error).__name__}: {error}): correct it"
        ) from error
    build = getattr(module, "build", None)
    if not callable(build):
        raise UserError(f"{path} has no function build(hp): write one")
    return build


def run(job: Job) -> None:
    """Take part in the search until there is nothing left to do."""
    import keras

    from helpers.tuning.folder import open_search

    build = load_build(job.space)
    if "chief" in os.environ["KERASTUNER_TUNER_ID"]:
        settings = {"tuner": job.tuner, "seed": job.seed}
        settings |= {"epochs": job.epochs, "images": job.images}
        make_tuner(job, build, open_search(job.folder, build, **settings)).search(verbose=0)
        return
    from helpers import datasets
    from helpers.tuning.network import half_size

    folder = Path(job.folder)
    place = {"directory": str(folder.parent), "project_name": folder.name}
    data = datasets.load("cifar10")
    x_train, y_train = data.train
    x_val, y_val = data.val
    keras.utils.set_random_seed(job.seed)
    make_tuner(job, build, place).search(
        half_size(x_train[: job.images]),
        y_train[: job.images],
        validation_data=(half_size(x_val), y_val),
        epochs=job.epochs,
        batch_size=BATCH_SIZE,
        verbose=0,
    )


def main(argv: list[str]) -> int:
    """Run one job; an error of the user's becomes the log's last line, for the parent to show."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        run(Job(**json.loads(argv[0])))
    except UserError as error:
        print(f"error: {error}", flush=True)
        return 2
    return 0


def _end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin, whose lock a daemon thread must not hold when Python ends
    os._exit(3)


def _patient(tuner: type) -> type:
    """A tuner that does not ask the chief without pause, and logs why a trial failed."""

    class Patient(tuner):
        def pre_create_trial(self) -> None:
            time.sleep(0.1)

        def on_trial_end(self, trial: Any) -> None:
            if trial.message:
                print(
                    f"error: a trial failed: {trial.message.strip().splitlines()[-1]}", flush=True
                )
            super().on_trial_end(trial)

    return Patient


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
