"""Uploads: taken from widgets old and new, written into the folder of photos and nowhere else."""

import io
import os
import sys
import types
import zipfile

import pytest
from PIL import Image

from helpers import widgets
from helpers.errors import UserError
from helpers.widgets import receiving, upload
from helpers.widgets.live import VIEW
from helpers.widgets.receiving import receive


def jpeg(shade=0):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 90, 200)).save(buffer, "JPEG")
    return buffer.getvalue()


def packed(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, jpeg())
    return buffer.getvalue()


def written(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def place(tmp_path):
    return tmp_path / "photos"


def test_pictures_land_in_the_folder_of_their_class(place):
    text = receive({"a.jpg": jpeg(), "b c.JPG": jpeg(9)}, place, " pens ")
    assert written(place) == ["pens/a.jpg", "pens/b c.JPG"]
    assert "2 pictures" in text
    assert (place / "pens/a.jpg").read_bytes() == jpeg()


def test_a_picture_of_the_same_name_is_kept_beside(place):
    for shade in (0, 50, 100):
        receive({"a.jpg": jpeg(shade)}, place, "pens")
    assert written(place) == ["pens/a.jpg", "pens/a_2.jpg", "pens/a_3.jpg"]
    assert (place / "pens/a.jpg").read_bytes() == jpeg(0)


def test_a_zip_file_brings_its_own_classes(place):
    text = receive({"my photos.ZIP": packed("pens/1.jpg", "markers/2.jpg")}, place)
    assert written(place) == ["markers/2.jpg", "pens/1.jpg"]
    assert "2 pictures" in text


@pytest.mark.parametrize("name", ["../../evil.jpg", "C:\\x\\evil.jpg", "/etc/evil.jpg"])
def test_a_path_in_a_name_is_cut_off(place, name):
    receive({name: jpeg()}, place, "pens")
    assert written(place.parent) == ["photos/pens/evil.jpg"]


@pytest.mark.parametrize(
    ("files", "class_name", "message"),
    [
        ({}, "pens", "no file"),
        ({"a.jpg": jpeg()}, "", "without a class"),
        ({"a.jpg": jpeg()}, "../pens", "class name"),
        ({"a.jpg": jpeg()}, "..", "class name"),
        ({"a.jpg": jpeg()}, "a/b", "class name"),
        ({"a.jpg": jpeg()}, "a\nb", "class name"),
        ({"a.py": jpeg()}, "pens", "name of a picture"),
        ({".a.jpg": jpeg()}, "pens", "name of a picture"),
        ({"a\n.jpg": jpeg()}, "pens", "name of a picture"),
        ({"a.jpg": b"<script>"}, "pens", "begin like a picture"),
        ({"a.jpg": b""}, "pens", "begin like a picture"),
        ({"a.zip": b"PK"}, "", "zip file"),
        ({"a.zip": packed("../x.jpg")}, "", "points out"),
        ({"a.zip": packed("pens/1.jpg"), "b.jpg": jpeg()}, "pens", "alone"),
        ({"good.jpg": jpeg(), "bad.jpg": b"no"}, "pens", "bad.jpg"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_written(place, files, class_name, message):
    with pytest.raises(UserError, match=message) as raised:
        receive(files, place, class_name)
    assert "\n" not in str(raised.value)
    assert written(place.parent) == []


def test_sizes_are_bounded(place, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_BYTES", 100)
    with pytest.raises(UserError, match="a picture"):
        receive({"a.jpg": jpeg()}, place, "pens")
    monkeypatch.setattr(receiving, "MAX_TOTAL", 100)
    with pytest.raises(UserError, match="at once"):
        receive({"a.jpg": jpeg()}, place, "pens")
    monkeypatch.setattr(receiving, "MAX_FILES", 1)
    with pytest.raises(UserError, match="at once"):
        receive({"a.jpg": b"", "b.jpg": b""}, place, "pens")


def test_a_link_to_elsewhere_is_not_followed(place, tmp_path):
    (tmp_path / "outside").mkdir()
    place.mkdir()
    os.symlink(tmp_path / "outside", place / "pens")
    with pytest.raises(UserError, match="link"):
        receive({"a.jpg": jpeg()}, place, "pens")
    assert written(tmp_path / "outside") == []


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "photos").write_text("a file")
    with pytest.raises(UserError, match="cannot be written"):
        receive({"a.jpg": jpeg()}, tmp_path / "photos", "pens")


def test_values_of_both_generations_of_ipywidgets():
    old = {"a.jpg": {"metadata": {"name": "a.jpg"}, "content": b"1"}}
    new = ({"name": "a.jpg", "type": "image/jpeg", "size": 1, "content": memoryview(b"1")},)
    assert upload.contents(old) == upload.contents(new) == {"a.jpg": b"1"}
    assert upload.contents(()) == upload.contents({}) == {}


def test_outside_a_notebook_it_says_where_photos_go(place, capsys):
    widgets.photo_upload(place)
    out = capsys.readouterr().out
    assert str(place) in out and "sub-folder" in out
    assert not place.exists()


def test_a_page_has_the_words_escaped():
    bundle = widgets.PhotoUpload("<b>photos")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert "&lt;b&gt;photos" in bundle["text/html"]


def test_the_button_takes_files_and_answers(place, monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(upload, "has_widgets", lambda: True)
    shown = widgets.PhotoUpload(place)
    assert VIEW in shown._repr_mimebundle_()
    _, name, button, answer = shown._view.children
    # As the browser sends it: the same for the button of both generations.
    send = next(notify for notify in button._trait_notifiers["value"]["change"])
    files = {"<i>.jpg": {"content": jpeg()}}
    send({"new": files})
    assert "Not taken" in answer.value and "<i>" not in answer.value
    name.value = "pens"
    send({"new": {"a.jpg": {"content": jpeg()}}})
    assert "1 picture of pens" in answer.value and written(place) == ["pens/a.jpg"]


def test_in_colab_the_dialog_is_opened_on_request_and_leaves_no_copy(place, tmp_path, monkeypatch):
    def dialog():
        with open("copy.jpg", "xb") as file:
            file.write(jpeg())
        return {"photos.zip": packed("pens/1.jpg")}

    files = types.SimpleNamespace(upload=dialog)
    colab = types.ModuleType("google.colab")
    colab.files = files
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.chdir(tmp_path)
    widgets.photo_upload(place, wait=True)
    assert written(tmp_path) == ["photos/pens/1.jpg"]
