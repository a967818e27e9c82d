"""With every stub replaced by its folded solution, every check says "correct".

The lessons run in reversed order, so none can lean on what an earlier one left behind.
"""

import json

import pytest

from helpers import paths
from helpers.authoring import canonical, exercises
from helpers.authoring.project import Project
from helpers.authoring.runner import execute

NOTEBOOKS = Project().all_notebooks()[::-1]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions_pass_their_checks(notebook, offline, tmp_path):
    solved = exercises.solved(canonical.read(notebook))
    copy = tmp_path / notebook.name
    copy.write_text(canonical.dump(solved), "utf-8")
    results = tmp_path / "results.jsonl"

    outcome = execute(
        copy,
        folder=paths.NOTEBOOKS,
        environment=offline | {"COURSE_RESULTS": str(results)},
        timeout=300,
    )

    assert outcome.error == ""
    lines = results.read_text("utf-8").splitlines() if results.exists() else []
    verdicts = [line for line in map(json.loads, lines) if "check" in line]
    assert [line for line in verdicts if line["status"] != "correct"] == []
    stubs = sum("exercise" in canonical.tags(cell) for cell in solved["cells"])
    assert len(verdicts) >= stubs > 0
