"""A student's way through JupyterLab: open a lesson, run it, answer a quiz, move a slider."""

import json
import re
import shutil

import nbformat
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")

from playwright.sync_api import expect

from helpers.authoring.notebooks import write_text
from helpers.settings import NOTEBOOKS, ROOT
from tests.browser.servers import serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
expect.set_options(timeout=60_000)  # milliseconds, for a busy machine
RUN = 300_000  # milliseconds that the cells of a lesson may take


LESSONS = ("00_start_here", "02_baseline_cnn")
SCHEDULES = "from helpers import widgets\nwidgets.schedule_explorer(200, peak=0.01)"


@pytest.fixture(scope="module")
def lab(tmp_path_factory, chromium):
    """JupyterLab's address with its token, for a course and a student's first start."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("helpers", "data"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "notebooks").mkdir()
    for name in LESSONS:
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder / "notebooks")
    sliders = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SCHEDULES)])
    sliders.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(sliders, folder / "notebooks" / "sliders.ipynb")
    config = folder / "jupyter-config_dir" / "labconfig" / "page_config.json"
    news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    write_text(config, json.dumps(news))
    tracker = folder / "lab-settings_dir" / "@jupyterlab" / "notebook-extension"
    # Otherwise cells that are out of sight are not in the page, and can't be asked for.
    write_text(tracker / "tracker.jupyterlab-settings", '{"windowingMode": "none"}')
    command = ["jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.port=0", f"--ServerApp.root_dir={folder}"]
    with serving(command, folder, r"http://127\.0\.0\.1:\d+/lab\?token=\w+") as address:
        yield address


def run_notebook(page, lab, name):
    """Open a notebook, run all of it, and see that nothing failed."""
    base, _, token = lab.partition("/lab")
    page.goto(f"{base}/lab/tree/notebooks/{name}.ipynb{token}&reset", timeout=RUN)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=RUN)
    status = page.locator(".jp-StatusBar-Middle, #jp-main-statusbar")
    status.get_by_text("| Idle").wait_for(timeout=RUN)
    # On a slow machine JupyterLab may ask for the kernel that it is about to start.
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog .jp-mod-accept").click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-CodeCell .jp-InputPrompt").last
    last.filter(has_text=re.compile(r"\[\d+\]")).wait_for(timeout=RUN)
    failed = page.locator(".jp-OutputArea-output", has_text="Traceback (most recent call last)")
    assert failed.all_inner_texts() == []


def output(page, source):
    """Output area of the code cell that holds a text."""
    return page.locator(".jp-CodeCell", has_text=source).last.locator(".jp-OutputArea").first


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_through_and_its_quiz_answers(page, lab, screenshot, lesson):
    run_notebook(page, lab, lesson)
    assert page.locator(".jp-OutputArea-output img").count() >= 3
    quiz = output(page, f'quiz.show("{lesson}")')
    quiz.scroll_into_view_if_needed()
    first = quiz.locator("fieldset").first
    assert first.locator(".why p").first.is_hidden()
    first.locator("input:not(.key)").first.check()
    assert first.locator(".no p:visible").count() == 1  # wrong, and why
    first.locator("input.key").check()
    assert first.locator(".yes p").is_visible()
    assert first.locator(".no p:visible").count() == 0
    screenshot(f"quiz_{lesson[:2]}")
    badge = "https://colab.research.google.com/assets/colab-badge.svg"
    assert set(page.outside) <= {badge}  # the one image that a lesson takes from the network


def test_a_slider_changes_the_figure(page, lab, screenshot):
    run_notebook(page, lab, "sliders")
    explorer = output(page, "schedule_explorer")
    figure = explorer.locator("img").first
    before = figure.get_attribute("src")
    explorer.locator(".widget-slider .noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    expect(figure).not_to_have_attribute("src", before)
    screenshot("slider")
