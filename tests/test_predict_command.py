import argparse
import csv

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import model_files, predict, predict_command
from helpers.errors import UserError

NAMES = ("cat", "dog", "frog")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A saved model of the channels' means."""
    parts = [
        keras.Input((4, 4, 3)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Softmax(),
    ]
    return model_files.save(keras.Sequential(parts), tmp_path_factory.mktemp("m") / "m", NAMES)


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), dtype=np.uint8)
    for name, image in zip(("a.png", "b.webp", "=c.tif"), pixels, strict=True):
        Image.fromarray(image).save(folder / name)
    (folder / "bad.jpg").touch()
    return folder


def run(*words):
    parser = argparse.ArgumentParser()
    predict_command.configure(parser)
    return predict_command.run(parser.parse_args([str(word) for word in words]))


def test_one_picture(path, photos, capsys):
    assert run(path, photos / "a.png", "--k", 2) == 0
    out, err = capsys.readouterr()
    top = predict.top_k(model_files.load(path).model, photos / "a.png", NAMES, 2)
    for name, share in top:
        assert f"{100 * share:5.1f} %  {name}" in out
    assert "1 of 1 pictures read, 0 refused" in err


def test_folder_and_csv_equal_the_notebook_to_the_last_digit(path, photos, tmp_path, capsys):
    assert run(path, photos, "--csv", tmp_path / "out.csv", "--mirror", "--how", "pad") == 0
    assert "3 of 4 pictures read, 1 refused" in capsys.readouterr().err
    with open(tmp_path / "out.csv", encoding="utf-8-sig", newline="") as file:
        lines = {line["file"]: line for line in csv.DictReader(file)}
    assert set(lines) == {"a.png", "b.webp", "'=c.tif", "bad.jpg"}
    assert "is empty" in lines["bad.jpg"]["reason"]
    model = model_files.load(path).model
    for name, share in predict.top_k(model, photos / "a.png", NAMES, mirror=True, how="pad"):
        places = [place for place in "123" if lines["a.png"][f"class_{place}"] == name]
        assert [float(lines["a.png"][f"probability_{place}"]) for place in places] == [share]


def test_several_pictures_a_line_each(path, photos, capsys):
    assert run(path, photos / "a.png", photos / "bad.jpg", "missing.jpg") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and "does not exist" in lines[2]


def test_none_could_be_read(path, photos, capsys):
    assert run(path, photos / "bad.jpg") == 1
    assert "is empty" in capsys.readouterr().out


def test_names(path, photos, tmp_path, capsys):
    lone = tmp_path / "lone.keras"
    lone.write_bytes(path.read_bytes())
    assert run(lone, photos / "a.png") == 0
    out, err = capsys.readouterr()
    assert "class 0" in out and "numbered" in err
    assert run(lone, photos / "a.png", "--names", "x, y,z") == 0
    assert " y\n" in capsys.readouterr().out
    with pytest.raises(UserError, match="10 class names but the model has 3"):
        run(lone, photos / "a.png", "--names", "cifar10")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["missing.keras", "a.png"], "is missing"),
        (["small", "a.png", "--k", "0"], "k is 0"),
        (["small", "a.png", "--csv", "a.png"], "the model or a picture itself"),
        (["small", "a.png", "--csv", "no/such/folder.csv"], "cannot be written"),
        (["small", "a.png", "--how", "stretch"], "how is 'stretch'"),
    ],
)
def test_mistakes(words, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=told):
        run(*words)
