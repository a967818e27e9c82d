"""Every figure of a card stands in a record, and hostile names stay text."""

import json
import re

import pytest

from helpers import export, model_files, report
from helpers.errors import UserError
from helpers.export import markdown
from helpers.training import state

NAMES = ("cat", "dog", "horse", "ship", "truck")


@pytest.fixture(scope="module")
def saved(network, tmp_path_factory):
    return model_files.save(
        network,
        tmp_path_factory.mktemp("card") / "zoo.keras",
        NAMES,
        superclasses=("animals",) * 3 + ("vehicles",) * 2,
        val_accuracy=0.4131,
        intended_use="Teaching <b>only</b>.",
    )


@pytest.fixture
def loaded(saved):
    return model_files.load(saved)


@pytest.fixture
def run_dir(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    history = {"loss": [2.0, 1.5, 1.25], "val_loss": [1.9, 1.4, 1.6], "val_accuracy": [0.2, 0.5, 0]}
    identity = {"batch_size": 64, "seed": 1001, "loss": "sparse_categorical_crossentropy"}
    identity["optimizer"] = {"class": "Adam", "learning_rate": 0.003}
    state.save(state.RunState(3, False, identity, 0.003, history), folder)
    return folder


def test_card_of_a_saved_model(loaded, run_dir, tmp_path):
    text = export.model_card(tmp_path / "card.md", loaded, run_dir=run_dir)
    assert (tmp_path / "card.md").read_text("utf-8") == text
    assert text.startswith("# Model card: zoo\n")
    for expected in [
        f"| parameters | {loaded.model.count_params()} |",
        "| animals | cat, dog, horse |",
        "Teaching &lt;b&gt;only&lt;/b&gt;.",
        "| epochs | 3 |",
        "| optimizer | Adam |",
        "| learning rate | 0.003 |",
        "| loss, last epoch | 1.25 |",
        "| validation loss, best (epoch 2) | 1.4 |",
        "| validation accuracy, best (epoch 2) | 50.0 % |",
        "| val accuracy | 41.3 % |",
        "one of its 5 classes",
        "16 x 16 pixels",
    ]:
        assert expected in text, expected


def test_what_is_not_recorded_is_left_open(network, tmp_path):
    network.save(tmp_path / "bare.keras")
    text = export.model_card(None, model_files.load(tmp_path / "bare.keras"))
    assert "The names are not recorded." in text
    assert "Not stated." in text and "Nothing is recorded." in text
    assert not re.search(r"\d %", text)


def test_recorded_runs_with_their_spread(loaded, tmp_path, monkeypatch):
    one = {"mean": 0.5, "std": 0.0, "n": 1, "unit": "%"}
    many = {"mean": 0.61, "std": 0.012, "n": 3, "unit": "%"}
    run = {"results": {"a_b": one, "c": many}, "date": "2026-01-02", "hardware": "a laptop"}
    (tmp_path / "reference_runs.json").write_text(json.dumps({"runs": {"02_x": {"full": run}}}))
    monkeypatch.setattr(report, "DATA", tmp_path)
    text = export.model_card(None, loaded, recorded=("02_x", "full"))
    assert "| a b | 50.0 % | 1 |" in text and "| c | 61.0 ± 1.2 % | 3 |" in text
    with pytest.raises(UserError, match="'03_y' in the full profile: choose one of 02_x, full"):
        export.model_card(None, loaded, recorded=("03_y", "full"))


def test_files_of_a_comparison(loaded, tmp_path):
    row = export.Row("onnx", tmp_path / "zoo.onnx", 1.234, 0.5, 0.25, 2e-6, 1.0)
    assert "| zoo.onnx | 1.23 | 0.50 | 0.25 | 2.0e-06 |" in export.model_card(
        None, loaded, rows=[row]
    )


def test_bad_records_and_paths(loaded, tmp_path, run_dir):
    for options, words in [
        ({"run_dir": tmp_path / "none"}, "nothing is saved there"),
        ({"path": tmp_path / "card.txt"}, "name it card.md"),
        ({"path": run_dir / "epoch-00003.npz" / "card.md"}, "cannot be written"),
    ]:
        with pytest.raises(UserError, match=words):
            export.model_card(options.pop("path", None), loaded, **options)
    (run_dir / "epoch-00003.npz").write_bytes(b"PK damaged")
    with pytest.raises(UserError, match="damaged"):
        export.model_card(None, loaded, run_dir=run_dir)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a|b\nc", "a\\|b c"),
        ("<script>", "&lt;script&gt;"),
        ("[x](y)", "\\[x\\](y)"),
        ("a" * 500, "a" * 199 + "…"),
        (0.123456, "0.1235"),
        (289642, "289,642"),
        ([1, None, True], "1, not recorded, yes"),
    ],
)
def test_cells_stay_text(value, text):
    assert markdown.cell(value) == text
