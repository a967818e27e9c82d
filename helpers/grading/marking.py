"""From one submission to one record: read it, run it, ask, mark."""

import functools
import itertools
import os
import re
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from helpers.grading import labs, report
from helpers.grading.bounds import Limits
from helpers.grading.labs import Answer, Lab, Mark, Photos, Request, Student, Task
from helpers.grading.reading import Cell, Reading, master, read
from helpers.grading.sandbox import Run, Sandbox
from helpers.grading.submissions import Submission

MAX_CELLS, MAX_SOURCE, MAX_OUTPUT = 500, 100_000, 4_000  # cells, signs of one, signs it prints
MAX_PHOTOS = 300  # that are compared with those of the others


class Sandboxes:
    """A sandbox for each thread that asks for one; after `close` there are none.

    `pinned`: each on a processor core of its own, as long as there are enough.
    """

    def __init__(self, pinned: bool = False) -> None:
        self._of, self._closed = {}, False
        cores = sorted(os.sched_getaffinity(0)) if pinned else [None]
        self._cores = itertools.cycle(cores)

    def get(self, confined: bool) -> Sandbox:
        thread = threading.get_ident()
        if self._closed:
            raise OSError("the batch has ended")
        if thread not in self._of:
            self._of[thread] = Sandbox(confined, next(self._cores))
        return self._of[thread]

    def drop(self) -> None:
        """End this thread's; the next one is new."""
        if box := self._of.pop(threading.get_ident(), None):
            box.close()

    def close(self) -> None:
        self._closed = True
        while self._of:
            self._of.popitem()[1].close()


# Of a process that Dask sends submissions to: its sandboxes, and labs that keep their data.
_elsewhere, _loaded = Sandboxes(), functools.cache(labs.load)


def mark(
    submission: Submission,
    lab: str | Lab,
    seed: int,
    limits: Limits,
    confined: bool = True,
    method: bool = False,
    boxes: Sandboxes = _elsewhere,
) -> dict:
    """The record of one submission, as it stands in results.jsonl. It never raises.

    Args:
        submission: with or without its content.
        lab: the lab, or its name, for a process elsewhere.
        seed: of the hidden inputs; they are the same for all who are marked with it.
        method: keep a record of method, for advice without marks.
        boxes: where its cells run.
    """
    start = time.monotonic()
    lab = _loaded(lab) if isinstance(lab, str) else lab
    loaded = submission.load(lab)
    reading = read(loaded, lab)
    run, asked = Run(), {}
    if not reading.problem:
        try:
            asked = _requests(lab, loaded.student, seed)
            run = _run(reading, loaded, asked, limits, boxes, confined, method)
        except Exception as error:  # ours, not the student's
            reading.problem = f"the sandbox failed ({error!r:.200}): mark this one again"
    try:
        return _record(lab, loaded, reading, run, asked, start) | {"confined": confined}
    except Exception as error:  # evidence that nobody has thought of harms no other submission
        reading.problem = f"its evidence cannot be told ({error!r:.200}): mark it by hand"
        return _record(lab, loaded, reading, Run(), {}, start) | {"confined": confined}


def _record(
    lab: Lab, loaded: Submission, reading: Reading, run: Run, asked: dict, start: float
) -> dict:
    student = loaded.student
    code = [cell for cell in reading.cells if cell.kind == "code"]
    sources = [cell.source for cell in code]
    given = [one.cell.source for one in master(lab) if one.cell.kind == "code"]
    tasks = [_outcome(task, run, asked, student, sources) for task in lab.tasks]
    status = _status(reading, run, tasks)
    automatic = [task for task in tasks if task["status"] != "manual"]
    return {
        "student": asdict(student),
        "source": loaded.source,
        "sha256": loaded.sha256,
        "status": status,
        "reason": reading.problem,
        "auto_score": round(sum(task["points"] for task in automatic), 2),
        "auto_max": sum(task["max"] for task in automatic),
        "manual_max": sum(task["max"] for task in tasks if task["status"] == "manual"),
        "manual": [task["id"] for task in tasks if task["status"] == "manual"],
        "tasks": tasks,
        "limits": run.limits,
        "repairs": reading.repairs,
        "warnings": [*loaded.warnings, *reading.warnings],
        "seconds": round(time.monotonic() - start, 2),
        "cpu_seconds": round(run.cpu_seconds, 2),
        "peak_mb": round(run.peak_mb),
        "feedback": f"feedback/{student.id}.html",
        "answers": reading.answers,
        "output": _output(code, run),
        "code": report.code_fingerprint(sources, given),
        "photos": _thumbnails(asked, run),
        "method": [{"cell": k + 1, "bug": bug, "reason": why} for k, bug, why in run.method],
        "photo_tasks": [t for t, many in asked.items() if any(isinstance(r, Photos) for r in many)],
    }


def needs_person(record: dict) -> bool:
    """Whether somebody must look at a record before its marks are given out."""
    return record["status"] != "graded" or any(task["status"] == "open" for task in record["tasks"])


# --- running ------------------------------------------------------------------------------------


def _requests(lab: Lab, student: Student, seed: int) -> dict[str, Sequence[Request]]:
    """What each task asks for; the same for everybody in a batch, but for the student's own."""
    return {
        task.id: task.ask(np.random.default_rng([seed, zlib.crc32(task.id.encode())]), student)
        for task in lab.tasks
        if not task.manual
    }


def _run(
    reading: Reading,
    loaded: Submission,
    asked: dict,
    limits: Limits,
    boxes: Sandboxes,
    confined: bool,
    method: bool,
) -> Run:
    code = [cell.source for cell in reading.cells if cell.kind == "code"]
    if len(code) > MAX_CELLS or any(len(source) > MAX_SOURCE for source in code):
        reading.warnings.append(f"only {MAX_CELLS} cells of {MAX_SOURCE:,} characters are run")
    sources = [source[:MAX_SOURCE] for source in code[:MAX_CELLS]]
    how = sources, loaded.files, asked, limits, method
    try:
        return boxes.get(confined).run(*how)
    except Exception:  # nobody knows what the server is at now; a new one may hold
        boxes.drop()
        return boxes.get(confined).run(*how)


# --- marks --------------------------------------------------------------------------------------


def _outcome(task: Task, run: Run, asked: dict, student: Student, code: Sequence[str]) -> dict:
    """One task's line of the record."""
    line = {"id": task.id, "title": task.title, "points": None, "max": task.points}
    line |= {"status": "manual", "share": None, "reason": "", "cause": "", "hint": ""}
    line |= {"lesson": task.lesson}
    if task.manual:
        return line
    answers = run.answers.get(task.id)
    if answers is None:
        mark = Mark(0, "Nothing came of it.")
    else:
        try:
            mark = task.mark(answers, asked[task.id], student)
        except Exception as error:  # a marker's own fault takes nothing from a student
            why = f"The marker failed ({error!r:.200}); a person marks this."
            mark = Mark(0, why, person=True)
    share = float(np.clip(np.nan_to_num(mark.share), 0, 1))
    line |= {"points": round(share * task.points, 2), "share": round(share, 4)}
    line |= {"status": _task_status(mark, share, answers)}
    reason = mark.reason + _where_lost(asked.get(task.id, ()), answers or (), code, run)
    return line | {"reason": reason[:2_000], "cause": mark.cause, "hint": mark.hint}


def _where_lost(
    asked: Sequence[Request], answers: Sequence[Answer], code: Sequence[str], run: Run
) -> str:
    """Which cell did not get to what is missing."""
    for request, answer in zip(asked, answers, strict=False):
        name = getattr(request, "function", None) or getattr(request, "name", None)
        if name and answer.error:
            for source, ran in zip(code, run.cells, strict=False):
                if ran["error"] and re.search(rf"\b{name}\b", source):
                    return f" The cell with `{name}` did not end well: {ran['error'][:300]}"
    return ""


def _task_status(mark: Mark, share: float, answers: Sequence[Answer] | None) -> str:
    if mark.person:
        return "open"
    if share > 0:
        return "right" if share == 1 else "partly"
    return "wrong" if answers and not all(answer.error for answer in answers) else "no_evidence"


def _status(reading: Reading, run: Run, tasks: list[dict]) -> str:
    if reading.problem:
        return "failed" if reading.cells else "unreadable"
    found = {task["status"] for task in tasks} - {"manual"}
    if found == {"no_evidence"}:
        return "failed"
    return "partial" if run.limits and found - {"right"} else "graded"


# --- for the reports ----------------------------------------------------------------------------


def _output(code: list[Cell], run: Run) -> list[dict]:
    """What each cell printed, before any hidden input was there."""
    pairs = zip(code, run.cells, strict=False)
    cut = slice(MAX_OUTPUT)
    return [
        {"source": cell.source[cut], "text": ran["text"][cut], "error": ran["error"][:300]}
        for cell, ran in pairs
    ]


def _thumbnails(asked: dict, run: Run) -> list[list[int]]:
    """The photos handed in, small and gray, to look for the same ones in another submission."""
    found = []
    for task, requests in asked.items():
        for request, answer in zip(requests, run.answers.get(task, ()), strict=False):
            if isinstance(request, Photos) and not answer.error:
                usable = [photo for photo in answer.value if not photo["problem"]]
                found += [tuple(photo["thumbnail"].ravel().tolist()) for photo in usable]
    return [list(photo) for photo in dict.fromkeys(found)][:MAX_PHOTOS]
