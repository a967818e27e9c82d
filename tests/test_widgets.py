"""Explorers: sliders where a kernel runs, a still picture elsewhere, and both from one drawing."""

import base64
import io
import re
import sys
import types

import numpy as np
import pytest
from PIL import Image

from helpers import widgets
from helpers.errors import UserError
from helpers.widgets import augmentation
from helpers.widgets.live import VIEW

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 16, 12, 3), dtype=np.uint8)
S1 = {name: slider.start for name, slider in widgets.S1_STRENGTHS.items()}


def build(flip, rotation, zoom, translation, contrast):
    import keras
    from keras import layers

    first = [layers.RandomFlip("horizontal")] if flip else [layers.Identity()]
    return keras.Sequential(
        [
            *first,
            layers.RandomRotation(rotation),
            layers.RandomZoom(zoom),
            layers.RandomTranslation(translation, translation),
            layers.RandomContrast(contrast),
        ]
    )


@pytest.fixture(scope="module")
def explorer():
    return widgets.AugmentationExplorer(IMAGES, build)


def pictures(page):
    """Width and height of each embedded PNG."""
    found = re.findall(r"base64,([\w+/=]+)", page)
    return [Image.open(io.BytesIO(base64.b64decode(text))).size for text in found]


def test_draws_are_repeated_by_their_number(explorer):
    settings = {"flip": True, **S1}
    once, again, other = (explorer.draw(settings, draw, copies=2) for draw in (0, 0, 1))
    assert once.shape == (2, 3, 16, 12, 3) and once.dtype == np.uint8
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)
    assert not np.array_equal(once[0], once[1])


def test_without_strength_pictures_stay(explorer):
    nothing = {"flip": False, **dict.fromkeys(S1, 0.0)}
    assert np.abs(explorer.draw(nothing)[0].astype(int) - IMAGES).max() <= 1  # rounding


def test_drawing_leaves_the_global_chance_alone(explorer):
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    explorer.draw({"flip": True, **S1})
    assert np.random.random() == expected


def test_still_picture_has_text_for_every_row(explorer):
    page = explorer.still()
    assert re.findall(r'alt="([^"]+)"', page) == [
        "3 pictures: as they are",
        "3 pictures: half of S1&#x27;s",
        "3 pictures: S1&#x27;s numbers",
        "3 pictures: twice S1&#x27;s",
    ]
    assert pictures(page) == [(3 * (2 * 12 + 2), 2 * 16)] * 4
    assert "http" not in page


def test_live_picture_shows_the_images_and_three_draws(explorer):
    assert len(pictures(explorer.live({"flip": True, **S1}))) == 4


def test_outside_a_notebook_there_is_a_line(capsys):
    widgets.augmentation_explorer(IMAGES, build)
    assert "3 pictures" in capsys.readouterr().out
    assert widgets.has_widgets() is False


def test_without_a_kernel_only_the_still_picture_is_shown(explorer):
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}


def test_with_a_kernel_sliders_redraw(monkeypatch):
    ipywidgets = pytest.importorskip("ipywidgets")
    monkeypatch.setattr(augmentation, "has_widgets", lambda: True)
    shown = widgets.AugmentationExplorer(IMAGES, build)
    bundle = shown._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == shown._view.model_id
    assert "<img" in bundle["text/html"]  # what a saved page falls back to
    assert shown._repr_mimebundle_()[VIEW] == bundle[VIEW]

    flip, *sliders, again, picture = shown._view.children
    assert {slider.description: slider.value for slider in sliders} == S1
    assert all(isinstance(slider, ipywidgets.FloatSlider) for slider in sliders)
    seen = {picture.value}
    for control, value in [(flip, False), (again, 2), *((s, s.max) for s in sliders)]:
        control.value = value
        seen.add(picture.value)
    assert len(seen) == 7


def test_in_colab_the_sliders_come_alone(monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(augmentation, "has_widgets", lambda: True)
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    bundle = widgets.AugmentationExplorer(IMAGES, build)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", VIEW}


def test_without_ipywidgets_there_are_no_sliders(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert widgets.has_widgets() is False


def test_labels_are_escaped():
    assert "<b>" not in augmentation._table({'<b>"': IMAGES})


@pytest.mark.parametrize(
    "images",
    [IMAGES[0], IMAGES / 255, IMAGES[..., :1], IMAGES[:0], np.full((2, 4, 4, 3), np.nan), "cat"],
)
def test_what_are_no_pictures_is_named(images):
    with pytest.raises(UserError, match=r"uint8") as raised:
        widgets.AugmentationExplorer(images, build)
    assert "\n" not in str(raised.value)
