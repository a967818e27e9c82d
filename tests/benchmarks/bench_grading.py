"""Processor time of marking a lab: this course's grader against nbgrader's autograder.

    python tests/benchmarks/bench_grading.py [LAB] [NUMBER]

Both get the same notebooks, masters with their solutions and the trained files beside them.
nbgrader runs cells and public tests in a kernel of its own for each; nothing of hidden inputs.
Ours counts what the records say of their sandboxes and what the batch itself took; starting the
sandboxes and trying their bounds happens once a batch and stands apart.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.grading import batch, labs
from helpers.grading.batch import Options
from helpers.settings import ROOT
from tests.grading.test_hundreds import hand_in_files


def spent(do):
    """Seconds of processor time and of the clock, children included."""
    start, clock = _used(), time.monotonic()
    do()
    return _used() - start, time.monotonic() - clock


def _used():
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def main(name="lab1", number="6"):
    lab, many = labs.load(name), int(number)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        _, beside = hand_in_files(lab, base)
        students = [f"s{n}" for n in range(many)]
        for student in students:
            for place in (base / "in" / student, base / "nb" / "submitted" / student / name):
                place.mkdir(parents=True)
                shutil.copy(lab.master, place / f"{name}.ipynb")
                for path, content in beside.items():
                    (place / path).parent.mkdir(parents=True, exist_ok=True)
                    (place / path).write_bytes(content)
        (base / "nb" / "source" / name).mkdir(parents=True)
        shutil.copy(lab.master, base / "nb" / "source" / name)
        # Where nbgrader runs a notebook, its setup cell looks one folder up.
        for place in (base / "nb" / "autograded" / s for s in students):
            place.mkdir(parents=True)
            for link in ("helpers", "data"):
                (place / link).symlink_to(ROOT / link)
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        nbgrader = [sys.executable, "-m", "nbgrader"]
        make = [*nbgrader, "generate_assignment", name]
        subprocess.run(make, cwd=base / "nb", env=environment, check=True, capture_output=True)
        auto = [*nbgrader, "autograde", name, "--ExecutePreprocessor.timeout=300"]
        theirs = spent(
            lambda: subprocess.run(auto, cwd=base / "nb", env=environment, capture_output=True)
        )
        start = time.monotonic()
        batch.check()
        once = time.monotonic() - start
        options = Options(gradebook=False)
        cpu, clock = spent(lambda: batch.grade(base / "in", name, base / "out", options))
        records = json.loads((base / "out" / "results.json").read_text())["submissions"]
    ours = cpu + sum(record["cpu_seconds"] for record in records), clock - once
    for who, (cpu, clock) in {"nbgrader": theirs, "this grader": ours}.items():
        print(
            f"{who:<12} {cpu / many:6.2f} s of processor time each, {clock / many:6.2f} s waiting"
        )
    print(f"once a batch: {once:.0f} s for the self-test of the sandbox")
    print(
        f"ratio of processor time: {theirs[0] / ours[0]:.2f}, of waiting: {theirs[1] / ours[1]:.2f}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
