"""What a recorded run ran on: hardware, versions, date and commit."""

import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

from helpers.paths import ROOT

UNCOMMITTED = "uncommitted"

# In a process of its own, for importing Keras takes seconds and this one should not hold a GPU.
_VERSIONS = """
import importlib.metadata, json, keras, numpy
backend = keras.backend.backend()
module = __import__({"torch": "torch", "jax": "jax"}.get(backend, "tensorflow"))
try:
    gpus = keras.distribution.list_devices("gpu")
except RuntimeError:  # how JAX says that there is none
    gpus = []
print(json.dumps({
    "versions": {"keras": keras.__version__, backend: module.__version__,
                 "numpy": numpy.__version__},
    "gpus": len(gpus),
}))
"""


def describe() -> dict:
    """Hardware, gpu (bool), versions, date (ISO) and commit (short hash or "uncommitted")."""
    facts = _keras_facts()
    hardware = f"{cpu_model()}, {os.cpu_count()} cores"
    if facts["gpus"]:
        hardware += f", {_gpu_name()}"
    return {
        "hardware": hardware,
        "gpu": facts["gpus"] > 0,
        "versions": {"python": platform.python_version()} | facts["versions"],
        "date": date.today().isoformat(),
        "commit": commit(),
    }


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name, as the system tells it."""
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return " ".join(value.split())
    return platform.processor() or platform.machine()


def commit(root: Path = ROOT) -> str:
    """Short hash of the checkout's commit; "uncommitted" when files differ from it.

    The file of recorded runs may differ, for recording changes it.
    """
    others = (".", ":!data/reference_runs.json")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", *others)
    short = _git(root, "rev-parse", "--short", "HEAD")
    return short if short and changed == "" else UNCOMMITTED


def _git(root: Path, *command: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *command], cwd=root, capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _keras_facts() -> dict:
    done = subprocess.run(
        [sys.executable, "-c", _VERSIONS],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _gpu_name() -> str:
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "GPU"
    return done.stdout.splitlines()[0].strip()
