"""An instructor's way through formgrader: see the class, read an answer, give points, export."""

import csv
import subprocess
import sys

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("nbgrader", reason="nbgrader is not installed")

from playwright.sync_api import expect

from helpers.grading import gradebook
from tests.browser.servers import environment, serving
from tests.grading import small_lab
from tests.grading.small_lab import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def course(tmp_path_factory, chromium):
    """A batch of three, of whom one wants to run scripts in formgrader."""
    folder = tmp_path_factory.mktemp("batch")
    hostile = small_lab.record(
        "h1",
        output=[{"source": HOSTILE, "text": HOSTILE, "error": HOSTILE}],
        answers={"conclusions": HOSTILE},
        student={"id": "h1", "name": HOSTILE[:80]},
        warnings=[HOSTILE],
    )
    hostile["tasks"][0]["reason"] = HOSTILE
    batch = small_lab.results(small_lab.record("s1"), small_lab.record("s2", 3), hostile)
    command = gradebook.write(batch, small_lab.lab(folder), folder)
    return folder / "nbgrader", command.partition(" -m ")[2].split()


def exported(folder):
    command = [sys.executable, "-m", "nbgrader", "export"]
    subprocess.run(command, cwd=folder, env=environment(folder), check=True, capture_output=True)
    with (folder / "grades.csv").open(newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def test_formgrader_shows_the_class_and_takes_points(page, course, screenshot):
    folder, command = course
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    command += ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
    with serving(command, folder, r"http://127\.0\.0\.1:\d+/formgrader\?token=\w+") as address:
        base = address.partition("/formgrader")[0]
        page.goto(address)
        expect(page.get_by_role("link", name="small")).to_be_visible()
        screenshot("formgrader_assignments")
        page.goto(f"{base}/formgrader/manage_submissions/small")
        for text in ("s1", "h1", "1.5 / 7", "3 / 7"):
            expect(page.locator("#main, body").get_by_text(text, exact=True).first).to_be_visible()
        screenshot("formgrader_submissions")

        for student in ("h1", "s2"):
            page.goto(f"{base}/formgrader/manage_students/{student}/small")
            page.locator("a[href*='/formgrader/submissions/']").first.click()
            score = page.locator("#conclusions.score")
            expect(score).to_be_visible()
            screenshot(f"formgrader_{student}", full_page=True)
            assert page.evaluate("window.owned") is None
        expect(page.get_by_text("It doubles.")).to_be_visible()
        score.fill("2.5")
        score.press("Tab")
        expect(page.locator("#conclusions.needs_manual_grade")).to_have_count(0)
        assert exported(folder) == {"s1": 1.5, "s2": 5.5, "h1": 1.5}
    assert dialogs == []
    assert not [address for address in page.outside if "evil.example" in address]
