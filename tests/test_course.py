"""`course.start`: the profile takes effect, mistakes are one line, and nothing is noisy."""

import json
import os
import subprocess
import sys
import tomllib

import pytest

from helpers import course, settings
from helpers.settings import CourseError

PYTHON = [sys.executable, "-c"]


def in_new_process(code, **environment):
    return subprocess.run(
        [*PYTHON, code],
        env=os.environ | environment,
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """`start` writes into the environment; put it back afterwards."""
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    monkeypatch.setattr(course, "_OUTSIDE", None)


def test_a_second_start_with_another_profile_takes_effect():
    lesson = "04_learning_rate_schedules"
    few = course.start(lesson)
    many = course.start(lesson, profile="full")
    assert (few.profile, many.profile, settings.profile()) == ("quick", "full", "full")
    assert few.images < many.images
    assert course.start(lesson).profile == "quick"


@pytest.mark.parametrize(
    ("gpus", "outside", "argument", "profile"),
    [
        ([], None, None, "quick"),
        (["gpu:0"], None, None, "full"),
        (["gpu:0"], "quick", None, "quick"),
        (["gpu:0"], "full", "quick", "quick"),
        ([], "full", None, "full"),
        ([], "quick", "full", "full"),
    ],
)
def test_full_is_the_default_on_a_gpu_and_a_choice_wins(
    monkeypatch, gpus, outside, argument, profile
):
    monkeypatch.setattr(course, "gpus", lambda: gpus)
    monkeypatch.setattr(course, "_OUTSIDE", outside)
    monkeypatch.setenv("COURSE_SEED", "7")
    plan = course.start("00_start_here", argument)
    assert (plan.profile, plan.seed) == (profile, 7)
    assert os.environ["COURSE_PROFILE"] == profile  # what `datasets.load` obeys


def test_recorded_runs_are_a_table_and_a_wrong_name_lists_the_files(tmp_path, monkeypatch):
    (tmp_path / "runs").mkdir()
    header = "experiment,variant,seed,epoch,metric,value\n"
    (tmp_path / "runs" / "nets.csv").write_text(header + "sizes,S1,1001,1,val_loss,1.5\n")
    (tmp_path / "runs" / "more.csv").write_text(header)
    monkeypatch.setattr(settings, "DATA", tmp_path)
    assert course.recorded("nets").values.tolist() == [["sizes", "S1", 1001, 1, "val_loss", 1.5]]
    with pytest.raises(CourseError, match="no recorded runs 'net': use one of more, nets"):
        course.recorded("net")


def test_an_unknown_profile_is_named():
    with pytest.raises(CourseError, match="'fast': use 'quick' or 'full'"):
        course.start("00_start_here", profile="fast")


@pytest.mark.parametrize("wrong", [{"image_data_format": "channels_first"}, {"floatx": "float16"}])
def test_a_keras_json_that_changes_every_number_is_named(tmp_path, monkeypatch, wrong):
    file = tmp_path / "keras.json"
    file.write_text(json.dumps(wrong))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(CourseError, match=str(file)):
        course.start("00_start_here")


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"floatx": "float32"}'])
def test_a_keras_json_that_keras_can_live_with_is_left_alone(tmp_path, monkeypatch, content):
    (tmp_path / "keras.json").write_text(content)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    course.start("00_start_here")


def test_start_says_nothing_on_stderr_and_imports_no_keras_before():
    code = (
        "import sys, helpers; from helpers import settings; assert 'keras' not in sys.modules\n"
        "from helpers import course; course.start('00_start_here')"
    )
    done = in_new_process(code, MPLBACKEND="agg")
    assert (done.returncode, done.stderr) == (0, "")
    assert "quick, seed 1001" in done.stdout


def test_what_native_code_said_is_shown_when_the_block_fails():
    code = (
        "import os\nfrom helpers.course import quiet\n"
        "with quiet(): os.write(2, b'noise')\n"
        "with quiet():\n    os.write(2, b'reason'); raise ValueError"
    )
    done = in_new_process(code)
    assert "reason" in done.stderr and "noise" not in done.stderr


def test_a_kernel_without_keras_gets_one_sentence():
    code = "import sys; sys.modules['keras'] = None\nfrom helpers import course\n"
    done = in_new_process(code + "course.start('00_start_here')")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr and "kernel" in done.stderr


@pytest.mark.parametrize(
    ("oldest", "version", "too_old"),
    [
        ("3.12", "2.15.0", True),
        ("3.12", "3.9.2", True),
        ("3.12", "3.11.3", True),
        ("3.12", "3.12.0", False),
        ("3.12", "3.12.0rc1", False),
        ("3.12", "3.13.0.dev2026", False),
        ("3.9", "3.10.0", False),
        ("3.12", "4.0", False),
    ],
)
def test_a_keras_that_is_too_old_is_told_before_anything_is_imported(
    monkeypatch, oldest, version, too_old
):
    monkeypatch.setattr(course, "oldest_keras", lambda: oldest)
    monkeypatch.setattr("importlib.metadata.version", lambda package: version)
    monkeypatch.setattr(course, "import_keras_quietly", lambda: pytest.fail("imported"))
    with pytest.raises((SystemExit, pytest.fail.Exception)) as ended:
        course.start("00_start_here")
    words = f"has Keras {version}, and the course needs {oldest} or newer. In Colab, choose"
    assert (words in str(ended.value)) == too_old


def test_the_oldest_keras_is_the_one_that_pip_is_told():
    requirements = tomllib.loads((settings.ROOT / "pyproject.toml").read_text("utf-8"))
    [keras] = [line for line in requirements["project"]["dependencies"] if line[:6] == "keras>"]
    assert keras == f"keras>={course.oldest_keras()},<4"


def test_the_sandbox_which_has_no_pyproject_starts_all_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    assert course.start("00_start_here").profile == "quick"


def test_every_lesson_has_both_profiles():
    table = tomllib.loads((settings.DATA / "profiles.toml").read_text("utf-8"))
    lessons = {path.stem for path in settings.NOTEBOOKS.glob("[0-9]*.ipynb")}
    assert lessons <= set(table)
    for lesson, profiles in table.items():
        assert profiles["quick"].keys() == profiles["full"].keys(), lesson
