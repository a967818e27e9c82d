"""Quizzes and guesses: every file is sound, text is escaped, and it works without a script."""

import re

import pytest

from helpers import quiz
from helpers.authoring import notebooks
from helpers.settings import NOTEBOOKS, CourseError

FILES = sorted((NOTEBOOKS / "quizzes").glob("*.toml"))
OPTION = '[[question.option]]\ntext = "{}"\nwhy = "because"\n'
QUESTION = '[[question]]\ntext = "which?"\n' + OPTION.format("a") * 2 + OPTION.format("c")
GOOD = 'title = "t"\n' + 5 * (QUESTION + "correct = true\n")
GUESS = """
[[guess]]
name = "which"
text = "Which *one*?"
why = "It is <!--ref a; b; c; d; %-->41 %<!--/ref-->."
[[guess.option]]
text = "this"
[[guess.option]]
text = "that"
correct = true
"""


@pytest.fixture
def shown(monkeypatch):
    """The HTML of what a cell displays."""
    pages = []
    monkeypatch.setattr("IPython.display.display", lambda thing: pages.append(thing._repr_html_()))
    return pages


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_quiz_can_be_shown(file):
    page = quiz.load(file)._repr_html_()
    assert page.count("<fieldset>") == page.count('class="key"') == quiz.QUESTIONS
    assert "<script" not in page


def test_every_lesson_has_a_quiz():
    lessons = {path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")}
    assert lessons and lessons <= {file.stem for file in FILES}


def longest_are_right(file):
    """In how many of a quiz's questions the right option is the longest one."""
    count = 0
    for question in quiz.load(file).questions:
        lengths = {False: [], True: []}
        for option in question["option"]:
            text = re.sub("<!--.*?-->", "", option["text"])
            lengths["correct" in option].append(len(text))
        count += max(lengths[True]) > max(lengths[False])
    return count


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_longest_option_is_no_hint(file):
    assert longest_are_right(file) <= 2


def test_the_longest_option_is_no_hint_in_all_quizzes_together():
    assert sum(map(longest_are_right, FILES)) <= quiz.QUESTIONS * len(FILES) / 3


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_lesson_shows_each_of_its_guesses_once_and_no_other(file, shown):
    [path] = notebooks.find([file.stem])
    source = "".join(cell.source for cell in notebooks.read(path).cells)
    used = re.findall(r'quiz\.guess\("(.+?)", "(.+?)"\)', source)
    assert sorted(used) == sorted((file.stem, name) for name in quiz.load(file).guesses)
    for lesson, name in used:
        quiz.guess(lesson, name)
    assert all(page.count('class="key"') == 1 and "<script" not in page for page in shown)


def test_a_guess_keeps_its_answer_folded_and_looks_the_same_whatever_is_chosen(
    tmp_path, monkeypatch, shown
):
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "q.toml").write_text(GOOD + GUESS)
    monkeypatch.setattr(quiz, "NOTEBOOKS", tmp_path)
    quiz.guess("q", "which")
    [page] = shown
    folded = re.findall(r"<details><summary>(.+?)</summary>(.+?)</details>", page)
    assert [summary for summary, _ in folded] == 2 * [folded[0][0]]
    assert ["✓" in text for _, text in folded] == [False, True]
    assert all("It is 41 %." in text for _, text in folded)
    assert "Which <em>one</em>?" in page and "✓" not in re.sub("<details>.+?</details>", "", page)


@pytest.mark.parametrize(
    "content",
    [
        "title = ",
        'title = "t"',
        GOOD.replace("correct = true", ""),
        GOOD.replace('why = "because"', ""),
        GOOD.replace('title = "t"', 'title = ""'),
        GOOD + QUESTION,
        GOOD + GUESS.replace("correct = true", ""),
        GOOD + GUESS.replace('text = "that"', 'text = "that"\ncorrect = true\n[[guess.option]]'),
        GOOD + GUESS.replace("why =", "because ="),
        GOOD + GUESS.replace("[[guess.option]]", "[[guess.choice]]", 1),
    ],
)
def test_a_broken_file_is_named(tmp_path, content):
    path = tmp_path / "broken.toml"
    path.write_text(content)
    with pytest.raises(CourseError, match=r"broken\.toml"):
        quiz.load(path)


def test_a_name_that_is_none_lists_the_quizzes():
    with pytest.raises(CourseError, match="00_start_here"):
        quiz.show("no_such_lesson")


def test_text_becomes_html_and_nothing_else(tmp_path):
    path = tmp_path / "q.toml"
    path.write_text(GOOD.replace("which?", "`a * b` <i> **bold** *lean* 2 * 3 * 4"))
    page = quiz.load(path)._repr_html_()
    expected = "<code>a * b</code> &lt;i&gt; <strong>bold</strong> <em>lean</em> 2 * 3 * 4"
    assert expected in page


def test_two_quizzes_on_a_page_do_not_share_ids(tmp_path):
    shown = quiz.load(FILES[0])
    ids = [set(re.findall(r'id="([^"]+)"', shown._repr_html_())) for _ in range(2)]
    assert ids[0] and not ids[0] & ids[1]
