"""Make the course's own environment, once; `make course` and `make test` call this for you.

The environment lies in .venv and holds what pyproject.toml asks for. A second call sees that
nothing has changed and ends at once. With an NVIDIA driver on the machine TensorFlow's GPU build
is taken, else its CPU build.

  python -m helpers setup                        the lessons
  python -m helpers setup --extras lessons,test  and what the tests need
"""

# Only the standard library here: this runs before anything is installed.

import argparse
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.errors import UserError
from helpers.paths import ROOT

STAMP = "course-stamp"  # written last, so an environment without it is unfinished
NEEDED_GB = {"cpu": 3, "jax": 3, "gpu": 10}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--extras", default="lessons", help="comma-separated, from pyproject.toml")
    parser.add_argument("--backend", choices=["auto", *NEEDED_GB], default="auto")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="its folder (.venv)")
    parser.add_argument("--constraint", type=Path, help="file of versions to keep to")


def run(args: argparse.Namespace) -> int:
    """Make or complete the environment, or see that it is complete."""
    backend = _gpu_or_cpu() if args.backend == "auto" else args.backend
    extras = {*filter(None, args.extras.split(",")), backend}
    want = _fingerprint(args.constraint)
    have, installed = _read_stamp(args.venv)
    if have == want and extras <= installed:
        return 0
    if have == want:
        extras |= installed  # what an earlier call installed stays wanted
    _refuse_small_disk(args.venv, NEEDED_GB[backend] if not installed else 1)
    if not _works(args.venv):
        print(f"[1/2] making the environment {args.venv.name}", flush=True)
        _make_venv(args.venv)
    print(
        f"[2/2] installing: {', '.join(sorted(extras))} (a few minutes the first time)", flush=True
    )
    _install(args.venv, extras, args.constraint)
    (args.venv / STAMP).write_text("\n".join([want, *sorted(extras)]))
    print(f"      ready: {args.venv.name}", flush=True)
    return 0


def venv_python(venv: Path) -> Path:
    """The interpreter inside an environment."""
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _gpu_or_cpu() -> str:
    return "gpu" if sys.platform == "linux" and shutil.which("nvidia-smi") else "cpu"


def _fingerprint(constraint: Path | None) -> str:
    """What the environment depends on: the project's requirements and this Python."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(ROOT).encode()]
    if constraint is not None:
        try:
            parts.append(constraint.read_bytes())
        except OSError as error:
            raise UserError(f"{constraint}: {error.strerror}: name a file of versions") from None
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _read_stamp(venv: Path) -> tuple[str, set[str]]:
    try:
        fingerprint, *extras = (venv / STAMP).read_text().split()
    except (OSError, ValueError):
        return "", set()
    return (fingerprint, set(extras)) if venv_python(venv).exists() else ("", set())


def _refuse_small_disk(venv: Path, needed_gb: int) -> None:
    place = next(folder for folder in [venv, *venv.resolve().parents] if folder.exists())
    free_gb = shutil.disk_usage(place).free / 1e9
    if free_gb < needed_gb:
        raise UserError(
            f"the disk of {place} has {free_gb:.1f} GB left and the packages need {needed_gb} GB: "
            "free some space, or put the course on another disk"
        )


def _works(venv: Path) -> bool:
    """Whether the environment's Python starts and has pip; not so after Python was upgraded."""
    command = [venv_python(venv), "-c", "import pip"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make_venv(venv: Path) -> None:
    if venv.exists() and any(venv.iterdir()) and not (venv / "pyvenv.cfg").exists():
        raise UserError(f"{venv} exists and is no environment: move it away, then try again")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise UserError(
            "this Python lacks its module 'venv': install it (on Debian or Ubuntu: "
            "sudo apt install python3-venv), then try again"
        )
    command = [sys.executable, "-m", "venv", "--clear", str(venv)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"could not make {venv}: {_explain(done.stdout + done.stderr)}")


def _install(venv: Path, extras: set[str], constraint: Path | None) -> None:
    command = [str(venv_python(venv)), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--timeout", "20", "--retries", "2", "--progress-bar", "off"]
    command += ["--editable", f"{ROOT}[{','.join(sorted(extras))}]"]
    if constraint is not None:
        command += ["--constraint", str(constraint)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )
    log = []
    try:
        for line in process.stdout:
            log.append(line)
            _show(line)
    except BaseException:
        process.terminate()
        raise
    if process.wait():
        text = "".join(log)
        (venv / "setup.log").write_text(text)
        raise UserError(f"{_explain(text)} (all of it: {venv.name}/setup.log)")


def _show(line: str) -> None:
    """Show the lines of pip's that a waiting person wants: big downloads and the last step."""
    if match := re.search(r"Downloading (\S+?)-[\d.]+\S*\s+\((\d+)\.?\d* MB\)", line):
        if int(match[2]) >= 5:
            print(f"      downloading {match[1].rsplit('/')[-1]} ({match[2]} MB)", flush=True)
    elif line.startswith("Installing collected packages"):
        print(f"      unpacking {line.count(',') + 1} packages", flush=True)


def _explain(output: str) -> str:
    """Say in one line what to do about an installer that failed."""
    if re.search(r"No space left|Errno 28|disk quota", output, re.I):
        return "the disk is full: free about 3 GB, then try again"
    network = r"NewConnection|Connection(?: |Refused|Reset)|name resolution|Max retries|ProxyError|"
    if re.search(network + r"timed? ?out|NameResolution|Network is unreachable", output, re.I):
        return "the packages can't be fetched: check the network (or its proxy), then try again"
    if match := re.search(r"No matching distribution found for (.+)", output):
        return f"there is no {match[1].strip()} for this Python: use Python 3.11, 3.12 or 3.13"
    errors = [line for line in output.splitlines() if "error" in line.lower()]
    return (errors or output.strip().splitlines() or ["no reason given"])[-1].strip()
