"""Finds what students handed in: nothing in it is trusted, run or unpacked to disk.

for found in submissions.find(Path("handed_in"), Path("class.csv")):   # one for each entry
    submission = found.load(lab)              # now with its notebook and its files
    answers = reading.read(submission, lab)

An entry is what the learning platform made for one student: a folder (nbgrader's, Moodle's, any), a
zip file, a notebook, or Canvas' or Moodle's loose files with one student's number. Of two entries
of one student the late or newer one counts; the other stays as a record that says so.
"""

import contextlib
import hashlib
import io
import os
import re
import stat
import time
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from helpers import variants
from helpers.grading.labs import Lab, Student
from helpers.grading.reading import ASK, MAX_NOTES, Draft, master, parse
from helpers.image_files import is_system_file, shown
from helpers.settings import CourseError

MAX_NOTEBOOK, MAX_BYTES, MAX_FILES = 20_000_000, 100_000_000, 2_000  # of one entry
_MAX_NOTEBOOKS, _MAX_ZIPS, _MAX_DEPTH = 20, 20, 20

_MOODLE = re.compile(r"(?s)(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)_?(.*)")
_CANVAS = re.compile(r"(?si)([^_]+)_(late_)?(\d+)_\d+_(.+)")
# A loose file with another ending (a list, a text, a spreadsheet) is nobody's entry.
_OTHERS = "zip|7z|rar|tar|t?gz|py|pdf|html?|docx?"
_HANDED_IN = re.compile(rf"(?i)( ?\(\d+\))?(\.ipynb.*|(\.({_OTHERS}))+( ?\(\d+\))?)$")
_MAY_HOLD = re.compile(r"(?i)\.(ipynb|zip)")
# A browser's or Canvas' mark of a second copy.
_AGAIN = re.compile(r"(?: ?\(\d+\)|-\d+)(\.[^./]+)$")


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
            reason = f"{shown(self.source)} cannot be read ({type(error).__name__}): {ASK}"
            return replace(self, problem=reason)


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
    rows = class_list_rows(class_list) if class_list else {}
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


def class_list_rows(path: Path) -> dict[str, tuple[tuple[str, str], set]]:
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
            cells, _ = parse(data)
            draft = Draft([cell for cell, _ in cells], master(lab))
            read.append((*draft.fit(), PurePosixPath(file.path), file, data))
        except CourseError as error:
            failed += [f"{shown(file.path)} {error}"] if candidates else []
    if not read:
        names = [shown(file.path) + " (a link)" * (file.size < 0) for file in listed[:3]]
        reasons = [*failed, *notes[len(submission.warnings) :]]
        found = (
            f"there is no notebook but {', '.join(names)}" if names else "there is nothing in it"
        )
        reasons += [f"{found}: {ASK}"]
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
        warnings=notes[:MAX_NOTES],
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
