"""Images by class: all pictures of a class, in the order that was asked for."""

import re

import numpy as np
import pytest

from helpers import widgets
from helpers.errors import UserError
from helpers.widgets.classes import ORDERS
from helpers.widgets.live import VIEW


@pytest.fixture
def explorer(answers, names):
    images, y, _, _ = answers
    return widgets.ClassExplorer(images, y, names)


def test_each_order_holds_every_picture_of_the_class(explorer):
    for order in ORDERS:
        assert sorted(explorer.members(2, order)) == list(range(2, 60, 4))


def test_orders_sort(explorer, answers):
    images = answers[0].astype(float)
    dark = explorer.members(1, "from dark to bright")
    assert (np.diff(images[dark].mean(axis=(1, 2, 3))) >= 0).all()
    near = explorer.members(1, "most like the class's mean first")
    distance = ((images[near] - images[near].mean(axis=0)) ** 2).sum(axis=(1, 2, 3))
    assert (np.diff(distance) >= -0.1).all()


def test_pages_show_forty_at_a_time(answers):
    images = np.repeat(answers[0], 3, axis=0)
    explorer = widgets.ClassExplorer(images, np.arange(180) // 90, ["a", "b"])
    assert explorer.pages(0) == 3
    assert "pictures 41 to 80 of 90" in explorer.page(0, page=2)
    assert "pictures 81 to 90 of 90" in explorer.page(0, page=99)


def test_a_class_without_pictures_says_so(answers):
    explorer = widgets.ClassExplorer(answers[0], answers[1], [*"abcd", "none"])
    assert "no picture" in explorer.page(4)
    assert "none" not in explorer.still()


def test_still_picture_has_two_texts_a_class(explorer):
    page = explorer.still()
    assert len(re.findall(r'<img alt="[^"]+"', page)) == 8
    assert "<b onclick" not in page + explorer.page(1)


def test_outside_a_notebook_there_is_a_line(answers, names, capsys):
    widgets.class_explorer(answers[0], answers[1], names)
    assert "60 pictures of 4 classes" in capsys.readouterr().out


def test_controls_redraw(kernel, answers):
    images = np.repeat(answers[0], 3, axis=0)
    explorer = widgets.ClassExplorer(images, np.arange(180) // 90, ["a", "b"])
    assert VIEW in explorer._repr_mimebundle_()
    which, order, page, picture = explorer._view.children
    seen = [picture.value]
    for control, value in [(page, 3), (order, ORDERS[1]), (which, 1)]:
        control.value = value
        seen.append(picture.value)
    assert len(set(seen)) == 4
    assert page.value == 1 and page.max == 3
    assert all(control.description for control in (which, order, page))


def test_what_does_not_fit_is_named(answers):
    images, y, _, _ = answers
    for bad in [(images[:5], y, "abcd"), (images, y, "abc"), (images / 255, y, "abcd")]:
        with pytest.raises(UserError):
            widgets.ClassExplorer(*bad)
    with pytest.raises(UserError, match="order 'by name'"):
        widgets.ClassExplorer(images, y, "abcd").members(0, "by name")
