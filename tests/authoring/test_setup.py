"""The environment is made once, and what goes wrong is said in one line."""

import ast
import os
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest

from helpers.authoring import setup
from helpers.settings import ROOT, CourseError


def run(venv, *extras):
    setup.run(set(extras or ["lessons"]), "cpu", venv)


def call(*command, **options):
    options |= {"cwd": ROOT, "capture_output": True, "text": True}
    return subprocess.run(command, check=False, **options)


@pytest.fixture
def finished(tmp_path, monkeypatch):
    """An environment that a former call has finished; installing anything is recorded."""
    venv = tmp_path / ".venv"
    python = setup.venv_python(venv)
    python.parent.mkdir(parents=True)
    python.touch()
    (venv / setup.STAMP).write_text("\n".join([setup._fingerprint(None), "cpu", "lessons"]))
    installed = []
    monkeypatch.setattr(setup, "_works", lambda venv: True)
    monkeypatch.setattr(setup, "_install", lambda venv, extras, _: installed.append(extras))
    return venv, installed


def test_a_second_call_does_nothing_and_another_extra_is_added(finished):
    venv, installed = finished
    run(venv)
    assert installed == []
    run(venv, "test")
    run(venv, "lessons", "test")
    assert installed == [{"test", "lessons", "cpu"}]


@pytest.mark.parametrize("stamp", ["another fingerprint\ncpu\nlessons", None])
def test_changed_or_unfinished_environment_is_installed_again(finished, stamp):
    venv, installed = finished
    (venv / setup.STAMP).unlink()
    if stamp:
        (venv / setup.STAMP).write_text(stamp)
    run(venv)
    assert installed == [{"lessons", "cpu"}]


def test_full_disk_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, 10**9))
    with pytest.raises(CourseError, match=r"1\.0 GB left and the packages need 3 GB"):
        run(tmp_path / ".venv")
    assert not (tmp_path / ".venv").exists()


def test_a_folder_of_the_users_is_never_cleared(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CourseError, match="is no environment"):
        run(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_network_down_is_said_in_one_line_and_the_environment_counts_as_unfinished(tmp_path):
    environment = os.environ | {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # nothing listens there
        "PIP_FIND_LINKS": "",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "1",  # with 0, pip would not say that the network is down
    }
    venv = tmp_path / "venv"
    command = [sys.executable, "-m", "helpers", "setup", "--venv", str(venv)]
    done = call(*command, env=environment)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "check the network" in line
    assert not (venv / setup.STAMP).exists()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "disk is full"),
        ("WARNING: Retrying after NameResolutionError(...)", "check the network"),
        ("ERROR: No matching distribution found for tensorflow-cpu<3,>=2.18", "use Python 3.11"),
        ("fine so far\nERROR: something new\n", "something new"),
    ],
)
def test_installer_failures_are_explained(output, advice):
    assert advice in setup._explain(output)


def test_old_python_gets_advice_and_no_traceback():
    trick = (
        "import sys, runpy; sys.version_info = (3, 8, 0); sys.argv = ['helpers', 'course'];"
        "runpy.run_module('helpers', run_name='__main__')"
    )
    done = call(sys.executable, "-c", trick)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "needs Python 3.11 or newer, and this is 3.8" in line
    for name in ("__init__.py", "__main__.py"):
        ast.parse((ROOT / "helpers" / name).read_text(), feature_version=(3, 4))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_says_when_there_is_no_python():
    done = call("make", "course", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "error: no Python found: install Python 3.11 or newer" in done.stderr
