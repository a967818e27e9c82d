"""Where things lie, which profile is on, and the one exception that a user can mend.

The lowest room of the house: it imports nothing of ours, and everything else may import it.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"

SEED = 1001
PROFILES = ("quick", "full")


class CourseError(Exception):
    """A mistake or a condition that the user can mend.

    The message is one line: what is wrong, then what to do. The command line prints it without
    a traceback and ends with exit code 2.
    """


def profile() -> str:
    """The profile in force: what `$COURSE_PROFILE` says, else "quick".

    Raises:
        CourseError: the profile is unknown.
    """
    chosen = os.environ.get("COURSE_PROFILE") or "quick"
    if chosen not in PROFILES:
        raise CourseError(f"the profile is '{chosen}': use 'quick' or 'full'")
    return chosen


def seed() -> int:
    """The seed of networks and batches: what `$COURSE_SEED` says, else 1001."""
    return int(os.environ.get("COURSE_SEED") or SEED)


def cache_dir() -> Path:
    """Folder for downloads and parsed arrays: `$COURSE_CACHE`, else a folder in the user's cache.

    The folder is not created here.
    """
    if chosen := os.environ.get("COURSE_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "keras-image-course"
