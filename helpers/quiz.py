"""Quizzes: five questions at the end of a lesson, with an explanation for every choice.

A quiz is plain HTML: radio buttons, and style rules that show the explanation of the one that is
chosen. It needs no kernel, no JavaScript and no widgets, and also works in a saved page.

File format, `notebooks/quizzes/NAME.toml`, where text may contain `code`, **bold** and *italic*:

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

from helpers.settings import NOTEBOOKS, CourseError

QUESTIONS = 5


@dataclass(frozen=True, repr=False)
class Quiz:
    """A quiz that a notebook shows.

    Attributes:
        title: what it is about.
        questions: tables as in the file: `text` and `option`, a list of tables.
    """

    title: str
    questions: list[dict]

    def _repr_html_(self) -> str:
        own = f"quiz-{uuid.uuid4().hex[:8]}"  # new each time: one page may show a quiz twice
        style = _STYLE.replace("ID", own).replace("TOTAL", str(len(self.questions)))
        blocks = "".join(
            _fieldset(question, i, f"{own}-{i}") for i, question in enumerate(self.questions, 1)
        )
        # JupyterLab would take arrow keys for its own; a disabled submit button keeps Enter from
        # reloading the page.
        return (
            f'<div id="{own}" data-lm-suppress-shortcuts="true"><style>{style}</style>'
            f'<form role="group" aria-label="Quiz: {html.escape(self.title)}" autocomplete="off">'
            f'<button type="submit" disabled hidden></button>'
            f"<strong>{_rich(self.title)}</strong> Choose an answer to see why it is right or "
            f"wrong; choose again as often as you like.{blocks}<div>"
            '<span class="score" role="status"></span>'
            '<button type="reset">Start again</button></div></form></div>'
        )

    def __repr__(self) -> str:
        return f"<quiz with {len(self.questions)} questions: open the notebook to answer them>"


def show(name: str) -> None:
    """Display the quiz of a lesson, as in `quiz.show("01_data_preparation")`."""
    from IPython.display import display

    display(load(NOTEBOOKS / "quizzes" / f"{name}.toml"))


def load(path: Path) -> Quiz:
    """Read a quiz file.

    Raises:
        CourseError: the file is missing or breaks the format; the message names file and question.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.toml"))) or "none"
        raise CourseError(f"{path.name}: there is no such quiz; there are: {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path.name}: no valid TOML ({error}): repair the file") from None
    questions = table.get("question", [])
    if not table.get("title") or len(questions) != QUESTIONS:
        raise CourseError(f"{path.name}: a quiz has a title and {QUESTIONS} questions")
    for number, question in enumerate(questions, 1):
        options = question.get("option", [])
        right = sum(option.get("correct") is True for option in options)
        whole = all(option.get("text") and option.get("why") for option in options)
        if not question.get("text") or len(options) < 3 or right != 1 or not whole:
            raise CourseError(
                f"{path.name}, question {number}: it needs `text` and three or more options, each "
                "with `text` and `why`, exactly one of them `correct = true`"
            )
    return Quiz(table["title"], questions)


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


def _fieldset(question: dict, number: int, own: str) -> str:
    rows = []
    for i, option in enumerate(question["option"], 1):
        right = option.get("correct")
        kind, verdict, key = ("yes", "✓ Right", ' class="key"') if right else ("no", "✗ Wrong", "")
        # The empty-looking div is always there, so that screen readers announce what appears.
        rows.append(
            f'<div class="option"><input type="radio"{key} name="{own}" id="{own}-{i}">'
            f'<label for="{own}-{i}">{_rich(option["text"])}</label>'
            f'<div class="why {kind}" aria-live="polite"><p><b>{verdict}</b>'
            f"{_rich(option['why'])}</p></div></div>"
        )
    legend = f"<legend>{number}. {_rich(question['text'])}</legend>"
    return f"<fieldset>{legend}{''.join(rows)}</fieldset>"


def _rich(text: str) -> str:
    """Escape a text for HTML; `code`, **bold** and *italic* become elements."""
    parts = re.split(r"`([^`]+)`", html.escape(" ".join(text.split())))
    for index, part in enumerate(parts):
        if index % 2:  # what stood between backticks, where a * is a multiplication
            parts[index] = f"<code>{part}</code>"
        else:
            part = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", part)
            parts[index] = re.sub(r"\*(\S[^*]*)\*", r"<em>\1</em>", part)
    return "".join(parts)
