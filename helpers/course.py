"""The first line of every lesson: `plan = course.start("02_baseline_cnn")`."""

import contextlib
import importlib.metadata
import json
import logging
import os
import platform
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from helpers import settings
from helpers.settings import CourseError

if TYPE_CHECKING:
    import pandas as pd

TOO_OLD = (
    "This kernel has Keras {version}, and the course needs {oldest} or newer. In Colab, choose "
    '"Runtime → Change runtime type → Runtime version → Latest"; elsewhere, run '
    "`pip install -U keras` and restart the kernel."
)

# What was said outside the notebook, so that `start` without a profile returns to it.
_OUTSIDE = os.environ.get("COURSE_PROFILE")


def start(lesson: str, profile: str | None = None, method: bool = False) -> SimpleNamespace:
    """Ready a notebook: quiet Keras, fixed seeds, the course's look; print what it runs on.

    A second call with another profile takes effect without a restart.

    Args:
        lesson: the notebook's name without ending, as "02_baseline_cnn".
        profile: "quick" (a sample, seconds) or "full" (whole data sets, minutes); by default
            what `$COURSE_PROFILE` says, else "full" on a GPU and "quick" without one.
        method: keep a record of method from here on, `method.Record`.

    Returns:
        The lesson's numbers (`data/profiles.toml`), with `lesson`, `profile` and `seed`, and with
        `method`, the record, if there is one.

    Raises:
        CourseError: profile or Keras' settings file can't be used.
        SystemExit: this kernel has no Keras, or one that is too old; the text says what to do.
    """
    _check_keras_json()
    _check_version()
    try:
        import_keras_quietly()
    except ModuleNotFoundError as error:
        sys.exit(
            f"This kernel has no package '{error.name}': choose the kernel of the course's "
            "environment (.venv), or start JupyterLab with `make lab`."
        )

    import keras

    from helpers import plots

    chosen = profile or _OUTSIDE or ("full" if gpus() else "quick")
    os.environ["COURSE_PROFILE"] = chosen
    plan = SimpleNamespace(lesson=lesson, profile=settings.profile(), seed=settings.seed())
    numbers = tomllib.loads((settings.DATA / "profiles.toml").read_text("utf-8"))
    vars(plan).update(numbers[lesson][plan.profile])
    keras.utils.set_random_seed(plan.seed)
    plots.use_style()
    print(_summary(plan))
    if method:
        from helpers import method as records

        plan.method = records.start()
    return plan


def import_keras_quietly() -> None:
    """Import Keras without the messages that its backend writes about the processor."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet():
        import keras  # noqa: F401
    # TensorFlow warns of "retracing" where a lesson tries several networks, as it should. It sets
    # its own level when it is imported, so this comes after.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hold back what native code writes to file descriptor 2; show it only if the block fails."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def gpus() -> list[str]:
    """Names of the GPUs that Keras can use, as "gpu:0"; empty if there are none."""
    import keras

    try:
        return keras.distribution.list_devices("gpu")
    except RuntimeError:  # JAX' way to say that there are none
        return []


def recorded(name: str) -> "pd.DataFrame":
    """Recorded runs: what a lesson compares, trained with three seeds or more.

    Args:
        name: a file in data/runs without ending, as "baseline".

    Returns:
        One row for each number, with the columns experiment, variant, seed, epoch (from 1), metric
        (as in Keras' history) and value; losses in nats, accuracies as fractions.

    Raises:
        CourseError: there is no such file; the message names those that there are.
    """
    import pandas as pd

    folder = settings.DATA / "runs"
    if not (folder / f"{name}.csv").is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.csv")))
        raise CourseError(f"there are no recorded runs '{name}': use one of {known}")
    return pd.read_csv(folder / f"{name}.csv")


def oldest_keras() -> str:
    """The oldest Keras that the course works with, as "3.12": pyproject.toml's lower bound."""
    text = (settings.ROOT / "pyproject.toml").read_text("utf-8")
    return re.search(r'"keras>=([\d.]+)', text)[1]


def is_too_old(keras: str) -> bool:
    """Whether a version of Keras is below the course's bound."""
    found, oldest = (re.findall(r"\d+", version)[:2] for version in (keras, oldest_keras()))
    return tuple(map(int, found)) < tuple(map(int, oldest))


def _check_version() -> None:
    """End in plain words where Keras is too old, before anything is imported that needs it."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError, FileNotFoundError):
        # No pyproject.toml: the sandbox of `grade`, which runs in the instructor's environment.
        version = importlib.metadata.version("keras")
        if is_too_old(version):
            sys.exit(TOO_OLD.format(version=version, oldest=oldest_keras()))


def _check_keras_json() -> None:
    """Refuse a keras.json under which every lesson would end in a traceback or other numbers."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    file = home / "keras.json"
    try:
        chosen = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return  # Keras itself falls back to its defaults
    expected = {"image_data_format": "channels_last", "floatx": "float32"}
    for key, value in expected.items():
        if isinstance(chosen, dict) and chosen.get(key, value) != value:
            raise CourseError(
                f'{file} says "{key}": "{chosen[key]}", and the course needs "{value}": '
                "change it there, then restart the kernel"
            )


def _summary(plan: SimpleNamespace) -> str:
    """One line each for profile, versions, processor and the time the lesson takes."""
    import keras

    backend = keras.backend.backend()
    place = "Colab" if "google.colab" in sys.modules else platform.system()
    rows = {
        "profile": f"{plan.profile}, seed {plan.seed}",
        "versions": f"Keras {keras.__version__}, {backend} {_version(backend)}, "
        f"Python {platform.python_version()} on {place}",
        "processor": f"{os.cpu_count()} CPU cores, {', '.join(gpus()) or 'no GPU'}",
    }
    runs = json.loads((settings.DATA / "reference_runs.json").read_text("utf-8"))
    run = runs.get(plan.lesson, {}).get(plan.profile)
    if run and not gpus():
        seconds = run["seconds"]
        length = f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"
        rows["time"] = f"about {length} ({run['hardware']})"
    return "\n".join(f"{name:<10}{value}" for name, value in rows.items())


def _version(backend: str) -> str:
    for package in (backend, f"{backend}-cpu"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(package)
    return "?"
