"""Keras and Graphviz are asked only where they are; whatever they do wrong ends in None."""

import keras
import pytest

from helpers.architectures import build, graphviz


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(graphviz, "_installed", lambda: True)


def test_without_the_programs_nothing_is_asked(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(keras.utils, "plot_model", lambda *_, **__: pytest.fail("was asked"))
    assert graphviz.diagram(build(1), tmp_path / "one.png") is None
    assert capsys.readouterr() == ("", "")


def test_a_drawn_file_is_handed_out(tmp_path, monkeypatch, installed):
    def plot_model(model, to_file, show_shapes, **options):
        assert show_shapes
        with open(to_file, "wb") as file:
            file.write(b"picture")

    monkeypatch.setattr(keras.utils, "plot_model", plot_model)
    path = graphviz.diagram(build(1), tmp_path / "one.png")
    assert path.read_bytes() == b"picture"


@pytest.mark.parametrize("error", [OSError, ImportError, AssertionError, TypeError])
def test_whatever_fails_gives_none(tmp_path, monkeypatch, installed, error):
    def plot_model(*args, **options):
        raise error("dot")

    monkeypatch.setattr(keras.utils, "plot_model", plot_model)
    assert graphviz.diagram(build(1), tmp_path / "one.png") is None


def test_no_file_or_an_empty_one_gives_none(tmp_path, monkeypatch, installed):
    monkeypatch.setattr(keras.utils, "plot_model", lambda *_, **__: None)
    assert graphviz.diagram(build(1), tmp_path / "one.png") is None
    (tmp_path / "two.png").touch()
    assert graphviz.diagram(build(1), tmp_path / "two.png") is None
