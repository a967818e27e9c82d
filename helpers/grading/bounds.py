"""What confines a job: the read-only system around it, and bounds for all its processes together.

Memory and number of processes of a whole job are bounded by a control group where one can be made,
and else by looking often and ending what is too much.
"""

import contextlib
import functools
import itertools
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.grading import server, worker
from helpers.settings import DATA, ROOT, CourseError

MAX_PROCESSES = 128  # and threads, of one submission
_KERAS_MB = 400  # what a process that has imported Keras shares with those it forked from


@dataclass(frozen=True)
class Limits:
    """Bounds of one submission."""

    seconds: float = 60.0  # for all cells; each call has its own
    memory_mb: int = 4096  # all processes and files together, beyond what Keras itself takes
    scratch_mb: int = 256  # files


class Lost(Exception):
    """A job is gone or must go; the text is the limit it hit."""


# --- bubblewrap ---------------------------------------------------------------------------------


def bubblewrap() -> list[str]:
    """The command: a read-only system, this Python, the course without its grader, no network."""
    program = shutil.which("bwrap")
    if not program:
        raise CourseError("bubblewrap is missing: `apt-get install bubblewrap`, or --unconfined")
    kept = ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    kept += ["--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    kept += ["--die-with-parent", "--new-session"]
    here = Path(server.__file__).parent
    helpers = ROOT / "helpers"
    seen = {Path("/usr"): "/usr", helpers: "/course/helpers", DATA: "/course/data"}
    seen |= {here / name: f"/grader/{name}" for name in ("server.py", "worker.py", "evidence.py")}
    python, folders = _python()
    seen |= folders
    for source, target in seen.items():
        kept += ["--ro-bind", str(source), str(target)]
    for name in ("bin", "lib", "lib64", "sbin"):
        link = Path("/", name)
        if link.is_symlink():
            kept += ["--symlink", str(link.readlink()), str(link)]
        elif link.is_dir():
            kept += ["--ro-bind", str(link), str(link)]
    for folder in ("/course/helpers/grading", "/course/helpers/authoring"):
        kept += ["--tmpfs", folder, "--remount-ro", folder]
    kept += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    kept += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", worker.WORK]
    for name in ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi"):
        # Root owns these files, also a root without any capability.
        kept += ["--ro-bind-try", f"/proc/{name}", f"/proc/{name}"]
    kept += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    return [program, *kept, python, "-B", "/grader/server.py"]


def _python() -> tuple[str, dict[Path, str]]:
    """Where this Python is inside, and the folders outside /usr that it needs there.

    An environment goes to a place of its own: it may lie in /tmp, which is empty inside.
    """
    folders = {Path(sys.base_prefix): sys.base_prefix}
    if sys.base_prefix.startswith("/usr"):
        folders = {}
    if any(folder.startswith(("/tmp/", "/dev/")) for folder in folders.values()):
        raise CourseError(f"{sys.base_prefix} is no place for Python: install it outside /tmp")
    if sys.prefix == sys.base_prefix:
        return sys.executable, folders
    folders[Path(sys.prefix)] = "/environment"
    return f"/environment/bin/{Path(sys.executable).name}", folders


def environment(scratch: str | None, core: int | None) -> dict[str, str]:
    """The job's environment variables: nothing of the user's own."""
    home = scratch or "/tmp"
    return {
        "PATH": f"{Path(sys.executable if scratch else _python()[0]).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT) if scratch else "/course",
        "HOME": home,
        "COURSE_CORE": "" if core is None else str(core),
        "COURSE_CACHE": f"{home}/cache",
        "COURSE_PROFILE": "quick",
        "KERAS_HOME": f"{home}/keras",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # One core for one submission: workers run side by side, and times can be compared.
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
    }


# --- bounds for a whole job ---------------------------------------------------------------------


class Group:
    """Bounds of memory and processes for one job: a control group, or else a watch.

    Version 2 has one tree, version 1 one for each kind of bound. A group is made beside the one
    that this process is in, where that is this user's to do.
    """

    _numbers = itertools.count(1)

    def __init__(self, folders: dict[str, Path], limits: Limits) -> None:
        self._folders, self._limits = folders, limits
        self.pause = 1.0 if folders else 0.1  # how long to wait between two looks

    @classmethod
    def make(cls, limits: Limits) -> "Group":
        name = f"course-grader-{os.getpid()}-{next(cls._numbers)}"
        group = cls({}, limits)
        try:
            for kind, parent in _parents().items():
                folder = parent / name
                folder.mkdir()
                group._folders[kind] = folder
                for file, value in _BOUNDS[kind].items():
                    # A system without swap has no file for it.
                    if "swap" not in file or (folder / file).exists():
                        (folder / file).write_text(value(limits))
        except OSError:
            group.remove()
            return cls({}, limits)
        group.pause = 1.0
        return group

    def add(self, process: int) -> None:
        try:
            for folder in self._folders.values():
                (folder / "cgroup.procs").write_text(str(process))
        except OSError:  # the group is this user's, but the way into it is not
            self.remove()
            self._folders, self.pause = {}, 0.1

    def watch(self, process: int) -> None:
        """Without a control group: `Lost` when all processes of a job are or take too much."""
        if self._folders:
            return
        all_of_it = list(family(process))
        if len(all_of_it) > MAX_PROCESSES:
            raise Lost("processes")
        if sum(map(_own_mb, all_of_it)) > self._limits.memory_mb + _KERAS_MB:
            raise Lost("memory")

    def killed(self) -> bool:
        """Whether the system ended a process of it because the memory was used up."""
        for file in ("memory.events", "memory.oom_control"):
            for folder in self._folders.values():
                with contextlib.suppress(OSError):
                    lines = dict(line.split() for line in (folder / file).read_text().splitlines())
                    return int(lines.get("oom_kill", 0)) > 0
        return False

    def peak_mb(self) -> float:
        for file in ("memory.peak", "memory.max_usage_in_bytes"):
            for folder in self._folders.values():
                with contextlib.suppress(OSError):
                    return int((folder / file).read_text()) / (1 << 20)
        return 0.0

    def remove(self) -> None:
        for folder in self._folders.values():
            for _ in range(50):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:  # a process is still being taken away
                    time.sleep(0.02)


def _bytes(limits: Limits) -> str:
    return str(limits.memory_mb << 20)


_BOUNDS = {
    "both": {
        "memory.max": _bytes,
        "memory.swap.max": lambda _: "0",
        "memory.oom.group": lambda _: "1",
        "pids.max": lambda _: str(MAX_PROCESSES),
    },
    "memory": {"memory.limit_in_bytes": _bytes},
    "pids": {"pids.max": lambda _: str(MAX_PROCESSES)},
}


@functools.cache
def _parents() -> dict[str, Path]:
    """Where groups are made: {"both": folder}, or {"memory": …, "pids": …} in version 1."""
    root = Path("/sys/fs/cgroup")
    mine = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, kinds, path = line.split(":", 2)
        for kind in kinds.split(","):
            mine[kind] = path.lstrip("/")
    own = root / mine.get("", "")
    found = {"both": own if own == root else own.parent}
    if {"memory", "pids"} <= set(mine):
        found = {kind: (root / kind / mine[kind]) for kind in ("memory", "pids")}
    for parent in found.values():
        for old in parent.glob("course-grader-*"):  # of a batch that was killed
            if not Path("/proc", old.name.split("-")[2]).exists():
                with contextlib.suppress(OSError):
                    old.rmdir()
    return found


def family(process: int) -> Iterator[int]:
    """A process and all that descend from it."""
    children, waiting = server.children(), [process]
    while waiting:
        yield (one := waiting.pop())
        waiting += children.get(one, [])


def _own_mb(process: int) -> float:
    """Memory that is no file's; what processes share counts for each in proportion."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(x.split()[1]) for x in lines if x.startswith(_NO_FILE)) / 1024
    return 0.0


_NO_FILE = ("Pss_Anon", "Pss_Shmem")


def inside(outside: int, number: int) -> int:
    """This system's number of the process that has another one inside the sandbox."""
    for process in family(outside):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/status").read_text().splitlines():
                if line.startswith("NSpid:") and line.split()[2:3] == [str(number)]:
                    return process
    raise CourseError("the sandbox's processes cannot be found in /proc")
