"""Tries each bound of the sandbox on this machine, before anything of a student's runs in it."""

import contextlib
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.grading import labs
from helpers.grading.bounds import Limits, environment
from helpers.grading.labs import Call
from helpers.grading.sandbox import Run, Sandbox
from helpers.settings import ROOT

LIMITS = Limits(seconds=20, memory_mb=512, scratch_mb=32)


@dataclass(frozen=True)
class Bound:
    """Something that must not be possible: code that tries it, and whether it was refused."""

    name: str
    code: str  # defines `probe`; what it gives back is what it got at
    arguments: tuple = ()
    held: Callable[[Run], bool] = lambda run: run.answers["probe"][0].value == []
    seconds: float = 8.0


def broken(box: Sandbox) -> Iterator[tuple[str, str]]:
    """Each bound as it is tried: its name, and "" or what is wrong with it."""
    with _target() as (port, secret):
        for bound in _bounds(port, secret):
            tasks = {"probe": [Call("probe", bound.arguments, bound.seconds)]}
            run = box.run([bound.code], {}, tasks | {"after": [Call("after")]}, LIMITS)
            after = run.answers["after"][0].value == "still here"
            said = "" if bound.held(run) else f"does not hold: {run.answers['probe'][0]}"[:300]
            yield bound.name, said or ("" if after else "costs other tasks their evidence")
    yield "nothing is left running", f"{len(box.left())} processes are" if box.left() else ""
    yield "a server without threads", "" if box.threads == 1 else f"it has {box.threads}"


@contextlib.contextmanager
def _target() -> Iterator[tuple[int, str]]:
    """A door and a file of this computer that nobody in the sandbox must reach."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        tempfile.NamedTemporaryFile(prefix="course-secret-") as file,
    ):
        yield server.getsockname()[1], file.name


def _ended(run: Run) -> bool:
    """Not done: refused by an exception, or the process was ended."""
    answer = run.answers["probe"][0]
    return bool(answer.error) or answer.value == []


def _bounds(port: int, secret: str) -> list[Bound]:
    grader = [str(Path(place, "helpers", "grading", "labs.py")) for place in (ROOT, "/course")]
    hidden = [secret, *grader, "/grader/server.py", "/etc/shadow", str(labs.folder() / "specs")]
    fixed = ["/", "/usr", "/dev", "/grader", "/course", "/course/helpers", "/environment"]
    return [
        Bound("no network", _AFTER + _NETWORK, (port,)),
        Bound("no file of this computer in sight", _AFTER + _FILES, (hidden,)),
        Bound(
            "no variable of this shell", _AFTER + _VARIABLES, ([*environment(None, None), "PWD"],)
        ),
        Bound("nothing writable but its own folder", _AFTER + _WRITE, (fixed,)),
        Bound("no look into other processes", _AFTER + _LOOK),
        Bound("no capability, no new namespace", _AFTER + _POWERS),
        Bound("nothing said to the submission before", _AFTER + _MEMORIES),
        Bound("files bounded in size and number", _AFTER + _FILL),
        Bound("nothing of the submission before", _AFTER + _TRACES),
        Bound("memory of a process bounded", _AFTER + _MEMORY, (1, 1024), _ended),
        Bound("memory of all processes bounded", _AFTER + _MEMORY, (8, 160), _ended),
        Bound("number of processes bounded", _AFTER + _MANY, (), _ended),
        Bound("time bounded", _AFTER + _ENDLESS, held=_ended, seconds=1.0),
    ]


_AFTER = "def after():\n    return 'still here'\n"

_NETWORK = """
import socket
def probe(port):
    reached = []
    for address in (("127.0.0.1", port), ("192.0.2.1", 80)):
        try:
            socket.create_connection(address, timeout=1).close()
            reached.append(address)
        except OSError:
            pass
    return reached
"""
_FILES = """
import os
def probe(paths):
    return [p for p in paths if os.path.isfile(p) or (os.path.isdir(p) and os.listdir(p))]
"""
_VARIABLES = """
def probe(known):
    lines = open("/proc/self/environ").read().split("\\0")
    return sorted({line.partition("=")[0] for line in lines if line} - set(known))
"""
_WRITE = """
import os
def probe(paths):
    changed = []
    settings = [f"{f}/{n}" for f, _, names in os.walk("/proc/sys") for n in names]
    others = [e.path for e in os.scandir("/proc") if e.is_file() and not e.is_symlink()]
    for path in paths + settings + others:
        try:
            file = os.path.join(path, "probe") if os.path.isdir(path) else path
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT))
            changed.append(file)
        except OSError:
            pass
    return changed
"""
_LOOK = """
import os
def probe():
    me, seen = os.readlink("/proc/self"), []
    for number in filter(str.isdigit, os.listdir("/proc")):
        for name in ("mem", "environ", "maps"):
            try:
                if number != me and open(f"/proc/{number}/{name}", "rb").read(1) is not None:
                    seen.append(f"{number}/{name}")
            except OSError:
                pass
    return seen
"""
_POWERS = """
import ctypes, os
def probe():
    libc = ctypes.CDLL(None)
    done = [n for n, f in (("unshare", lambda: libc.unshare(0x10000000)),
                           ("mount", lambda: libc.mount(b"t", b"/tmp", b"tmpfs", 0, None)),
                           ("memfd", lambda: min(libc.memfd_create(b"m", 0), 0)),
                           ("host", lambda: libc.sethostname(b"probe", 5))) if f() == 0]
    lines = open("/proc/self/status").read().splitlines()
    return done + [line for line in lines if line.startswith("Cap") and int(line.split()[1], 16)]
"""
_MEMORIES = """
import re
def probe():
    found, needle = [], re.compile(b"course-" + b"secret" + b"-[a-z0-9_]{8}")
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            start, end = (int(n, 16) for n in line.split()[0].split("-"))
            if line.split()[1].startswith("rw") and end - start < 1 << 28:
                try:
                    memory.seek(start)
                    found += [m.decode() for m in needle.findall(memory.read(end - start))]
                except (OSError, ValueError):
                    pass
    return found
"""
_TRACES = """
import os
def probe():
    return [p for f in (".", "/tmp", "/dev/shm") for p in os.listdir(f)]
"""
_FILL = """
import itertools, os
def probe():
    whole = []
    for folder in (".", "/tmp", "/dev/shm"):
        try:
            with open(f"{folder}/large", "wb") as file:
                for _ in range(80):
                    file.write(bytes(1 << 20))
            whole.append(f"{folder}: 80 MB")
        except OSError:
            pass
        try:
            os.unlink(f"{folder}/large")
            for number in range(25_000):
                os.mkdir(f"{folder}/{number}")
            whole.append(f"{folder}: 25,000 files")
        except OSError:
            pass
    return whole
"""
_MEMORY = """
import os, time
def probe(processes, megabytes):
    pipe = os.pipe()
    for _ in range(processes):
        if os.fork() == 0:
            held = [b"x" * (1 << 20) for _ in range(megabytes)]
            os.write(pipe[1], b"x")
            time.sleep(60)  # until all have theirs
    os.set_blocking(pipe[0], False)
    done = b""
    while len(done) < processes:
        if os.waitpid(-1, os.WNOHANG)[0]:
            return []  # one of them was ended
        try:
            done += os.read(pipe[0], processes)
        except BlockingIOError:
            time.sleep(0.01)
    return [f"{processes} x {megabytes} MB"]
"""
_MANY = """
import os
def probe():
    try:
        for number in range(600):
            os.posix_spawn("/usr/bin/sleep", ["sleep", "60"], {})
    except OSError:
        return []
    return ["600 processes"]
"""
_ENDLESS = """
import ctypes, os, signal, time
def probe():
    ctypes.CDLL(None).prctl(1, 0)  # does not die with its parent
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0:  # a daemon that holds every pipe
        os.setsid()
    while True:
        time.sleep(1)
"""
