import pytest

from helpers.authoring import badges, canonical
from helpers.authoring.project import Project
from helpers.errors import UserError
from tests.authoring.conftest import ADDRESS, lesson_cells, markdown, write

NEW = "https://github.com/new-home/the_course.v2"


def move(project, address=NEW):
    text = (project.root / "pyproject.toml").read_text("utf-8")
    (project.root / "pyproject.toml").write_text(text.replace(ADDRESS, address), "utf-8")


def test_every_real_badge_leads_to_its_own_notebook():
    project = Project()
    for path in project.all_notebooks():
        first = canonical.source(canonical.read(path)["cells"][0])
        url = badges.BADGE.search(first)["url"]
        assert url == badges.colab_url(project.address(), path.name)


def test_nothing_changes_while_the_address_stays(project):
    project.readme.write_text(badges.readme(project.readme.read_text("utf-8"), project), "utf-8")
    assert badges.changed_files(project) == {}


def test_all_places_move_together(project):
    link = f"[code]({ADDRESS}/issues) [elsewhere](https://github.com/keras-team/keras)"
    write(project.notebooks / "01_small.ipynb", [*lesson_cells(), markdown(link)])
    project.readme.write_text(
        f"[![x]({badges.IMAGE})]({badges.colab_url(ADDRESS, '01_small.ipynb')})\n"
        f"git clone {ADDRESS}.git\n<!--notebooks-->\n<!--/notebooks-->\n",
        "utf-8",
    )
    move(project)
    changes = badges.changed_files(project)
    assert set(changes) == {*project.all_notebooks(), project.readme}
    for path, text in changes.items():
        assert "someone/some-course" not in text
        path.write_text(text, "utf-8")
    lesson = changes[project.notebooks / "01_small.ipynb"]
    assert f'REPOSITORY = \\"{NEW}\\"' in lesson
    assert f"{NEW}/issues" in lesson and "https://github.com/keras-team/keras" in lesson
    assert f"git clone {NEW}.git" in changes[project.readme]
    assert badges.changed_files(project) == {}


@pytest.mark.parametrize("address", ["https://example.org/a/b", "https://github.com/only", ""])
def test_an_address_that_is_none_is_refused(project, address):
    move(project, address)
    with pytest.raises(UserError, match="OWNER/REPO"):
        project.address()


def test_a_missing_address_is_refused(project):
    (project.root / "pyproject.toml").write_text("[project]\n", "utf-8")
    with pytest.raises(UserError, match="Repository"):
        project.address()
