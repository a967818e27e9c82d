"""A visitor's way through the web page: upload, read, send a bad file, come in crowds."""

import concurrent.futures
import re
from pathlib import Path

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
    with serving(["helpers", "demo"], folder, r"http://127\.0\.0\.1:\d+/?") as address:
        yield address


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A real picture, enlarged, and two files that are none."""
    folder = tmp_path_factory.mktemp("files")
    images, labels = datasets.load("cifar10").val
    ship = Image.fromarray(images[labels == 8][0]).resize((320, 240))
    ship.save(folder / "ship.jpg")
    (folder / "letter.jpg").write_text("no picture at all", "utf-8")
    (folder / "empty.png").touch()
    return folder


def upload(page, file: Path) -> None:
    """Choose a file, in place of the one that is there."""
    clear = page.get_by_role("button", name=re.compile("clear|remove", re.IGNORECASE))
    if clear.count():
        clear.first.click()
    page.locator("input[type=file]").first.set_input_files(file)


def test_an_upload_shows_five_bars_and_what_the_network_sees(page, demo, files, screenshot):
    page.goto(demo)
    upload(page, files / "ship.jpg")
    answer = page.locator("#answer")
    bars = answer.locator("ol.bars > li")
    expect(bars).to_have_count(5, timeout=ANSWER)
    shares = [float(re.search(r"[\d.]+(?= %)", text)[0]) for text in bars.all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 101
    assert answer.locator("img").count() == 2  # what the network sees, and where it looked
    assert all(picture.get_attribute("alt") for picture in answer.locator("img").all())
    screenshot("demo_answer", full_page=True)

    first = answer.inner_text()
    page.get_by_label("mirror image").check()
    expect(answer).not_to_have_text(first, timeout=ANSWER)
    assert page.outside == []


@pytest.mark.parametrize("name", ["letter.jpg", "empty.png"])
def test_a_bad_file_is_refused_in_words(page, demo, files, screenshot, name):
    page.goto(demo)
    upload(page, files / name)
    refusal = page.get_by_role("alert").filter(has_text=re.compile(r"\w{3}"))
    expect(refusal.first).to_be_visible(timeout=ANSWER)
    text = refusal.first.inner_text()
    assert "Traceback" not in text and str(files) not in text
    assert page.locator("ol.bars").count() == 0
    screenshot(f"demo_refuses_{name.partition('.')[0]}")
    upload(page, files / "ship.jpg")  # and the page still works
    expect(page.locator("ol.bars > li")).to_have_count(5, timeout=ANSWER)


def test_fifty_requests_at_once_are_all_answered_alike(page, demo, files, screenshot):
    from gradio_client import Client, handle_file

    client = Client(demo, verbose=False)
    picture = handle_file(str(files / "ship.jpg"))
    ways = client.view_api(return_format="dict")["named_endpoints"]["/predict"]["parameters"]
    how = next(way["parameter_default"] for way in ways if way["parameter_name"] == "how")

    def ask(_):
        return client.predict(picture, False, how, api_name="/predict")["top"]

    with concurrent.futures.ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(ask, range(50)))
    assert len(answers) == 50
    assert all(answer == answers[0] for answer in answers)
    page.goto(demo)
    upload(page, files / "ship.jpg")
    bars = page.locator("ol.bars > li")
    expect(bars).to_have_count(5, timeout=ANSWER)
    assert answers[0][0][0] in bars.first.inner_text()
    screenshot("demo_after_fifty")
