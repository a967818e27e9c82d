"""The lessons on other versions and backends, each in an environment of its own in build/envs.

Selected with `-m colab` or `-m jax`; the first run installs packages, which takes minutes.
"""

import json
import os
import subprocess
import sys

import pytest

from helpers.authoring import notebooks
from helpers.settings import BUILD, ROOT

CONSTRAINTS = ROOT / "tests" / "constraints-colab.txt"


def make_environment(backend, **variables):
    """An environment in build/envs; its Python, and the versions of its packages."""
    folder = BUILD / "envs" / "-".join([backend, *variables])
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    command = [python, "-m", "pip", "install", "--editable", f".[lessons,site,{backend}]"]
    subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=True)
    command = [python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout)
    return python, {row["name"].lower().replace("_", "-"): row["version"] for row in rows}


def run_course(python, environment, folder, lessons):
    names = [path.stem for path in lessons]
    command = [python, "-m", "helpers", "course", *names, "--output", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    passed = [row["notebook"] for row in summary if row["status"] == "passed"]
    assert passed == names


@pytest.mark.colab
@pytest.mark.timeout(3000)
def test_lessons_pass_on_colabs_versions(offline, tmp_path):
    python, have = make_environment("cpu", PIP_CONSTRAINT=str(CONSTRAINTS))
    lines = [line.split("==") for line in CONSTRAINTS.read_text().splitlines() if "==" in line]
    wanted = {name: version for name, version in lines if name in have}
    assert wanted.items() <= have.items() and {"keras", "pandas", "ipywidgets"} <= set(wanted)
    run_course(python, offline, tmp_path / "pages", notebooks.lessons())


@pytest.mark.jax
@pytest.mark.timeout(3000)
def test_lessons_pass_on_jax_without_tensorflow(offline, tmp_path):
    python, have = make_environment("jax")
    assert "jax" in have and not any(name.startswith("tensorflow") for name in have)
    # 14 is about a mistake with tf.data, among others.
    able = [path for path in notebooks.lessons() if "import tensorflow" not in path.read_text()]
    assert len(able) == len(notebooks.lessons()) - 1
    run_course(python, offline | {"KERAS_BACKEND": "jax"}, tmp_path / "pages", able)
