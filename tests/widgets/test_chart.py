"""Charts as SVG: well formed, complete, and with round ticks."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from helpers.widgets.chart import Chart, Line, chart_tag, percent, ticks


def svg(tag):
    source = re.search(r"base64,([\w+/=]+)", tag).group(1)
    return ElementTree.fromstring(base64.b64decode(source))


def chart(y, **options):
    line = Line(np.arange(len(y)), np.asarray(y, float), "#0072B2", name="a<b")
    limits = {"xlim": (0, len(y) - 1), "ylim": (0, 4)}
    return Chart([line], "x & y", "<y>", **limits | options)


def lines(root):
    found = root.iterfind(".//{*}polyline[@stroke='#0072B2']")
    return [line.attrib["points"].split() for line in found]


def test_texts_are_written_and_escaped():
    root = svg(chart_tag([chart([1, 2, 3], title="t", legend=True)], "alt"))
    texts = [text.text for text in root.iterfind(".//{*}text")]
    assert {"x & y", "<y>", "t", "a<b", "0", "4"} <= set(texts)
    assert 'alt="&lt;a&quot;"' in chart_tag([chart([1, 2])], '<a"')


def test_higher_values_stand_higher():
    ((first, last),) = lines(svg(chart_tag([chart([1, 3])], "alt")))
    (x0, y0), (x1, y1) = (map(float, point.split(",")) for point in (first, last))
    assert x0 < x1 and y0 > y1  # SVG counts down


def test_a_missing_point_leaves_a_gap():
    drawn = lines(svg(chart_tag([chart([1, 2, np.nan, 3, 1, 2])], "alt")))
    assert [len(run) for run in drawn] == [2, 3]
    assert lines(svg(chart_tag([chart([np.nan, np.nan])], "alt"))) == []


def test_a_point_that_is_not_known_is_not_drawn():
    points = [(1, 2, "#000000", "here"), (1, np.nan, "#000000", "nowhere")]
    root = svg(chart_tag([chart([1, 2, 3], points=points)], "alt"))
    assert len(root.findall(".//{*}circle")) == 1
    assert "nowhere" not in [text.text for text in root.iterfind(".//{*}text")]


def test_nothing_is_fetched():
    tag = chart_tag([chart([1, 2])] * 2, "alt")
    urls = re.findall(r"https?://[^\"']+", base64.b64decode(tag.split("base64,")[1][:400]).decode())
    assert urls == ["http://www.w3.org/2000/svg"]  # the name of the format, not an address


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 1128, [0, 200, 400, 600, 800, 1000]),
        (0, 0.0105, [0, 0.002, 0.004, 0.006, 0.008, 0.01]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)
    assert "-" not in f"{ticks(low, high)[0]:g}"  # never minus zero


def test_percent():
    assert percent(0.2) == "20 %"
