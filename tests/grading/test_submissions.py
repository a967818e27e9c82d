"""Every entry yields one record of the right student; what is sure is repaired, nothing else."""

import copy
import json
import os
import pickle
import random
import re
import time
import zipfile
from pathlib import Path

import pytest

from helpers.grading import submissions
from helpers.grading.labs import Lab, Mark, Task
from helpers.grading.reading import read
from helpers.settings import CourseError
from tests.grading.damage import damaged, zipped

WEIGHTS = {"lab1.weights.h5": b"weights", "my_photos/cat/1.jpg": b"photo"}
TEXT = "It learns.\n\n$n > 0$"


def _cell(kind, grade_id, source, **marks):
    cell = {"cell_type": kind, "source": source, "metadata": {}, "id": f"id-{grade_id}"}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    if marks:
        cell["metadata"]["nbgrader"] = {"schema_version": 3, "grade_id": grade_id} | marks
    return cell


def _answer(grade_id, stub, solution):
    source = f"{stub}    ### BEGIN SOLUTION\n    {solution}\n    ### END SOLUTION"
    return _cell("code", grade_id, source, grade=False, solution=True, locked=False)


def _test(task, *lines):
    marks = {"grade": True, "solution": False, "locked": True, "points": 2}
    return _cell("code", task, "\n\n".join(lines), **marks)


MANUAL = {"grade": True, "solution": True, "locked": False, "points": 4}
MASTER = [
    _cell("markdown", "title", "# Lab 1"),
    _cell("code", "given_setup", "import math\nSEED = 7", grade=False, solution=False, locked=True),
    _cell("markdown", "text_double", "Write `double`."),
    _answer("answer_double", "x = 2\n\n\ndef double(x):\n", "return 2 * x"),
    _test("double", "tested.append(double(1))", "tested.append(2)"),
    _cell("code", "data", "START = [SEED, math.floor(1.5)]\nSTART.append(0)"),
    _answer("answer_triple", "x = 3\n\n\ndef triple(x):\n", "return 3 * x + 0 * START[2]"),
    _test("triple", "tested.append(triple(1))"),
    _cell("markdown", "text_end", "## In the end"),
    _cell("markdown", "conclusions", "The rubric says so.", **MANUAL),
    _cell("markdown", "goodbye", "Hand it in."),
]


def _notebook(cells):
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _good():
    cells = copy.deepcopy(MASTER)
    for cell in cells:
        cell["source"] = re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell["source"])
    cells[9]["source"] = TEXT
    return _notebook(cells)


@pytest.fixture
def lab(tmp_path):
    folder = tmp_path / "labs"
    folder.mkdir()
    (folder / "lab1.ipynb").write_text(json.dumps(_notebook(MASTER)), "utf-8")
    tasks = [Task(name, name, 2, mark=lambda *_: Mark(0)) for name in ("double", "triple")]
    tasks.append(Task("conclusions", "Conclusions", 4))
    return Lab(
        "lab1", "Lab 1", 1, tasks, ["lab1.weights.h5", "my_photos/*", "*.csv"], folder=folder
    )


def _write(root, files):
    root.mkdir(exist_ok=True)
    for name, data in files.items():
        place = root / name
        if name.endswith("/"):
            place.mkdir(parents=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return root


def _run(reading):
    """What the cells define, and what of the public tests ran."""
    space = {"tested": []}
    for cell in reading.cells:
        assert cell.kind in ("code", "markdown", "test")
        if cell.kind == "code":
            try:
                lines = (
                    line for line in cell.source.split("\n") if line[:1] not in "%!" or not line
                )
                exec("\n".join(lines), space)
            except Exception:  # as IPython goes on with the next cell
                continue
    return space


FLAT = {"lab1.weights.h5": b"weights"}  # platforms hand loose files on without their folders
KINDS = list(damaged(_good(), "lab1", WEIGHTS))
KINDS += [k for k in damaged(_good(), "lab1", FLAT) if k[0] not in [kind[0] for kind in KINDS]]
KINDS += [k for k in damaged(_good(), "lab1") if k[0] not in [kind[0] for kind in KINDS]]


@pytest.mark.parametrize(("name", "files", "what"), KINDS, ids=[kind[0] for kind in KINDS])
def test_damage(tmp_path, lab, name, files, what):
    root = _write(tmp_path / "in", files)
    before = sorted(root.rglob("*"))
    start = time.process_time()
    (found,) = submissions.find(root)
    loaded = pickle.loads(pickle.dumps(found)).load(lab)
    reading = read(loaded, lab)
    assert time.process_time() - start < 1.5
    assert sorted(root.rglob("*")) == before
    said = [loaded.source, loaded.problem, *loaded.warnings, *reading.warnings, *reading.repairs]
    assert all(text.isprintable() for text in said)
    "".join([cell.source for cell in reading.cells] + said).encode()  # no half letters
    ids = [cell.grade_id for cell in reading.cells if cell.grade_id]
    assert len(ids) == len(set(ids))
    if what == "same":
        assert not (loaded.problem or reading.problem)
        space = _run(reading)
        assert space["double"](4) == 8 and space["triple"](2) == 6
        assert not space["tested"]
        assert [line.rstrip() for line in reading.answers["conclusions"].split("\n")] == TEXT.split(
            "\n"
        )
        beside = {} if name == "a loose notebook" else FLAT if "loose" in name else WEIGHTS
        assert loaded.files == (FLAT if name in NOTED[:2] else beside)
        if "beside" not in name and "twice" not in name and name not in NOTED:
            assert not loaded.warnings
    if what == "unreadable":
        assert ": " in reading.problem and "\n" not in reading.problem
        assert len(reading.problem) < 250 and not reading.cells


NOTED = (
    *("Canvas", "Canvas, late and again", "a zip that leads elsewhere"),
    *("a letter in Latin 1", "metadata: a kernel of R", "metadata: a kernel of Julia"),
)


def test_there_are_many_kinds():
    assert len({name for name, _, _ in KINDS}) == len(KINDS) >= 50


def test_repairs_are_told(tmp_path, lab):
    cells = _good()["cells"]
    cells[3]["cell_type"] = "raw"
    cells[9]["cell_type"] = "code"
    cells[6]["source"] += "\n" + cells[7]["source"]
    del cells[7], cells[5], cells[1]
    reading = _read(tmp_path, lab, cells)
    told = "\n".join(reading.repairs)
    for part in (
        "(answer_double) was no code cell", "(conclusions) was a code cell",
        "cell 5: the public test", "given_setup was gone", "START = [SEED,",
    ):  # fmt: skip
        assert part in told
    assert len(reading.repairs) == 5
    # What was put back stands where it stood: triple's data behind double's test.
    order = [cell.grade_id for cell in reading.cells]
    assert order[1] == "given_setup" and order.index("double") + 1 == order.index(None, 4)


def _read(tmp_path, lab, cells):
    root = _write(tmp_path / "in", {"ada/x.ipynb": json.dumps(_notebook(cells)).encode()})
    return read(submissions.find(root)[0].load(lab), lab)


def test_text_that_is_not_run(tmp_path, lab):
    older = _cell("markdown", "old", "def double(x):\n    return 0")
    copied = copy.deepcopy(older)
    copied["metadata"] = copy.deepcopy(MASTER[3]["metadata"])
    perhaps = _cell("markdown", "perhaps", "print(START)\nSTART.clear()")
    cells = _good()["cells"]
    reading = _read(tmp_path, lab, [*cells[:5], older, copied, *cells[5:-1], perhaps, *cells[-1:]])
    assert _run(reading)["double"](2) == 4 and not reading.repairs
    assert [warning for warning in reading.warnings if "perhaps" in warning or "print(S" in warning]
    # Without the newer one, the older one is the answer.
    oldest = _cell("markdown", "oldest", "def double(x):\n    return 1")
    reading = _read(tmp_path, lab, [*cells[:3], older, oldest, *cells[5:]])
    assert _run(reading)["double"](2) == 0
    # The same id twice, the older as text and first.
    older["metadata"] = copied["metadata"]
    reading = _read(tmp_path, lab, [*cells[:3], older, *cells[3:]])
    assert _run(reading)["double"](2) == 4
    # A given cell is run, whatever defines its names later.
    cells[1]["cell_type"] = "raw"
    reading = _read(tmp_path, lab, [*cells, _cell("code", "seed", "SEED = 9")])
    assert _run(reading)["START"][0] == 7


def test_another_notebook(tmp_path, lab):
    cells = [_cell("markdown", "a", "# Another"), _cell("code", "b", "b = 1")]
    reading = _read(tmp_path, lab, cells)
    assert "shares no cell with lab1" in reading.warnings[-1]
    assert len(reading.cells) == 2 and reading.answers == {"conclusions": ""}


def test_given_cells_that_were_changed_stay_so(tmp_path, lab):
    cells = _good()["cells"]
    cells[1]["source"] = "import math\nSEED = 8"
    cells[5]["source"] = "START = [SEED, 5]\nSTART.append(0)"
    reading = _read(tmp_path, lab, cells)
    assert _run(reading)["START"] == [8, 5, 0] and not reading.repairs


@pytest.mark.parametrize(
    ("text", "answer"),
    [("...", ""), ("YOUR ANSWER HERE", ""), ("", ""), (TEXT + "\n\nYOUR ANSWER HERE", TEXT)],
)
def test_nothing_written(tmp_path, lab, text, answer):
    cells = _good()["cells"]
    cells[9]["source"] = text
    reading = _read(tmp_path, lab, cells)
    assert reading.answers["conclusions"].startswith(answer)
    assert bool(reading.answers["conclusions"]) == bool(answer)
    assert bool(answer) != any("Conclusions" in warning for warning in reading.warnings)


CLASS = """student_id;First name;Surname;ID;Identifier
S-001;Ada;Lovelace;12345;Participant 777
S-002;Emmy;Noether;22222;
S-003;Jörg;Müller;;
S-004;Kim;Lee;;
S-005;Kim;Lee;;
"""
STUDENTS = [  # name of the entry, id and name without and with a class list ("" for as without)
    ("s001/a.ipynb", "s001", "", "S-001", "Ada Lovelace"),
    ("S 002.ipynb", "S 002", "", "S-002", "Emmy Noether"),
    ("s-003.zip", "s-003", "", "S-003", "Jörg Müller"),
    (
        "Ada Lovelace_9_assignsubmission_file_/a.ipynb",
        "Ada Lovelace_9",
        "Ada Lovelace",
        "S-001",
        "",
    ),
    (
        "Participant_777_assignsubmission_file_x.ipynb",
        "Participant_777",
        "Participant",
        "S-001",
        "",
    ),
    ("Jo\u0308rg Müller_8_assignsubmission_file/a.ipynb", "Jörg Müller_8", "", "S-003", ""),
    ("lovelaceada_12345_1_lab1.ipynb", "lovelaceada_12345", "lovelaceada", "S-001", ""),
    ("noetheremmy_LATE_9_1_lab1-2.ipynb", "noetheremmy_9", "noetheremmy", "S-002", ""),
    ("Emmy Noether/lab1/lab1.ipynb", "Emmy Noether", "", "S-002", ""),
    ("leekim_5_1_lab1.ipynb", "leekim_5", "leekim", "", ""),
    ("nobody/a.ipynb", "nobody", "", "", ""),
    ("=1+2<b>'\n;\u202e/a.ipynb", "_1+2_b_____", "", "", ""),
    ("Σ" * 80 + "/a.ipynb", "Σ" * 60, "", "", ""),
    ("... /a.ipynb", "", "", "", ""),
]


@pytest.mark.parametrize(("file", "plain", "name", "listed", "full"), STUDENTS)
def test_who_the_student_is(tmp_path, lab, file, plain, name, listed, full):
    claim = _good()
    claim["metadata"] = {"student": "S-004", "authors": [{"name": "Kim Lee"}]}
    data = json.dumps(claim).encode()
    if file.startswith("."):  # hidden: the system's
        with pytest.raises(CourseError, match="holds no submissions"):
            submissions.find(_write(tmp_path / "in", {file: data}))
        return
    data = zipped({"x.ipynb": data}) if file.endswith(".zip") else data
    root = _write(tmp_path / "in", {file: data})
    (tmp_path / "class.csv").write_text(CLASS, "utf-8")
    (found,) = submissions.find(root)
    assert found.student.id == plain and (not name or found.student.name == name)
    (found,) = submissions.find(root, tmp_path / "class.csv")
    assert found.student.id == (listed or plain)
    assert not full or found.student.name == full
    assert bool(found.warnings) != bool(listed)
    assert not found.load(lab).problem


def test_a_class_in_many_layouts(tmp_path, lab):
    data, packed = (
        json.dumps(_good()).encode(),
        zipped({"a/lab1.ipynb": json.dumps(_good()).encode()}),
    )
    layouts = {
        "folders": {f"s{n}/lab1.ipynb": data for n in range(3)},
        "loose": {f"s{n}.ipynb": data for n in range(3)},
        "zips": {f"s{n}.zip": packed for n in range(3)},
        "mixed": {
            "s0/x.ipynb": data,
            "s1.ipynb": data,
            "s2.zip": packed,
            "class.csv": b"student_id",
        },
        "one zip": {"class.zip": zipped({f"s{n}/a.ipynb": data for n in range(3)})},
        "one zip, a folder around": {"c.zip": zipped({f"c/s{n}/a.ipynb": data for n in range(3)})},
        "one zip of zips": {"class.zip": zipped({f"s{n}.zip": packed for n in range(3)})},
        "one zip of loose ones": {"c.zip": zipped({f"c/s{n}.ipynb": data for n in range(3)})},
    }
    for name, files in layouts.items():
        root = _write(tmp_path / name, files)
        found = [one.load(lab) for one in submissions.find(root)]
        if name == "one zip of loose ones":  # alone in a folder it may as well be one student's
            (root,) = root.iterdir()
            found = [one.load(lab) for one in submissions.find(root)]
        assert [one.student.id for one in found] == ["s0", "s1", "s2"], name
        assert all(one.notebook == data and not one.problem for one in found), name
    assert len(submissions.find(tmp_path / "one zip" / "class.zip")) == 3
    assert submissions.find(tmp_path / "loose" / "s1.ipynb")[0].student.id == "s1"


def test_two_entries_of_one_student(tmp_path, lab):
    data = json.dumps(_good()).encode()
    names = (
        "S-001/a.ipynb",
        "s001/a.ipynb",
        "lovelaceada_1_2_a.ipynb",
        "lovelaceada_LATE_1_3_a.ipynb",
        "bob/",
        "BOB.zip",
        "eve_1_2_a.ipynb",
        "eve_LATE_1_3_a.pdf",
    )
    root = _write(tmp_path / "in", dict.fromkeys(names, data))
    os.utime(root / "s001/a.ipynb", (2e9, 2e9))
    os.utime(root / "lovelaceada_1_2_a.ipynb", (2e9, 2e9))
    found = {one.source: one for one in submissions.find(root)}
    assert len(found) == 8
    ids = {one.student.id.casefold() for one in found.values()}
    assert len(ids) == 8
    for late, early in (
        ("s001", "S-001"),
        ("lovelaceada_LATE_1_3_a.ipynb", "lovelaceada_1_2_a.ipynb"),
        ("BOB.zip", "bob"),
        ("eve_1_2_a.ipynb", "eve_LATE_1_3_a.pdf"),
    ):
        assert found[early].problem.startswith(f"superseded by {late}")
        assert found[early].load(lab) is found[early]
        assert not found[late].problem and early in found[late].warnings[0]
    # With a class list also what lies in different places.
    (tmp_path / "class.csv").write_text("student_id,name\nS001,Ada Lovelace\nX2,Bob\n", "utf-8")
    found = submissions.find(root, tmp_path / "class.csv")
    assert sorted(one.student.id for one in found if not one.problem)[:2] == ["S001", "X2"]


def test_the_better_notebook(tmp_path, lab):
    good, early = _good(), _good()
    early["cells"] = early["cells"][:6]
    root = _write(
        tmp_path / "in",
        {"ada/a.ipynb": json.dumps(early).encode(), "ada/b.ipynb": json.dumps(good).encode()},
    )
    loaded = submissions.find(root)[0].load(lab)
    assert loaded.source == "ada/b.ipynb" and "2 notebooks" in loaded.warnings[0]


def test_what_must_not_be_followed(tmp_path, lab):
    secret = _write(tmp_path / "secret", {"lab1.ipynb": json.dumps(_good()).encode()})
    root = _write(tmp_path / "in", {"ada/": b"", "bob/": b"", "eve/e.ipynb": b"{}", "dan/": b""})
    (root / "ada/lab1.ipynb").symlink_to(secret / "lab1.ipynb")
    (root / "bob/inner").symlink_to(secret)
    (root / "bob/lab1.ipynb").symlink_to("/dev/zero")
    (root / "carl").symlink_to(secret)
    os.mkfifo(root / "dan/lab1.ipynb")
    os.mkfifo(root / "fay.ipynb")
    (root / "eve/e.ipynb").write_text(json.dumps(_good()), "utf-8")
    (root / "eve/lab1.weights.h5").symlink_to(secret / "lab1.ipynb")
    os.mkfifo(root / "eve/my_photos")
    found = {one.source: one.load(lab) for one in submissions.find(root)}
    assert sorted(found) == ["ada", "bob", "carl", "dan", "eve", "fay.ipynb"]
    for name in ("ada", "bob", "carl", "dan", "fay.ipynb"):
        assert found[name].problem and found[name].notebook is None
    assert not found["eve"].problem and found["eve"].files == {}
    assert "link" in found["eve"].warnings[0]


def test_limits_of_the_files(tmp_path, lab, monkeypatch):
    monkeypatch.setattr(submissions, "MAX_BYTES", 200_000)
    monkeypatch.setattr(submissions, "MAX_FILES", 20)
    files = {"ada/lab1.ipynb": json.dumps(_good()).encode(), "ada/lab1.weights.h5": bytes(250_000)}
    files |= {f"ada/my_photos/cat/{n}.jpg": b"x" for n in range(30)}
    files["bob.zip"] = zipped({f"{n}.txt": b"" for n in range(1_100)})
    files["eve.zip"] = zipped(
        {"lab1.ipynb": files["ada/lab1.ipynb"], "x/lab1.weights.h5": bytes(250_000)}
    )
    noise = random.Random(1).randbytes(150_000)
    files["fay/a.zip"], files["fay/b.zip"] = zipped({"a": noise}), zipped({"b": noise})
    files["dan/lab1.ipynb"] = json.dumps(
        _notebook([_cell("code", "a", "a = 1  # " + "x" * 250_000)])
    ).encode()
    loaded, *others = [one.load(lab) for one in submissions.find(_write(tmp_path / "in", files))]
    assert "too many files" in others[0].problem and "larger" in others[1].problem
    assert others[2].notebook and "larger" in others[2].warnings[0]
    assert others[3].problem.startswith("b.zip is larger")
    assert not loaded.problem and len(loaded.files) == 18
    assert any("over 20 files" in warning for warning in loaded.warnings)
    assert any("lab1.weights.h5 is larger" in warning for warning in loaded.warnings)


def test_files_wherever_they_lie(tmp_path, lab):
    files = {
        "x/lab1.ipynb": json.dumps(_good()).encode(),
        "x/lab1.weights (1).h5": b"again",
        "y/my_photos/a": b"a file",
        "y/my_photos/a/b.jpg": b"in a folder of its name",
        "x/my_photos/c.jpg": b"beside",
        "my_photos/c.jpg": b"elsewhere",
        "notes.txt": b"not asked for",
        "z/table.csv": b"a table",
    }
    root = _write(tmp_path / "in", {"ada_12_assignsubmission_file_work.zip": zipped(files)})
    (found,) = submissions.find(root)
    loaded = found.load(lab)
    assert loaded.files == {
        "lab1.weights.h5": b"again",
        "my_photos/c.jpg": b"beside",
        "my_photos/a": b"a file",
        "table.csv": b"a table",
    }
    assert any("taken for lab1.weights.h5" in warning for warning in loaded.warnings)
    both = zipped({f"{name}/lab1.ipynb": files["x/lab1.ipynb"] for name in "xy"})
    root = _write(tmp_path / "one", {"ada_12_assignsubmission_file_work.zip": both})
    assert [one.student.id for one in submissions.find(root)] == ["ada_12"]


def test_the_digest(tmp_path, lab):
    files = {f"ada/{name}": data for name, data in WEIGHTS.items()}
    files["ada/lab1.ipynb"] = json.dumps(_good()).encode()
    seen = {submissions.find(_write(tmp_path / "in", files))[0].load(lab).sha256}
    for name in files:
        changed = files | {name: files[name] + b" "}
        seen |= {submissions.find(_write(tmp_path / "in", changed))[0].load(lab).sha256}
    _write(tmp_path / "in", files | {"ada/notes.txt": b"other"})
    assert len(seen) == 4 and submissions.find(tmp_path / "in")[0].load(lab).sha256 in seen


def test_ids_are_file_names(tmp_path):
    names = ("A?", "a:", "a_", "A" * 70, "a" * 80, "CaseÄ", "casea\u0308")
    root = _write(tmp_path / "in", {f"{name}/lab1.ipynb": b"{}" for name in names})
    ids = [one.student.id for one in submissions.find(root)]
    assert len({name.casefold() for name in ids}) == len(names)
    assert all(re.fullmatch(r"[\w-]{1,63}", name) for name in ids)


def test_no_submissions(tmp_path):
    broken = tmp_path / "class.zip"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("a/b.ipynb", "{}")
    data = bytearray(broken.read_bytes())
    data[data.index(b"PK\1\2")] = 0
    broken.write_bytes(data)
    for path in (tmp_path / "none", Path(_write(tmp_path / "empty", {})), broken):
        with pytest.raises(CourseError, match=": "):
            submissions.find(path)
