"""A batch from submissions to results: what is kept, what goes on, and what it ends with."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest

from helpers import commands
from helpers.grading import batch
from helpers.grading.bounds import Lost
from helpers.grading.sandbox import Sandbox
from helpers.settings import ROOT
from tests.grading.hostile_cells import CELLS

SPEC = """
from helpers.grading.labs import Lab, Mark, Task, Value, function

def cases(rng, student):
    return [(int(n),) for n in rng.integers(3, 1000, 4)]

def named(answers, asked, student):
    return Mark(float(answers[0].value == student.id), "Another code than yours.")

LAB = Lab("tiny", "A tiny lab", 1, [
    function("double", "Double it", 4, name="double", cases=cases,
             right=lambda x: 2 * x, seconds=1),
    Task("name", "Your code", 1, lambda rng, student: [Value("code")], named),
    Task("words", "Words", 2),
])
"""
MASTER = [
    ("code", "answer_double", {"solution": True},
     "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
    ("code", "double", {"grade": True, "locked": True, "points": 4}, "print(double(1))"),
    ("code", "answer_name", {"solution": True}, 'code = "S1234567"'),
    ("code", "name", {"grade": True, "locked": True, "points": 1}, "print(code)"),
    ("markdown", "words", {"grade": True, "solution": True, "points": 2}, "Because."),
]  # fmt: skip


def notebook(*changes, cells=MASTER):
    """The master as JSON, with texts replaced."""
    made = []
    for kind, name, marks, source in cells:
        for old, new in changes:
            source = source.replace(old, new)
        new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        about = {"schema_version": 3, "grade": False, "locked": False, "solution": False}
        about |= {"grade_id": name, "task": False} | marks
        made.append(new(source, metadata={"nbgrader": about}))
    return nbformat.writes(nbformat.v4.new_notebook(cells=made))


@pytest.fixture
def lab(tmp_path, monkeypatch):
    folder = tmp_path / "labs"
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "tiny.py").write_text(SPEC)
    (folder / "tiny.ipynb").write_text(notebook())
    monkeypatch.setenv("COURSE_LABS", str(folder))
    return folder


@pytest.fixture
def unchecked(monkeypatch):
    """The self-test has a test of its own; it takes a quarter of a minute."""
    monkeypatch.setattr(batch, "check", lambda: None)


def hand_in(folder, **sources):
    for student, text in sources.items():
        (folder / student).mkdir(parents=True)
        (folder / student / "tiny.ipynb").write_text(text)
    return folder


def grade(*arguments):
    return commands.main(["grade", *map(str, arguments)])


def records(out):
    return {
        r["student"]["id"]: r for r in json.loads((out / "results.json").read_text())["submissions"]
    }


def tree(folder):
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file()
    }


CLASS = {
    "right": (notebook(("S1234567", "right")), "graded", 5),
    "half": (notebook(("2 * x", "x + x if x % 2 else 0")), "graded", None),
    "empty": (notebook(("return 2 * x", "...")), "graded", 0),
    "broken": ("{", "unreadable", 0),
    "hostile": (notebook(("code =", CELLS["ends the process"] + "\ncode =")), "partial", 4),
    "endless": (notebook(("return 2 * x", "while True: pass")), "partial", 0),
}


def test_a_class_gets_its_marks_and_nothing_is_written_to_it(lab, tmp_path, unchecked, capsys):
    folder = hand_in(tmp_path / "in", **{name: text for name, (text, _, _) in CLASS.items()})
    before, out = tree(folder), tmp_path / "out"
    assert grade(folder, "--lab", "tiny", "--out", out, "--seed", 5) == 1
    assert tree(folder) == before
    found = records(out)
    assert {name: found[name]["status"] for name in found} == {n: c[1] for n, c in CLASS.items()}
    assert {n: found[n]["auto_score"] for n, c in CLASS.items() if c[2] is not None} == {
        n: c[2] for n, c in CLASS.items() if c[2] is not None
    }
    tasks = {task["id"]: task for task in found["half"]["tasks"]}
    assert 0 <= tasks["double"]["points"] < 4
    assert "Another code" in tasks["name"]["reason"]
    assert tasks["words"]["status"] == "manual"
    assert found["endless"]["tasks"][0]["status"] == "no_evidence"
    for name in ("grades.csv", "summary.html", "similar.csv", "feedback/right.html", "nbgrader"):
        assert (out / name).exists(), name
    assert "3 need a person" in capsys.readouterr().out


def test_advice_on_method_changes_no_mark(lab, tmp_path, unchecked):
    net = (
        "import keras, numpy as np\nm = keras.Sequential([keras.Input((8, 8, 1)),"
        " keras.layers.Flatten(), keras.layers.Dense(3)])\n"
        "m.compile('adam', 'sparse_categorical_crossentropy')\n"
        "m.fit(np.ones((64, 8, 8, 1)), np.zeros(64), verbose=0)\ncode ="
    )
    texts = {"logits": notebook(("S1234567", "logits"), ("code =", net))}
    folder, out = hand_in(tmp_path / "in", **texts), tmp_path / "out"
    assert grade(folder, "--lab", "tiny", "--out", out, "--method", "--no-gradebook") == 0
    [record] = records(out).values()
    assert [(one["cell"], one["bug"]) for one in record["method"]] == [(2, "logits")]
    assert record["auto_score"] == 5
    assert "How you trained and judged" in (out / "feedback" / "logits.html").read_text()


def test_one_student_is_marked_again_alone(lab, tmp_path, unchecked):
    folder = hand_in(tmp_path / "in", a=notebook(), b=notebook(("2 * x", "x")))
    out = tmp_path / "out"
    arguments = (folder, "--lab", "tiny", "--out", out, "--no-gradebook")
    assert grade(*arguments) == 0
    before = records(out)
    (folder / "b" / "tiny.ipynb").write_text(notebook())
    assert grade(*arguments, "--student", "b") == 0
    after = records(out)
    assert after["a"] == before["a"]
    assert (before["b"]["auto_score"], after["b"]["auto_score"]) == (0, 4)
    assert json.loads((out / "batch.json").read_text())["seed"] is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lab", "tiny", "--out", "{tmp}/out"], "--resume"),
        (["--lab", "tiny", "--out", "{tmp}/out", "--resume", "--seed", "77"], "has the seed"),
        (["--lab", "tiny", "--out", "{tmp}/out", "--student", "nobody"], "nobody here is called"),
        (["--lab", "tiny", "--out", "{tmp}/new", "--student", "a"], "mark all once"),
        (["--lab", "none", "--out", "{tmp}/new"], "there is no lab"),
        (["--lab", "tiny", "--out", "{tmp}/in/out"], "nothing is written"),
        (["--lab", "tiny"], "--out"),
        (["--lab", "tiny", "--out", "{tmp}/new", "--scheduler", "tcp://127.0.0.1:9"], "scheduler"),
    ],
)
def test_a_mistake_of_the_users_is_one_line(arguments, words, lab, tmp_path, unchecked, capsys):
    folder = hand_in(tmp_path / "in", a=notebook())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.jsonl").write_text("")
    (tmp_path / "out" / "batch.json").write_text('{"lab": "tiny", "lab_version": 1, "seed": 5}')
    assert grade(folder, *(a.format(tmp=tmp_path) for a in arguments)) == 2
    assert words in capsys.readouterr().err.splitlines()[-1]


def test_a_killed_batch_goes_on_and_ends_as_one_that_was_not(lab, tmp_path, unchecked):
    folder = hand_in(
        tmp_path / "in", **{f"s{n}": notebook(("2 * x", f"{n} * x")) for n in range(8)}
    )
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert grade(folder, "--lab", "tiny", "--out", whole, "--seed", 5, "--no-gradebook") == 0
    arguments = ["grade", str(folder), "--lab", "tiny", "--out", str(out), "--seed", "5"]
    # A shell may hold what TensorFlow sets by itself, too.
    killed = subprocess.Popen([sys.executable, "-m", "helpers", *arguments], cwd=ROOT,
                              env=os.environ | {"TF2_BEHAVIOR": "1"},
                              stderr=subprocess.DEVNULL)  # fmt: skip
    kept = out / "results.jsonl"
    over = time.monotonic() + 120
    while not (kept.exists() and kept.read_bytes().count(b"\n") >= 4):
        assert killed.poll() is None and time.monotonic() < over
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    with open(kept, "ab") as file:
        file.write(b'{"student": {"id": "s7"')  # a line that the kill cut off
    done = set(kept.read_text().splitlines()[:4])
    assert grade(folder, "--lab", "tiny", "--out", out, "--resume", "--no-gradebook") == 0
    assert done <= set(kept.read_text().splitlines())

    def marks(found):
        return {name: (r["auto_score"], r["tasks"]) for name, r in records(found).items()}

    assert marks(out) == marks(whole)
    assert children_of_a_dead(killed.pid) == []


def children_of_a_dead(process):
    """What a batch that is gone has left running."""
    return [entry for entry in os.listdir("/proc") if entry.isdigit() and _parent(entry) == process]


def _parent(entry):
    try:
        with open(f"/proc/{entry}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@pytest.mark.slow
def test_a_dask_worker_that_dies_costs_nothing(lab, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(batch, "_checked", str)  # "" as from a self-test that passed
    slow = ("2 * x", "__import__('time').sleep(0.5) or 2 * x")
    folder = hand_in(tmp_path / "in", **{f"s{n}": notebook(slow) for n in range(6)})
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        victim = client.submit(os.getpid, pure=False).result()
        real, killed = batch._by_dask, []

        def and_kill(*arguments):
            for found in real(*arguments):
                if not killed:
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)
                yield found

        monkeypatch.setattr(batch, "_by_dask", and_kill)
        out = tmp_path / "out"
        arguments = (folder, "--lab", "tiny", "--out", out, "--no-gradebook")
        assert grade(*arguments, "--scheduler", cluster.scheduler_address) == 0
    assert killed and {r["auto_score"] for r in records(out).values()} == {4}


@pytest.mark.parametrize("odd", [Lost("time"), AssertionError(), EOFError(), OSError()])
def test_a_sandbox_that_failed_is_not_used_again(odd, lab, tmp_path, unchecked, monkeypatch):
    used, run = [], Sandbox.run

    def sometimes(box, *arguments):
        used.append(box)
        if len(used) == 1:
            raise odd
        return run(box, *arguments)

    monkeypatch.setattr(Sandbox, "run", sometimes)
    folder, out = hand_in(tmp_path / "in", a=notebook()), tmp_path / "out"
    assert grade(folder, "--lab", "tiny", "--out", out, "--unconfined", "--no-gradebook") == 0
    assert records(out)["a"]["auto_score"] == 4 and used[0] is not used[1]


def test_unconfined_is_told_in_every_record(lab, tmp_path):
    folder, out = hand_in(tmp_path / "in", a=notebook()), tmp_path / "out"
    assert grade(folder, "--lab", "tiny", "--out", out, "--unconfined", "--no-gradebook") == 0
    assert records(out)["a"]["confined"] is False
    assert "NOT CONFINED" in (out / "summary.html").read_text()


def test_ctrl_c_ends_at_once_and_keeps_what_was_marked(lab, tmp_path):
    slow = ("2 * x", "__import__('time').sleep(2) or 2 * x")
    folder, out = (
        hand_in(tmp_path / "in", a=notebook(), b=notebook(slow), c=notebook(slow)),
        tmp_path / "out",
    )
    command = ["grade", str(folder), "--lab", "tiny", "--out", str(out), "--workers", "1"]

    def listen():
        """To Ctrl-C, which a shell's background jobs, perhaps these tests, are told to ignore."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    batch = subprocess.Popen([sys.executable, "-m", "helpers", *command], cwd=ROOT,
                             stderr=subprocess.PIPE, start_new_session=True,
                             preexec_fn=listen)  # fmt: skip
    over = time.monotonic() + 120
    while not ((out / "results.jsonl").exists() and (out / "results.jsonl").stat().st_size):
        assert batch.poll() is None and time.monotonic() < over
        time.sleep(0.01)
    start = time.monotonic()
    batch.send_signal(signal.SIGINT)
    _, said = batch.communicate(timeout=20)
    assert batch.returncode == 130 and b"what was finished is kept" in said
    assert time.monotonic() - start < 3
    assert children_of_a_dead(batch.pid) == []
    assert json.loads((out / "results.jsonl").read_text().split("\n")[1])["student"]["id"] == "a"
