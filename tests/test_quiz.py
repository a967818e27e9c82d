"""Quizzes: the files hold to the format, bad files are named, and pages work without a script."""

import re
from html.parser import HTMLParser

import pytest

from helpers import quiz
from helpers.errors import UserError
from helpers.paths import NOTEBOOKS

FILES = sorted((NOTEBOOKS / "quizzes").glob("*.toml"))
OPTION = '[[question.option]]\ntext = "{text}"\nwhy = "because"\n'


def source(questions=5, right=(1,), options=3, change=None):
    """Text of a quiz file; the option of which `right` is the place is the correct one."""
    blocks = ['title = "T"']
    for _ in range(questions):
        blocks.append('[[question]]\ntext = "Is `1 < 2` **so**?"')
        for place in range(options):
            block = OPTION.format(text=f"option <{place}>")
            blocks.append(block + ("correct = true\n" if place in right else ""))
    text = "\n".join(blocks)
    return text.replace(*change, 1) if change else text


@pytest.fixture
def write(tmp_path):
    def make(text):
        path = tmp_path / "sample.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_there_are_quizzes():
    assert {"00_start_here", "01_data_preparation", "02_baseline_cnn"} <= {f.stem for f in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_course_quiz(path):
    found = quiz.load(path)
    places = [[o.correct for o in q.options].index(True) for q in found.questions]
    assert len(set(places)) >= 3, "the right answer must not be guessed from its place"
    for question in found.questions:
        texts = [option.text for option in question.options]
        assert len(set(texts)) == len(texts)
        for option in question.options:
            assert len(option.why) > 30 and option.why.endswith(".")
            for sentence in re.split(r"(?<=[.?!]) ", option.why):
                assert len(sentence.split()) <= 30, f"too long to read easily: {sentence}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (source(questions=4), "sample.toml: 4 questions"),
        ("", "0 questions"),
        ("question = 3", "0 questions"),
        ("not toml", "no valid TOML"),
        (source(right=()), "question 1: 0 correct"),
        (source(right=(0, 1)), "question 1: 2 correct"),
        (source(options=2), "question 1: give it at least 3"),
        (source(change=('why = "because"', 'why = " "')), "question 1, option 1: `why`"),
        (source(change=('why = "because"', "why = 3")), "question 1, option 1: `why`"),
        (source(change=('title = "T"', "")), "`title`"),
        (source(change=('text = "Is', 'txt = "Is')), "question 1: `text`"),
    ],
)
def test_bad_file_is_named_in_one_line(write, text, words):
    with pytest.raises(UserError) as caught:
        quiz.load(write(text))
    message = str(caught.value)
    assert message.startswith("sample.toml") and words in message and "\n" not in message


def test_missing_file_lists_what_there_is(write):
    path = write(source())
    with pytest.raises(UserError, match=r"other\.toml: there is no such quiz; there are: sample"):
        quiz.load(path.with_name("other.toml"))


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "elements must be nested properly"

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def test_page_is_whole_and_labelled(write):
    page = Page(quiz.load(write(source()))._repr_html_())
    assert not page.open
    assert not page.all("script") and not any("onclick" in attrs for _, attrs in page.tags)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    radios = page.all("input")
    assert len(radios) == 15 and len({radio["name"] for radio in radios}) == 5
    assert {radio["id"] for radio in radios} == {label["for"] for label in page.all("label")}
    assert len(page.all("fieldset")) == len(page.all("legend")) == 5


def test_two_displays_do_not_share_ids(write):
    loaded = quiz.load(write(source()))
    first, second = (
        {attrs["id"] for _, attrs in Page(loaded._repr_html_()).tags if "id" in attrs}
        for _ in range(2)
    )
    assert not first & second


def test_text_is_escaped_and_marked_up(write):
    page = quiz.load(write(source()))._repr_html_()
    assert "<code>1 &lt; 2</code>" in page and "<strong>so</strong>" in page
    assert "option &lt;0&gt;" in page


def test_plain_text_keeps_answers_to_the_end(write):
    text = repr(quiz.load(write(source())))
    questions, answers = text.split("Answers")
    assert "because" not in questions and "✓" not in questions
    assert answers.count("✓") == 5 and "✓ 1b: because" in answers


def test_show_prints_plain_text_outside_a_notebook(capsys):
    quiz.show("01_data_preparation")
    assert "Answers" in capsys.readouterr().out
