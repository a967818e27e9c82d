"""What Keras has already downloaded, below `$KERAS_HOME/datasets`. Read only, never changed."""

import os
from pathlib import Path

from helpers.errors import UserError
from helpers.sources import cifar, files, idx
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import DataSet

_SOURCE = "Keras' cache"


def folder() -> Path:
    """Keras' folder of data sets; it may not exist."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home).expanduser() / "datasets"


def read(spec: DataSet) -> Arrays | None:
    """The data set from Keras' cache, or None if it is not there.

    Raises:
        UserError: something is there, and is damaged or not the published data.
    """
    base = folder()
    if not spec.members:
        return _read_idx(spec, base)
    problem = None
    for name in spec.keras_folders:
        batches = base / name
        if all((batches / member.name).is_file() for member in spec.members):
            if cifar.is_official_folder(spec, batches):
                return cifar.read_folder(spec, batches, _SOURCE)
            problem = batches
    for name in spec.keras_archives:
        archive = base / name
        if archive.is_file():
            if files.is_official(archive, spec.archives[0]):
                return cifar.read_archive(spec, archive, _SOURCE)
            problem = archive
    if problem:
        raise UserError(f"{problem} in Keras' cache is damaged or not {spec.title}: delete it")
    return None


def _read_idx(spec: DataSet, base: Path) -> Arrays | None:
    for name in spec.keras_folders:
        if paths := idx.locate(spec, base / name):
            return idx.read(spec, paths, _SOURCE)[0]
    return None
