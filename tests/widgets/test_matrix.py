"""The confusion matrix: each cell opens exactly the pictures that it counts."""

import re

import numpy as np
import pytest

from helpers import widgets
from helpers.errors import UserError


@pytest.fixture
def explorer(answers, names):
    images, y, p, predicted = answers
    return widgets.ConfusionExplorer(images, y, predicted, names, p)


def every(explorer):
    k = len(explorer.class_names)
    return [(true, predicted) for true in range(k) for predicted in range(k)]


def test_cells_share_out_all_pictures(explorer):
    found = [explorer.members(*cell) for cell in every(explorer)]
    assert sorted(np.concatenate(found)) == list(range(60))
    assert [len(members) for members in found] == explorer.matrix.ravel().tolist()


def test_the_surest_come_first(explorer, answers):
    sure = answers[2][explorer.members(0, 0), 0]
    assert len(sure) > 3 and (np.diff(sure) <= 0).all()


def test_a_cell_shows_its_pictures_with_both_classes(explorer):
    cell = next(c for c in every(explorer) if c[0] != c[1] and explorer.matrix[c])
    page = explorer.cell(*cell)
    assert page.count("<img") == explorer.matrix[cell]
    assert "→" in page and "%" in page and 'role="status"' in page
    assert "<b onclick" not in page


def test_large_cells_are_cut_and_say_so(explorer):
    page = explorer.cell(0, 0, most=2)
    assert page.count("<img") == 2 and "here are 2, the surest first" in page


def test_names_say_what_a_cell_counts(answers):
    explorer = widgets.ConfusionExplorer(answers[0][:3], [0, 0, 1], [0, 1, 1], ["cat", "dog"])
    assert explorer.name(0, 1) == "cat, called dog: 1 picture, 50% of the class"
    assert explorer.name(1, 1) == "dog, right: 1 picture, 100% of the class"
    assert explorer.name(1, 0) == "dog, called cat: 0 pictures, 0% of the class"


def test_still_picture_is_the_matrix_and_its_worst_cells(explorer):
    page = explorer.still()
    assert page.startswith('<img alt="Confusion matrix') and page.count("<img") > 2
    assert "<b onclick" not in page


def test_without_mistakes_the_matrix_stands_alone(answers):
    images, y, _, _ = answers
    page = widgets.ConfusionExplorer(images, y % 2, y % 2, "ab").still()
    assert page.count("<img") == 1 and "no mistakes" in page


def test_outside_a_notebook_there_is_a_line(answers, capsys):
    widgets.confusion_explorer(answers[0], answers[1], answers[3], "abcd")
    assert re.search(r"\d+ mistakes in 60", capsys.readouterr().out)


def test_buttons_and_menus_open_cells(kernel, explorer):
    true, predicted, shares, grid, opened = explorer.controls().children
    buttons = [child for child in grid.children if hasattr(child, "click")]
    assert len(buttons) == 16 and len(grid.children) == 25
    wrong = next(b for b in buttons if "called ship" in b.tooltip and not b.disabled)
    wrong.click()
    assert predicted.value == 3 and opened.value == explorer.cell(true.value, 3)
    assert wrong.style.font_weight == "bold"
    true.value, predicted.value = 0, 0
    assert opened.value == explorer.cell(0, 0) and wrong.style.font_weight != "bold"

    counts = [button.description for button in buttons]
    shares.value = True
    assert [button.description for button in buttons] != counts
    for button in buttons:  # nothing behind it: no stop for the Tab key, but no collapse either
        assert button.description and (button.disabled == (": 0 pictures" in button.tooltip))


def test_of_a_hundred_classes_the_most_confused_get_buttons(kernel):
    rng = np.random.default_rng(1)
    y = np.arange(600) % 100
    predicted = np.where(y < 5, (y + 1) % 5, y)
    images = rng.integers(0, 256, (600, 4, 4), dtype=np.uint8)
    explorer = widgets.ConfusionExplorer(images, y, predicted, [f"c{n}" for n in range(100)])
    assert len(explorer.shown) == 12 and set(range(5)) <= set(explorer.shown.tolist())
    grid = explorer.controls().children[3]
    assert len(grid.children) == 13 * 13


def test_what_does_not_fit_is_named(answers):
    images, y, p, predicted = answers
    for bad in [
        (images[:5], y, predicted, "abcd"),
        (images, y, predicted, "abc"),
        (images, y, predicted[:5], "abcd"),
        (images, y, predicted, "abcd", p[:5]),
        (images, y, predicted, "abcd", p[:, :3] / p[:, :3].sum(axis=1, keepdims=True)),
        (images[0, 0], y, predicted, "abcd"),
    ]:
        with pytest.raises(UserError):
            widgets.ConfusionExplorer(*bad)
