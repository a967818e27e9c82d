"""Runs a lab's notebook as a student would, and marks what it leaves: a process for each notebook.

    python tests/grading/run_lab.py LAB NOTEBOOK OUT

OUT gets JSON: what the cells printed and raised, seconds of processor time, and for each automatic
task the mark of the notebook's evidence and of thoughtless answers.
"""

import contextlib
import io
import json
import os
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
from IPython.core.interactiveshell import InteractiveShell

from helpers.grading import evidence, labs
from helpers.grading.labs import Answer, Call, Network, Photos, Student
from tests.grading import inprocess

STUDENT = Student("s1", "Ada")


def run_all(notebook, shell):
    """One dict for each code cell: grade_id, text, error."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            about = cell.metadata.get("nbgrader", {})
            test = about.get("grade", False) and not about.get("solution", False)
            printed, before = io.StringIO(), dict(shell.user_ns)
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                done = shell.run_cell(cell.source, store_history=False)
            error = done.error_before_exec or done.error_in_exec
            if test:  # at marking it does not run, so nothing may need what it defines
                for name in shell.user_ns.keys() - before:
                    del shell.user_ns[name]
                shell.user_ns.update(before)
            yield {
                "grade_id": about.get("grade_id", ""),
                "test": test,
                "text": printed.getvalue(),
                "error": f"{type(error).__name__}: {error}" if error else "",
            }


def thoughtless(requests, answers):
    """Names of ways to answer without a thought, and what they answer."""
    values = [answer.value for answer in answers]
    yield "no answer", [Answer(error="the notebook has nothing of this name.")] * len(requests)
    constants = {"None": None, "0": 0, "1": 1, "True": True, "[]": [], "{}": {}}
    constants |= {"text": "cat " * 5000, "rows": [[1], [1, 2]], "NaN": float("nan")}
    for name, value in constants.items():
        yield name, [Answer(value)] * len(requests)
    yield "argument", [Answer(_given(request)) for request in requests]
    yield "zeros", [Answer(_map(value, _zeros)) for value in values]
    yield "odd", [Answer(_map(value, lambda leaf: [leaf, None])) for value in values]
    if all(isinstance(request, Call) for request in requests):
        best = max(values, key=lambda value: sum(labs.same(other, value) for other in values))
        yield "majority", [Answer(best)] * len(requests)
    else:  # what stands inside the evidence, always the same; a shape is no such evidence
        same = [_map(value, _commonest) for value in values]
        if evidence.dumps(same) != evidence.dumps(values):
            yield "commonest", [Answer(value) for value in same]


def _given(request):
    if isinstance(request, Call):
        return request.arguments[0] if request.arguments else None
    if isinstance(request, Network):
        return request.images
    return request.folder if isinstance(request, Photos) else vars(request).get("file", "")


def _map(value, change):
    """The same value with something else in place of its arrays, lists of leaves and leaves."""
    if isinstance(value, dict):
        return {key: _map(part, change) for key, part in value.items()}
    if isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
        return [_map(part, change) for part in value]
    return change(value)


def _zeros(leaf):
    if isinstance(leaf, np.ndarray):
        return np.zeros_like(leaf)
    return (
        [type(part)() if part is not None else None for part in leaf]
        if isinstance(leaf, list)
        else (None if leaf is None else type(leaf)())
    )


def _commonest(leaf):
    if isinstance(leaf, np.ndarray) and leaf.size:
        kinds, counts = np.unique(leaf, return_counts=True)
        return np.full_like(leaf, kinds[counts.argmax()])
    if isinstance(leaf, list) and len(leaf) > 4:  # a short one may be a shape
        return [max(leaf, key=leaf.count)] * len(leaf)
    return leaf


def main(name, path, out):
    lab, notebook = labs.load(name), nbformat.read(path, 4)
    os.chdir(Path(path).parent)
    if lab.files:
        lab.files(Path())
    shell, started = InteractiveShell.instance(), time.process_time()
    found = {"cells": list(run_all(notebook, shell)), "seconds": time.process_time() - started}
    found["marks"] = {}
    for number, task in enumerate(lab.tasks):
        if task.manual:
            continue
        requests = task.ask(np.random.default_rng([1001, number]), STUDENT)
        answers = inprocess.answers(requests, shell.user_ns)
        mark = task.mark(answers, requests, STUDENT)
        free = {
            how: task.mark(given, requests, STUDENT)
            for how, given in thoughtless(requests, answers)
        }
        found["marks"][task.id] = {
            "share": mark.share,
            "reason": mark.reason,
            "cause": mark.cause,
            "free": {how: [mark.share, mark.reason] for how, mark in free.items()},
        }
    Path(out).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
