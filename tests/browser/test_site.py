"""Pages of the site in Chromium: readable at three widths, light and dark, with no other host."""

import json

import pytest

from helpers.authoring import course, notebooks
from helpers.settings import BUILD

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

WIDTHS, SCHEMES = (1200, 768, 400), ("light", "dark")
# The most characters in a line of each paragraph that has several lines.
LINES = """() => [...document.querySelectorAll('.bd-article section > p')].flatMap(p => {
  const range = document.createRange(), lines = new Map();
  const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) for (let i = 0; i < walker.currentNode.length; i++) {
    range.setStart(walker.currentNode, i); range.setEnd(walker.currentNode, i + 1);
    const y = Math.round(range.getBoundingClientRect().bottom / 12);
    lines.set(y, (lines.get(y) || 0) + 1);
  }
  return lines.size > 2 ? [Math.max(...lines.values())] : [];
})"""
TOO_LARGE = """() => Reveal.getSlides().map((slide, place) => {
  Reveal.slide(place); return [place + 1, slide.scrollHeight, slide.scrollWidth];
}).filter(([place, height, width]) => height > 700 || width > 962)"""


@pytest.fixture(scope="module")
def some_pages(tmp_path_factory):
    """A site of two lessons that run in seconds, with slides and guides."""
    folder = tmp_path_factory.mktemp("site")
    outcomes = course.build(notebooks.find(["00", "08"]), folder)
    assert [outcome.error for outcome in outcomes] == ["", ""]
    return folder


@pytest.fixture(scope="module")
def all_pages():
    """What `make course` built: every page."""
    summary = json.loads((BUILD / "course" / "summary.json").read_text("utf-8"))
    assert [row["notebook"] for row in summary] == [path.stem for path in notebooks.lessons()]
    return BUILD / "course"


def faults(chromium, folder, name):
    """What a reader at some width, light or dark, would stumble over on a page."""
    found = []
    for width in WIDTHS:
        for scheme in SCHEMES:
            context = chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                reduced_motion="reduce",  # or a color may still be on its way
                offline=True,
            )
            page = context.new_page()
            asked = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto((folder / name).as_uri())
            page.wait_for_load_state()
            where = f"{name}, {width} px, {scheme}"
            found += [f"{where}: asks for {url}" for url in asked if url.startswith("http")]
            found += [
                f"{where}: {fault['id']}, {fault['nodes'][0]['html'][:200]}"
                for fault in axe.Axe().run(page).response["violations"]
                if fault["impact"] in ("serious", "critical")
            ]
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{where}: {wide} px wide")
            context.close()
    return found


def pages_of(folder):
    """Names of all pages that a reader can come to."""
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.html"))]
    return [name for name in names if not name.startswith("_static/")]


@pytest.mark.browser
def test_the_site_is_readable_at_three_widths_light_and_dark(chromium, some_pages):
    names = ["index.html", "08_error_analysis.html", "glossary.html", "slides/00_start_here.html"]
    assert [fault for name in names for fault in faults(chromium, some_pages, name)] == []


@pytest.mark.browser
def test_lines_have_65_to_80_characters(chromium, some_pages):
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    page.goto((some_pages / "08_error_analysis.html").as_uri())
    longest = page.evaluate(LINES)
    page.close()
    assert len(longest) > 10 and 65 <= max(longest) <= 80, sorted(longest)


@pytest.mark.browser
def test_search_finds_a_word_without_a_network(page, some_pages):
    page.context.set_offline(True)
    page.goto((some_pages / "search.html").as_uri() + "?q=bootstrap")
    page.get_by_role("link", name="08 · Error analysis").first.wait_for()


@pytest.mark.browser
def test_slides_turn_and_nothing_is_larger_than_a_slide(page, some_pages):
    page.set_viewport_size({"width": 960, "height": 700})
    for name in ("00_start_here", "08_error_analysis"):
        page.goto((some_pages / "slides" / f"{name}.html").as_uri())
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        page.keyboard.press("ArrowRight")
        page.get_by_role("heading", name="After this lesson you can").wait_for()
        assert page.evaluate(TOO_LARGE) == [], name
    assert page.outside == []


@pytest.mark.site
@pytest.mark.timeout(1800)
def test_every_page_is_readable_at_three_widths_light_and_dark(chromium, all_pages):
    names = pages_of(all_pages)
    assert len(names) > 2 * len(notebooks.lessons())
    assert [fault for name in names for fault in faults(chromium, all_pages, name)] == []


@pytest.mark.site
def test_no_slide_is_too_large(page, all_pages):
    page.set_viewport_size({"width": 960, "height": 700})
    for path in notebooks.lessons():
        page.goto((all_pages / "slides" / f"{path.stem}.html").as_uri())
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        assert page.evaluate(TOO_LARGE) == [], path.stem
