"""Slides hold what a lesson's metadata choose, and nothing from another host."""

import nbformat
import pytest
from bs4 import BeautifulSoup

from helpers.authoring import notebooks, slides

SLIDE, MORE = {"slide_type": "slide"}, {"slide_type": "-"}
FIGURE = {"image/png": "iVBORw0KGgo="}
TITLE = """# 07 · Page

[![Open](https://example.org/badge.svg)](https://example.org/x) All of it. [next](08.ipynb)"""
TWO = """# 07 · Page
---
## Half

- is $\\frac{1}{2}$

$$a = b$$
- **bold** <!--ref a.b.c-->41 %<!--/ref-->"""


def code(source, data, **metadata):
    output = nbformat.v4.new_output("display_data", data)
    return nbformat.v4.new_code_cell(source, outputs=[output], metadata=metadata)


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    text = nbformat.v4.new_markdown_cell
    alt = {"image": {"alt": 'a "dot"'}}
    cells = [
        text(TITLE, metadata={"slideshow": SLIDE, "slide": TWO}),
        text("left out"),
        code("hidden = 1", FIGURE, slideshow=SLIDE, slide="## A figure", mystnb=alt),
        code("shown = 2", {"text/plain": "two"}, slideshow=SLIDE, slide_code=True),
        text("the result, in full", metadata={"slideshow": MORE, "slide": "So it is."}),
        code("guess()", {"text/html": '<form aria-label="A guess">?</form>'}, slideshow=SLIDE),
        text("what was seen\n\n### Exercise 1\n\nits solution"),
    ]
    folder = tmp_path_factory.mktemp("slides")
    ran = nbformat.v4.new_notebook(cells=cells)
    slides.build(
        {"07_page": ran, "08_none": nbformat.v4.new_notebook(cells=[text("# 08")])}, folder
    )
    return folder


@pytest.fixture(scope="module")
def page(deck):
    return BeautifulSoup((deck / "07_page.html").read_text("utf-8"), "html.parser")


def test_each_slide_has_its_own_text_and_output(page):
    [first, second, third, fourth, _] = page.select(".slides > section > section")
    for notes in page.select("aside.notes"):
        notes.extract()
    assert first.get_text(strip=True) == "07 · Page"
    assert second.find("mfrac") and second.find("strong").text == "bold"
    assert "41 %" in second.get_text() and "ref a.b.c" not in str(second)
    assert third.find("img")["alt"] == 'a "dot"' and "hidden" not in third.get_text()
    assert "shown = 2" in fourth.get_text().replace("\\xa0", " ") and "two" in fourth.get_text()
    assert "So it is." in fourth.get_text() and "left out" not in page.get_text()


def test_the_lessons_own_text_is_in_the_notes_without_links(deck):
    page = BeautifulSoup((deck / "07_page.html").read_text("utf-8"), "html.parser")
    first, last, said = page.select("aside.notes")
    assert "All of it. next" in first.get_text() and not first.find(["a", "img"])
    assert "the result, in full" in last.get_text()
    assert "what was seen" in said.get_text() and "solution" not in said.get_text()


def test_nothing_comes_from_another_host_and_all_that_is_loaded_is_there(deck, page):
    loaded = [tag["src"] for tag in page.select("script[src]")]
    loaded += [tag["href"] for tag in page.select("link[rel=stylesheet]")]
    assert len(loaded) >= 5
    assert [name for name in loaded if not (deck / name).is_file()] == []


def test_a_lesson_without_slides_has_no_page(deck):
    assert [path.name for path in deck.glob("*.html")] == ["07_page.html"]


@pytest.mark.parametrize("path", notebooks.lessons(), ids=lambda path: path.stem)
def test_every_lesson_has_slides_with_its_title_a_guess_results_and_a_recap(path):
    cells = slides.selected(notebooks.read(path)).cells
    begun = [cell for cell in cells if cell.metadata.slideshow["slide_type"] == "slide"]
    assert 9 <= len(begun) <= 16
    assert begun[0].source.startswith(f"# {path.stem[:2]} · ")
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    assert any("quiz.guess(" in source for source in sources)
    assert len(sources) >= 4  # guesses, figures, tables
    assert any(cell.source.startswith("## Recap") for cell in begun[-2:])
