"""The page shows what was recorded, and a failure on a supported runtime is an exit code of 1."""

import json
import re
import subprocess
import tomllib

import pytest

from helpers import commands
from helpers.authoring import notebooks, versions
from helpers.authoring.versions import Runtime
from helpers.course import oldest_keras
from helpers.settings import ROOT, CourseError

LESSONS = [path.stem for path in notebooks.lessons()]
OLD, NEW, JAX = "old", "new", "jax"
RUNTIMES = f"""
[{OLD}]
title = "Colab old"
backend = "cpu"
pins = {{ keras = "3.0.5", tensorflow = "2.16.1" }}
[{NEW}]
title = "Colab new"
backend = "cpu"
pins = {{ keras = "{oldest_keras()}.1" }}
[{JAX}]
title = "on JAX"
backend = "jax"
"""


@pytest.fixture
def tried(tmp_path, monkeypatch):
    """Run the command where nothing is installed: what fails in it is (runtime, what): reason."""
    for name in ("RECORD", "PAGE", "RUNTIMES"):
        monkeypatch.setattr(versions, name, tmp_path / name.lower())
    versions.RUNTIMES.write_text(RUNTIMES, "utf-8")
    failures = {}

    def install(runtime):
        if reason := failures.get((runtime.name, "install")):
            raise CourseError(reason)

    def execute(runtime, path):
        assert path.is_file() and ROOT not in path.parents  # a copy
        return 1.0, failures.get((runtime.name, path.stem), "")

    monkeypatch.setattr(versions, "install", install)
    monkeypatch.setattr(versions, "installed", lambda runtime: {"keras": "3.99.0"})
    monkeypatch.setattr(versions, "execute", execute)

    def run(*names, **failing):
        failures.update({tuple(key.split("__")): reason for key, reason in failing.items()})
        code = commands.main(["versions", *names])
        return code, json.loads(versions.RECORD.read_text("utf-8"))

    return run


def test_each_lesson_is_recorded_and_tensorflow_is_known_to_be_needed(tried, capsys):
    code, record = tried()
    assert code == 0 and list(record) == sorted([OLD, NEW, JAX])
    assert all(list(entry["lessons"]) == LESSONS for entry in record.values())
    assert set(record[NEW]["lessons"].values()) == {"passed"}
    others = {name: said for name, said in record[JAX]["lessons"].items() if said != "passed"}
    assert others == {"14_bug_clinic": "needs TensorFlow"}
    assert "jax [15/15] 14_bug_clinic in 0 s: needs TensorFlow" in capsys.readouterr().out


@pytest.mark.parametrize(("runtime", "code"), [(OLD, 0), (NEW, 1), (JAX, 1)])
def test_a_failing_lesson_has_its_reason_and_counts_where_the_course_says_it_works(
    tried, runtime, code
):
    reason = "cell 7: AttributeError: no `RandomErasing`"
    found, record = tried(**{f"{runtime}__03_augmentation": reason})
    assert found == code
    assert record[runtime]["lessons"]["03_augmentation"] == reason
    page = versions.PAGE.read_text("utf-8")
    assert page.count("✗[^1] |") == 1
    assert "[^1]: `cell 7: AttributeError: no 'RandomErasing'`" in page


def test_what_cannot_be_installed_stops_no_other_and_is_one_footnote(tried):
    code, record = tried(new__install="not installed: No keras 3.99")
    assert code == 1
    assert set(record[NEW]["lessons"].values()) == {"not installed: No keras 3.99"}
    assert record[JAX]["lessons"]["00_start_here"] == "passed"
    page = versions.PAGE.read_text("utf-8")
    assert page.count("✗[^1] |") == len(LESSONS) and "[^2]" not in page


def test_a_runtime_alone_leaves_the_others_recorded(tried):
    assert list(tried(OLD)[1]) == [OLD]
    code, record = tried(NEW, **{"old__00_start_here": "not run, so not told"})
    assert code == 0 and set(record) == {OLD, NEW}
    assert versions.PAGE.read_text("utf-8").count("| ✓ | ✓ |") == len(LESSONS)


def test_a_runtime_that_does_not_exist_is_named_before_anything_is_installed(tried, capsys):
    assert commands.main(["versions", NEW, "1999.01"]) == 2
    assert "no runtime '1999.01': name one of these: old, new, jax" in capsys.readouterr().err
    assert not versions.RECORD.exists()


def test_pins_replace_ranges_and_nothing_else_does():
    pins = {"keras": "3.8.0", "tensorflow": "2.18.0"}
    wanted = versions.requirements(Runtime("old", "Old", "cpu", pins))
    names = [re.match(r"[\w-]+", line)[0] for line in wanted]
    assert {"keras", "keras-tuner", "ipykernel", "tensorflow-cpu", "nbclient"} <= set(names)
    assert "sphinx" not in names and not any(name.startswith("jax") for name in names)
    for name, line in zip(names, wanted, strict=True):
        pinned = name in ("keras", "tensorflow", "tensorflow-cpu")
        assert (">" not in line) == pinned, line
    assert "tensorflow-cpu; platform_machine == 'x86_64' and sys_platform == 'linux'" in wanted


def test_pip_says_why_there_is_no_environment(tmp_path, monkeypatch):
    def run(command, **_):
        is_pip = "pip" in command
        said = f"WARNING: slow\nERROR: No keras 9 {'(from 3.0) ' * 99}\nERROR: No matching one\n"
        return subprocess.CompletedProcess(command, int(is_pip), stderr=said)

    monkeypatch.setattr(versions, "BUILD", tmp_path)
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(CourseError, match=r"^not installed: No keras 9 .{,180} …$"):
        versions.install(Runtime("new", "New", "cpu", {"keras": "9", "tensorflow": "2.18.0"}))
    pins = (tmp_path / "envs" / "new.txt").read_text()
    assert pins == "keras==9\ntensorflow==2.18.0\ntensorflow-cpu==2.18.0\n"


@pytest.mark.parametrize(
    ("code", "printed", "error", "found"),
    [
        (0, "12.5 \n", "noise", (12.5, "")),
        (0, "1.5 cell 2: ValueError: no\n", "", (1.5, "cell 2: ValueError: no")),
        (
            1,
            "",
            "Traceback\nImportError: x\n",
            (0.0, "the course runner does not start: ImportError: x"),
        ),
        (-9, "", "", (0.0, "the course runner does not start: exit code -9")),
    ],
)
def test_a_lesson_runs_in_its_runtime_offline_and_its_end_is_understood(
    monkeypatch, tmp_path, code, printed, error, found
):
    def run(command, env, cwd, **_):
        assert cwd == tmp_path and env["KERAS_BACKEND"] == "jax"
        assert env["PYTHONPATH"].endswith("no_network") and "envs" in str(command[0])
        return subprocess.CompletedProcess(command, code, printed, error)

    monkeypatch.setattr(subprocess, "run", run)
    path = tmp_path / "notebooks" / "00_start_here.ipynb"
    assert versions.execute(Runtime("jax", "JAX", "jax"), path) == found


def test_the_page_is_what_the_record_says():
    hint = "run `python -m helpers versions --page`"
    assert versions.PAGE.read_text("utf-8") == versions.page(versions.load()), hint


def test_every_lesson_was_tried_on_every_runtime():
    record = versions.load()
    for name in tomllib.loads(versions.RUNTIMES.read_text("utf-8")):
        assert list(record[name]["lessons"]) == LESSONS, f"run `python -m helpers versions {name}`"
