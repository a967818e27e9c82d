"""What the lesson runs on: versions, backend, GPU or none, seeds; told in one tidy block."""

import contextlib
import importlib.metadata
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Iterator

from helpers import budget
from helpers.paths import cache_dir


def in_colab() -> bool:
    """Whether this Python runs in Google Colab."""
    return "google.colab" in sys.modules


def start() -> None:
    """Ready a notebook: import Keras quietly, fix the seeds, take the course's look; tell all.

    Call it before Keras is imported, for TensorFlow reads its log level only once.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with native_errors_held_back():
        seed(budget.current().seed)
    # TensorFlow warns of "retracing" where a lesson tries several networks, as it should. It sets
    # its own level when it is imported, so this comes after.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)

    from helpers import plots

    plots.use_style()
    print(report())


@contextlib.contextmanager
def native_errors_held_back() -> Iterator[None]:
    """Hold back what native code writes to file descriptor 2; show it only if the block fails.

    TensorFlow greets with a screen of messages about the processor, below its own log level.
    """
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


def seed(number: int = budget.SEED) -> None:
    """Seed Python, NumPy and Keras' backend, so that a run can be repeated."""
    import keras

    keras.utils.set_random_seed(number)


def report() -> str:
    """The block: one line each for the course, versions, processor and data."""
    import keras

    chosen = budget.current()
    backend = keras.backend.backend()
    versions = f"Keras {keras.__version__}, {backend} {_version(backend)}"
    rows = {
        "profile": f"{chosen.profile}, seed {chosen.seed}",
        "Python": f"{platform.python_version()} on {'Colab' if in_colab() else platform.system()}",
        "versions": f"{versions}, NumPy {_version('numpy')}",
        "processor": f"{os.cpu_count()} CPU cores, {', '.join(gpus()) or 'no GPU'}",
        "data": "embedded sample" if chosen.profile == "quick" else f"cached in {cache_dir()}",
    }
    return "\n".join(f"{name:<10}{value}" for name, value in rows.items())


def gpus() -> list[str]:
    """Names of the GPUs that Keras can use, as "gpu:0"; empty if there are none."""
    import keras

    try:
        return keras.distribution.list_devices("gpu")
    except RuntimeError:  # JAX' way to say that there are none
        return []


def _version(backend: str) -> str:
    for package in (backend, f"{backend}-cpu"):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "?"
