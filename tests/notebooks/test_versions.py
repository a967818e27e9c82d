"""The lessons on other versions and backends, each in an environment of its own in build/envs.

Selected with `-m colab` or `-m jax`; the first run installs packages, which takes minutes.
"""

import json
import subprocess
import sys

import pytest

from helpers import paths

CONSTRAINTS = paths.ROOT / "tests" / "constraints-colab.txt"


def make_environment(name, *options):
    """An environment in build/envs; returns its Python."""
    folder = paths.BUILD / "envs" / name
    command = [sys.executable, "-m", "helpers", "setup", "--venv", str(folder), *options]
    subprocess.run(command, cwd=paths.ROOT, check=True)
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def version(python, package):
    code = f"from importlib.metadata import version; print(version('{package}'))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def run_course(python, offline, tmp_path, **environment):
    command = [python, "-m", "helpers", "course", "--output", str(tmp_path / "pages")]
    done = subprocess.run(
        command,
        cwd=paths.ROOT,
        env=offline | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((tmp_path / "pages" / "summary.json").read_text("utf-8"))
    assert summary and {entry["status"] for entry in summary} == {"passed"}


@pytest.mark.colab
@pytest.mark.timeout(3000)
def test_lessons_pass_on_colabs_versions(offline, tmp_path):
    options = ("--backend", "cpu", "--constraint", str(CONSTRAINTS))
    python = make_environment("colab", *options)
    assert version(python, "keras") == "3.13.2"
    assert version(python, "ipywidgets") == "7.7.1"
    run_course(python, offline, tmp_path)


@pytest.mark.jax
@pytest.mark.timeout(3000)
def test_lessons_pass_on_jax_without_tensorflow(offline, tmp_path):
    python = make_environment("jax", "--backend", "jax")
    assert version(python, "tensorflow") == version(python, "tensorflow-cpu") == ""
    run_course(python, offline, tmp_path, KERAS_BACKEND="jax")
