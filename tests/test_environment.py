"""make fills .venv once; environment.yml and pyproject.toml ask for the same packages."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from helpers.settings import ROOT

LINE = re.compile(r"^ +- ([a-z0-9-]+)(\S+) *# \S", re.M)  # each says what needs it


def split(requirement):
    name, versions = re.match(r"([A-Za-z0-9-]+)([^;\[]*)", requirement).groups()
    return name.lower(), versions.strip()


def test_same_packages_and_ranges():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    lists = [project["dependencies"]]
    lists += [extras[name] for name in ("lessons", "site", "lab", "grading", "test")]
    lists.append([line for line in extras["cpu"] if "tensorflow-cpu" in line])
    wanted = {split(requirement) for requirements in lists for requirement in requirements}
    dependencies = (ROOT / "environment.yml").read_text().partition("dependencies:")[2]
    assert set(LINE.findall(dependencies)) == wanted
    assert not [name for name, versions in wanted if "==" in versions or not versions]


# Stands for Python: it makes a .venv with itself inside, and its pip only notes what it is to do.
PYTHON = """#!/bin/sh
case "$*" in
  "-m venv --clear .venv") rm -rf .venv; mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  "-m pip"*) echo "$*" >> installed; test ! -e no-network ;;
esac
"""


@pytest.fixture
def make(tmp_path):
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)

    def make(extras, *options):
        """Exit code, messages, and the extras that were installed."""
        command = ["make", f"packages-{extras}", f"PYTHON={tmp_path}/python", "BACKEND=cpu"]
        # Not what a make that runs these tests tells its children.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        done = subprocess.run(
            [*command, *options], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        log = tmp_path / "installed"
        installed = re.findall(r"\.\[(.+)\]", log.read_text()) if log.exists() else []
        log.unlink(missing_ok=True)
        return done.returncode, done.stderr, installed

    return make


def test_packages_are_installed_once_and_again_when_they_must(make, tmp_path):
    assert make("lessons,site") == (0, "", ["lessons,site,cpu"])
    assert make("lessons,site") == (0, "", [])
    assert make("lessons,lab") == (0, "", ["lessons,lab,cpu"])
    assert make("lessons,site", "BACKEND=jax") == (0, "", ["lessons,site,jax"])
    os.utime(tmp_path / ".venv" / "lessons,site,cpu.done", (0, 0))  # pyproject.toml is newer
    assert make("lessons,site") == (0, "", ["lessons,site,cpu"])
    (tmp_path / "no-network").touch()
    for _ in range(2):
        code, _, installed = make("lessons,test")
        assert (code, installed) == (2, ["lessons,test,cpu"])


def test_an_environment_whose_python_was_upgraded_is_made_again(make, tmp_path):
    make("lessons,site")
    python = tmp_path / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent")
    assert make("lessons,site") == (0, "", ["lessons,site,cpu"])


@pytest.mark.parametrize("python", ["no-such-python", "false"])
def test_no_python_or_an_old_one_is_one_line(make, python):
    code, errors, installed = make("lessons,site", f"PYTHON={python}")
    line, _of_make = errors.splitlines()
    assert code == 2 and installed == []
    assert line.startswith(f"error: {python} is no Python 3.11 or newer: install one")


def test_the_makefile_asks_for_extras_that_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = re.findall(r"packages-([a-z,]+)", (ROOT / "Makefile").read_text())
    assert len(asked) == 5
    assert {"cpu", "gpu", *",".join(asked).split(",")} <= set(project["optional-dependencies"])


def test_old_python_gets_advice_and_no_traceback():
    trick = (
        "import sys, runpy; sys.version_info = (3, 8, 0); sys.argv = ['helpers', 'course'];"
        "runpy.run_module('helpers', run_name='__main__')"
    )
    command = [sys.executable, "-c", trick]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "needs Python 3.11 or newer, and this is 3.8" in line
    for name in ("__init__.py", "__main__.py"):
        ast.parse((ROOT / "helpers" / name).read_text(), feature_version=(3, 4))
