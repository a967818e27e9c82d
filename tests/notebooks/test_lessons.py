"""Every lesson runs from a clean kernel with the network off, and prints what it printed."""

import json
import subprocess
import sys

import nbformat
import pytest

from helpers.authoring import notebooks
from helpers.settings import ROOT
from tests.notebooks import runner


def in_a_course(folder):
    """A folder with the helpers in it, as a lesson expects; its folder of notebooks."""
    (folder / "helpers").symlink_to(ROOT / "helpers")
    (folder / "data").symlink_to(ROOT / "data")
    (folder / "notebooks").mkdir()
    return folder / "notebooks"


# The longest first, so that two processes end at about the same time.
ALL = sorted([*notebooks.lessons(), notebooks.template()], key=lambda path: -path.stat().st_size)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("notebook", ALL, ids=lambda path: path.stem)
def test_lesson_runs_offline_with_stubs_and_its_solutions_pass(notebook, offline, tmp_path):
    """Run all works, checked outputs agree, and every check says "correct" to its solution."""
    tried = notebooks.tried(notebooks.read(notebook))
    copy = in_a_course(tmp_path) / notebook.name
    copy.write_text(notebooks.dump(tried), "utf-8")
    results = tmp_path / "results.jsonl"

    done = runner.run(copy, offline | {"COURSE_RESULTS": str(results)})

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    lines = results.read_text("utf-8").splitlines() if results.exists() else []
    verdicts = [json.loads(line)["status"] for line in lines]
    # A program that is to be mended runs, and is wrong; every other stub is not done.
    stubs = [notebooks.tags(cell) for cell in tried.cells if "exercise" in notebooks.tags(cell)]
    assert stubs
    expected = [("wrong" if "mend" in tags else "todo", "correct") for tags in stubs]
    assert verdicts == [verdict for pair in expected for verdict in pair]


def write_notebook(path, source, output=""):
    """A notebook of one cell, whose output is compared."""
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["nbval-check-output"]})
    if output:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=output)]
        cell.execution_count = 1
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


CALLS_OUT = """
import socket, urllib.request

def refused(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except OSError as error:
        return "network is off" in str(error)

far = ("192.0.2.1", 80)  # an address that no machine has
assert refused(socket.create_connection, far, timeout=1)
assert refused(socket.socket(type=socket.SOCK_DGRAM).sendto, b"x", far)
assert refused(socket.getaddrinfo, "example.invalid", 80)
assert refused(urllib.request.urlopen, "http://example.invalid/", timeout=1)

server = socket.create_server(("127.0.0.1", 0))  # this machine itself may be reached
socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
"""


def test_a_changed_output_is_noticed_and_the_network_is_off(tmp_path, offline):
    write_notebook(tmp_path / "a_good.ipynb", "print(2)", "2\n")
    write_notebook(tmp_path / "b_calls_out.ipynb", CALLS_OUT)
    write_notebook(tmp_path / "c_bad.ipynb", "print(2)", "3\n")
    done = runner.run(tmp_path, offline)
    assert done.returncode == 1
    assert "Cell outputs differ" in done.stdout
    assert "1 failed, 2 passed" in done.stdout


SETUP = next(
    cell.source
    for cell in notebooks.read(notebooks.template()).cells
    if "setup" in notebooks.tags(cell)
)


@pytest.mark.parametrize(
    ("course", "before", "words"),
    [
        (False, "", "belongs in the course's folder 'notebooks'"),
        (True, "import sys; sys.modules['keras'] = None\n", "kernel of the course's environment"),
    ],
    ids=["opened alone", "another kernel"],
)
def test_a_notebook_in_the_wrong_place_says_so_in_one_sentence(course, before, words, tmp_path):
    folder = in_a_course(tmp_path) if course else tmp_path
    command = [sys.executable, "-c", before + SETUP]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert words in line
