"""The command line: help at once, errors in one line, exit codes."""

import subprocess
import sys

import pytest

from helpers import cli
from helpers.errors import UserError
from helpers.paths import ROOT


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in cli.COMMANDS)


def test_no_command_shows_the_help(capsys):
    assert cli.main([]) == 0
    assert "setup" in capsys.readouterr().out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 4


def test_unknown_command_is_a_users_mistake(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["dance"])
    assert ended.value.code == 2
    assert "dance" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "shown"),
    [
        (UserError("no such file: name another"), 2, "error: no such file: name another\n"),
        (ModuleNotFoundError("No module named 'x'", name="x"), 2, "package 'x' is missing"),
        (KeyboardInterrupt(), 130, "stopped; what was finished is kept"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(monkeypatch, capsys, raised, code, shown):
    def run(args):
        raise raised

    monkeypatch.setattr("helpers.authoring.setup.run", run)
    assert cli.main(["setup"]) == code
    assert shown in capsys.readouterr().err


def test_a_bug_of_ours_is_not_hidden(monkeypatch):
    def run(args):
        raise ZeroDivisionError

    monkeypatch.setattr("helpers.authoring.setup.run", run)
    with pytest.raises(ZeroDivisionError):
        cli.main(["setup"])


def test_importing_helpers_imports_nothing_heavy():
    code = (
        "import sys, helpers, helpers.cli, helpers.budget, helpers.labels;"
        "print([m for m in ('keras', 'tensorflow', 'sklearn', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
