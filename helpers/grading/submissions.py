"""Finds what students handed in, and reads it: nothing in it is trusted, run or unpacked to disk.

for found in submissions.find(Path("handed_in"), Path("class.csv")):   # one for each entry
    submission = found.load(lab)              # now with its notebook and its files
    reading = submissions.read(submission, lab)

An entry is what the learning platform made for one student: a folder (nbgrader's, Moodle's, any), a
zip file, a notebook, or Canvas' or Moodle's loose files with one student's number. Of two entries
of one student the late or newer one counts; the other stays as a record that says so. In a notebook
only that is repaired which is sure; functions are looked up by name, so most damage needs nothing.
"""

import ast
import contextlib
import functools
import hashlib
import io
import json
import os
import re
import stat
import time
import unicodedata
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from helpers import variants
from helpers.grading.labs import Lab, Student
from helpers.image_files import is_system_file, shown
from helpers.settings import CourseError

MAX_NOTEBOOK, MAX_BYTES, MAX_FILES = 20_000_000, 100_000_000, 2_000  # of one entry
_MAX_CELLS, _MAX_NOTEBOOKS, _MAX_ZIPS, _MAX_DEPTH, _MAX_NOTES = 5_000, 20, 20, 20, 50
_MAX_CODE = 100_000  # signs of a cell of another kind that may be code

_MOODLE = re.compile(r"(?s)(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)_?(.*)")
_CANVAS = re.compile(r"(?si)([^_]+)_(late_)?(\d+)_\d+_(.+)")
# A loose file with another ending (a list, a text, a spreadsheet) is nobody's entry.
_OTHERS = "zip|7z|rar|tar|t?gz|py|pdf|html?|docx?"
_HANDED_IN = re.compile(rf"(?i)( ?\(\d+\))?(\.ipynb.*|(\.({_OTHERS}))+( ?\(\d+\))?)$")
_MAY_HOLD = re.compile(r"(?i)\.(ipynb|zip)")
# A browser's or Canvas' mark of a second copy.
_AGAIN = re.compile(r"(?: ?\(\d+\)|-\d+)(\.[^./]+)$")
_SOLUTION = re.compile(r"(?ms)^([ \t]*)[^\n]*BEGIN SOLUTION.*?END SOLUTION[^\n]*$")
_PLACEHOLDERS = ("...", "YOUR ANSWER HERE", "# YOUR CODE HERE", "raise NotImplementedError()")
_ASK = "ask the student for the .ipynb file as Jupyter or Colab saves it"


class _File(NamedTuple):
    path: str  # below the student's entry
    source: str  # below SUBMISSIONS
    place: str  # on the disk, or in the archive
    size: int  # -1 for a link, a pipe or a device
    time: Sequence[int]  # year to second of its last change
    archive: zipfile.ZipFile | None = None


@dataclass(frozen=True)
class Submission:
    """What one student handed in. `find` leaves `notebook`, `files`, `sha256` open: see `load`."""

    student: Student
    source: str  # below SUBMISSIONS: the entry; once loaded, its notebook
    problem: str = ""  # why there is nothing to mark and what to do, in one sentence
    warnings: list[str] = field(default_factory=list)
    sha256: str = ""  # of the notebook and the files
    notebook: bytes | None = field(default=None, repr=False)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)  # below the notebook's folder
    _files: tuple[_File, ...] = field(default=(), repr=False)
    _zip: Path | None = field(default=None, repr=False)  # what holds the whole class

    def load(self, lab: Lab) -> "Submission":
        """A copy with the notebook that fits the lab best, and the files the lab asks for."""
        if self.problem or self.sha256:
            return self
        try:
            opened = zipfile.ZipFile(self._zip) if self._zip else contextlib.nullcontext()
            with opened as archive:
                return _load(self, lab, [file._replace(archive=archive) for file in self._files])
        except Exception as error:  # whatever is in it, the batch goes on
            reason = f"{shown(self.source)} cannot be read ({type(error).__name__}): {_ASK}"
            return replace(self, problem=reason)


@dataclass
class Cell:
    """A cell as it is marked; `grade_id` is the master's, at most once in a notebook."""

    kind: str  # "code", "markdown", or "test": a public test of the master, not to be run
    source: str
    grade_id: str | None = None


@dataclass
class Reading:
    """A notebook's cells in their order, and the student's text for each manual task."""

    cells: list[Cell] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problem: str = ""


# --- entries and students -----------------------------------------------------------------------


@dataclass
class _Entry:
    label: str  # the student's id if no class list knows better
    name: str
    late: bool
    keys: list[tuple[str, str]]  # to look for in the class list, the surest first
    source: str
    files: list[_File] = field(default_factory=list)

    def rank(self) -> tuple:
        """The highest counts: one with a notebook, then late, then newest."""
        hopeful = [file.time for file in self.files if _MAY_HOLD.search(file.path)]
        return bool(hopeful), self.late, max(hopeful, default=()), self.source


def find(path: Path, class_list: Path | None = None) -> list[Submission]:
    """One submission for each entry of a folder or zip file, in the order of their sources.

    Args:
        path: what the learning platform gave: a folder, a zip file, or one notebook.
        class_list: CSV with a column student_id, as for `variants.table`; to tell who is meant by a
            platform's names and numbers also name, or first name and surname (or last name), ID
            (Canvas), identifier (Moodle).

    Raises:
        CourseError: no such path, nothing in it, or no usable class list.
    """
    rows = _class_list(class_list) if class_list else {}
    whole, files = _listing(Path(path))
    groups: dict[str, list[_Entry]] = defaultdict(list)  # by student
    for entry in _entries(files):
        fits = [[code for code in rows if key in rows[code][1]] for key in entry.keys]
        found = next((codes for codes in fits if codes), [])
        groups[found[0] if len(found) == 1 else "?" + _code(entry.label)].append(entry)
    if not groups:
        raise CourseError(f"{path} holds no submissions: name the folder of the students' entries")
    submissions, taken = [], set()
    # Whom the class list knows gets the plain id, then who counts, then who was superseded.
    for number in range(max(map(len, groups.values()))):
        for code in sorted(groups, key=lambda code: code.startswith("?")):
            best, *others = sorted(groups[code], key=_Entry.rank, reverse=True)
            if number > len(others):
                continue
            entry, notes = [best, *others][number], []
            student, name = rows[code][0] if code in rows else (entry.label, entry.name)
            if rows and code not in rows:
                notes = ["nobody or more than one in the class list fits: check who this is"]
            if others and not number:
                listed = ", ".join(shown(one.source) for one in others)
                notes += [f"the same student's {listed} was not marked: this one is the later one"]
            if len(entry.files) > MAX_FILES:
                notes += [f"over {MAX_FILES:,} files: only the first were looked at"]
            away = f"superseded by {shown(best.source)}: to have this one marked, move that away"
            problem = away if number else ""
            student = Student(_student_id(student, taken), shown(name, 100))
            kept = (tuple(entry.files[:MAX_FILES]), whole)
            source = shown(entry.source, 200)
            submissions.append(Submission(student, source, problem, notes, "", None, {}, *kept))
    return sorted(submissions, key=lambda one: one.source)


def _entries(files: list[_File]) -> list[_Entry]:
    entries: dict[Any, _Entry] = {}
    for file in files:
        top, slash, below = file.path.partition("/")
        if top in ("", ".."):  # of a zip file whose names lead elsewhere
            continue
        if moodle := _MOODLE.fullmatch(top):
            name, number, rest = moodle.groups()
            keys, late = [("moodle", number), ("name", _letters(name))], False
        elif not slash and (canvas := _CANVAS.fullmatch(top)):
            name, late, number, rest = canvas.groups()
            keys = [("canvas", number), ("name", _letters(name))]
        elif slash or file.size < 0 or _HANDED_IN.search(top):
            name, late, number, rest = "", False, "", top
        else:
            continue
        label = f"{name}_{number}" if number else top if slash else _HANDED_IN.sub("", top)
        keys = keys if number else [("id", _code(label)), ("name", _letters(label))]
        new = _Entry(label, name, bool(late), keys, top)
        entry = entries.setdefault((label, bool(late)) if number else top, new)
        if (inside := below if slash else rest) and not inside.endswith("/"):
            entry.files.append(file._replace(path=inside))
    return list(entries.values())


def _class_list(path: Path) -> dict[str, tuple[tuple[str, str], set]]:
    """By normalized code: the code and name as written, and the keys that tell the student."""
    columns = {"student_id": [cell for _, cell in variants.column_of(path, "student_id")]}
    wholes, parts = ("name", "full name", "student"), ("first name", "surname", "last name")
    for heading in (*wholes, *parts, "id", "identifier"):
        with contextlib.suppress(CourseError):  # there is no such column
            columns[heading] = [cell for _, cell in variants.column_of(path, heading)]
    rows = {}
    for cells in zip(*columns.values(), strict=True):
        row = dict(zip(columns, cells, strict=True))
        full = next((row[heading] for heading in wholes if row.get(heading)), "")
        full = full or " ".join(row[heading] for heading in parts if row.get(heading))
        words = full.replace(",", " ").split()[:10]
        # "Ada Lovelace" in Moodle, "Lovelace, Ada" and "lovelaceada" in Canvas.
        keys = {("name", _letters(*words[i:], *words[:i])) for i in range(len(words))}
        keys |= {("id", code := _code(row["student_id"])), ("canvas", row.get("id", ""))}
        keys |= {("moodle", re.sub(r"\D", "", row.get("identifier", "")))}
        rows[code] = (row["student_id"], full), keys
    return rows


def _code(text: str) -> str:
    with contextlib.suppress(CourseError):
        return variants.normalize(text)
    return text.casefold()


def _letters(*words: str) -> str:
    text = unicodedata.normalize("NFKD", "".join(words)).casefold()
    return "".join(sign for sign in text if sign.isalnum())


def _student_id(text: str, taken: set[str]) -> str:
    """An id that is also a file name, in every file system another than those taken."""
    text = unicodedata.normalize("NFC", text)
    signs = (s if unicodedata.category(s)[0] in "LMN" or s in " ._-@+" else "_" for s in text)
    plain = "".join(signs)[:60].strip(" .") or "unnamed"
    tries = (f"{plain}-{n}" if n > 1 else plain for n in range(1, len(taken) + 2))
    free = next(t for t in tries if unicodedata.normalize("NFKC", t).casefold() not in taken)
    taken.add(unicodedata.normalize("NFKC", free).casefold())
    return free


# --- files on the disk and in zip files ---------------------------------------------------------


def _listing(path: Path) -> tuple[Path | None, list[_File]]:
    """The zip file that holds the whole class, if one does; and all files, links not followed."""
    if path.is_dir():
        inner = path / "submitted"  # of a course in nbgrader's layout
        files = _on_disk(inner if inner.is_dir() and not inner.is_symlink() else path)
        alone = files[0] if len(files) == 1 and files[0].size >= 0 else None
        if alone and zipfile.is_zipfile(alone.place) and not _of_platform(alone.path):
            with contextlib.suppress(CourseError):
                whole, inside = _listing(Path(alone.place))
                hopeful = [f.path for f in inside if f.size >= 0 and _MAY_HOLD.search(f.path)]
                tops = {name.partition("/")[0] for name in hopeful}
                if any(map(_of_platform, tops)) or sum(not _is_loose(top) for top in tops) > 1:
                    return whole, inside
        return None, files
    if not path.is_file():
        raise CourseError(f"there is no {path}: name the folder or zip file of the submissions")
    if not zipfile.is_zipfile(path):
        return None, [_on_disk_file(path, path.name)]
    try:
        with zipfile.ZipFile(path) as archive:
            files = _in_zip(archive)
    except Exception:  # a hostile file may raise almost anything
        raise CourseError(f"{path} is a damaged zip file: download it again") from None
    tops = {file.path.partition("/")[0] for file in files}
    below = [file._replace(path=file.path.partition("/")[2]) for file in files]
    # One folder around all, unless that is the one student's.
    around = tops <= {path.stem} or tops <= {"submitted"}
    if around and sum(_is_loose(file.path) for file in below) != 1:
        return path, [file for file in below if file.path]
    return path, files


def _is_loose(path: str) -> bool:
    return "/" not in path and ".ipynb" in path.lower()


def _of_platform(top: str) -> bool:
    return bool(_MOODLE.fullmatch(top) or _CANVAS.fullmatch(top))


def _on_disk(root: Path) -> list[_File]:
    files = []
    for top in sorted(os.scandir(root), key=lambda entry: entry.name):
        if not is_system_file(top.name):
            files += islice(_walk(root, top), MAX_FILES + 2)  # the folder, its files, and one more
    return files


def _walk(root: Path, top: os.DirEntry) -> Iterator[_File]:
    if not top.is_dir(follow_symlinks=False):
        yield _on_disk_file(Path(top.path), top.name)
        return
    yield _File(f"{top.name}/", top.name, top.path, 0, ())
    for folder, folders, names in os.walk(top.path):
        here = Path(folder).relative_to(root)
        deep = len(here.parts) > _MAX_DEPTH
        folders[:] = [] if deep else sorted(name for name in folders if not is_system_file(name))
        for name in sorted(name for name in names if not is_system_file(name)):
            yield _on_disk_file(Path(folder, name), (here / name).as_posix())


def _on_disk_file(place: Path, path: str) -> _File:
    status = place.lstat()
    size = status.st_size if stat.S_ISREG(status.st_mode) else -1
    return _File(path, path, str(place), size, time.gmtime(status.st_mtime)[:6])


def _in_zip(archive: zipfile.ZipFile, above: str = "") -> list[_File]:
    """The members, the outer ones first; size -1 marks a name that leads elsewhere."""
    found = {}
    for info in archive.infolist():
        name = info.filename.replace("\\", "/")
        parts = PurePosixPath(name).parts
        if parts and not any(is_system_file(part) for part in parts if part != ".."):
            path = "/".join(parts) + "/" * info.is_dir()
            bad = parts[0] == "/" or ".." in parts or len(parts) > _MAX_DEPTH
            size = -1 if bad else info.file_size
            found[path] = _File(path, above + path, info.filename, size, info.date_time)
    return sorted(found.values(), key=lambda file: (file.path.count("/"), file.path))


def _read(file: _File, most: int) -> bytes:
    """The bytes of a file; a CourseError says in the rest of a sentence why there are none."""
    try:
        if file.size < 0:
            raise CourseError("is a link or leads elsewhere, and is not read: ask for the file")
        if file.archive:
            if file.archive.getinfo(file.place).compress_type not in (0, zipfile.ZIP_DEFLATED):
                raise CourseError("is packed in an unusual way: ask for it again")
            stream = file.archive.open(file.place)
        else:  # should it have become a link or a pipe by now: neither followed nor waited for
            handle = os.open(file.place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            stream = os.fdopen(handle, "rb")
        with stream:
            data = stream.read(most + 1)
    except CourseError:
        raise
    except Exception:  # a hostile zip file may raise almost anything
        raise CourseError("is encrypted, damaged or locked: ask for it again") from None
    if len(data) > most:
        raise CourseError(f"is larger than the {most / 1e6:.0f} MB left for it: ask for less")
    return data


def _unzip(files: list[_File], lab: Lab, notes: list[str]) -> list[_File]:
    """The files, with those of zip files in the place of these."""
    found, waiting, room, zips = [], files, MAX_BYTES, 0
    while waiting and len(found) < MAX_FILES:
        file, *waiting = waiting
        name = PurePosixPath(file.path).name
        if not name.lower().endswith(".zip") or _wanted(name, lab) or zips == _MAX_ZIPS:
            found.append(file)
            continue
        zips += 1
        try:
            data = _read(file, room)
            room -= len(data)
            if data.count(b"PK\1\2") > 50 * MAX_FILES:  # every member has this mark
                raise CourseError("holds too many files: ask for less")
            archive = zipfile.ZipFile(io.BytesIO(data))
            inside = _in_zip(archive, file.source + "/")
        except CourseError as error:
            notes.append(f"{shown(name)} {error}")
            continue
        except Exception:
            notes.append(f"{shown(name)} is no zip file, or a damaged one: ask for it again")
            continue
        if any(one.size < 0 for one in inside):
            notes.append(f"{shown(name)}: what leads out of it was left out")
        if len(inside) > MAX_FILES:
            notes.append(f"{shown(name)} has over {MAX_FILES:,} files: only some were looked at")
        folder = file.path[: -len(name)]
        inside = [one._replace(path=folder + one.path, archive=archive) for one in inside]
        waiting = [one for one in inside if not one.path.endswith("/")][:MAX_FILES] + waiting
    return found


def _wanted(path: str, lab: Lab) -> bool:
    """Whether the lab asks for it; a star reaches into folders only where the pattern names one."""
    fits = (pattern for pattern in lab.submits if fnmatchcase(path, pattern))
    return any("/" in pattern or "/" not in path for pattern in fits)


def _load(submission: Submission, lab: Lab, files: list[_File]) -> Submission:
    notes = [*submission.warnings]
    listed = files
    files = _unzip(files, lab, notes)
    candidates = [f for f in files if _is_loose(PurePosixPath(f.path).name)]
    renamed = [f for f in files if not candidates and f.path.lower().endswith((".json", ".txt"))]
    read, failed, room = [], [], MAX_BYTES
    for file in (candidates or renamed)[:_MAX_NOTEBOOKS]:
        try:
            data = _read(file, min(room, MAX_NOTEBOOK))
            room -= len(data)
            cells, _ = _parse(data)
            draft = _Draft([cell for cell, _ in cells], _master(lab))
            read.append((*draft.fit(), PurePosixPath(file.path), file, data))
        except CourseError as error:
            failed += [f"{shown(file.path)} {error}"] if candidates else []
    if not read:
        names = [shown(file.path) + " (a link)" * (file.size < 0) for file in listed[:3]]
        reasons = [*failed, *notes[len(submission.warnings) :]]
        found = (
            f"there is no notebook but {', '.join(names)}" if names else "there is nothing in it"
        )
        reasons += [f"{found}: {_ASK}"]
        return replace(submission, problem=reasons[0], warnings=reasons[1:-1])
    most = max(fit for fit, *_ in read)
    likely = [one for one in read if 2 * one[0] >= most]

    def rank(one):
        return one[1], one[0], one[2].name == f"{lab.name}.ipynb"

    likely.sort(key=rank, reverse=True)
    fit, _, path, chosen, notebook = likely[0]
    others = [one for one in likely if one[4] != notebook]
    if others and (not fit or rank(likely[0]) == rank(others[0])):
        names = " and ".join(shown(one) for one in (path, others[0][2]))
        problem = f"{names} fit {lab.name} equally well: move away the one that does not count"
        return replace(submission, problem=problem)
    if others:
        notes.append(f"of {len(others) + 1} notebooks {shown(path)} was marked: it holds most work")
    notes += failed
    taken = _take(chosen, [file for file in files if file is not chosen], lab, notes)
    digest = hashlib.sha256(notebook)
    for name in sorted(taken):
        digest.update(f"\0{name}\0{len(taken[name])}\0".encode() + taken[name])
    return replace(
        submission,
        source=shown(chosen.source, 200),
        warnings=notes[:_MAX_NOTES],
        sha256=digest.hexdigest(),
        notebook=notebook,
        files=taken,
    )


def _take(notebook: _File, files: list[_File], lab: Lab, notes: list[str]) -> dict[str, bytes]:
    """The files that the lab asks for, wherever they lie; those beside the notebook first."""
    beside = notebook.path[: -len(PurePosixPath(notebook.path).name)]

    def order(file):
        again = _AGAIN.search(file.path) is not None
        return not file.path.startswith(beside), again, file.path.count("/"), file.path

    taken, folders, room = {}, set(), MAX_BYTES
    for file in sorted(files, key=order):
        below = file.path.removeprefix(beside)
        parts = below.split("/")
        tails = ["/".join(parts[start:]) for start in range(len(parts))]
        tails += [_AGAIN.sub(r"\1", tail) for tail in tails]
        name = next((tail for tail in tails if _wanted(tail, lab)), None)
        above = {str(folder) for folder in PurePosixPath(name or "").parents}
        if name is None or name in taken or name in folders or above & taken.keys():
            continue
        try:
            if not name.isprintable() or len(name.encode()) > 200 or ".." in parts:
                raise CourseError("has a name that is not allowed: ask for it under another")
            taken[name] = _read(file, room)
        except CourseError as error:
            notes.append(f"{shown(below)} {error}")
            continue
        folders |= above
        room -= len(taken[name])
        if name != below:
            notes.append(f"{shown(below)} was taken for {shown(name)}")
    return taken


# --- notebooks ----------------------------------------------------------------------------------


@dataclass
class _Given:
    """A cell of the master, as students get it."""

    cell: Cell
    role: str  # "test", "answer", "given"
    lines: tuple[str, ...]
    names: set[str]  # that a student's answer defines


def read(submission: Submission, lab: Lab) -> Reading:
    """The cells and answers of a loaded submission; it never raises."""
    if submission.notebook is None:
        return Reading(problem=submission.problem or "it was not loaded: load it first")
    try:
        cells, notes = _parse(submission.notebook)
        return _Draft([cell for cell, _ in cells], _master(lab), notes).reading(lab)
    except Exception as error:  # whatever is in it, the batch goes on
        reason = f"cannot be read ({type(error).__name__}): {_ASK}"
        return Reading(problem=f"{submission.source} {reason}")


def _parse(data: bytes) -> tuple[list[tuple[Cell, dict]], list[str]]:
    """The cells with nbgrader's metadata, and warnings; of any version of the format.

    Raises:
        CourseError: it is no notebook; the text is the rest of a sentence.
    """
    notes = []
    try:
        encoding = json.detect_encoding(data)
        text = data.decode(encoding, "replace")
        # Numbers of any length and control characters in texts are no reason to refuse it.
        notebook = json.loads(text, strict=False, parse_int=float)
        sheets = notebook.get("worksheets") or [notebook]  # before version 4 of the format
        lists = [sheet["cells"] for sheet in sheets]
        if not all(isinstance(cells, list) for cells in lists):
            raise ValueError
    except Exception:  # RecursionError, and what odd types raise
        begin = shown(data[:20].decode("latin-1"))
        raise CourseError(f"is no notebook, or a damaged one ({begin}): {_ASK}") from None
    if "\ufffd" in text and text.encode(encoding, "replace") != data:
        notes.append("some letters are in no known encoding: check the texts")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        language = str(_dict(_dict(notebook.get("metadata")).get(key)).get(name, "python"))
        if "python" not in language.lower():
            notes.append(f"its kernel is for {shown(language)}: its cells are run as Python")
            break
    cells = [_cell(cell) for cells in lists for cell in cells if isinstance(cell, dict)]
    cells = [(cell, grader) for cell, grader in cells if cell.source.strip() or cell.grade_id]
    if len(cells) > _MAX_CELLS:
        notes.append(f"it has {len(cells):,} cells: only the first {_MAX_CELLS:,} count")
    return cells[:_MAX_CELLS], notes


def _cell(raw: dict) -> tuple[Cell, dict]:
    """A cell and nbgrader's metadata, whatever is in their places."""
    source = raw.get("source", raw.get("input"))
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        source = ("" if any("\n" in line for line in lines) else "\n").join(lines)
    # Half a letter of UTF-16 could not be written to any file later.
    source = str(source if isinstance(source, str) else "").encode("utf-8", "replace").decode()
    source = source.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    kind = raw.get("cell_type")
    if not isinstance(kind, str):
        kind = "code" if "outputs" in raw or "input" in raw else "raw"
    grader = _dict(_dict(raw.get("metadata")).get("nbgrader"))
    grade_id = grader.get("grade_id")
    return Cell(kind, source, grade_id if isinstance(grade_id, str) else None), grader


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _master(lab: Lab) -> list[_Given]:
    return _read_master(lab.master, lab.master.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read_master(path: Path, changed: int) -> list[_Given]:
    given = []
    for cell, grader in _parse(path.read_bytes())[0]:
        answer = bool(grader.get("solution"))
        role = "answer" if answer else "test" if grader.get("grade") else "given"
        # A cell that is not locked is the student's to change, too: their code stands there.
        free = answer or not (grader.get("grade") or grader.get("locked"))
        names = _defined(cell.source) if free and cell.kind == "code" else set()
        if answer:
            stub, regions = _SOLUTION.subn(r"\1...", cell.source)
            cell.source = stub if regions else "..."
        given.append(_Given(cell, role, _lines(cell.source), names))
    return given


def _lines(source: str) -> tuple[str, ...]:
    """What counts when two cells are compared."""
    return tuple(line.rstrip() for line in source.split("\n") if line.strip())


def _said(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines without those that wait for an answer."""
    return tuple(line for line in lines if line.strip() not in _PLACEHOLDERS)


def _is_python(source: str) -> bool:
    """Whether it surely is code: Python with a statement."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return len(source) < _MAX_CODE and bool(ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _defined(source: str) -> set[str]:
    """The names that code defines at its top level, also beside magics."""
    found = re.findall(r"(?m)^(?:(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*=(?!=))", source)
    return {one or other for one, other in found}


def _without(source: str, run: tuple[str, ...]) -> str:
    """The source without these successive lines; blank ones between them make no difference."""
    lines = source.split("\n")
    full = [at for at, line in enumerate(lines) if line.strip()]
    plain = [lines[at].rstrip() for at in full]
    gone, at = set(), 0 if run[0] in plain else len(plain)
    while at <= len(plain) - len(run):
        if tuple(plain[at : at + len(run)]) == run:
            at += len(run)
            gone.update(range(full[at - len(run)], full[at - 1] + 1))
        else:
            at += 1
    return "\n".join(line for at, line in enumerate(lines) if at not in gone)


class _Draft:
    """A student's cells beside the master's, on the way to a reading."""

    def __init__(self, cells: list[Cell], master: list[_Given], notes: Sequence[str] = ()) -> None:
        self.cells, self.master = cells, master
        self.repairs, self.warnings = [], [*notes]
        self.ids = {given.cell.grade_id: at for at, given in enumerate(master)}
        self.ids.pop(None, None)
        # From positions in the master to those of the same cells here: by grade id, then content.
        self.spots: dict[int, int] = {}
        for here, cell in enumerate(cells):
            if cell.grade_id in self.ids:
                self.spots.setdefault(self.ids[cell.grade_id], here)
        contents = defaultdict(list)
        for at, given in enumerate(master):
            if at not in self.spots and _said(given.lines):
                contents[given.lines].append(at)
        self.given = {here: at for at, here in self.spots.items()}  # the other way round
        for here, cell in enumerate(cells):
            if here not in self.given and (free := contents.get(_lines(cell.source))):
                self.given[here] = free.pop(0)
                self.spots[self.given[here]] = here

    def fit(self) -> tuple[int, int]:
        """How many of the master's cells there are, and how many hold work of the student's own."""
        known = {_said(given.lines) for given in self.master} | {()}
        own = sum(_said(_lines(cell.source)) not in known for cell in self.cells)
        return len(self.spots), own

    def reading(self, lab: Lab) -> Reading:
        self.retype()
        self.set_tests_aside()
        answers = {
            one.id: self.answer(one.id) for one in lab.tasks if one.manual and one.id in self.ids
        }
        for task in lab.tasks:
            if not answers.get(task.id, "x"):
                self.warnings.append(f"{task.title}: there is no text")
        for here, cell in enumerate(self.cells):
            at = self.given.get(here)
            cell.grade_id = None if at is None else self.master[at].cell.grade_id
        if not self.spots:
            self.warnings.append(f"it shares no cell with {lab.name}: check that it is this lab's")
        whole = self.whole()
        return Reading(whole, answers, self.repairs[:_MAX_NOTES], self.warnings[:_MAX_NOTES])

    def retype(self) -> None:
        """Make code of what surely is code, and text of the rest that is no code cell."""
        wanted = set().union(*(given.names for given in self.master))
        there, own = set(), set()  # names that code cells define; those beside the master's cells
        for here, cell in enumerate(self.cells):
            names = _defined(cell.source) if cell.kind == "code" else set()
            there |= names
            own |= set() if here in self.given else names
        room = 3 * _MAX_CODE  # to parse takes a second for each million signs
        for here, cell in enumerate(self.cells):
            at = self.given.get(here, self.ids.get(cell.grade_id))
            meant = None if at is None else self.master[at].cell.kind
            name = f"cell {here + 1} ({shown(cell.grade_id or cell.source[:30], 30)})"
            if cell.kind == "code":
                if meant == "markdown" and here in self.given and not _is_python(cell.source):
                    cell.kind = "markdown"
                    self.repairs.append(f"{name} was a code cell and is text")
                continue
            fence = re.fullmatch(r"\s*```(?:python)?\n(.*?)\n?```\s*", cell.source, re.DOTALL)
            source = fence[1] if fence else cell.source
            names = _defined(source)
            # What the student's code defines already is not defined again by some older text.
            asked = names & wanted
            old = asked & own if here in self.given else asked and asked <= there
            old = old and (at is None or self.master[at].role == "answer")
            hopeful = meant == "code" or (not meant and (asked or "(" in source))
            room -= len(source) if hopeful else 0
            is_code = hopeful and room > 0 and _is_python(source)
            if is_code and not old and (meant or asked):
                cell.kind, cell.source = "code", source
                there |= names
                self.repairs.append(f"{name} was no code cell and is run as code")
                continue
            cell.kind = "markdown"
            if is_code or (meant == "code" and here in self.given):
                self.warnings.append(f"{name} is no code cell and did not run: look whether it is")

    def set_tests_aside(self) -> None:
        """Take the lines of the master's public tests out of the code, wherever they stand."""
        tests = [given.lines for given in self.master if given.role == "test" and given.lines]
        for here, cell in enumerate(self.cells):
            rest = cell.source if cell.kind == "code" else ""
            for lines in tests:
                rest = _without(rest, lines)
            if cell.kind == "code" and rest != cell.source and not _lines(rest):
                cell.kind = "test"
            elif cell.kind == "code" and rest != cell.source:
                cell.source = rest
                self.repairs.append(f"cell {here + 1}: the public test in it was left out")

    def before(self, at: int) -> int:
        """Where the nearest cell stands that precedes this one in the master; -1 if none does."""
        return next((self.spots[one] for one in reversed(range(at)) if one in self.spots), -1)

    def answer(self, task: str) -> str:
        """The student's text for a manual task: of its cells, and of own ones right behind them."""
        at = self.ids[task]
        given = self.master[at]
        places = [here for here, cell in enumerate(self.cells) if cell.grade_id == task]
        for here in range((places[-1] if places else self.before(at)) + 1, len(self.cells)):
            if here in self.given or not self.spots:
                break
            if given.cell.kind == "code" or self.cells[here].kind == "markdown":
                places.append(here)
        if at not in self.spots and places:
            self.repairs.append(f"{task}: its text was found by its place")
            self.spots[at], self.given[places[0]] = places[0], at
        texts = [self.cells[here].source.strip() for here in places]
        new = [text for text in texts if set(_said(_lines(text))) - set(given.lines)]
        return "\n\n".join(dict.fromkeys(new))

    def whole(self) -> list[Cell]:
        """The cells with those given code cells that are gone; changed, split, merged ones stay."""
        there = {line for cell in self.cells if cell.kind == "code" for line in _lines(cell.source)}
        defined = set().union(*(_defined(c.source) for c in self.cells if c.kind == "code"))
        behind: dict[int, list[Cell]] = defaultdict(list)
        for at, given in enumerate(self.master if self.spots else ()):
            kept = sum(line in there for line in given.lines)
            gone = at not in self.spots and 2 * kept < len(given.lines)
            gone = gone and not (given.names and given.names <= defined)
            if gone and given.role == "given" and given.cell.kind == "code":
                behind[self.before(at)].append(replace(given.cell))
                name = shown(given.cell.grade_id or given.cell.source, 30)
                self.repairs.append(f"the given cell {name} was gone and is put back")
        whole = behind[-1]
        for here, cell in enumerate(self.cells):
            whole += [cell, *behind[here]]
        return whole
