import csv
import io

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import predict
from helpers.errors import UserError
from helpers.predict.table import safe, to_csv

NAMES = ("cat", "=dog()", "frog")


@pytest.fixture(scope="module")
def model():
    parts = [
        keras.Input((4, 4, 3)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Softmax(),
    ]
    return keras.Sequential(parts)


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    """200 files, 10 of them bad, and what a computer leaves behind."""
    folder = tmp_path_factory.mktemp("messy")
    (folder / "more").mkdir()
    colors = np.random.default_rng(0).integers(0, 256, (190, 3), dtype=np.uint8)
    for number, color in enumerate(colors):
        name = f"{'more/' if number % 2 else ''}{number:03}.png"
        Image.fromarray(np.tile(color, (6, 9, 1))).save(folder / name)
    for number in range(4):
        (folder / f"empty{number}.jpg").touch()
        (folder / f"=text{number}.png").write_text("=1+1")
    (folder / "link.png").symlink_to(folder / "000.png")
    (folder / "linked folder").symlink_to(folder / "more")
    (folder / "Thumbs.db").touch()
    (folder / ".hidden").touch()
    return folder


def test_a_row_for_each_file(model, messy, capsys):
    rows = predict.folder(model, messy, NAMES, superclasses=("pet", "pet", "wild"))
    assert len(rows) == 200
    assert [row.file for row in rows] == sorted(row.file for row in rows)
    refused = [row for row in rows if row.reason]
    assert len(refused) == 10 and all(not row.top for row in refused)
    reasons = {row.file: row.reason for row in refused}
    assert reasons["empty0.jpg"].startswith("is empty")
    assert "is a link" in reasons["linked folder"] and "is a link" in reasons["link.png"]
    by_name = {row.file: row for row in rows}
    alone = predict.look(model, messy / "more/001.png", NAMES, superclasses=("pet", "pet", "wild"))
    assert by_name["more/001.png"].top == alone.top
    assert by_name["more/001.png"].superclass == alone.top_superclasses[0]


def test_csv_keeps_all_digits_and_no_formula(model, messy):
    rows = predict.folder(model, messy, NAMES, k=2, progress=False)
    table = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert len(table) == 200 and "superclass" not in table[0]
    for line, row in zip(table, rows, strict=True):
        assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in line.values())
        if row.top:
            assert float(line["probability_1"]) == row.top[0][1]
    assert {line["class_1"] for line in table} <= {"cat", "'=dog()", "frog", ""}


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r1", "  =1"])
def test_formulas_are_quoted(text):
    assert safe(text) == f"'{text}"


def test_other_texts_are_not_quoted():
    assert [safe(text) for text in ("", "cat", "a=b", "1-2")] == ["", "cat", "a=b", "1-2"]


def test_folders_without_pictures(model, tmp_path):
    with pytest.raises(UserError, match="has no files"):
        predict.folder(model, tmp_path, NAMES)
    with pytest.raises(UserError, match="is no folder"):
        predict.folder(model, tmp_path / "missing", NAMES)


def test_a_mistake_about_the_model_is_no_row(model, messy):
    with pytest.raises(UserError, match="2 class names"):
        predict.folder(model, messy, NAMES[:2])
    with pytest.raises(UserError, match="k is 0"):
        predict.folder(model, messy, NAMES, k=0)
