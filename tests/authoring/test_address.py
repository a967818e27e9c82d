"""A fork's address comes from git or from the workflow, and goes everywhere."""

import subprocess

import pytest

from helpers.authoring import address, lint, notebooks
from helpers.grading import labs
from helpers.settings import ROOT, CourseError

FORK = "https://github.com/ada/her-course"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://github.com/ada/her-course", FORK),
        ("https://github.com/ada/her-course.git\n", FORK),
        ("https://github.com/ada/her-course/", FORK),
        ("git@github.com:ada/her-course.git", FORK),
        ("ssh://git@github.com/ada/her-course", FORK),
        ("ada/her-course", FORK),
        ("https://example.org/ada/her-course", ""),
        ("/home/ada/her-course", ""),
        ('ada/her"course', ""),
        ("ada", ""),
        ("", ""),
    ],
)
def test_each_way_to_name_a_repository(text, found):
    assert address.parse(text) == found


def git(root, *command):
    subprocess.run(["git", "-C", root, *command], check=True, capture_output=True)


def test_the_workflow_counts_before_git(root):
    git(root, "init")
    with pytest.raises(CourseError, match="remote 'origin'"):
        address.elsewhere(root, {})
    git(root, "remote", "add", "origin", "git@github.com:ada/her-course.git")
    assert address.elsewhere(root, {}) == FORK
    assert address.elsewhere(root, {"GITHUB_REPOSITORY": "ben/his"}) == "https://github.com/ben/his"


def test_a_new_address_goes_everywhere(root):
    citation = root / "CITATION.cff"
    citation.write_text((ROOT / "CITATION.cff").read_text("utf-8"), "utf-8")
    given = labs.folder() / "lab1.ipynb"  # a teacher's copy has the labs elsewhere
    master = root / "notebooks" / "labs" / "lab1.ipynb"
    master.parent.mkdir()
    master.write_text(given.read_text("utf-8"), "utf-8")
    address.write(FORK, root)
    lint.mend_all(master.parent, root)
    old, new = given.read_text("utf-8"), master.read_text("utf-8")
    assert new == old.replace(address.current(), FORK) != old
    assert address.current(root) == FORK
    assert f'repository-code: "{FORK}"' in citation.read_text("utf-8")
    for path in (*notebooks.lessons(root), notebooks.template(root)):
        assert lint.lint_notebook(path, root) == []
        text = path.read_text("utf-8")
        assert "github/ada/her-course/blob" in text and f'REPOSITORY = \\"{FORK}' in text
    assert "OWNER" not in (root / "README.md").read_text("utf-8")
    clone = "git clone https://github.com/OWNER/keras-image-course && cd keras-image-course"
    assert address.renewed(clone, FORK) == f"git clone {FORK} && cd keras-image-course"


def test_this_repository_has_one_address_everywhere():
    own = address.current()
    for name in (*lint.TEXTS, ".github/ISSUE_TEMPLATE/config.yml"):
        text = (ROOT / name).read_text("utf-8")
        assert address.renewed(text, own) == text
