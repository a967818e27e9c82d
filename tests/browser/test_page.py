"""The page that classifies in the browser: it answers as Keras does, and sends nothing."""

import functools
import http.server
import io
import re
import threading
import time
from statistics import median

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from PIL import Image
from playwright.sync_api import expect

from helpers import datasets, models, predict
from helpers.authoring import browser_page
from helpers.image_files import FORMATS
from helpers.settings import DATA, CourseError

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHOTO = DATA / "photos" / "drawn" / "pens" / "drawn_pen_002.jpg"
TIMED = """pixels => Array.from({length: 50}, () => {
  const start = performance.now();
  classifier.probabilities(pixels);
  return performance.now() - start;
})"""
SEEN = """() => Array.from(
  document.querySelector("#seen").getContext("2d").getImageData(0, 0, 32, 32).data)"""
PASTE = """([type, text]) => {
  const transfer = new DataTransfer();
  if (type === "file") transfer.items.add(new File([text], "notes.txt"));
  else transfer.setData(type, text);
  document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer}));
}"""
DROP = """data => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(data)], "dropped.png", {type: "image/png"}));
  const options = {dataTransfer: transfer, bubbles: true, cancelable: true};
  document.body.dispatchEvent(new DragEvent("drop", options));
}"""


@pytest.fixture(scope="module")
def model():
    return models.load_small()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What `browser_page.build` writes."""
    place = tmp_path_factory.mktemp("page")
    browser_page.build(place)
    return place


@pytest.fixture
def opened(page, folder):
    """The page, opened from disk with the network off; no request of any kind may leave it."""
    asked, complaints = [], []

    def only_files(route):
        asked.append(route.request.url)
        if route.request.url.startswith((folder.as_uri(), "blob:", "data:")):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", only_files)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.context.set_offline(True)
    page.goto((folder / "classify.html").as_uri())
    expect(page.locator("#classes")).to_contain_text("airplane")
    del asked[:]
    yield page
    assert [url for url in asked if not url.startswith(("blob:", "data:"))] == []
    assert complaints == []


def choose(page, file):
    page.get_by_label("Choose a photo").set_input_files(file)
    expect(page.get_by_role("status")).not_to_contain_text("Reading", timeout=60_000)


def seen(page) -> np.ndarray:
    """(32, 32, 3) uint8: what the page shows as the network's view."""
    return np.array(page.evaluate(SEEN), np.uint8).reshape(32, 32, 4)[..., :3]


def names(page) -> list[str]:
    return page.locator("#bars .name").all_inner_texts()


def test_answers_as_keras(opened, model):
    images = datasets.load("cifar10", profile="quick").val.images[:200]
    script = "images => images.map(pixels => Array.from(classifier.probabilities(pixels)))"
    found = np.array(opened.evaluate(script, images.reshape(len(images), -1).tolist()))
    difference = np.abs(found - predict.probabilities(model, images)).max()
    assert found.shape == (200, 10) and difference < 1e-4

    browser = median(opened.evaluate(TIMED, images[0].ravel().tolist()))
    keras_times = []
    for _ in range(50):
        start = time.perf_counter()
        model(images[:1], training=False)
        keras_times.append(1000 * (time.perf_counter() - start))
    print(f"\nlargest difference {difference:.1e}; median of 50, one image: {browser:.1f} ms in")
    print(f"Chromium, {median(keras_times):.1f} ms in Keras, called as a function")


@pytest.mark.parametrize("how", list(predict.WAYS))
def test_prepares_a_photo_as_python_does(opened, model, how, tmp_path):
    with Image.open(PHOTO) as photo:
        wide = photo.convert("RGB").crop((0, 20, photo.width, photo.height - 7))
    lying, clear, odd = tmp_path / "lying.jpg", tmp_path / "clear.png", tmp_path / "odd.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    wide.save(lying, exif=exif, quality=95)
    alpha = Image.linear_gradient("L").resize(wide.size)
    Image.merge("RGBA", [*wide.split(), alpha]).save(clear)
    wide.crop((3, 3, 11, 203)).save(odd)  # eight pixels wide

    classes = opened.evaluate("classifier.classes")
    opened.locator(f"input[value={how}]").check()
    for file, most in ((lying, 2), (clear, 2), (odd, 0), (PHOTO, 2)):
        choose(opened, file)
        expected = predict.image(file, 32, how)
        assert np.abs(seen(opened).astype(int) - expected).max() <= most, file.name
        expect(opened.locator("#bars li")).to_have_count(5)
        assert names(opened)[0] == predict.top_k(model, expected, classes)[0][0]


def test_photo_gives_five_names_and_other_files_words(opened, tmp_path, screenshot):
    choose(opened, PHOTO)
    expect(opened.locator("#bars li")).to_have_count(5)
    percent = [float(text.split()[0]) for text in opened.locator(".percent").all_inner_texts()]
    assert percent == sorted(percent, reverse=True) and sum(percent) < 100.3
    status = opened.get_by_role("status")
    expect(status).to_contain_text(f"{names(opened)[0]}, {percent[0]} %")
    expect(opened.locator("#time")).to_contain_text(re.compile(r"classified in \d+ ms"))
    screenshot("page_light", full_page=True)

    files = {
        "letter.txt": (b"no image at all", "letter.txt is no image"),
        "empty.jpg": (b"", "is empty"),
        "phone.heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        "broken.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "is damaged"),
        "<img src=x>.gif": (b"GIF89a", "<img src=x>.gif is damaged"),
    }
    for name, (data, words) in files.items():
        (tmp_path / name).write_bytes(data)
        choose(opened, tmp_path / name)
        expect(status).to_contain_text(words)
        expect(opened.locator("#result")).to_be_hidden()
    choose(opened, PHOTO)
    expect(opened.locator("#bars li")).to_have_count(5)


def test_paste_and_drop(opened):
    opened.evaluate(PASTE, ["text/plain", "https://example.com/cat.jpg"])
    expect(opened.get_by_role("status")).to_contain_text("That is no file")
    opened.evaluate(PASTE, ["file", "nothing"])
    expect(opened.get_by_role("status")).to_contain_text("notes.txt is no image")
    image = io.BytesIO()
    Image.new("RGB", (80, 60), "navy").save(image, "PNG")
    opened.evaluate(DROP, list(image.getvalue()))
    expect(opened.locator("#bars li")).to_have_count(5)
    assert (seen(opened) == (0, 0, 128)).all()


def test_huge_image_is_made_small(opened, tmp_path):
    small = Image.linear_gradient("L").convert("RGB")
    small.resize((9000, 8000)).save(tmp_path / "huge.jpg")
    choose(opened, tmp_path / "huge.jpg")
    expect(opened.locator("#time")).to_contain_text("9000 × 8000")
    assert np.abs(seen(opened).astype(int) - predict.image(tmp_path / "huge.jpg", 32)).max() <= 2

    Image.new("RGB", (70_000, 4)).save(tmp_path / "long.png")  # no canvas is so wide
    choose(opened, tmp_path / "long.png")
    expect(opened.get_by_role("status")).to_contain_text("cannot draw the image")
    expect(opened.locator("#result")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_page_in_both_color_schemes(opened, scheme, screenshot):
    opened.set_viewport_size({"width": 400, "height": 800})
    opened.emulate_media(color_scheme=scheme)
    choose(opened, PHOTO)
    expect(opened.locator("#bars li")).to_have_count(5)
    assert opened.evaluate("document.documentElement.scrollWidth") <= 400
    color = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", color))) > 600) == (scheme == "light")
    screenshot(f"page_narrow_{scheme}", full_page=True)


def test_keyboard_reaches_everything(opened):
    reached = []
    for _ in range(2):
        opened.keyboard.press("Tab")
        reached.append(opened.evaluate("document.activeElement.id || document.activeElement.name"))
    assert reached == ["file", "how"]
    opened.keyboard.press("ArrowDown")
    expect(opened.get_by_label("adding white")).to_be_checked()


def test_served_and_then_offline(page, folder):
    """Four files are fetched; then the network, and the server with it, may go."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, form, *args):
            asked.append(self.path)

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{server.server_port}/classify.html")
        expect(page.locator("#classes")).to_contain_text("airplane")
        server.shutdown()
    page.context.set_offline(True)
    choose(page, PHOTO)
    expect(page.locator("#bars li")).to_have_count(5)
    files = [*browser_page.FILES, "weights.js"]
    assert sorted(asked) == sorted(f"/{name}" for name in files) and page.outside == []


def test_policy_lets_nothing_out(page, folder):
    """Even a script that the page had by mistake could not send a photo away."""
    page.goto((folder / "classify.html").as_uri())
    page.evaluate("fetch('https://example.com/').catch(() => {})")
    page.evaluate("navigator.sendBeacon('https://example.com/', 'x')")
    page.evaluate(
        "new Promise(go => { const i = new Image(); i.onerror = go; i.src = "
        "'https://example.com/x.png' })"
    )
    assert page.outside == []


def test_only_what_the_page_can_do(folder, model):
    assert set(FORMATS) == {"JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "HEIC"}  # in classify.js
    assert (folder / "weights.js").stat().st_size <= browser_page.MAX_BYTES
    with pytest.raises(CourseError, match="10 classes"):
        browser_page.weights_script(model, ["cat", "dog"])
    with pytest.raises(CourseError, match="cannot do the layers"):
        browser_page.weights_script(models.s2_network(), list("abcdefghij"))
