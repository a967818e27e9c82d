"""What the tests of whole notebooks share."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NO_NETWORK = HERE.parent / "no_network"


@pytest.fixture(scope="session")
def matplotlib_folder(tmp_path_factory):
    """One for all lessons: Matplotlib lists the machine's fonts in it, which takes seconds."""
    return tmp_path_factory.mktemp("matplotlib")


@pytest.fixture
def offline(tmp_path, matplotlib_folder):
    """Environment of a lesson: quick profile, empty caches, no network."""
    older = os.environ.get("PYTHONPATH")
    python_path = [str(NO_NETWORK), str(HERE), *([older] if older else [])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(python_path),
        "COURSE_PROFILE": "quick",
        "COURSE_CACHE": str(tmp_path / "cache"),
        "KERAS_HOME": str(tmp_path / "keras"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "MPLCONFIGDIR": str(matplotlib_folder),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
