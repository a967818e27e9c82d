"""Where things lie: the checkout's folders and the user's cache."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"


def cache_dir() -> Path:
    """Folder for downloads and parsed arrays: `$COURSE_CACHE`, else a folder in the user's cache.

    The folder is not created here.
    """
    if chosen := os.environ.get("COURSE_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "keras-image-course"
