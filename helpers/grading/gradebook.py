"""nbgrader's side: the copies for students, and a gradebook for formgrader and export.

nbgrader runs no student's code here: it makes the copies from the master and keeps the grades.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import shlex
import shutil
import sys
import textwrap
import warnings
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Grade, Gradebook, SubmittedNotebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from helpers import variants
from helpers.authoring import notebooks
from helpers.grading.labs import Lab
from helpers.grading.report import plain
from helpers.settings import CourseError

_CONFIG = """\
# Read by nbgrader's programs when they are started in this folder.
c = get_config()  # noqa: F821
c.ClearSolutions.code_stub = {"python": "..."}
"""
_REGION = re.compile(r"^.*BEGIN SOLUTION.*\n((?:.*\n)*?).*END SOLUTION.*$", re.MULTILINE)
_FORBIDDEN = re.compile(
    r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)|helpers\.grading|labs[./]specs"
)
_HARMLESS = str.maketrans("<>$\\`", "‹›＄＼'")
_CODE_LINE = re.compile(r"""^(STUDENT_CODE\s*=\s*).*$""", re.MULTILINE)

# --- release ------------------------------------------------------------------------------------


def release(lab: Lab, out: Path, class_list: Path | None = None) -> list[str]:
    """Make what students get: OUT/release/LAB, with a class list also OUT/students/CODE/LAB.

    OUT becomes a course folder of nbgrader, with the class in its gradebook. A second release of
    the same lab replaces the copies; grades in the gradebook stay.

    Args:
        class_list: CSV with the column student_id; see `variants.table`.

    Returns:
        One sentence for each line of the class list that is no student's, or odd.

    Raises:
        CourseError: the folder holds something else, nbgrader refuses the master, or a part of a
            solution is left in a copy.
    """
    others = {path.name for path in out.glob("source/*")} - {lab.name}
    if others or (any(out.glob("*")) and not (out / "nbgrader_config.py").exists()):
        raise CourseError(f"{out} holds something else: name an empty folder for {lab.name}")
    table = variants.table(class_list) if class_list else None  # refused before anything is written
    copy = _generate(lab, out, with_files=True)
    if table is None:
        return []
    students = table[(table["seed"] != "") & (table["problem"] == "")]["student_id"]
    shutil.rmtree(out / "students", ignore_errors=True)
    with _gradebook(out) as book:
        for code in students:
            book.update_or_create_student(key(code))
            folder = out / "students" / key(code) / lab.name
            shutil.copytree(copy.parent, folder)
            notebook, text = nbformat.read(copy, 4), json.dumps(code, ensure_ascii=False)
            for cell in notebook.cells:
                cell.source = _CODE_LINE.sub(lambda m, text=text: m[1] + text, cell.source)
            notebooks.write_text(folder / copy.name, notebooks.dump(notebook))
    odd = table[table["problem"] != ""]
    return [f"line {row.line}: {row.problem}" for row in odd.itertuples()]


def key(student: str) -> str:
    """A student's id as nbgrader's files, pages and tables take it; another id has another key."""
    kept = re.sub(r"[^\w.-]", "_", student).lstrip("-._")[:60]
    return (
        kept
        if kept == student
        else f"{kept}_{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    )


def _name(name: str) -> str:
    """A name without what means something to a page, or to nbgrader's CSV file."""
    return " ".join(re.sub(r"[^\w.’-]", " ", name.replace("'", "’")).lstrip(" -.’_").split())[:100]


def _generate(lab: Lab, course: Path, with_files: bool) -> Path:
    """Let nbgrader make the student's copy, look at it, and return where it is."""
    course.mkdir(parents=True, exist_ok=True)
    root = str(course.resolve())
    notebooks.write_text(course / "nbgrader_config.py", _CONFIG)
    source = course / "source" / lab.name
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    master = notebooks.read(lab.master)
    notebooks.write_text(source / lab.master.name, notebooks.dump(master))
    if with_files and lab.files:
        lab.files(source)
    config = Config({"ClearSolutions": {"code_stub": {"python": "..."}}})
    directory = CourseDirectory(root=root, assignment_id=lab.name)
    with _quiet() as (log, errors), _programs():
        made = GenerateAssignment(coursedir=directory, config=config, force=True, log=log)
        try:
            made.start()
        except Exception as error:  # nbgrader's own, its database's, its validator's
            told = [text.strip().splitlines()[-1] for text in errors if "Traceback" in text]
            reason = plain(told[0] if told else error, 300)
            raise CourseError(f"nbgrader can't make copies of {lab.master}: {reason}") from None
    copy = course / "release" / lab.name / lab.master.name
    if problem := _leak(master, copy):
        shutil.rmtree(copy.parent)
        raise CourseError(f"the copy of {lab.master} is not fit for students: {problem}")
    return copy


def _leak(master: NotebookNode, copy: Path) -> str:
    """What a copy holds that no student may see, "" when there is nothing."""
    given, solved = [], []
    for cell in master.cells:
        regions = _REGION.findall(cell.source)
        whole = cell.metadata.get("nbgrader", {}).get("solution") and not regions
        given.append("" if whole else _REGION.sub("", cell.source))
        solved += [cell.source] if whole else regions
    given = "\n".join(given)
    lines = {line.strip() for line in "\n".join(solved).splitlines()}
    lines = sorted(line for line in lines if len(line) > 7 and line not in given)
    for path in sorted(copy.parent.rglob("*")):
        text = path.read_bytes().decode("utf-8", "ignore") if path.is_file() else ""
        if path == copy:
            notebook = nbformat.reads(text, 4)
            text = "\n".join(_strings(notebook))
            if any(cell.get("outputs") for cell in notebook.cells):
                return "a cell has outputs"
        if found := next((line for line in lines if line in text), None):
            return f"{path.name} holds '{found[:80]}', which stands in a solution"
        if found := _FORBIDDEN.search(text):
            return f"{path.name} says '{found[0]}'"
    return ""


def _strings(thing: object) -> Iterator[str]:
    """All texts in nested lists and dicts."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict | list):
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from _strings(part)


# --- the gradebook of a batch -------------------------------------------------------------------


def write(results: dict, lab: Lab, out: Path) -> str:
    """Make or bring up to date OUT/nbgrader, a course folder for formgrader and export.

    Scores that a person gave there stay, and count before automatic ones; where the submission
    has changed since, formgrader asks the person to look again.

    Returns:
        The command that opens formgrader.

    Raises:
        CourseError: nbgrader refuses, for one because the folder has grades for other tasks.
    """
    course = out / "nbgrader"
    copy = nbformat.read(_generate(lab, course, with_files=False), 4)
    with _gradebook(course) as book:
        for record in results["submissions"]:
            student = key(record["student"]["id"])
            name = _name(record["student"]["name"]) or student
            first, _, last = name.rpartition(" ")
            book.update_or_create_student(student, first_name=first, last_name=last)
            book.update_or_create_submission(lab.name, student)
            path = course / "autograded" / student / lab.name / f"{lab.name}.ipynb"
            before = nbformat.read(path, 4).metadata.get("sha256") if path.exists() else None
            submitted = book.find_submission_notebook(lab.name, lab.name, student)
            _score(submitted, record, copy, changed=before != record["sha256"])
            book.db.commit()
            notebooks.write_text(path, notebooks.dump(_cleaned(copy, record)))
    folder, python = shlex.quote(str(course.resolve())), shlex.quote(sys.executable)
    root = " --allow-root" if os.getuid() == 0 else ""
    return f"cd {folder} && {python} -m jupyter_server{root} --ServerApp.default_url=/formgrader"


def _score(submitted: SubmittedNotebook, record: dict, copy: NotebookNode, changed: bool) -> None:
    """Put a record's scores and comments where nbgrader keeps them."""
    tasks = {task["id"]: task for task in record["tasks"]}
    undecided = {"manual", "open"} | ({"no_evidence"} if record["status"] != "graded" else set())
    for grade in submitted.grades:
        task = tasks.get(grade.name)
        grade.auto_score = task and task["points"]
        _ask(grade, task is None or task["status"] in undecided, changed)
    comments = _comments(copy, tasks)
    for comment in submitted.comments:
        comment.auto_comment = comments.get(comment.name)


def _ask(grade: Grade, undecided: bool, changed: bool) -> None:
    """Say whether a person has to look: what a person has decided, stays so until a new version."""
    decided = grade.manual_score is not None
    if changed or not decided:
        grade.needs_manual_grade = undecided or decided


def _comments(copy: NotebookNode, tasks: dict[str, dict]) -> dict[str, str]:
    """What was found, for the answer cell before each tested one: nbgrader has comments there."""
    found, answer = {}, None
    for cell in copy.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            answer = marks["grade_id"]
        task = tasks.get(marks.get("grade_id"))
        if answer and task and task["status"] not in ("manual", "right"):
            # nbgrader's own feedback renders comments as Markdown, with HTML and formulas.
            said = re.sub(r"\](?=[(\[:])", "] ", _finding(task).translate(_HARMLESS))
            found[answer] = "\n\n".join(filter(None, [found.get(answer), said]))
    return found


def _finding(task: dict) -> str:
    points = f"{task['points'] or 0:g} of {task['max']:g} points: {task['title']}"
    told = [points, *(task[name] for name in ("reason", "cause", "hint"))]
    return "\n".join(textwrap.fill(plain(text, 1_000), 100) for text in told if text)


# --- notebooks fit for formgrader ---------------------------------------------------------------


def _cleaned(copy: NotebookNode, record: dict) -> NotebookNode:
    """The student's copy with their answers in it, and text outputs only.

    Answer cells are found by the names that they define; what finds no place comes last.
    """
    tasks = {task["id"]: task for task in record["tasks"]}
    left = list(record["output"])
    notes = [record["status"], record["reason"], *record["limits"], *record["warnings"]]
    cells = [_prose("\n".join(filter(None, notes)))]
    given = {cell.source.strip() for cell in copy.cells}
    for cell in copy.cells:
        cell, marks = nbformat.from_dict(cell), cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id")
        if name in tasks and tasks[name]["status"] == "manual":
            _answer(cell, record["answers"].get(name, ""))
        elif name in tasks:
            cell.outputs = [_printed(_finding(tasks[name]))]
        elif cell.cell_type == "code" and (ran := _take(left, cell, given)):
            cell.source, cell.outputs = plain(ran["source"], 20_000), _outputs(ran)
        cells.append(cell)
    if left:
        cells.append(_prose("Cells of the student's that have no place in the lab's notebook:"))
        for ran in left:
            cell = nbformat.v4.new_code_cell(plain(ran["source"], 20_000), outputs=_outputs(ran))
            cells.append(cell)
    metadata = copy.metadata | {"sha256": record["sha256"]}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _take(left: list[dict], cell: NotebookNode, given: set[str]) -> dict | None:
    """Take out of a student's cells the one that stands for a cell of the copy."""
    names, answer = _names(cell.source), cell.metadata.get("nbgrader", {}).get("solution")
    same = (ran for ran in left if ran["source"].strip() == cell.source.strip())
    new = (ran for ran in left if ran["source"].strip() not in given)
    # An answer that need not define anything is the first one that has no place yet.
    fits = (ran for ran in new if names & _names(ran["source"]) or (answer and not names))
    if found := next(same, None) or next(fits, None):
        left.remove(found)
    return found


def _names(source: str) -> set[str]:
    """What a cell defines: functions, classes, variables."""
    found = re.findall(r"^(?:def|class) +(\w+)|^(\w[\w, ]*)=(?!=)", source, re.MULTILINE)
    return {name.strip() for pair in found for name in ",".join(pair).split(",")} - {""}


def _answer(cell: NotebookNode, text: str) -> None:
    if cell.cell_type == "code":
        cell.source = plain(text, 20_000)
    else:
        cell.source = _prose(text or "(no answer)").source


def _prose(text: str) -> NotebookNode:
    """A text cell that shows exactly this text.

    formgrader renders Markdown with HTML and formulas, from whomever they are. In a `pre` with
    every sign but letters and digits as its number, there is nothing to render, and MathJax skips
    it; unlike an indented block, it breaks long lines.
    """
    safe = re.sub(r"[^\w \n]|_", lambda match: f"&#{ord(match[0])};", plain(text, 20_000))
    return nbformat.v4.new_markdown_cell(f'<pre style="white-space: pre-wrap">\n{safe}\n</pre>')


def _outputs(ran: dict) -> list[NotebookNode]:
    said = "\n".join(filter(None, (ran["text"], ran["error"])))
    return [_printed(plain(said, 10_000))] if said else []


def _printed(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text + "\n")


# --- nbgrader, quiet ----------------------------------------------------------------------------


@contextlib.contextmanager
def _quiet() -> Iterator[tuple[logging.Logger, list[str]]]:
    """A log that nobody sees, and the list of its errors."""
    log, errors = logging.Logger("nbgrader"), []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda entry: errors.append(entry.getMessage())
    log.addHandler(handler)
    yield log, errors


@contextlib.contextmanager
def _programs() -> Iterator[None]:
    """nbgrader calls `alembic` by its name: the environment's own comes first."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = os.pathsep.join(filter(None, [str(Path(sys.executable).parent), before]))
    try:
        yield
    finally:
        os.environ.pop("PATH") if before is None else os.environ.update(PATH=before)


@contextlib.contextmanager
def _gradebook(course: Path) -> Iterator[Gradebook]:
    with (
        _programs(),
        warnings.catch_warnings(action="ignore"),
        Gradebook(f"sqlite:///{course.resolve()}/gradebook.db", "") as book,
    ):
        yield book
