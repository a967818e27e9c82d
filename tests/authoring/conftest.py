"""A small course in a temporary folder, which keeps every rule: the template is its one lesson."""

import shutil

import nbformat
import pytest

from helpers.authoring import lint, notebooks
from helpers.settings import NOTEBOOKS, ROOT


def lesson_cells():
    """The cells of 01_small, a lesson that keeps every rule."""
    cells = notebooks.read(notebooks.template()).cells
    cells[0].source = cells[0].source.replace("_template.ipynb", "01_small.ipynb")
    cells[1].source = cells[1].source.replace(lint.LESSON_NAME, "01_small")
    return [*cells, nbformat.v4.new_code_cell('quiz.show("01_small")')]


def write(path, cells):
    """Write a notebook in the stored form."""
    notebook = nbformat.v4.new_notebook(cells=cells)
    path.write_text(notebooks.dump(notebooks.canonical(notebook)), "utf-8")
    return path


@pytest.fixture
def root(tmp_path):
    """A checkout with one lesson, a template, a README and no recorded runs."""
    (tmp_path / "notebooks" / "quizzes").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("_template.ipynb", "glossary.md"):
        shutil.copy(NOTEBOOKS / name, tmp_path / "notebooks")
    quiz = NOTEBOOKS / "quizzes" / "00_start_here.toml"
    shutil.copy(quiz, tmp_path / "notebooks" / "quizzes" / "01_small.toml")
    cells = lesson_cells()
    write(tmp_path / "notebooks" / "01_small.ipynb", cells)
    (tmp_path / "data" / "reference_runs.json").write_text("{}", "utf-8")
    readme = cells[0].source.replace("(glossary.md)", "(notebooks/glossary.md)")
    readme += "\n\n<!--ref 01_small.quick.minutes--><!--/ref-->\n"
    (tmp_path / "README.md").write_text(readme, "utf-8")
    return tmp_path
