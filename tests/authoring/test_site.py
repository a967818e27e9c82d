"""A page carries all that a notebook shows, and asks the network for nothing."""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from helpers.authoring import address, course

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
TEXT = """# 07 · Page

[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/x)

Half is $\\frac{1}{2}$, $\\nonsense{<1}$ stays readable, <!--ref a.b.c-->41 %<!--/ref-->.
[next](08_more.ipynb#2.-More-of-it%3F) [hashes](../data/README.md)
[table](../README.md#the-lessons) [teach](teaching/README.md)
**Softmax** and softmax once more: **softmax**. `**epoch**`

$$\\text{softmax}(z)_k = \\frac{e^{z_k}}{\\sum_j e^{z_j}}$$

![attached](attachment:my%20dot.png)

<details><summary>Hint</summary>

**Folded** text

```python
x = 1
```

</details>

> **In Colab** the disk is lost."""
FIGURE = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(12, 1))
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
        text("### Exercise 1 · Try it\n\nNow you."),
        code("print('in the box')  # check.it()"),
        code("print('behind the box')"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "07_page.ipynb")
    cells = [text("# 08 · More\n\n## 2. More of it?"), code("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "08_more.ipynb")
    lessons = [folder / "07_page.ipynb", folder / "08_more.ipynb"]
    outcomes = course.build(lessons, folder / "out")
    assert [outcome.error[:24] for outcome in outcomes] == ["", "cell 2: ZeroDivisionError"[:24]]
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
        "41\u00a0%",
        'href="08_more.html#more-of-it"',
        f'href="{address.current()}/blob/main/data/README.md"',
        'href="teaching/README.html"',
        'href="index.html#the-lessons"',
        'href="glossary.html#term-softmax"',
        'class="exercise"',
        'class="note-box"',
        "<div class='scrolls' tabindex='0'><table",
        "<div class='scrolls' tabindex='0'><img",
        '<div class="formula" tabindex="0"><math',
        "<details><summary>Hint</summary>",
        "<strong>Folded</strong>",
        'alt="A &quot;box&quot; &lt;empty&gt; &amp; bare"',
        'alt="attached"',
        "<th>accuracy</th>",
        'type="radio"',
        "<code>\\nonsense{&lt;1}</code>",
        "Something to click stands here",
        "Show the code",
    ],
)
def test_a_page_has_all_that_the_notebook_has(page, shown):
    assert shown in page


def test_the_box_of_an_exercise_ends_behind_its_check(page):
    [box] = BeautifulSoup(page, "html.parser").select("section.exercise")
    assert "Now you." in box.text and "in the box" in box.text
    assert "behind the box" in page and "behind the box" not in box.text


def test_a_term_leads_to_the_glossary_once_and_not_from_code(pages, page):
    assert page.count("glossary.html#term-") == 1 and "<strong>softmax</strong>" in page
    assert 'id="term-softmax"' in (pages / "glossary.html").read_text("utf-8")


def test_the_start_page_has_every_lesson_and_says_which_one_stopped(pages):
    start = (pages / "index.html").read_text("utf-8")
    assert 'href="07_page.html"' in start and 'href="08_more.html"' in start
    assert "stopped early: 08_more" in start


def test_images_of_a_page_are_there(pages, page):
    images = re.findall(r'<img[^>]* src="([^"]+)"', page.partition('class="bd-article"')[2])
    pasted, figure = images
    assert pasted == f"data:image/png;base64,{DOT}"
    assert (pages / figure).stat().st_size > 0


@pytest.mark.parametrize("name", ["07_page.html", "index.html", "search.html"])
def test_a_page_asks_for_nothing_from_the_network(pages, name):
    page = BeautifulSoup((pages / name).read_text("utf-8"), "html.parser")
    tags = page.select("script[src], img[src], iframe[src], source[src], link:not([rel=canonical])")
    loaded = [tag.get("src") or tag["href"] for tag in tags]
    assert loaded
    assert [url for url in loaded if re.match(r"(https?:)?//", url)] == []
