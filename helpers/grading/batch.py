"""Many submissions: workers, progress, what is kept when it is killed, and what it ends with."""

import contextlib
import importlib.metadata
import json
import os
import platform
import secrets
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock, Timeout
from tqdm import tqdm

from helpers.grading import labs, marking, report, sandbox, selftest, submissions
from helpers.grading.bounds import Limits
from helpers.grading.labs import Lab, Student
from helpers.grading.submissions import Submission
from helpers.settings import ROOT, CourseError

FORMAT = 1  # of results.json


@dataclass(frozen=True)
class Options:
    """How a batch is marked."""

    workers: int = 2
    limits: Limits = field(default_factory=Limits)
    seed: int | None = None
    class_list: Path | None = None
    resume: bool = False
    force: bool = False
    students: Sequence[str] = ()  # to mark again; all others stay as they are
    scheduler: str | None = None  # address of a Dask scheduler
    confined: bool = True
    method: bool = False  # advice on how networks were trained and judged
    gradebook: bool = True


def grade(path: Path, lab_name: str, out: Path, options: Options) -> int:
    """Mark what students handed in and write all results into a folder.

    Returns:
        0 when all is marked, 1 when a person must look at some.

    Raises:
        CourseError: a mistake of the user's, or a bound of the sandbox that does not hold.
    """
    lab = labs.load(lab_name)
    path, out = path.expanduser(), out.expanduser().resolve()
    if path.is_dir() and out.is_relative_to(path.resolve()):
        raise CourseError(f"{out} lies in {path}, where nothing is written: name another folder")
    found = submissions.find(path, options.class_list)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = "it is a file" if out.is_file() else error.strerror
        raise CourseError(f"{out} can't be written to ({told}): name another folder") from None
    try:
        with FileLock(out / ".lock", timeout=0):
            return _grade(found, lab, out, options)
    except Timeout:
        raise CourseError(f"another batch is writing into {out}: wait for it") from None


def _grade(found: list[Submission], lab: Lab, out: Path, options: Options) -> int:
    options, records = _begin(found, lab, out, options)
    waiting = [one for one in found if one.source not in records]
    if options.confined and waiting and not options.scheduler:
        print("trying the sandbox first", flush=True)
        check()
    with _results(out) as keep:
        for record in _marked(waiting, lab, options):
            records[record["entry"]] = record
            keep(record)
    return _finish([records[one.source] for one in found], lab, out, options)


def check(say: Callable[[str], None] = lambda line: None) -> None:
    """Try every bound of the sandbox.

    Raises:
        CourseError: one does not hold here; nobody's code has run.
    """
    box = sandbox.Sandbox()
    try:
        found = []
        for name, wrong in selftest.broken(box):
            say(f"  {name:<44}{wrong or 'ok'}")
            found += [f"{name}: {wrong}"] if wrong else []
    finally:
        box.close()
    if found:
        told = f"{len(found)} of its bounds do not hold, first {found[0]:.200}"
        remedy = "`python -m helpers grade --selftest` shows all; mark elsewhere"
        raise CourseError(f"the sandbox does not confine on this machine: {told}. {remedy}")


# --- what is kept -------------------------------------------------------------------------------


def _begin(
    found: list[Submission], lab: Lab, out: Path, options: Options
) -> tuple[Options, dict[str, dict]]:
    """The options with the batch's seed, and the records that stand, by entry."""
    settings, kept = out / "batch.json", out / "results.jsonl"
    if options.force:
        for place in (settings, kept):
            place.unlink(missing_ok=True)
        shutil.rmtree(out / "feedback", ignore_errors=True)
    going_on = options.resume or options.students
    if kept.exists() and not going_on:
        raise CourseError(f"{out} has results already: go on with --resume, or --force begins anew")
    if options.students and not kept.exists():
        raise CourseError(f"{out} has no results yet: mark all once, then one student again")
    known = {one.student.id: one.source for one in found}
    if wrong := set(options.students) - set(known):
        raise CourseError(f"nobody here is called {', '.join(sorted(wrong))}: see grades.csv")
    begun = {"lab": lab.name, "lab_version": lab.version, "seed": options.seed}
    if settings.exists():
        before = json.loads(settings.read_text("utf-8"))
        if (before["lab"], before["lab_version"]) != (lab.name, lab.version):
            was = f"{before['lab']}, version {before['lab_version']}"
            raise CourseError(f"{out} holds results of {was}: name another folder, or --force")
        if options.seed not in (None, before["seed"]):
            raise CourseError(f"this batch has the seed {before['seed']}: leave out --seed")
        begun = before
    elif begun["seed"] is None:
        begun["seed"] = secrets.randbelow(1 << 31)
    settings.write_text(json.dumps(begun) + "\n", "utf-8")
    again = {known[student] for student in options.students}
    present = {one.source: one.load(lab).sha256 for one in found} if kept.exists() else {}
    records = {
        record["entry"]: record
        for record in _lines(kept)
        if record["entry"] in present
        and record["entry"] not in again
        and (options.students or record["sha256"] == present[record["entry"]])
    }
    return replace(options, seed=begun["seed"]), records


def _lines(kept: Path) -> Iterator[dict]:
    """The records of a file whose last line may be cut off; of one entry, the last counts."""
    if kept.exists():
        for line in kept.read_bytes().split(b"\n"):
            with contextlib.suppress(ValueError, TypeError, KeyError):
                record = json.loads(line)
                record["entry"]
                yield record


@contextlib.contextmanager
def _results(out: Path) -> Iterator[Callable[[dict], None]]:
    """Adds records to results.jsonl; each is on the disk before the next one is written."""
    with open(out / "results.jsonl", "ab") as file:

        def keep(record: dict) -> None:
            # A line that a killed batch left unfinished is ended first.
            file.write(b"\n" + json.dumps(record).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

        yield keep


# --- marking them -------------------------------------------------------------------------------


def _marked(waiting: list[Submission], lab: Lab, options: Options) -> Iterator[dict]:
    """Records as they come, with a progress bar."""
    if not waiting:
        return
    with tqdm(total=len(waiting), desc="marking", unit="submission") as bar:
        spread = _by_dask if options.scheduler else _by_threads
        for entry, record in spread(waiting, lab, options):
            bar.set_postfix_str(f"last: {record['student']['id']}", refresh=False)
            bar.update()
            yield record | {"entry": entry, "bounds": _bounds(options)}


def _bounds(options: Options) -> dict:
    return {"time_s": options.limits.seconds, "memory_mb": options.limits.memory_mb}


def _by_threads(waiting, lab, options):
    """Each thread waits for a sandbox of its own; the work is done in there."""
    pool, boxes = ThreadPoolExecutor(options.workers), marking.Sandboxes(pinned=True)
    how = (options.seed, options.limits, options.confined, options.method, boxes)
    try:
        sent = {pool.submit(marking.mark, one, lab, *how): one.source for one in waiting}
        for done in as_completed(sent):
            yield sent.pop(done), done.result()
    finally:
        boxes.close()  # what still runs ends now, also after Ctrl-C
        pool.shutdown(cancel_futures=True)


def _by_dask(waiting, lab, options):
    """The same function on other machines, which have this checkout and a sandbox of their own.

    A worker that dies costs nothing: Dask gives its submission to another one.
    """
    try:
        from distributed import Client
        from distributed import as_completed as as_they_come
    except ModuleNotFoundError:
        raise CourseError("Dask is missing: pip install distributed, here and there") from None
    try:
        client = Client(options.scheduler, timeout="5s")
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(f"no scheduler answers at {options.scheduler} ({error})") from None
    how = (options.seed, options.limits, options.confined, options.method)
    with client:
        if options.confined:
            for address, wrong in client.run(_checked).items():
                if wrong:
                    raise CourseError(f"{address}: {wrong}")
        sent = {
            client.submit(marking.mark, one.load(lab), lab.name, *how, pure=False, retries=2): one
            for one in waiting
        }
        for done in as_they_come(list(sent)):
            yield sent.pop(done).source, done.result()


def _checked() -> str:
    """The self-test in a worker elsewhere; "" or what is wrong."""
    try:
        check()
    except CourseError as error:
        return str(error)
    return ""


# --- what it ends with --------------------------------------------------------------------------


def _finish(records: list[dict], lab: Lab, out: Path, options: Options) -> int:
    """Compare students with each other, write everything, and say where it is."""
    for student, reason in report.shared_photos(records).items():
        _decide(next(r for r in records if r["student"]["id"] == student), reason)
    results = _about(records, lab, options)
    report.write(results, out, _class(options.class_list))
    bulky = ("code", "photos", "output", "answers")
    short = [{k: v for k, v in record.items() if k not in bulky} for record in records]
    text = json.dumps(results | {"submissions": short}, indent=1)
    (out / "results.json").write_text(text + "\n", "utf-8")
    people = [record for record in records if marking.needs_person(record)]
    counts = ", ".join(f"{number} {status}" for status, number in results["counts"].items())
    print(f"{len(records)} submissions: {counts}")
    needs = "needs" if len(people) == 1 else "need"
    print(f"{len(people)} {needs} a person: see {out / 'summary.html'}")
    if records and all(record["status"] in ("failed", "unreadable") for record in records):
        print(f"nobody's tasks could be tried: is {lab.name} the lab that was handed in?")
    print(f"marks: {out / 'grades.csv'}; a page for each student: {out / 'feedback'}")
    if options.gradebook:
        from helpers.grading import gradebook

        print(f"hand marking in nbgrader: {gradebook.write(results, lab, out)}")
    return int(bool(people))


def _class(path: Path | None) -> list[Student]:
    """Who should have handed in."""
    rows = submissions.class_list_rows(path).values() if path else ()
    return [Student(*known) for known, _ in rows]


def _decide(record: dict, reason: str) -> None:
    """Leave the tasks about photos to a person."""
    for task in record["tasks"]:
        if task["id"] in record["photo_tasks"]:
            task |= {"status": "open", "reason": f"{task['reason']} {reason}".strip()}


def _about(records: list[dict], lab: Lab, options: Options) -> dict:
    """results.json, whole."""
    return {
        "format": FORMAT,
        "lab": lab.name,
        "title": lab.title,
        "lab_version": lab.version,
        "commit": _commit(),
        "seed": options.seed,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in ("keras", "numpy")},
        "limits": _bounds(options),
        "confined": all(record["confined"] for record in records),
        "counts": dict(Counter(record["status"] for record in records).most_common()),
        "submissions": records,
    }


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return ""
