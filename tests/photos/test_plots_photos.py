import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import photos, plots
from helpers.errors import UserError
from helpers.plots.photos import choose, printable
from tests.photos.messy import good_folder


@pytest.fixture
def axes():
    figure, axes = plots.grid(3, 4)
    yield axes
    plt.close(figure)


def titles(axes):
    return [ax.get_title() for ax in axes.flat if ax.get_title()]


def test_at_most_12_of_different_kinds(messy, axes):
    plots.photo_findings(axes, messy[0])
    lines = titles(axes)
    assert len(lines) == 12 and len({line.splitlines()[0] for line in lines}) == 12
    title = axes.flat[0].figure.get_suptitle()
    assert title.startswith(f"12 of {len(messy[0].findings)} findings; ")


def test_all_findings_can_be_drawn(messy, axes):
    import warnings

    findings = messy[0].findings
    axes.flat[0].figure.set_dpi(30)
    for start in range(0, len(findings), 12):
        part = dataclasses.replace(messy[0], findings=findings[start : start + 12])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            plots.photo_findings(axes, part, title="all")
            axes.flat[0].figure.canvas.draw()
        assert len(titles(axes)) >= len(part.findings)


def test_nothing_found(tmp_path, axes):
    inspection = photos.inspect(good_folder(tmp_path), progress=False)
    plots.photo_findings(axes, inspection)
    assert titles(axes) == []
    assert axes.flat[0].figure.get_suptitle() == "Nothing found: 20 usable photos in 2 classes"
    assert "nothing found" in axes.flat[0].texts[0].get_text()


def test_one_axes(messy):
    figure, ax = plt.subplots()
    plots.photo_findings(ax, messy[0])
    assert "class without pictures" in ax.get_title()
    assert figure.get_suptitle().startswith("1 of ")
    plt.close(figure)


def test_left_out_files_are_framed(messy, axes):
    plots.photo_findings(axes, messy[0])
    chosen = choose(messy[0].findings, 12)
    for ax, finding in zip(axes.flat, chosen, strict=True):
        assert (ax.spines["left"].get_linewidth() > 2) == finding.fatal


def test_each_kind_before_any_twice():
    found = [photos.Finding(kind, (), kind) for kind in ("bomb", "bomb", "bomb", "gray", "gray")]
    assert [item.kind for item in choose(found, 3)] == ["bomb", "bomb", "gray"]
    assert [item.kind for item in choose(found, 2)] == ["bomb", "gray"]
    assert choose(found, 9) == found


def test_names_are_no_formulas():
    assert printable("cost_$5$") == r"cost_\$5\$"
    assert printable("\U0001f58a") == "?"


@pytest.mark.parametrize("wrong", [(), [], None, np.zeros(3)])
def test_wants_an_inspection(axes, wrong):
    with pytest.raises(UserError, match="pass what"):
        plots.photo_findings(axes, wrong)
