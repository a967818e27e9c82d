"""A visitor's way through the demo's page: upload, change an option, send a bad file."""

import re

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("gradio", reason="gradio is not installed")

from PIL import Image
from playwright.sync_api import expect

from helpers import datasets
from tests.browser.servers import serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

ANSWER = 90_000  # milliseconds; the first answer traces the network


@pytest.fixture(scope="module")
def demo(tmp_path_factory, chromium):
    """Address of `python -m helpers demo`, with the network that ships."""
    folder = tmp_path_factory.mktemp("demo")
    with serving(["helpers", "demo"], folder, r"http://127\.0\.0\.1:\d+/") as address:
        yield address
    assert not [path for path in (folder / "gradio").rglob("*") if path.is_file()]


def upload(page, file):
    """Choose a file, in place of the one that is there."""
    clear = page.get_by_role("button", name=re.compile("remove image", re.IGNORECASE))
    if clear.count():
        clear.first.click()
    page.locator("input[type=file]").first.set_input_files(file)


def bars(page):
    return page.locator("[data-testid$='-confidence-set'], .confidence-set")


def test_upload_shows_bars_and_images_and_a_bad_file_words(page, demo, tmp_path, screenshot):
    images, labels = datasets.load("cifar10", profile="quick").val
    ship, letter = tmp_path / "ship.jpg", tmp_path / "letter.jpg"
    Image.fromarray(images[labels == 8][0]).resize((320, 240)).save(ship)
    letter.write_text("no image at all", "utf-8")

    page.goto(demo)
    upload(page, ship)
    expect(bars(page)).to_have_count(5, timeout=ANSWER)
    percent = [int(re.search(r"(\d+)%", text)[1]) for text in bars(page).all_inner_texts()]
    assert percent == sorted(percent, reverse=True) and sum(percent) <= 102
    expect(page.locator("img[src*='gradio_api/file=']")).to_have_count(2, timeout=ANSWER)
    screenshot("demo_answer", full_page=True)
    first = bars(page).all_inner_texts()
    page.get_by_label("stretch").first.check()
    expect(bars(page)).not_to_have_text(first, timeout=ANSWER)

    upload(page, letter)
    refusal = page.get_by_text(re.compile(r"letter\.jpg is no image"))
    expect(refusal.first).to_be_visible(timeout=ANSWER)
    assert "Traceback" not in page.content()
    screenshot("demo_refuses")
    upload(page, ship)
    expect(bars(page)).to_have_count(5, timeout=ANSWER)
    assert page.outside == []
