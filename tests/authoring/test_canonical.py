import json

import nbformat
import pytest

from helpers.authoring import canonical
from helpers.errors import UserError


def text_of(*cells, **changes):
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook | changes)


def code(source, **changes):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": source, "outputs": []}
    return cell | {"execution_count": None} | changes


def formatted(*cells):
    return json.loads(canonical.format(text_of(*cells)))


STREAM = {"output_type": "stream", "name": "stdout", "text": "\x1b[31mred\x1b[0m\n"}


def test_form_is_idempotent_and_valid():
    messy = text_of(
        code(["x = 1  \n", "\n", "y = 2\t\n", "\n"], execution_count=7, outputs=[STREAM]),
        code("# NBVAL_CHECK_OUTPUT\nprint(1)", outputs=[STREAM], execution_count=3),
        {"cell_type": "markdown", "metadata": {"collapsed": True}, "source": "Größe\r\nzwei"},
    )
    once = canonical.format(messy)
    assert canonical.format(once) == once
    nbformat.validate(nbformat.reads(once, as_version=4))
    assert "Größe" in once and once.endswith("}\n")
    # nbformat itself would write the very same text.
    assert nbformat.writes(nbformat.reads(once, as_version=4)) + "\n" == once


def test_what_a_run_leaves_behind_goes():
    [cell] = formatted(
        code(
            "x = 1",
            execution_count=7,
            outputs=[STREAM],
            metadata={"colab": {}, "tags": ["exercise"]},
        )
    )["cells"]
    assert cell["outputs"] == [] and cell["execution_count"] is None
    assert cell["metadata"] == {"tags": ["exercise"]}


def test_editor_metadata_goes():
    metadata = {"colab": {"provenance": []}, "language_info": {"name": "python", "version": "3.1"}}
    notebook = json.loads(canonical.format(text_of(metadata=metadata)))
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}


def test_white_space_at_line_ends_goes_and_lines_are_a_list():
    [cell] = formatted(code("a = 1  \r\n\r\nb = 2\t\n\n"))["cells"]
    assert cell["source"] == ["a = 1\n", "\n", "b = 2"]


def test_checked_output_stays_as_plain_text():
    result = {
        "output_type": "execute_result",
        "execution_count": 9,
        "metadata": {},
        "data": {"text/plain": "2", "text/html": "<b>2</b>"},
    }
    [cell] = formatted(code("# NBVAL_CHECK_OUTPUT\n1 + 1", outputs=[STREAM, result, dict(STREAM)]))[
        "cells"
    ]
    assert [output["output_type"] for output in cell["outputs"]] == ["stream", "execute_result"]
    assert cell["outputs"][0]["text"] == ["red\n", "red\n"]
    assert cell["outputs"][1]["data"] == {"text/plain": ["2"]}
    # nbval refuses an output without a count, so the count is there and never moves.
    assert cell["execution_count"] == 1


def test_good_ids_stay_and_bad_ones_are_mended_the_same_way_each_time():
    cells = [code("x"), code("y"), code("z", id="no spaces allowed"), code("w", id="keep-me")]
    del cells[1]["id"]
    first, second = formatted(*cells), formatted(*cells)
    ids = [cell["id"] for cell in first["cells"]]
    assert ids[0] == "a" and ids[3] == "keep-me" and len(set(ids)) == 4
    assert first == second


def test_a_repeated_id_is_mended():
    ids = [cell["id"] for cell in formatted(code("x"), code("y"), code("y"))["cells"]]
    assert ids[0] == "a" and len(set(ids)) == 3


@pytest.mark.parametrize(
    "text",
    [
        "{nope",
        "[]",
        "null",
        '{"cells": 3, "nbformat": 4}',
        '{"cells": [], "nbformat": 3}',
        '{"cells": [{"cell_type": "code"}], "nbformat": 4}',
        '{"cells": [{"cell_type": "poem", "source": ""}], "nbformat": 4}',
        "[" * 100_000,
    ],
)
def test_a_broken_file_is_named(text):
    with pytest.raises(UserError, match=r"seven\.ipynb"):
        canonical.format(text, "seven.ipynb")


def test_reading_what_is_not_there(tmp_path):
    with pytest.raises(UserError, match=r"gone\.ipynb"):
        canonical.read(tmp_path / "gone.ipynb")
    (tmp_path / "binary.ipynb").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"binary\.ipynb"):
        canonical.read(tmp_path / "binary.ipynb")
