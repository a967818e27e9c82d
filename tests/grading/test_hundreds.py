"""Hundreds of submissions of each lab: right ones with noise and damage, and ones that forge.

    make test-slow

Right answers keep every mark whatever stands around them; a forged one gains nothing and costs no
other task. Each lab is one batch, marked by two workers as an instructor would.
"""

import copy
import json
import os
import subprocess
import sys
import time
from fnmatch import fnmatch

import numpy as np
import pytest

from helpers.grading import batch, labs
from helpers.grading.batch import Options
from helpers.grading.bounds import Limits
from helpers.grading.labs import Call, Student
from helpers.settings import ROOT
from tests.grading import damage
from tests.grading.hostile_cells import CELLS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

NAMES = sorted(path.stem for path in (labs.folder() / "specs").glob("*.py"))
TRIVIAL = {
    "None": "None",
    "0": "0",
    "1": "1",
    "True": "True",
    "argument": "arguments[0]",
    "zeros": "__import__('numpy').zeros_like(arguments[0])",
    "text": "'public checks passed: 9 of 9'",
    "equal to all": "type('E', (), {'__eq__': lambda a, b: True, '__array__': lambda *a: 1})()",
    "raises": "1 / 0",
    "exits": "__import__('sys').exit(0)",
    "ends": "__import__('os')._exit(0)",
}


SELF_HARM = {"changes NumPy", "its own names"}  # the answers behind them need these
PEOPLE = ("ada", "Ada", "12345")  # other names at the top are those of a whole class


def cell(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [],
            "execution_count": None}  # fmt: skip


@pytest.fixture(params=NAMES)
def lab(request):
    return labs.load(request.param)


def hand_in_files(lab, folder):
    """The master as JSON, and the files that a student hands in beside it, after "Run all"."""
    place = folder / "course" / "notebooks"
    place.mkdir(parents=True)
    for name in ("helpers", "data"):
        (place.parent / name).symlink_to(ROOT / name)
    if lab.files:
        lab.files(place)
    notebook = json.loads(lab.master.read_text("utf-8"))
    sources = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    (place / "all.py").write_text("\n\n".join(sources), "utf-8")
    environment = os.environ | {"MPLBACKEND": "agg", "COURSE_PROFILE": "quick"}
    command = [sys.executable, "-m", "IPython", "--colors=NoColor", "all.py"]
    subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True)
    found = {p.relative_to(place).as_posix(): p for p in place.rglob("*") if p.is_file()}
    return notebook, {
        name: path.read_bytes()
        for name, path in found.items()
        if any(fnmatch(name, wanted) for wanted in lab.submits)
    }


def entries(lab, notebook, beside):
    """Of each entry: its files, "same", "less" or "unreadable", and the tasks that may lose all."""
    for name, files, what in damage.damaged(notebook, lab.name, beside):
        if all(any(who in path.partition("/")[0] for who in PEOPLE) for path in files):
            yield f"damaged, {name}", files, what, set()

    def changed(name, cells, lost=frozenset()):
        book = json.dumps(notebook | {"cells": cells}).encode()
        files = {f"ada/{lab.name}.ipynb": book} | {f"ada/{n}": c for n, c in beside.items()}
        return name, files, "same", lost

    cells = notebook["cells"]
    for name, source in CELLS.items():
        for place in (2, len(cells)) if name not in SELF_HARM else ():
            noisy = copy.deepcopy(cells)
            noisy.insert(place, cell(source))
            yield changed(f"noise at {place}, {name}", noisy)
    rng = np.random.default_rng(0)
    asked = {
        request.function: task.id
        for task in lab.tasks
        if not task.manual
        for request in task.ask(rng, Student("s"))
        if isinstance(request, Call)
    }
    for function in asked:
        lost = {task for name, task in asked.items() if name == function}
        for name, value in TRIVIAL.items():
            forged = cell(f"def {function}(*arguments):\n    return {value}")
            yield changed(f"{function} is {name}", [*cells, forged], lost)


def test_hundreds_get_the_marks_they_deserve(lab, tmp_path):
    notebook, beside = hand_in_files(lab, tmp_path)
    folder, expected = tmp_path / "handed in", {}
    for number, (name, files, what, lost) in enumerate(entries(lab, notebook, beside)):
        for path, content in files.items():
            first, slash, rest = path.partition("/")
            label = first.replace("ada", f"s{number:03}").replace("12345", f"{number:05}")
            file = folder / f"{label.replace('Ada', f'Ada{number}')}{slash}{rest}"
            if path.endswith("/"):
                file.mkdir(parents=True, exist_ok=True)
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        expected[number] = (name, what, lost)
    start = time.monotonic()
    options = Options(limits=Limits(seconds=24), seed=7, gradebook=False)
    batch.grade(folder, lab.name, tmp_path / "out", options)
    seconds = time.monotonic() - start
    records = json.loads((tmp_path / "out" / "results.json").read_text())["submissions"]
    cpu = sum(record["cpu_seconds"] for record in records)
    print(f"{lab.name}: {len(records)} in {seconds:.0f} s, {cpu / len(records):.2f} s of CPU each")
    assert len(records) == len(expected) > 200
    best = {task["id"]: task["points"] for task in max(records, key=_score)["tasks"]}
    # A task may ask for more than calls of a function: the rest of it keeps its points.
    asked = {t.id: t.ask(np.random.default_rng(0), Student("s")) for t in lab.tasks if not t.manual}
    mixed = [task for task in asked if len({type(request) for request in asked[task]}) > 1]
    partial = {task: best[task] for task in mixed}
    wrong = []
    for record in records:
        name, what, lost = expected[_number(record["source"])]
        if what == "unreadable" and record["status"] != "unreadable":
            wrong.append((name, record["status"]))
        for task in record["tasks"] if what == "same" else ():
            if task["id"] in lost and task["points"] > partial.get(task["id"], 0):
                wrong.append((name, task["id"], task["points"], "gained"))
            if task["id"] not in lost and task["points"] != best[task["id"]]:
                wrong.append((name, task["id"], task["points"], task["reason"][:80]))
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / f"hundreds_{lab.name}.txt").write_text("\n".join(map(str, wrong)))
    assert not wrong, wrong[:20]


def _score(record):
    return record["auto_score"]


def _number(source):
    digits = "".join(c if c.isdigit() else " " for c in source).split()
    return int(digits[0])
