"""Explorers: a still figure where no kernel runs, live controls where one does."""

import base64
import io
import re
import zipfile

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import widgets

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
P = RNG.dirichlet(np.ones(3), 60)
Y = P.argmax(axis=1)
Y[:10] = (Y[:10] + 1) % 3
NAMES = ["cat", "$5_$10", "<b>"]


def layers(flip, rotation, zoom, translation, contrast):
    return keras.Sequential([keras.layers.RandomRotation(rotation, seed=1)])


EXPLORERS = {
    "class": lambda: widgets.class_explorer(IMAGES, Y, NAMES),
    "augmentation": lambda: widgets.augmentation_explorer(IMAGES[:6], layers),
    "schedule": lambda: widgets.schedule_explorer(100, peak=0.01),
    "confusion": lambda: widgets.confusion_explorer(IMAGES, Y, P, NAMES),
    "threshold": lambda: widgets.threshold_explorer(Y, P, NAMES),
}


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_saved_page_gets_a_figure_with_a_text(name):
    bundle = EXPLORERS[name]()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    alt, data = re.search(
        r'<img alt="([^"]+)".* src="data:image/png;base64,([^"]+)"', bundle["text/html"]
    ).groups()
    assert len(alt) > 30 and "<b>" not in alt
    assert Image.open(io.BytesIO(base64.b64decode(data))).width > 300


@pytest.mark.parametrize("name", EXPLORERS)
def test_live_controls_draw_anew(name, monkeypatch):
    monkeypatch.setattr(widgets, "_has_widgets", lambda: True)
    explorer = EXPLORERS[name]()
    assert widgets._VIEW in explorer._repr_mimebundle_()
    *controls, picture = explorer._box.children
    before = picture.value
    for control in controls:
        if hasattr(control, "options"):
            control.value = control.options[-1]
        elif isinstance(control.value, bool):
            control.value = not control.value
        else:
            control.value = control.max
    assert picture.value != before and "<img" in picture.value


def test_the_threshold_counts_what_it_says():
    explorer = widgets.threshold_explorer(Y, P, NAMES)
    text = explorer.drawn(answers="all classes", threshold=0.0)
    assert "recall 83.3%, coverage 100.0%" in text  # 10 of 60 are wrong
    cats = explorer.drawn(answers="cat", threshold=0.5)
    called = P[:, 0] >= 0.5
    assert f"precision {(Y[called] == 0).mean():.1%}, recall {called[Y == 0].mean():.1%}" in cats


def test_the_confusion_explorer_opens_at_the_worst_pair_and_draws_empty_ones():
    explorer = widgets.confusion_explorer(IMAGES, Y, np.eye(3)[np.where(Y == 0, 2, Y)], NAMES)
    number = (Y == 0).sum()
    assert f"cat called &lt;b&gt;: {number} of {number} images" in explorer.still()
    assert "<img" in explorer.drawn(true_class="<b>", predicted_class="cat")


def zipped(names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            picture = io.BytesIO()
            Image.new("RGB", (8, 8)).save(picture, "PNG")
            archive.writestr(name, picture.getvalue())
    return buffer.getvalue()


def test_uploads_land_in_class_folders_and_nowhere_else(tmp_path):
    upload = widgets.PhotoUpload(tmp_path / "mine")
    text = upload.receive(
        {"a.zip": zipped(["pens/1.png", "../up.png"]), "b.zip": zipped(["x/1.png"])}
    )
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png")}
    assert found == {"mine/pens/1.png", "mine/x/1.png"}
    assert "up.png" in text and "skipped" in text
    assert "not taken" in upload.receive({"c.zip": b"no zip"})


def test_uploads_of_both_ipywidgets():
    seven = {"a.png": {"metadata": {}, "content": b"1"}}
    eight = ({"name": "a.png", "content": memoryview(b"1")},)
    assert widgets.uploaded(seven) == widgets.uploaded(eight) == {"a.png": b"1"}
