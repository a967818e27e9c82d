"""Runs a student's cells where they can harm nothing, and asks for evidence afterwards.

    sandbox = Sandbox()
    run = sandbox.run(cells, files, {"rotate": [Call("rotate", (image, 90))]}, Limits())
    sandbox.close()

The sandbox is Debian's bubblewrap around the server in `server.py`, which forks a job into new
namespaces for each submission; `bounds.py` says what confines it.
"""

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from helpers.grading import evidence, server, worker
from helpers.grading.bounds import Group, Limits, Lost, bubblewrap, environment, family, inside
from helpers.grading.labs import Answer, Network, Photos, Request
from helpers.settings import CourseError

MAX_SAID = 200 << 20  # bytes that one job may say
GRACE = 3.0  # seconds after which a job that does not stop by itself is ended
ASKING = 60.0  # seconds for all calls of all tasks
RESTARTS = 3  # of a submission whose cells or functions end the process, or do not end


@dataclass
class Run:
    """What came of running one submission."""

    cells: list[dict] = field(default_factory=list)  # of each cell "text" and "error", in order
    answers: dict[str, list[Answer]] = field(default_factory=dict)  # of each task
    limits: list[str] = field(default_factory=list)  # which it hit: time, memory, ended, output
    method: list[tuple[int, str, str]] = field(default_factory=list)  # cell, bug, reason
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


# --- the sandbox --------------------------------------------------------------------------------


class Sandbox:
    """One server; jobs run in it one after the other.

    Args:
        confined: without it, everything runs as an ordinary process of this user. Only for
            notebooks of people you trust, or inside a machine that may be lost.
        core: the one processor core on which it may run, so that no submission takes time from
            one that is marked beside it; by default any.

    Raises:
        CourseError: bubblewrap is missing or cannot start here.
    """

    def __init__(self, confined: bool = True, core: int | None = None) -> None:
        self.confined = confined
        command = [sys.executable, "-B", str(server.__file__)]
        self._scratch = None if confined else tempfile.TemporaryDirectory()
        if confined:
            command = bubblewrap()
        quiet = subprocess.PIPE if confined else subprocess.DEVNULL
        self._server = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=quiet,
            env=environment(None if confined else self._scratch.name, core),
            start_new_session=True,  # Ctrl-C is the batch's to handle
        )
        self._heard = bytearray()
        try:
            letter, content = self._frame(120)
        except (Lost, EOFError):
            self._server.kill()
            told = self._server.stderr.read(2000).decode("utf-8", "replace") if confined else ""
            raise CourseError(
                f"the sandbox does not start: {told.strip() or 'no answer'}"
            ) from None
        assert letter == b"U"
        self.threads = json.loads(content)["threads"]
        self._own = set(family(self._server.pid))

    def close(self) -> None:
        """End the server and all that runs in it."""
        self._server.stdin.close()
        self._server.kill()
        self._server.wait()
        if self._scratch:
            self._scratch.cleanup()

    def run(
        self,
        cells: Sequence[str],
        files: Mapping[str, bytes],
        tasks: Mapping[str, Sequence[Request]],
        limits: Limits,
        method: bool = False,
    ) -> Run:
        """Run the cells of a submission, then ask; what does not stop costs only itself.

        Args:
            cells: sources, in order.
            files: what lies beside the notebook: relative path to content.
            tasks: requests of each task.
            method: keep a record of method while the cells run.
        """
        run = Run(cells=[{"text": "", "error": ""} for _ in cells])
        waiting, skip, left = dict(tasks), set(), 2 * (limits.seconds + RESTARTS * GRACE)
        payloads: list[tuple[str, int, Request, bytes]] = []
        for _ in range(1 + RESTARTS):
            with self._job(limits, run) as job:
                start = time.monotonic()
                try:
                    kept = [(k, cell) for k, cell in enumerate(cells) if k not in skip]
                    told = {"cells": kept, "seconds": min(limits.seconds, left), "method": method}
                    _run_cells(job, told, files, run, skip)
                    while waiting:
                        task, requests = next(iter(waiting.items()))
                        if time.monotonic() - start > 2 * limits.seconds + ASKING:
                            left = 0.0
                            raise Lost("time")
                        _ask(job, task, requests, files, run, payloads, waiting)
                except Lost as lost:
                    run.limits.append(str(lost))
                left -= time.monotonic() - start
            if not waiting or left < 1:
                break
        for task, requests in waiting.items():
            run.answers[task] = [Answer(error="it was not reached: see the limits.")] * len(
                requests
            )
        while payloads:
            self._measure(payloads, limits, run)
        run.limits = list(dict.fromkeys(run.limits))
        return run

    def left(self) -> set[int]:
        """Processes that are neither the server nor bubblewrap; none between two jobs."""
        over = time.monotonic() + 2  # the last one may still be on its way out
        while (found := set(family(self._server.pid)) - self._own) and time.monotonic() < over:
            time.sleep(0.01)
        return found

    def _measure(self, payloads: list, limits: Limits, run: Run) -> None:
        """Have a clean job look at what a student's job handed over, as far as it gets."""
        with self._job(limits, run) as job:
            job.say(b"J", json.dumps({"kind": "clean"}).encode())
            while payloads:
                task, place, request, content = payloads.pop(0)
                try:
                    job.say(b"J", evidence.dumps(_wire(request)))
                    job.say(b"M", content)
                    run.answers[task][place] = _answer(job.hear(request.seconds)[1])
                except Lost:
                    error = "what was handed in could not be opened within its bounds."
                    run.answers[task][place] = Answer(error=error)
                    return

    @contextlib.contextmanager
    def _job(self, limits: Limits, run: Run) -> Iterator["_Job"]:
        self._send(b"S", json.dumps(vars(limits) | {"confined": self.confined}).encode())
        letter, content = self._frame(30)
        assert letter == b"P"
        process = inside(self._server.pid, int(content)) if self.confined else int(content)
        group = Group.make(limits)
        try:
            group.add(process)
            self._send(b"G")
            job = _Job(self, group, process)
            try:
                yield job
            finally:
                self._send(b"K")
                took = job.end()
                run.cpu_seconds += took["cpu_seconds"]
                run.peak_mb = max(run.peak_mb, group.peak_mb() or took["peak_mb"])
                if group.killed():
                    run.limits.append("memory")
        finally:
            group.remove()

    def _send(self, letter: bytes, content: bytes = b"") -> None:
        worker.send(self._server.stdin.fileno(), letter, content)

    def _frame(self, seconds: float) -> tuple[bytes, bytes]:
        """The server's next frame; `Lost` where none comes in time, EOFError where it is gone."""
        over = time.monotonic() + seconds
        while (frame := _cut(self._heard)) is None:
            if not select.select([self._server.stdout], [], [], max(0, over - time.monotonic()))[0]:
                raise Lost("time")
            part = os.read(self._server.stdout.fileno(), 1 << 20)
            if not part:
                raise EOFError
            self._heard += part
        return frame


def _cut(heard: bytearray) -> tuple[bytes, bytes] | None:
    """Take the first whole frame off what was heard; None where there is none yet."""
    if len(heard) < 5:
        return None
    (size,) = struct.unpack(">I", heard[:4])
    if size > MAX_SAID:
        raise Lost("output")
    if len(heard) < 5 + size:
        return None
    letter, content = bytes(heard[4:5]), bytes(heard[5 : 5 + size])
    del heard[: 5 + size]
    return letter, content


class _Job:
    """A running job: say, hear, end."""

    def __init__(self, sandbox: Sandbox, group: Group, process: int) -> None:
        self._sandbox, self._group, self._process = sandbox, group, process
        self._heard, self._bytes, self._took = bytearray(), 0, None

    def say(self, letter: bytes, content: bytes) -> None:
        frame = worker.frame(letter, content)
        for start in range(0, len(frame), 1 << 20):
            self._sandbox._send(b">", frame[start : start + (1 << 20)])

    def hear(self, seconds: float) -> tuple[bytes, bytes]:
        """The job's next frame; `Lost` where it ends or says none in time, or says too much."""
        over = time.monotonic() + seconds + GRACE
        while (frame := _cut(self._heard)) is None:
            if self._took is not None:
                raise Lost("ended")
            if (left := over - time.monotonic()) <= 0:
                raise Lost("time")
            self._group.watch(self._process)
            with contextlib.suppress(Lost):  # no frame yet: look at the time
                self._listen(min(left, self._group.pause))
            if self._bytes > MAX_SAID:
                raise Lost("output")
        return frame

    def _listen(self, seconds: float) -> None:
        letter, content = self._sandbox._frame(seconds)
        if letter == b"E":
            self._took = json.loads(content)
        self._heard += content if letter == b"<" else b""
        self._bytes += len(content)

    def end(self) -> dict:
        """Wait until nothing of it is left; what it took."""
        while self._took is None:
            self._heard.clear()
            self._listen(30)
        return self._took


def _run_cells(job, told, files, run, skip) -> None:
    """Hand over files and cells, and hear what they print."""
    seconds = told["seconds"]
    job.say(b"J", json.dumps(told | {"kind": "student", "files": len(files)}).encode())
    for name, content in files.items():
        job.say(b"F", name.encode() + b"\0" + content)
    over, running = time.monotonic() + seconds, None
    while True:
        left = over - time.monotonic()
        try:
            if left < -seconds - GRACE:
                raise Lost("time")
            said = evidence.loads(job.hear(worker.cell_seconds(left))[1])
            number = said.get("cell", running)
            cell = run.cells[number] if "cell" in said else {}
        except (Lost, evidence.Refused, AttributeError, TypeError, IndexError) as error:
            lost = error if isinstance(error, Lost) else Lost("output")
            if running is None:
                raise lost from None
            skip.add(running)
            what = {"time": "did not stop in time", "ended": "ended the whole program"}
            run.cells[running]["error"] = what.get(str(lost), "said too much")
            raise lost from None
        if "ready" in said:
            run.method = _findings(said.get("method"))
            return
        running = number
        cell |= {k: str(said[k]) for k in ("text", "error") if k in said}
        if cell.get("error", "").startswith(worker.STOPPED):
            run.limits.append("time")


def _findings(said: object) -> list[tuple[int, str, str]]:
    """Cell, bug and reason, of those that have this form: a cell may have forged them."""
    whole = [one for one in said if type(one) is list] if type(said) is list else []
    kinds = [int, str, str]
    return [
        (k, bug, why[:300]) for k, bug, why in (o for o in whole if list(map(type, o)) == kinds)
    ]


def _ask(job, task, requests, files, run, payloads, waiting) -> None:
    """Ask for one task's evidence; what does not answer costs this task's other requests, too."""
    answers, slow = [], 0
    run.answers[task] = answers
    for place, request in enumerate(requests):
        if slow == 2:  # so it will be with the others
            answers.append(Answer(error="not asked: two calls before it took too long."))
            continue
        if isinstance(request, Photos):
            payloads.append((task, place, request, worker.photos(request.folder, files)))
            answers.append(Answer())
            continue
        hidden = {"images": None} if isinstance(request, Network) else {}
        job.say(b"J", evidence.dumps(_wire(request) | hidden))
        try:
            letter, content = job.hear(request.seconds)
        except Lost as lost:
            why = {"time": f"{worker.SLOW} {request.seconds:.0f} s and could not be stopped."}
            answers.append(Answer(error=why.get(str(lost), "it ended the whole program.")))
            left = len(requests) - len(answers)
            answers += [Answer(error="not asked: the call before it ended badly.")] * left
            del waiting[task]
            raise
        answers.append(_answer(content) if letter == b"J" else Answer(error="no evidence came."))
        if isinstance(request, Network):
            if letter == b"M":
                payloads.append((task, place, request, content))
            # What a network is like is measured, never believed.
            answers[-1] = Answer(error=answers[-1].error or "no evidence came.")
        if answers[-1].error.startswith(worker.SLOW):
            slow += 1
            run.limits.append("time")
    del waiting[task]


def _wire(request: Request) -> dict:
    return {"kind": type(request).__name__} | vars(request)


def _answer(content: bytes) -> Answer:
    """The answer in bytes that nobody has checked."""
    try:
        said = evidence.loads(content)
        return Answer(said.get("value"), str(said.get("error", ""))[:1000])
    except (evidence.Refused, AttributeError):
        return Answer(error="what came is no evidence.")
