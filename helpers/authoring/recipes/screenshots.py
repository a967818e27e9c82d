"""The README's two pictures: part of a lesson's page, and a check that talks.

    python -m helpers.authoring.recipes.screenshots

Needs Chromium and the packages of `make test-browser`. It runs the beginning of lesson 02 with a
wrong answer in exercise 1, and lesson 03, and writes notebooks/images/check.png and lesson.png.
"""

import shutil
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import Page, sync_playwright

from helpers.authoring import course, notebooks
from helpers.settings import NOTEBOOKS, CourseError

# The sign of the error is wrong, and the new weight follows from it.
WRONG = 'step = {"error": 0.27, "slope": 0.54, "new_w1": -0.04}'
CHECK = "check.gradient_step("
LESSON, GUESS = "03_augmentation", "120 epochs instead of 40"


def main() -> None:
    """Write both pictures."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if chromium is None:
        raise CourseError("no Chromium: install the package chromium")
    with tempfile.TemporaryDirectory(dir=NOTEBOOKS) as folder, sync_playwright() as driver:
        beginning = Path(folder) / "02_baseline_cnn.ipynb"
        nbformat.write(_with_wrong_answer(), beginning)
        output = Path(folder) / "pages"
        course.build([beginning, *notebooks.find([LESSON])], output)
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1000}, device_scale_factor=1.5)
        page.goto((output / "02_baseline_cnn.html").as_uri())
        page.locator("section.exercise").first.screenshot(path=NOTEBOOKS / "images" / "check.png")
        page.goto((output / f"{LESSON}.html").as_uri())
        picture = NOTEBOOKS / "images" / "lesson.png"
        page.screenshot(path=picture, full_page=True, clip=_guess_and_figure(page))
        browser.close()


def _with_wrong_answer() -> nbformat.NotebookNode:
    """Lesson 02 up to the check of its first exercise, which gets a wrong answer."""
    notebook = notebooks.read(*notebooks.find(["02"]))
    [check] = [i for i, cell in enumerate(notebook.cells) if CHECK in cell.source]
    notebook.cells = notebook.cells[: check + 1]
    notebook.cells[check - 1].source = WRONG
    return notebook


def _guess_and_figure(page: Page) -> dict[str, float]:
    """Where the guess, the folded code behind it and its figure stand on the page."""
    guess = page.locator("div.cell").filter(has_text=GUESS)
    figure = guess.locator("xpath=following-sibling::div[contains(@class, 'cell')][1]")
    top, below = guess.locator(".cell_output").bounding_box(), figure.bounding_box()
    return top | {"height": below["y"] + below["height"] - top["y"]}


if __name__ == "__main__":
    main()
