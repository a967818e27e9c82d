"""Quizzes: five questions at the end of a lesson, with an explanation for every choice.

A quiz is plain HTML: radio buttons, and style rules that show the explanation of the one that is
chosen. It needs no kernel, no JavaScript and no widgets, and also works in a saved page.

File format, `notebooks/quizzes/NAME.toml`, where text may contain `code` and **bold**:

    title = "…"
    [[question]]
    text = "…"
    [[question.option]]
    text = "…"
    correct = true      # on exactly one option of each question
    why = "…"           # on every option
"""

import html
import re
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import UserError
from helpers.paths import NOTEBOOKS

QUESTIONS = 5
_LEAST_OPTIONS = 3


@dataclass(frozen=True)
class Option:
    """One answer to choose, and why it is right or wrong."""

    text: str
    why: str
    correct: bool


@dataclass(frozen=True)
class Question:
    """A question with exactly one correct option."""

    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True, repr=False)
class Quiz:
    """A quiz, ready to be displayed as HTML or as plain text."""

    title: str
    questions: tuple[Question, ...]

    def _repr_html_(self) -> str:
        return _page(self)

    def __repr__(self) -> str:
        return _plain_page(self)


def show(name: str) -> None:
    """Display the quiz of a lesson, as in `quiz.show("01_data_preparation")`."""
    from IPython.display import display  # prints plain text outside a notebook

    display(load(NOTEBOOKS / "quizzes" / f"{name}.toml"))


def load(path: Path) -> Quiz:
    """Read and check a quiz file.

    Raises:
        UserError: the file is missing or breaks the format; the message names file and question.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.toml"))) or "none"
        raise UserError(f"{path.name}: there is no such quiz; there are: {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name}: no valid TOML ({error}): repair the file") from None
    questions = table.get("question")
    if not isinstance(questions, list) or len(questions) != QUESTIONS:
        found = len(questions) if isinstance(questions, list) else 0
        raise UserError(f"{path.name}: {found} questions: a quiz has {QUESTIONS}")
    title = _text(table, "title", path.name)
    return Quiz(title, tuple(_question(q, path.name, i) for i, q in enumerate(questions, 1)))


def _question(table: dict, file: str, number: int) -> Question:
    place = f"{file}, question {number}"
    entries = table.get("option")
    if not isinstance(entries, list) or len(entries) < _LEAST_OPTIONS:
        raise UserError(f"{place}: give it at least {_LEAST_OPTIONS} [[question.option]] entries")
    options = tuple(
        Option(
            _text(entry, "text", f"{place}, option {i}"),
            _text(entry, "why", f"{place}, option {i}"),
            entry.get("correct") is True,
        )
        for i, entry in enumerate(entries, 1)
    )
    right = sum(option.correct for option in options)
    if right != 1:
        raise UserError(f"{place}: {right} correct options: mark exactly one `correct = true`")
    return Question(_text(table, "text", place), options)


def _text(table: dict, key: str, place: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UserError(f"{place}: `{key}` is missing or empty: write it")
    return value.strip()


_STYLE = """
#ID { max-width: 60em; font: 14px/1.5 system-ui, sans-serif; counter-reset: done right; }
#ID fieldset { border: 1px solid rgba(128,128,128,.5); border-radius: 6px; margin: 14px 0;
  padding: 6px 14px 10px; min-width: 0; }
#ID legend { font-weight: 600; padding: 0 6px; font-size: 15px; }
#ID .option { display: grid; grid-template-columns: 24px 1fr; align-items: start;
  padding: 4px 0; }
#ID input[type=radio] { margin: 4px 0 0; width: 15px; height: 15px; }
#ID legend strong { font-style: italic; }
#ID label { cursor: pointer; }
#ID code { background: rgba(128,128,128,.2); color: inherit; padding: 0 3px; font-size: 13px; }
#ID .why { grid-column: 2; }
#ID .why p { display: none; margin: 4px 0; padding: 4px 10px; border-left: 4px solid;
  background: rgba(128,128,128,.12); }
#ID .why b { color: #fff; border-radius: 3px; padding: 1px 7px; margin-right: 6px; }
#ID .yes p { border-color: #00694D; } #ID .yes b { background: #00694D; }
#ID .no p { border-color: #A84300; } #ID .no b { background: #A84300; }
#ID input:checked ~ .why p { display: block; }
#ID input:checked { counter-increment: done; }
#ID input.key:checked { counter-increment: done right; }
#ID .score::before { content: "Right: " counter(right) " of TOTAL.  Answered: " counter(done) "."; }
#ID button { font: inherit; margin-left: 14px; }
"""


def _page(quiz: Quiz) -> str:
    """HTML of a quiz; its ids are new each time, for one page may show a quiz twice."""
    own = f"quiz-{uuid.uuid4().hex[:8]}"
    style = _STYLE.replace("ID", own).replace("TOTAL", str(len(quiz.questions)))
    blocks = "".join(_fieldset(q, i, f"{own}-{i}") for i, q in enumerate(quiz.questions, 1))
    # JupyterLab would take arrow keys for its own; a disabled submit button keeps Enter from
    # reloading the page.
    return (
        f'<div id="{own}" data-lm-suppress-shortcuts="true"><style>{style}</style>'
        f'<form role="group" aria-label="Quiz: {html.escape(quiz.title)}" autocomplete="off">'
        f'<button type="submit" disabled hidden></button>'
        f"<strong>{_rich(quiz.title)}</strong> Choose an answer to see why it is right or wrong; "
        f'choose again as often as you like.{blocks}<div><span class="score" role="status"></span>'
        f'<button type="reset">Start again</button></div></form></div>'
    )


def _fieldset(question: Question, number: int, own: str) -> str:
    rows = []
    for i, option in enumerate(question.options, 1):
        kind, verdict = ("yes", "✓ Right") if option.correct else ("no", "✗ Wrong")
        key = ' class="key"' if option.correct else ""
        # The empty-looking div is always there, so that screen readers announce what appears.
        rows.append(
            f'<div class="option"><input type="radio"{key} name="{own}" id="{own}-{i}">'
            f'<label for="{own}-{i}">{_rich(option.text)}</label>'
            f'<div class="why {kind}" aria-live="polite"><p><b>{verdict}</b>'
            f"{_rich(option.why)}</p></div></div>"
        )
    legend = f"<legend>{number}. {_rich(question.text)}</legend>"
    return f"<fieldset>{legend}{''.join(rows)}</fieldset>"


def _plain_page(quiz: Quiz) -> str:
    """Questions with options as text, the answers with explanations at the end."""
    lines, answers = [quiz.title], ["Answers"]
    for number, question in enumerate(quiz.questions, 1):
        lines += ["", f"{number}. {question.text}"]
        for letter, option in zip("abcdefgh", question.options, strict=False):
            lines.append(f"   {letter}) {option.text}")
            sign = "✓" if option.correct else "✗"
            answers.append(f"{sign} {number}{letter}: {option.why}")
    return "\n".join([*lines, "", *answers])


def _rich(text: str) -> str:
    """Escape a text for HTML; `code` and **bold** become elements."""
    text = html.escape(" ".join(text.split()))
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
