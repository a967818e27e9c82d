"""Diagrams of networks: everything stands in them, and nothing lies on top of anything."""

import sys

import keras
import pytest

from helpers import architectures, plots
from helpers.errors import UserError
from helpers.plots import network, style


def words(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


@pytest.mark.parametrize("number", [1, 5, 8, 9])
def test_every_layer_is_a_box(ax, number):
    model = architectures.build(number)
    plots.network_diagram(ax, model)
    said = words(ax)
    for step in architectures.outline(model):
        assert step.label in said
        assert f"{step.parameters:,}" in said
    assert f"{model.count_params():,} parameters" in ax.get_title(loc="left")


def test_own_title(ax):
    plots.network_diagram(ax, architectures.build(1), title="the smallest")
    assert ax.get_title(loc="left") == "the smallest"


@pytest.mark.parametrize("number", range(1, 11))
def test_boxes_do_not_overlap(number):
    boxes = network._places(architectures.outline(architectures.build(number)))
    for place, one in enumerate(boxes):
        assert one.left >= 0 and one.left + one.width <= 1
        for other in boxes[place + 1 :]:
            apart = one.left + one.width <= other.left or one.top + one.height < other.top
            assert apart


def test_text_stays_inside_its_box_and_columns_apart():
    import matplotlib.pyplot as plt

    plots.use_style()
    for width in (4.3, 6.5):
        figure, ax = plt.subplots(figsize=(width, 5))
        plots.network_diagram(ax, architectures.build(7))
        figure.canvas.draw()
        texts = [text for text in ax.texts if text.get_text()]
        extents = [text.get_window_extent() for text in texts]
        for place, one in enumerate(extents):
            hits = [other for other in extents[place + 1 :] if one.overlaps(other)]
            assert not hits, (width, texts[place].get_text())
        plt.close(figure)


def test_a_long_model_is_shortened(ax):
    model = keras.Sequential([keras.Input((8,)), *[keras.layers.Dense(2) for _ in range(40)]])
    plots.network_diagram(ax, model)
    assert "… 18 more layers" in words(ax)


def test_the_own_drawing_is_shown_without_graphviz(monkeypatch):
    shown = []
    monkeypatch.setattr(architectures, "diagram", lambda *_: None)
    monkeypatch.setattr(network, "show", lambda figure, alt: shown.append((figure, alt)))
    plots.show_network(architectures.build(5), alt="ten layers")
    (figure, alt), *rest = shown
    assert alt == "ten layers" and not rest
    assert "Flatten" in words(figure.axes[0])
    width, height = figure.get_size_inches()
    assert 6 <= width <= 9 and 3 < height < 8


def test_graphviz_is_shown_where_it_draws(monkeypatch):
    def draw(model, path):
        path.write_bytes(b"picture")
        return path

    shown = []
    monkeypatch.setattr(architectures, "diagram", draw)
    monkeypatch.setattr(network, "show_png", lambda png, alt: shown.append((png, alt)))
    plots.show_network(architectures.build(5), alt="ten layers")
    assert shown == [(b"picture", "ten layers")]


def test_the_picture_of_graphviz_carries_its_alternative_text(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    shown = []
    monkeypatch.setattr(InteractiveShell, "initialized", classmethod(lambda cls: True))
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append((a, k)))
    style.show_png(b"\x89PNG", "ten layers")
    ((picture,), _) = shown[0]
    assert picture._repr_png_() == (b"\x89PNG", {"alt": "ten layers"})
    assert repr(picture) == "ten layers"


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_no_alternative_text(alt):
    with pytest.raises(UserError, match="alternative text"):
        plots.show_network(architectures.build(1), alt=alt)


@pytest.mark.parametrize("thing", [None, "model", 5])
def test_no_model(ax, thing):
    with pytest.raises(UserError, match="is no Keras model"):
        plots.network_diagram(ax, thing)
    with pytest.raises(UserError, match="is no Keras model"):
        plots.show_network(thing, alt="text")


def test_plots_alone_do_not_bring_keras():
    import subprocess

    code = "import sys; from helpers import plots; print('keras' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
