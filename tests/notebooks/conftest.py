"""What the tests of whole notebooks share."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NO_NETWORK = HERE.parent / "no_network"


@pytest.fixture
def offline(tmp_path):
    """Environment of a lesson: quick profile, empty caches, no network."""
    older = os.environ.get("PYTHONPATH")
    python_path = [str(NO_NETWORK), str(HERE), *([older] if older else [])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(python_path),
        "COURSE_PROFILE": "quick",
        "COURSE_CACHE": str(tmp_path / "cache"),
        "KERAS_HOME": str(tmp_path / "keras"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "MPLCONFIGDIR": str(tmp_path / "matplotlib"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
