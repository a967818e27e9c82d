"""A site is published when all lessons passed, and what is wrong with it is told."""

import json

import pytest

from helpers.authoring import notebooks, publish
from helpers.settings import CourseError

PAGE = '<html><body id="top"><a href="{}">x</a>{}</body></html>'


@pytest.fixture
def built(tmp_path):
    """What `make course` leaves, with one page."""
    folder = tmp_path / "course"
    folder.mkdir()
    rows = [{"notebook": path.stem, "status": "passed"} for path in notebooks.lessons()]
    (folder / "summary.json").write_text(json.dumps(rows))
    (folder / "index.html").write_text(PAGE.format("#top", ""))
    (folder / "00_start_here.ipynb").write_text("{}")
    (folder / "pages.log").write_text("a warning")
    return folder


def test_the_site_has_the_pages_and_nothing_for_authors(built, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "old.html").write_text("of last week")
    assert publish.publish(built, tmp_path / "site") == []
    assert {path.name for path in (tmp_path / "site").iterdir()} == {"index.html", ".nojekyll"}


@pytest.mark.parametrize(
    ("link", "part", "told"),
    [
        ("gone.html", "", "index.html: the link gone.html leads nowhere"),
        ("#nowhere", "", "index.html: the link #nowhere leads nowhere"),
        ("index.html#nowhere", "", "index.html: the link index.html#nowhere leads nowhere"),
        ("index.html#top", '<img src="a%20b.png">', "index.html: a%20b.png is not there"),
        (
            "#top",
            '<script src="https://h.org/x.js"></script>',
            "index.html: loads https://h.org/x.js",
        ),
        ("#top", '<link rel="stylesheet" href="//h.org/x">', "index.html: loads //h.org/x"),
    ],
)
def test_what_is_wrong_is_told(built, tmp_path, link, part, told):
    (built / "index.html").write_text(PAGE.format(link, part))
    assert publish.publish(built, tmp_path / "site") == [told]


def test_what_is_right_is_not_told(built, tmp_path):
    (built / "a b.png").touch()
    part = '<img src="a%20b.png"><img src="data:,"><link rel="canonical" href="https://h.org/">'
    (built / "index.html").write_text(PAGE.format("https://example.org", part))
    assert publish.publish(built, tmp_path / "site") == []


def test_a_lesson_that_failed_or_did_not_run_is_not_published(built, tmp_path):
    rows = json.loads((built / "summary.json").read_text())
    rows[3]["status"] = "failed"
    (built / "summary.json").write_text(json.dumps(rows[1:]))
    with pytest.raises(CourseError, match=r"00_start_here, 03_augmentation .*make course"):
        publish.publish(built, tmp_path / "site")
    (built / "summary.json").unlink()
    with pytest.raises(CourseError, match="make course"):
        publish.publish(built, tmp_path / "site")
