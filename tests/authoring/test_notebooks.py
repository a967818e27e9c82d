"""One stored form: what stays, what goes, what is no notebook."""

import json

import nbformat
import pytest

from helpers.authoring import notebooks
from helpers.settings import CourseError

markdown = nbformat.v4.new_markdown_cell
code = nbformat.v4.new_code_cell
STREAM = nbformat.v4.new_output("stream", text="1\n")
RESULT = nbformat.v4.new_output(
    "execute_result", {"text/plain": "2", "text/html": "<b>2</b>"}, execution_count=9
)
IMAGE = {"dot.png": {"image/png": "iVBORw0KGgo="}}
KEPT = {"tags": ["exercise"], "mystnb": {"image": {"alt": "a cat"}}}


def stored(*cells, **metadata):
    """A notebook in the stored form."""
    return notebooks.canonical(nbformat.v4.new_notebook(cells=list(cells), metadata=metadata))


def test_what_a_run_or_an_editor_leaves_behind_goes():
    metadata = {"colab": {}, "collapsed": True} | KEPT
    messy = code("x = 1  \r\n\r\ny = 2\t\n\n", metadata=metadata, execution_count=7)
    messy.outputs = [STREAM]
    notebook = stored(messy, colab={"provenance": []})
    [cell] = notebook.cells
    assert cell.source == "x = 1\n\ny = 2" and cell.metadata == KEPT
    assert cell.outputs == [] and cell.execution_count is None and cell.id == messy.id
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_an_image_pasted_into_a_text_stays():
    [cell] = stored(markdown("![dot](attachment:dot.png)", attachments=IMAGE)).cells
    assert cell.attachments == IMAGE


def test_checked_output_stays_as_plain_text():
    metadata = {"tags": [notebooks.CHECKED]}
    [cell] = stored(code("1 + 1", metadata=metadata, outputs=[STREAM, RESULT])).cells
    assert cell.outputs[0] == STREAM
    assert cell.outputs[1].data == {"text/plain": "2"}
    # nbval refuses an output without a count, so the count is there and never moves.
    assert cell.execution_count == cell.outputs[1].execution_count == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_unicode_encoding_is_read_and_formed_again_the_same(encoding, tmp_path):
    path, text = tmp_path / "x.ipynb", notebooks.dump(stored(markdown("Größe"), code("x")))
    path.write_bytes(text.encode(encoding))
    assert notebooks.dump(notebooks.canonical(notebooks.read(path))) == text


def test_older_minor_versions_and_missing_ids_are_read(tmp_path):
    old = {"cells": [{"cell_type": "raw", "source": ["x"], "metadata": {}}], "metadata": {}}
    for minor in (0, 5):
        text = json.dumps(old | {"nbformat": 4, "nbformat_minor": minor})
        (tmp_path / "x.ipynb").write_text(text, "utf-8")
        notebook = notebooks.read(tmp_path / "x.ipynb")
        assert notebook.nbformat_minor == 5 and notebook.cells[0].id


WHOLE = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize(
    "content",
    [
        b"{nope",
        b"[]",
        b"",
        json.dumps(WHOLE | {"cells": 3}).encode(),
        json.dumps(WHOLE | {"cells": [{"cell_type": "code"}]}).encode(),
        json.dumps(WHOLE | {"cells": [], "nbformat": 7}).encode(),
        b'{"cells": [], "metadata": {"a": "\\ud83d"}, "nbformat": 4, "nbformat_minor": 5}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b"\xe4\xf6",  # Latin-1
    ],
)
def test_a_broken_file_is_named_in_one_line(content, tmp_path):
    path = tmp_path / "seven.ipynb"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=r"^seven\.ipynb is no valid notebook .*$") as error:
        notebooks.read(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["99", "/nonexistent", "**", "0*", "", "gone.ipynb", "0"])
def test_an_unknown_lesson_is_refused(name, root):
    assert notebooks.find(["01"], root) == notebooks.find(["01_small"], root)
    with pytest.raises(CourseError, match="01_small"):
        notebooks.find([name], root)


def test_every_exercise_is_tried_with_solution_and_stub():
    folded = "<details><summary>Solution</summary>\n\n```python\nanswer = {}\n```\n\n</details>\n"
    cells = [
        markdown(folded.format(2) + folded.format(3)),
        code("answer = ...", metadata={"tags": ["exercise"]}),
        code("check.x(answer)"),
        code("y = 3"),
    ]
    tried = notebooks.tried(nbformat.v4.new_notebook(cells=cells))
    assert [cell.source for cell in tried.cells[1:]] == [
        "answer = ...",
        "check.x(answer)",
        "answer = 3\n",  # the last solution before the stub
        "check.x(answer)",
        "answer = ...",
        "y = 3",
    ]
