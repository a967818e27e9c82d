"""A page carries all that a notebook shows, and asks the network for nothing."""

import re

import nbformat
import pytest

from helpers.authoring import course

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
TEXT = """# 07 · Page

[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/x)

Half is $\\frac{1}{2}$, $\\nonsense{<1}$ stays readable, <!--ref a.b.c-->41 %<!--/ref-->.
[next](08_more.ipynb#more)

$$\\text{softmax}(z)_k = \\frac{e^{z_k}}{\\sum_j e^{z_j}}$$

![attached](attachment:my%20dot.png)

<details><summary>Hint</summary>

**Folded** text

```python
x = 1
```

</details>"""
FIGURE = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(1, 1))
plt.show()
"""
SHOWN = """
from helpers import quiz
import pandas as pd
quiz.show("00_start_here")
display(pd.DataFrame({"accuracy": [0.5]}))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    cells = [
        text(TEXT, attachments={"my dot.png": {"image/png": DOT}}),
        code("x = 'of the setup'", metadata={"tags": ["setup"]}),
        code(FIGURE, metadata={"mystnb": {"image": {"alt": 'A "box" <empty> & bare'}}}),
        code(SHOWN),
        code("import ipywidgets\nipywidgets.Button()"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "07_page.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=[text("# 08 · More")]), folder / "08_more.ipynb")
    lessons = [folder / "07_page.ipynb", folder / "08_more.ipynb"]
    outcomes = course.build(lessons, folder / "out")
    assert [outcome.error for outcome in outcomes] == ["", ""]
    return folder / "out"


@pytest.fixture(scope="module")
def page(pages):
    return (pages / "07_page.html").read_text("utf-8")


@pytest.mark.parametrize(
    "shown",
    [
        '<html lang="en"',
        "<title>07 · Page",
        "<mfrac>",
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">',
        "41 %",
        'href="08_more.html#more"',
        "<details><summary>Hint</summary>",
        "<strong>Folded</strong>",
        'alt="A &quot;box&quot; &lt;empty&gt; &amp; bare"',
        'alt="attached"',
        "<th>accuracy</th>",
        'type="radio"',
        "<code>\\nonsense{&lt;1}</code>",
        "Something to click stands here",
        "Show code cell source",
    ],
)
def test_a_page_has_all_that_the_notebook_has(page, shown):
    assert shown in page


def test_images_of_a_page_are_there(pages, page):
    images = re.findall(r'<img[^>]* src="([^"]+)"', page)
    pasted, figure = images
    assert pasted == f"data:image/png;base64,{DOT}"
    assert (pages / figure).stat().st_size > 0


@pytest.mark.parametrize("name", ["07_page.html", "index.html", "search.html"])
def test_a_page_asks_for_nothing_from_the_network(pages, name):
    text = (pages / name).read_text("utf-8")
    loaded = re.findall(r'<(?:script|img|link|iframe|source)[^>]+(?:src|href)="([^"]+)"', text)
    assert loaded
    assert [url for url in loaded if re.match(r"(https?:)?//", url)] == []
