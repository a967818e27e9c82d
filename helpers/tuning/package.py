"""keras-tuner itself: imported, in Colab installed first, and made to save files whole."""

import importlib
import importlib.util
import os
import subprocess
import sys
from types import ModuleType

from helpers import runtime
from helpers.errors import UserError

_COLAB = ["keras-tuner", "kt-legacy"]  # all else that they need is in Colab


def keras_tuner() -> ModuleType:
    """The package `keras_tuner`; in Colab it is installed first, and nothing is upgraded there.

    What keras-tuner saves is first written beside the file and then put in its place, so that a
    process killed while it writes leaves the last good file.

    Raises:
        UserError: the package, or one that it needs, is not installed.
    """
    if importlib.util.find_spec("keras_tuner") is None and runtime.in_colab():
        _install()
    try:
        module = importlib.import_module("keras_tuner")
    except ImportError as error:
        missing = error.name or "keras_tuner"
        raise UserError(
            f"the package '{missing}' is missing, which a search needs: run `make course` once, or "
            "`python -m pip install keras-tuner tensorboard`"
        ) from error
    _save_whole_files()
    return module


def _install() -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *_COLAB]
    if subprocess.run(command, check=False).returncode != 0:
        raise UserError("keras-tuner could not be installed: is this session online? Run it again")
    importlib.invalidate_caches()


def _save_whole_files() -> None:
    """Let keras-tuner replace its JSON files instead of overwriting them."""
    utils = importlib.import_module("keras_tuner.src.utils")
    write = utils.save_json
    if getattr(write, "replaces", False):
        return

    def save_json(path: str, obj: object) -> str:
        partial = f"{path}.{os.getpid()}.part"
        text = write(partial, obj)
        os.replace(partial, path)
        return text

    save_json.replaces = True
    utils.save_json = save_json
