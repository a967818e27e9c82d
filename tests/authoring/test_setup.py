"""The environment is made once, and what goes wrong is said in one line."""

import argparse
import ast
import os
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest

from helpers.authoring import setup
from helpers.errors import UserError
from helpers.paths import ROOT


def arguments(venv, **changes):
    values = {"venv": venv, "extras": "lessons", "backend": "cpu", "constraint": None}
    return argparse.Namespace(**{**values, **changes})


@pytest.fixture
def finished(tmp_path, monkeypatch):
    """An environment that a former call has finished; installing anything is recorded."""
    venv = tmp_path / ".venv"
    python = setup.venv_python(venv)
    python.parent.mkdir(parents=True)
    python.touch()
    stamp = [setup._fingerprint(None), "cpu", "lessons"]
    (venv / setup.STAMP).write_text("\n".join(stamp))
    installed = []
    monkeypatch.setattr(setup, "_works", lambda venv: True)
    monkeypatch.setattr(
        setup, "_install", lambda venv, extras, constraint: installed.append(extras)
    )
    return venv, installed


def test_second_call_does_nothing(finished, capsys):
    venv, installed = finished
    assert setup.run(arguments(venv)) == 0
    assert installed == []
    assert capsys.readouterr().out == ""


def test_another_extra_is_added_and_the_old_ones_kept(finished):
    venv, installed = finished
    setup.run(arguments(venv, extras="test"))
    assert installed == [{"test", "lessons", "cpu"}]
    setup.run(arguments(venv, extras="lessons,test"))
    assert len(installed) == 1


def test_changed_requirements_are_installed_again(finished):
    venv, installed = finished
    (venv / setup.STAMP).write_text("another fingerprint\ncpu\nlessons")
    setup.run(arguments(venv))
    assert installed == [{"lessons", "cpu"}]


def test_unfinished_environment_is_installed_again(finished):
    venv, installed = finished
    (venv / setup.STAMP).unlink()
    setup.run(arguments(venv))
    assert installed == [{"lessons", "cpu"}]


def test_failed_install_leaves_no_stamp(finished, monkeypatch):
    venv, _ = finished
    (venv / setup.STAMP).unlink()

    def fail(*_):
        raise UserError("no network")

    monkeypatch.setattr(setup, "_install", fail)
    with pytest.raises(UserError):
        setup.run(arguments(venv))
    assert not (venv / setup.STAMP).exists()


def test_full_disk_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, 10**9))
    with pytest.raises(UserError, match=r"1\.0 GB left and the packages need 3 GB"):
        setup.run(arguments(tmp_path / ".venv"))
    assert not (tmp_path / ".venv").exists()


def test_missing_venv_module_names_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="apt install python3-venv"):
        setup.run(arguments(tmp_path / ".venv"))


def test_a_folder_of_the_users_is_never_cleared(tmp_path):
    venv = tmp_path / "mine"
    venv.mkdir()
    (venv / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="is no environment"):
        setup.run(arguments(venv))
    assert (venv / "thesis.txt").exists()


def test_network_down_is_said_in_one_line(tmp_path):
    environment = {
        **os.environ,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # nothing listens there
        "PIP_FIND_LINKS": "",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "1",  # with 0, pip would not say that the network is down
    }
    command = [sys.executable, "-m", "helpers", "setup", "--venv", str(tmp_path / "venv")]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "check the network" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "venv" / setup.STAMP).exists()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "disk is full"),
        ("WARNING: Retrying after NameResolutionError(...)", "check the network"),
        ("ERROR: No matching distribution found for tensorflow-cpu<3,>=2.18", "use Python 3.11"),
        ("fine so far\nERROR: something new\n", "something new"),
        ("", "no reason given"),
    ],
)
def test_installer_failures_are_explained(output, advice):
    assert advice in setup._explain(output)


def test_old_python_gets_advice_and_no_traceback():
    trick = (
        "import sys, runpy; sys.version_info = (3, 8, 0); sys.argv = ['helpers', 'course'];"
        "runpy.run_module('helpers', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", trick], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and this is 3.8" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_first_files_can_be_read_by_old_pythons(name):
    ast.parse((ROOT / "helpers" / name).read_text(), feature_version=(3, 4))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_says_when_there_is_no_python():
    done = subprocess.run(
        ["make", "course", "PYTHON=no-such-python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "error: no Python found: install Python 3.11 or newer" in done.stderr
