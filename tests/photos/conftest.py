import hashlib
import warnings
from pathlib import Path

import pytest

from helpers import photos
from tests.photos.messy import messy_folder


def fingerprint(folder: Path) -> dict:
    """What lies in a folder: kind, time and content of each entry."""
    found = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        is_plain = path.is_file() and not path.is_symlink()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if is_plain else None
        found[str(path.relative_to(folder))] = (state.st_mode, state.st_mtime_ns, content)
    return found


@pytest.fixture(scope="session")
def messy(tmp_path_factory):
    """(inspection of a folder with every kind of trouble, what lay there before and after)."""
    root = tmp_path_factory.mktemp("messy")
    folder = messy_folder(root / "photos", root / "outside")
    before = fingerprint(root)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        inspection = photos.inspect(folder, progress=False)
    return inspection, before, fingerprint(root)
