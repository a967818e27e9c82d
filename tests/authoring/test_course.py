"""The course runner: whatever a notebook does becomes a line of the summary."""

import json
import re
import sys

import nbformat
import pytest

from helpers.authoring import course, notebooks
from helpers.commands import main


def write(path, *sources, title="A title", **metadata):
    cells = [nbformat.v4.new_markdown_cell(f"# {title}")]
    cells += [nbformat.v4.new_code_cell(source, metadata=metadata) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


BROKEN_IMAGE = """
from IPython.display import display
display({"image/png": "this is no base64!"}, raw=True)
"""
WHERE = "import os, sys; print(os.environ['COURSE_PROFILE'], os.getcwd(), sys.executable)"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Six notebooks, run once for all tests here."""
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / "05_broken.ipynb").write_text("{nope", "utf-8")
    lessons = [
        write(folder / "01_fails.ipynb", "print('before')", "1 / 0", "print('never')"),
        write(folder / "02_dies.ipynb", "print('before')", "import os; os._exit(3)"),
        write(folder / "03_hangs.ipynb", "import time; time.sleep(60)"),
        write(folder / "04_good.ipynb", WHERE, title="04 · Good & new"),
        folder / "05_broken.ipynb",
        write(folder / "06_no_page.ipynb", BROKEN_IMAGE),
    ]
    output = folder / "pages"
    course.build(lessons, output, timeout=3)
    summary = json.loads((output / "summary.json").read_text("utf-8"))
    return output, {entry["notebook"]: entry for entry in summary}


def test_every_notebook_is_in_the_summary(built):
    _, summary = built
    status = ["failed", "failed", "failed", "passed", "failed", "failed"]
    assert [entry["status"] for entry in summary.values()] == status
    assert set(summary["04_good"]) == {"notebook", "seconds", "status"}
    assert summary["04_good"]["seconds"] > 0


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("01_fails", "cell 3: ZeroDivisionError: division by zero"),
        ("02_dies", "cell 3: DeadKernelError"),
        ("03_hangs", "cell 2: CellTimeoutError: A cell timed out"),
        ("05_broken", "no valid notebook"),
        ("06_no_page", "page can't be built"),
    ],
)
def test_a_failure_is_told_in_the_summary_and_on_its_page(built, name, error):
    output, summary = built
    assert error in summary[name]["error"]
    page = (output / f"{name}.html").read_text("utf-8")
    assert 'class="admonition error"' in page
    assert error in page.replace("’", "'")


def test_pages_show_how_far_a_lesson_got(built):
    assert "before" in (built[0] / "02_dies.html").read_text("utf-8")
    index = (built[0] / "index.html").read_text("utf-8")
    assert 'href="04_good.html"' in index and "04 · Good &amp; new" in index
    stopped = re.search(r"stopped early: (.*?)</p>", index)[1]
    assert stopped.split(", ") == ["01_fails", "02_dies", "03_hangs", "05_broken", "06_no_page"]


def test_the_kernel_is_this_python_in_the_notebooks_folder(built):
    executed = nbformat.read(built[0] / "04_good.ipynb", as_version=4)
    printed = executed.cells[1].outputs[0].text
    assert printed.split() == ["quick", str(built[0].parent), sys.executable]


def test_command_line_exit_codes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("helpers.commands._drop_output", lambda: None)
    good, bad = write(tmp_path / "01_good.ipynb", "1"), write(tmp_path / "02_bad.ipynb", "1 / 0")
    output = ["--output", str(tmp_path / "out")]
    assert main(["course", str(bad), str(good), *output]) == 1
    printed = capsys.readouterr().out
    assert "02_bad" in printed and "passed" in printed and "index.html" in printed
    (tmp_path / "file").write_text("in the way", "utf-8")
    for wrong in (["no_such"], [str(good), "--output", str(tmp_path / "file")]):
        assert main(["course", *wrong]) == 2
        assert capsys.readouterr().err.startswith("error: ")


def test_checked_outputs_are_stored(tmp_path):
    path = write(tmp_path / "01_x.ipynb", "print(6 * 7)", tags=["nbval-check-output"])
    outcome = course.execute(path)
    assert notebooks.store_outputs(path, outcome.notebook)
    assert notebooks.read(path).cells[1].outputs[0].text == "42\n"
    assert not notebooks.store_outputs(path, outcome.notebook)
