"""Every notebook runs from a clean kernel with the network off, and prints what it printed."""

import json
import subprocess
import sys

import nbformat
import pytest

from helpers import paths
from helpers.authoring import canonical, exercises
from helpers.authoring.project import Project


def nbval(notebook, env):
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-q"]
    # This project's own options would pull in its other tests' settings.
    command += ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "nbval_patience", "-rf"]
    command += ["--nbval-cell-timeout=300", "--color=no", str(notebook)]
    return subprocess.run(
        command, env=env, cwd=paths.ROOT, capture_output=True, text=True, check=False
    )


# These train several networks and take a minute or two each: `make test-lessons`.
LONG = ("02", "03", "04", "05", "06", "07", "09", "10")


def cases():
    """Every notebook; the longest first, so that two processes end at about the same time."""
    for path in sorted(Project().all_notebooks(), key=lambda path: -path.stat().st_size):
        marks = [pytest.mark.lessons] if path.name.startswith(LONG) else []
        yield pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("notebook", cases())
def test_notebook_runs_offline_with_stubs_and_its_solutions_pass(notebook, offline, tmp_path):
    """Run all works, checked outputs agree, and every check says "correct" to its solution."""
    tried = exercises.tried(canonical.read(notebook))
    copy = tmp_path / "notebooks" / notebook.name
    copy.parent.mkdir()
    copy.write_text(canonical.dump(tried), "utf-8")
    results = tmp_path / "results.jsonl"

    done = nbval(copy, offline | {"COURSE_RESULTS": str(results)})

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    lines = results.read_text("utf-8").splitlines() if results.exists() else []
    verdicts = [line for line in map(json.loads, lines) if "check" in line]
    stubs = sum("exercise" in canonical.tags(cell) for cell in tried["cells"])
    assert [line["status"] for line in verdicts] == ["todo", "correct"] * stubs
    assert stubs > 0


def test_there_are_notebooks():
    assert Project().lessons()


def write_notebook(path, source, output=None):
    cell = nbformat.v4.new_code_cell(source)
    if output is not None:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=output)]
        cell.execution_count = 1
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_a_changed_output_is_noticed(tmp_path, offline):
    source = "# NBVAL_CHECK_OUTPUT\nprint(2)"
    write_notebook(tmp_path / "good.ipynb", source, "2\n")
    write_notebook(tmp_path / "bad.ipynb", source, "3\n")
    done = nbval(tmp_path, offline)
    assert done.returncode == 1
    assert "Cell outputs differ" in done.stdout
    assert "1 failed, 1 passed" in done.stdout


CALLS_OUT = """
import socket, urllib.request

def refused(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except OSError as error:
        return "network is off" in str(error)
    return False

far = ("192.0.2.1", 80)  # an address that no machine has
assert refused(socket.create_connection, far, timeout=1)
assert refused(socket.socket().connect_ex, far)
assert refused(socket.socket(type=socket.SOCK_DGRAM).sendto, b"x", far)
assert refused(socket.getaddrinfo, "example.invalid", 80)
assert refused(urllib.request.urlopen, "http://example.invalid/", timeout=1)

server = socket.create_server(("127.0.0.1", 0))  # this machine itself may be reached
socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
"""


def test_the_network_is_off_and_loopback_stays(tmp_path, offline):
    done = nbval(write_notebook(tmp_path / "calls_out.ipynb", CALLS_OUT), offline)
    assert done.returncode == 0, done.stdout
