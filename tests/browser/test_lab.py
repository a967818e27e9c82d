"""A student's way through JupyterLab: open, run, move a slider, answer a quiz, open a cell."""

import io
import time
import zipfile

import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import expect

from tests.browser import lab as jupyter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
expect.set_options(timeout=60_000)  # milliseconds, for a busy machine


def opened(page, lab, name, *, copy_until=None, cells=()):
    """Open a notebook in JupyterLab and run all of it."""
    address, folder = lab
    if cells:
        jupyter.write(folder / f"{name}.ipynb", *cells)
    else:
        jupyter.copy(name, folder, copy_until or "")
    jupyter.open_notebook(page, address, name)
    jupyter.run_all(page)
    assert jupyter.errors(page) == []


def test_a_lesson_runs_through_and_its_quiz_answers(page, lab, screenshot):
    opened(page, lab, "00_start_here")
    # JupyterLab does not write the alternative text of a PNG; the built pages do.
    assert page.locator(".jp-OutputArea-output img").count() >= 3
    screenshot("lesson_00")

    quiz = jupyter.output(page, 'quiz.show("00_start_here")')
    quiz.scroll_into_view_if_needed()
    first = quiz.locator("fieldset").first
    assert first.locator(".why p").first.is_hidden()
    first.get_by_label("spam or not spam").check()
    assert first.locator(".no p").first.is_visible()  # wrong, and why
    first.locator("input.key").check()  # retry
    assert first.locator(".yes p").is_visible()
    assert first.locator(".no p:visible").count() == 0
    screenshot("quiz")

    quiz.get_by_role("button", name="Start again").click()
    assert first.locator(".yes p").is_hidden()
    badge = "https://colab.research.google.com/assets/colab-badge.svg"
    assert set(page.outside) <= {badge}  # the one picture that a lesson takes from the network


def test_a_slider_of_lesson_03_changes_the_picture(page, lab, screenshot):
    opened(page, lab, "03_augmentation", copy_until="augmentation_explorer")
    explorer = jupyter.output(page, "augmentation_explorer")
    explorer.scroll_into_view_if_needed()
    row = explorer.get_by_role("img", name="changed, 1")
    before, original = row.get_attribute("src"), explorer.get_by_role("img", name="as they are")
    unchanged = original.get_attribute("src")
    screenshot("augmentation_before")

    handle = explorer.locator(".widget-slider", has_text="rotation").locator(".noUi-handle")
    handle.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(row).not_to_have_attribute("src", before)
    assert explorer.get_by_role("img", name="as they are").get_attribute("src") == unchanged
    screenshot("augmentation_after")


MATRIX = """
import numpy as np
from helpers import widgets

images = np.zeros((9, 32, 32, 3), "uint8")
images[:, :, :, 2] = np.linspace(0, 255, 9, dtype="uint8")[:, None, None]
y, predicted = np.repeat([0, 1, 2], 3), np.array([0, 0, 1, 1, 1, 1, 2, 2, 0])
widgets.confusion_explorer(images, y, predicted, ["cat", "dog", "ship"])
"""


def test_a_cell_of_the_confusion_matrix_opens_its_images(page, lab, screenshot):
    opened(page, lab, "matrix", cells=[MATRIX])
    explorer = jupyter.output(page, "widgets.confusion_explorer")
    explorer.scroll_into_view_if_needed()

    explorer.locator("button[title^='dog, right']").click()
    told = explorer.get_by_text("dog, right: 3 pictures")
    expect(told).to_be_visible()
    expect(explorer.get_by_text("dog → dog")).to_have_count(3)
    screenshot("matrix_by_mouse")

    explorer.locator("button[title^='cat, called dog']").focus()
    page.keyboard.press("Enter")
    expect(explorer.get_by_text("cat, called dog: 1 picture")).to_be_visible()
    expect(explorer.get_by_text("cat → dog")).to_have_count(1)
    expect(told).to_have_count(0)
    screenshot("matrix_by_keyboard")


def packed(path, names):
    """A zip file of small pictures under the names given."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(picture, "PNG")
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, picture.getvalue())
    return path


def test_photos_are_uploaded_and_none_leaves_its_folder(page, lab, screenshot, tmp_path):
    opened(page, lab, "upload", cells=['from helpers import widgets\nwidgets.photo_upload("mine")'])
    widget = jupyter.output(page, "photo_upload")

    def upload(name, members):
        with page.expect_file_chooser() as chooser:
            widget.get_by_role("button", name="choose files").click()
        chooser.value.set_files(packed(tmp_path / name, members))

    upload("hostile.zip", ["pens/d.png", "../evil.png"])
    expect(widget.get_by_role("status")).to_contain_text("is refused")
    assert not [p for p in lab[1].parent.rglob("*.png") if p.name in ("d.png", "evil.png")]
    screenshot("photos_refused")

    upload("photos.zip", ["pens/a.png", "pens/b.png", "pencils/c.png"])
    expect(widget.get_by_role("status")).to_contain_text("3 pictures from photos.zip")
    photos = lab[1] / "mine"
    assert sorted(p.relative_to(photos).as_posix() for p in photos.rglob("*.png")) == [
        "pencils/c.png",
        "pens/a.png",
        "pens/b.png",
    ]
    screenshot("photos_uploaded")


CURVES = """
import numpy as np
from helpers import widgets

rng = np.random.default_rng(0)
y = np.arange(300) % 3
p = rng.dirichlet([1, 1, 1], 300) + 0.7 * np.eye(3)[y]
widgets.threshold_explorer(y, p / p.sum(axis=1, keepdims=True), ["cat", "dog", "ship"])
"""


def test_a_threshold_moves_precision_and_recall(page, lab, screenshot):
    opened(page, lab, "threshold", cells=[CURVES])
    explorer = jupyter.output(page, "threshold_explorer")
    said = explorer.get_by_role("status").first
    before = said.inner_text()
    explorer.locator(".widget-slider .noUi-handle").first.focus()
    started = time.perf_counter()
    page.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(before)
    print(f"slider to text: {1000 * (time.perf_counter() - started):.0f} ms")
    screenshot("threshold")
