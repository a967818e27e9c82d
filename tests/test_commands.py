"""The command line: help at once, errors in one line, exit codes, nothing but the answer."""

import csv
import os
import subprocess
import sys

import pytest

from helpers import commands, variants
from helpers.settings import ROOT, CourseError

COMMANDS = (
    *("course", "site", "lint", "runs", "versions", "variants", "predict", "demo", "weights"),
    *("data", "data list", "data fetch", "data import"),
)


def run(*command, python=(sys.executable, "-m", "helpers"), **options):
    """A command line in a process of its own."""
    options = {"capture_output": True, "text": True} | options
    return subprocess.run([*python, *command], cwd=ROOT, check=False, **options)


def code_of(*command):
    """Exit code of a command line that is run here."""
    try:
        return commands.main(command)
    except SystemExit as ended:
        return ended.code


def test_help_lists_every_command_and_needs_no_package():
    for command in (["--help"], []):
        done = run(*command, python=(sys.executable, "-S", "-m", "helpers"))
        assert done.returncode == 0
        assert all(f"\n    {name} " in done.stdout for name in COMMANDS if " " not in name)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    assert code_of(*name.split(), "--help") == 0
    assert len(capsys.readouterr().out.splitlines()) > 4


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("dance", "dance"),
        ("course no_such", "no notebook 'no_such'"),
        ("lint /nonexistent", "no notebook"),
        ("lint **", "no notebook"),
        ("data fetch nope", "invalid choice"),
        ("data import cifar10 /nonexistent", "does not exist"),
        ("variants /nonexistent", "/nonexistent"),
        ("predict /nonexistent.keras /nonexistent.png", "/nonexistent.keras"),
        ("predict small /nonexistent.png", "does not exist"),
        ("predict small notebooks/images --names cat,dog", "10"),
        ("demo small --port 99999", "65535"),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_code_2(command, words, capsys, monkeypatch):
    monkeypatch.setattr(commands, "_drop_output", lambda: None)
    assert code_of(*command.split()) == 2
    *_usage, last = capsys.readouterr().err.splitlines()
    assert "error: " in last and words in last


@pytest.mark.parametrize(
    ("raised", "code", "shown"),
    [
        (CourseError("no such file: name another"), 2, "error: no such file: name another\n"),
        (ModuleNotFoundError("No module named 'x'", name="x"), 2, "package 'x' is missing"),
        (OSError(28, "No space left", "a.npz"), 2, "error: [Errno 28] No space left: 'a.npz'"),
        (BrokenPipeError(), 0, ""),
        (KeyboardInterrupt(), 130, "stopped; what was finished is kept"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(monkeypatch, capsys, raised, code, shown):
    def fail():
        raise raised

    monkeypatch.setattr("helpers.datasets.status", fail)
    monkeypatch.setattr(commands, "_drop_output", lambda: None)
    assert code_of("data", "list") == code
    assert shown in capsys.readouterr().err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_behind_the_output_is_one_line():
    with open("/dev/full", "w") as full:
        done = run("data", "list", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ") and "No space left" in line


def test_a_console_that_lacks_letters_shows_their_numbers():
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run("data", "import", "cifar10", "/none/größe", env=ascii_only)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert r"/none/gr\xf6\xdfe" in line


def test_keras_adds_nothing_to_the_answer():
    done = run("predict", "small", "notebooks/images/overview.png")
    assert done.returncode == 0
    [line] = done.stdout.splitlines()
    assert line.startswith("notebooks/images/overview.png: ") and line.count("%") == 5
    assert done.stderr.splitlines()[-1] == "1 of 1 images read"
    assert "oneDNN" not in done.stderr and "cpu_feature_guard" not in done.stderr


def test_answers_of_a_hundred_classes_name_the_superclass(capsys):
    assert code_of("predict", "cifar100", str(ROOT / "notebooks" / "images" / "overview.png")) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.count("(") == line.count("%") == 5


def test_predictions_of_a_folder_go_into_a_table(tmp_path, capsys):
    (tmp_path / "broken.png").write_bytes(b"no image")
    table = tmp_path / "out.csv"
    assert code_of("predict", "small", str(tmp_path), "--csv", str(table)) == 1
    assert "0 of 1 images read" in capsys.readouterr().err
    assert "broken.png" in table.read_text("utf-8-sig")


def test_variants_of_a_class_are_the_lessons_and_what_is_odd_in_its_list_is_named(tmp_path, capsys):
    path = tmp_path / "class.csv"
    path.write_text("student_id,name\nS1234567,Ada\nTotal,1\n", "utf-8")
    for size in (10_000, 300):
        assert code_of("variants", str(path), "--test-size", str(size)) == 1
        printed = capsys.readouterr()
        [row] = csv.DictReader(printed.out.splitlines())
        own = variants.for_student("S1234567", "fashion", test_size=size)
        assert row["student_id"] == "S1234567"
        assert row["images"].split() == [str(image) for image in own.images]
        assert "line 3" in printed.err


def test_data_sets_are_listed(capsys):
    assert code_of("data", "list") == 0
    assert "cifar100" in capsys.readouterr().out


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys, helpers.commands; from helpers import datasets; datasets.load('cifar10');"
        "print({'keras', 'sklearn', 'matplotlib', 'pandas'} & set(sys.modules))"
    )
    done = run("-c", code, python=(sys.executable,))
    assert done.stdout.strip() == "set()"
