"""The server inside the sandbox: it has imported Keras once, and forks a job for each submission.

Each job has namespaces of its own, an empty folder, no capability, and bounds.

Between host and server the letters of the frames are: S starts a job, P tells its process, G lets
it go, > and < carry what host and job say, K ends it, and E tells what it took.
"""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import select
import signal
import struct
import tempfile
import time
from pathlib import Path

if __package__:
    from helpers.grading import worker
    from helpers.grading.evidence import loads
    from helpers.grading.worker import WORK, receive, send
else:  # inside, where no more of the grader is in sight
    import worker
    from evidence import loads
    from worker import WORK, receive, send

_NEW = 0x10000000 | 0x20000 | 0x20000000 | 0x8000000 | 0x40000000  # user, mount, pid, ipc, net
_PRIVATE = 0x4000 | 1 << 18  # MS_REC, MS_PRIVATE
_NO_SUID_NO_DEVICES = 2 | 4
_READ_ONLY = 1 | 2 | 4 | 8 | 32 | 4096  # with all flags of /proc; MS_REMOUNT, MS_BIND
_libc = ctypes.CDLL(None, use_errno=True)
_CLONE3 = 435  # its flags lie in memory, where no filter looks
_CALLS = {  # architecture, clone; unshare, setns, mount, memfd_create, shmget, add_key, keyctl,
    # request_key, ptrace, bpf, perf_event_open, userfaultfd, sched_setaffinity
    "x86_64": (0xC000003E, 56, 272, 308, 165, 319, 29, 248, 250, 249, 101, 321, 298, 323, 203),
    "aarch64": (0xC00000B7, 220, 97, 268, 40, 279, 194, 217, 219, 218, 117, 280, 241, 282, 122),
}
# io_uring_setup, open_tree, move_mount, fsopen, memfd_secret
_CALLS_SINCE_2019 = (425, 428, 429, 430, 447)


def _sure(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), what)


def _isolate(megabytes: int) -> None:
    """New namespaces for the children of this process, and empty folders of bounded size."""
    user, group = os.getuid(), os.getgid()
    _libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: its files in /proc are its own while it maps ids
    _sure(_libc.unshare(_NEW), "unshare")
    maps = [
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ]
    for name, text in maps:
        Path("/proc/self", name).write_text(text)
    _sure(_libc.mount(None, b"/", None, _PRIVATE, None), "private")
    for folder, size in ((WORK, megabytes), ("/tmp", 64), ("/dev/shm", 64), ("/grader", 1)):
        bounds = f"size={size}m,nr_inodes=20000".encode()
        kind = b"tmpfs"
        flags = _NO_SUID_NO_DEVICES | (folder == "/grader")  # which stays empty: MS_RDONLY
        _sure(_libc.mount(kind, folder.encode(), kind, flags, bounds), folder)
    # Some files there belong to the server, and so to this user.
    _sure(_libc.mount(None, b"/proc", None, _READ_ONLY, None), "/proc")


def _borrowed() -> str:
    """Unconfined: a folder in the server's own, with the course above it."""
    above = Path(tempfile.mkdtemp(dir=os.environ["HOME"]))
    for name in ("helpers", "data"):
        (above / name).symlink_to(Path(os.environ["PYTHONPATH"], name))
    (above / "notebooks").mkdir()
    return str(above / "notebooks")


def _bind(limits: dict) -> None:
    """Bounds for this process and its children; no capability is left."""
    memory = (limits["memory_mb"] + 1024) << 20  # a gigabyte is what Keras has mapped before
    for name, value in {"NPROC": 128, "DATA": memory, "CORE": 0, "NOFILE": 512}.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    for capability in range(64):
        _libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    _libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _sure(_libc.capset(header, nothing), "capset")
    _filter()


def _filter() -> None:
    """Refuse the system calls by which memory escapes its bounds, and those that no lab needs.

    New namespaces bring file systems without bounds; memory files and shared segments belong to no
    process; the others look into processes or have a record of holes. A classic BPF program: see
    Linux' Documentation/userspace-api/seccomp_filter.rst.
    """
    machine = os.uname().machine
    if machine not in _CALLS:
        return  # the self-test tells
    architecture, clone, *refused = _CALLS[machine]
    load, equal, above, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, no, unknown = 0x7FFF0000, 0x00050001, 0x00050026  # EPERM; ENOSYS: clone is tried then
    program = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, no), (load, 0, 0, 0)]
    program += [(above, 0, 1, 0x40000000), (give, 0, 0, no)]  # the x32 doubles of all calls
    program += [(equal, 0, 1, _CLONE3), (give, 0, 0, unknown)]
    for call in (*refused, *_CALLS_SINCE_2019):
        program += [(equal, 0, 1, call), (give, 0, 0, no)]
    program += [(equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 0, 1, 0x7E020000)]
    program += [(give, 0, 0, no), (give, 0, 0, allow)]
    code = b"".join(struct.pack("=HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code)
    head = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(buffer))
    _sure(_libc.prctl(22, 2, head, 0, 0), "seccomp")  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def _job(limits: dict, ask: int, tell: int, go: int) -> None:
    """In the forked process: wait for the word, isolate, fork the new world's first process."""
    os.setsid()
    os.read(go, 1)
    if limits["confined"]:
        _isolate(limits["scratch_mb"])
    inner = os.fork()
    if inner:
        os.closerange(3, 1024)
        os.waitpid(inner, 0)
        return
    os.dup2(ask, 101), os.dup2(tell, 100)
    os.closerange(3, 100), os.closerange(102, 1024)
    if limits["confined"]:
        _bind(limits)
    os.chdir(WORK if limits["confined"] else _borrowed())
    job = json.loads(receive(101)[1])
    if job["kind"] == "student":
        worker.student(job, 101, 100)
    else:
        while True:
            request = loads(receive(101)[1])
            send(100, b"J", worker.measure(request, receive(101)[1]))


def _relay(limits: dict, host_in: int, host_out: int) -> None:
    """Fork a job, serve it until it ends or is to end, and tell what it took."""
    (tell_r, tell), (ask, ask_w), (go, go_w) = (os.pipe() for _ in range(3))
    job = os.fork()
    if job == 0:
        try:
            for descriptor in (tell_r, ask_w, go_w, host_in, host_out):
                os.close(descriptor)
            _job(limits, ask, tell, go)
        finally:
            os._exit(0)
    for descriptor in (tell, ask, go):
        os.close(descriptor)
    send(host_out, b"P", str(job).encode())
    try:
        _carry(tell_r, ask_w, go_w, host_in, host_out)
    finally:  # also when the host is gone
        took = _end()
    for descriptor in (tell_r, ask_w, go_w):
        os.close(descriptor)
    send(host_out, b"E", json.dumps(took).encode())


def _carry(tell_r: int, ask_w: int, go_w: int, host_in: int, host_out: int) -> None:
    """Frames of both directions, until the job says no more or the host has it ended."""
    os.set_blocking(ask_w, False)
    os.set_blocking(host_out, False)  # neither side ever waits for the other to read
    waiting, said = bytearray(), bytearray()
    while True:
        sources = [host_in] if len(said) > 1 << 20 else [host_in, tell_r]
        targets = [ask_w] * bool(waiting) + [host_out] * bool(said)
        ready, free, _ = select.select(sources, targets, [])
        if host_in in ready:
            letter, content = receive(host_in)
            if letter == b"K":
                break
            if letter == b"G":
                os.write(go_w, b"g")
            waiting += content
        if ask_w in free:
            _pour(waiting, ask_w)
        if host_out in free:
            _pour(said, host_out)
        if tell_r in ready:
            part = os.read(tell_r, 1 << 16)
            if not part:
                break
            said += worker.frame(b"<", part)
    os.set_blocking(host_out, True)
    while said:
        _pour(said, host_out)


def _pour(buffer: bytearray, descriptor: int) -> None:
    """Write what fits now; where nobody reads any more, drop all."""
    try:
        del buffer[: os.write(descriptor, buffer[: 1 << 16])]
    except BlockingIOError:
        pass
    except OSError:
        buffer.clear()


def _end() -> dict:
    """Kill a job and whatever descends from it; what all of them took.

    This process is the subreaper: whose parent is gone becomes its child, also a job's first
    process, and with that one its whole namespace ends.
    """
    seconds = peak = 0.0
    with contextlib.suppress(ChildProcessError):
        while True:
            for child in children().get(os.getpid(), ()):
                os.kill(child, signal.SIGKILL)
            child, _, used = os.wait4(-1, os.WNOHANG)
            seconds += used.ru_utime + used.ru_stime
            peak = max(peak, used.ru_maxrss / 1024)
            time.sleep(0 if child else 0.005)
    return {"cpu_seconds": seconds, "peak_mb": peak}


def children() -> dict[int, list[int]]:
    """Of each process that can be seen, those that it is the parent of."""
    found: dict[int, list[int]] = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = Path("/proc", entry, "stat").read_text("utf-8", "replace")
            found.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry))
    return found


def _serve() -> None:
    host_in, host_out, null = os.dup(0), os.dup(1), os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):  # native libraries write where they like
        os.dup2(null, descriptor)
    if core := os.environ.pop("COURSE_CORE", ""):
        os.sched_setaffinity(0, {int(core)})
    _prepare()
    _libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: no job looks into this process
    send(host_out, b"U", json.dumps({"threads": len(os.listdir("/proc/self/task"))}).encode())
    while True:
        letter, content = receive(host_in)
        if letter != b"S":
            continue
        # All that is said passes through a process of its own: the next job is a copy of this
        # one, and must find nothing of anybody's in its memory.
        relay = os.fork()
        if relay == 0:
            try:
                _libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
                _relay(json.loads(content), host_in, host_out)
                os._exit(0)
            finally:
                os._exit(1)
        if os.waitpid(relay, 0)[1]:
            os._exit(1)


def _prepare() -> None:
    """Import what notebooks import, once, and start nothing: no thread survives a fork."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    for name in worker.IMPORTED:
        importlib.import_module(name)
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    shell.displayhook.write_output_prompt = lambda: None


if __name__ == "__main__":
    with contextlib.suppress(EOFError):
        _serve()
