"""Make the course's own environment, once.

It lies in .venv and holds what pyproject.toml asks for. A second call sees that nothing has
changed and ends at once. With an NVIDIA driver on the machine TensorFlow's GPU build is taken,
else its CPU build.
"""

# Only the standard library here: this runs before anything is installed.

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.settings import ROOT, CourseError

STAMP = "course-stamp"  # written last, so an environment without it is unfinished
NEEDED_GB = {"cpu": 3, "jax": 3, "gpu": 10}


def run(extras: set[str], backend: str, venv: Path, constraint: Path | None = None) -> None:
    """Make or complete an environment, or see that it is complete.

    Args:
        extras: names from pyproject.toml.
        backend: "cpu", "gpu" or "jax"; "auto" takes "gpu" where there is an NVIDIA driver.
        venv: folder of the environment.
        constraint: a file of versions to keep to.

    Raises:
        CourseError: the disk is too small, or the packages can't be fetched.
    """
    if backend == "auto":
        backend = "gpu" if sys.platform == "linux" and shutil.which("nvidia-smi") else "cpu"
    extras = {*extras, backend}
    want = _fingerprint(constraint)
    have, installed = _read_stamp(venv)
    if have == want and extras <= installed:
        return
    if have == want:
        extras |= installed  # what an earlier call installed stays wanted
    _refuse_small_disk(venv, NEEDED_GB[backend] if not installed else 1)
    if not _works(venv):
        print(f"[1/2] making the environment {venv.name}", flush=True)
        _make_venv(venv)
    print(f"[2/2] installing: {', '.join(sorted(extras))} (minutes the first time)", flush=True)
    _install(venv, extras, constraint)
    (venv / STAMP).write_text("\n".join([want, *sorted(extras)]))
    print(f"      ready: {venv.name}", flush=True)


def venv_python(venv: Path) -> Path:
    """The interpreter inside an environment."""
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _fingerprint(constraint: Path | None) -> str:
    """What the environment depends on: the project's requirements, place, and this Python."""
    files = [ROOT / "pyproject.toml", *([constraint] if constraint else [])]
    parts = [sys.version.encode(), str(ROOT).encode(), *(path.read_bytes() for path in files)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _read_stamp(venv: Path) -> tuple[str, set[str]]:
    if not (venv / STAMP).exists() or not venv_python(venv).exists():
        return "", set()
    fingerprint, *extras = (venv / STAMP).read_text().split()
    return fingerprint, set(extras)


def _refuse_small_disk(venv: Path, needed_gb: int) -> None:
    place = next(folder for folder in [venv, *venv.resolve().parents] if folder.exists())
    free_gb = shutil.disk_usage(place).free / 1e9
    if free_gb < needed_gb:
        what = f"the disk of {place} has {free_gb:.1f} GB left and the packages need {needed_gb} GB"
        raise CourseError(f"{what}: free some space, or put the course on another disk")


def _works(venv: Path) -> bool:
    """Whether the environment's Python starts and has pip; not so after Python was upgraded."""
    python = shutil.which(venv_python(venv))
    command = [python, "-c", "import pip"]
    return bool(python) and not subprocess.run(command, stderr=subprocess.DEVNULL).returncode


def _make_venv(venv: Path) -> None:
    if venv.exists() and not (venv / "pyvenv.cfg").exists():
        raise CourseError(f"{venv} exists and is no environment: move it away")
    if importlib.util.find_spec("ensurepip") is None:
        advice = "on Debian or Ubuntu: sudo apt install python3-venv"
        raise CourseError(f"this Python lacks its module 'venv': install it ({advice})")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", venv]).returncode:
        raise CourseError(f"could not make {venv}: see above")


def _install(venv: Path, extras: set[str], constraint: Path | None) -> None:
    command = [venv_python(venv), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--timeout", "20", "--retries", "2", "--progress-bar", "off"]
    command += ["--editable", f"{ROOT}[{','.join(sorted(extras))}]"]
    command += ["--constraint", constraint] if constraint is not None else []
    log = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as process:
        for line in process.stdout:
            log.append(line)
            # A waiting person wants to see the big downloads and the last step.
            if re.search(r"Downloading .*\d\d(\.\d)? MB\)|^Installing collected", line):
                print(f"      {line.strip():.90}", flush=True)
    if process.returncode:
        (venv / "setup.log").write_text("".join(log))
        raise CourseError(f"{_explain(''.join(log))} (all of it: {venv.name}/setup.log)")


def _explain(output: str) -> str:
    """Say in one line what to do about an installer that failed."""
    if re.search(r"No space left|Errno 28|disk quota", output, re.I):
        return "the disk is full: free about 3 GB, then try again"
    network = r"Connection|name ?resolution|Max retries|ProxyError|timed? ?out|unreachable"
    if re.search(network, output, re.I):
        return "the packages can't be fetched: check the network (or its proxy), then try again"
    if match := re.search(r"No matching distribution found for (.+)", output):
        return f"there is no {match[1].strip()} for this Python: use Python 3.11, 3.12 or 3.13"
    errors = [line for line in output.splitlines() if "error" in line.lower()]
    return (errors or ["pip ended with no reason"])[-1].strip()
