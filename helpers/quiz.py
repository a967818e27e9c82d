"""Guesses before a result, and the five questions at the end of a lesson.

Both are plain HTML: radio buttons, and style rules that show what belongs to the one that is
chosen. They need no kernel, no JavaScript and no widgets, and also work in a saved page.

File format, `notebooks/quizzes/NAME.toml`, where text may contain `code`, **bold** and *italic*,
and quoted figures as in the prose:

    title = "…"
    [[question]]
    text = "…"
    [[question.option]]
    text = "…"
    correct = true      # on exactly one option of each question
    why = "…"           # on every option

    [[guess]]
    name = "…"
    text = "…"
    why = "…"           # what there is to see, whatever was guessed
    [[guess.option]]
    text = "…"
    correct = true      # on exactly one option
"""

import html
import re
import tomllib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers.settings import NOTEBOOKS, CourseError

QUESTIONS = 5
STYLE = Path(__file__).with_suffix(".css")  # ID and TOTAL stand for a form's own


@dataclass(frozen=True, repr=False)
class Quiz:
    """A quiz that a notebook shows.

    Attributes:
        title: what it is about.
        questions: tables as in the file: `text` and `option`, a list of tables.
        guesses: tables as in the file, by their names.
    """

    title: str
    questions: list[dict]
    guesses: dict[str, dict]

    def _repr_html_(self) -> str:
        own = _new_id()
        blocks = "".join(
            _fieldset(f"{i}. {question['text']}", map(_explained, question["option"]), f"{own}-{i}")
            for i, question in enumerate(self.questions, 1)
        )
        content = (
            f"<strong>{_rich(self.title)}</strong> Choose an answer to see why it is right or "
            f"wrong; choose again as often as you like.{blocks}<div>"
            '<span class="score" role="status"></span>'
            '<button type="reset">Start again</button></div>'
        )
        return _form(own, f"Quiz: {self.title}", content)

    def __repr__(self) -> str:
        return f"<quiz with {len(self.questions)} questions: open the notebook to answer them>"


def show(name: str) -> None:
    """Display the quiz of a lesson, as in `quiz.show("01_data_preparation")`."""
    from IPython.display import display

    display(load(NOTEBOOKS / "quizzes" / f"{name}.toml"))


def guess(name: str, which: str) -> None:
    """Display a question to answer before the result is there.

    What there is to see stays folded until an option is chosen, and then opens by a click.

    Args:
        name: the lesson, as in "02_baseline_cnn".
        which: the guess's name in the lesson's quiz file.
    """
    from IPython.display import HTML, display

    table = load(NOTEBOOKS / "quizzes" / f"{name}.toml").guesses[which]
    own = _new_id()
    options = [_folded(option, table["why"]) for option in table["option"]]
    block = _fieldset(f"**Your guess:** {table['text']}", options, f"{own}-1")
    display(HTML(_form(own, "A guess", block, kind="guess")))


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
    guesses = {str(guess.get("name")): guess for guess in table.get("guess", [])}
    asked = {f"question {number}": one for number, one in enumerate(questions, 1)}
    for label, one in (asked | {f"guess {name}": one for name, one in guesses.items()}).items():
        options = one.get("option", [])
        right = sum(option.get("correct") is True for option in options)
        explained = options if label in asked else [one]
        whole = all(part.get("text") for part in [one, *options])
        whole &= all(part.get("why") for part in explained)
        if len(options) < 2 or right != 1 or not whole:
            raise CourseError(
                f"{path.name}, {label}: it needs `text`, two or more options with `text`, exactly "
                "one of them `correct = true`, and `why` (a question: in each option)"
            )
    return Quiz(table["title"], questions, guesses)


def _new_id() -> str:
    return f"quiz-{uuid.uuid4().hex[:8]}"  # new each time: one page may show a quiz twice


def _form(own: str, label: str, content: str, kind: str = "quiz") -> str:
    style = STYLE.read_text("utf-8").replace("ID", own).replace("TOTAL", str(QUESTIONS))
    # JupyterLab would take arrow keys for its own; a disabled submit button keeps Enter from
    # reloading the page.
    return (
        f'<div id="{own}" data-lm-suppress-shortcuts="true">'
        f"<style>{style}</style>"
        f'<form class="{kind}" role="group" aria-label="{html.escape(label)}" autocomplete="off">'
        f'<button type="submit" disabled hidden></button>{content}</form></div>'
    )


def _explained(option: dict) -> tuple[str, str, str]:
    """Text, class and explanation of a quiz's option."""
    kind, verdict = ("yes", "✓ Right") if option.get("correct") else ("no", "✗ Wrong")
    return option["text"], kind, f"<p><b>{verdict}</b>{_rich(option['why'])}</p>"


def _folded(option: dict, why: str) -> tuple[str, str, str]:
    """Text, class and folded explanation of a guess's option; closed, all options look alike."""
    right = option.get("correct")
    kind, verdict = ("yes", "✓ As you guessed") if right else ("no", "✗ Not so")
    summary = "Go on and look at the result. Then open this."
    inside = f"<details><summary>{summary}</summary><p><b>{verdict}</b>{_rich(why)}</p></details>"
    return option["text"], kind, inside


def _fieldset(legend: str, options: Iterable[tuple[str, str, str]], own: str) -> str:
    rows = []
    for i, (text, kind, explanation) in enumerate(options, 1):
        key = ' class="key"' if kind == "yes" else ""
        # The empty-looking div is always there, so that screen readers announce what appears.
        rows.append(
            f'<div class="option"><input type="radio"{key} name="{own}" id="{own}-{i}">'
            f'<label for="{own}-{i}">{_rich(text)}</label>'
            f'<div class="why {kind}" aria-live="polite">{explanation}</div></div>'
        )
    return f"<fieldset><legend>{_rich(legend)}</legend>{''.join(rows)}</fieldset>"


def _rich(text: str) -> str:
    """Escape a text for HTML; `code`, **bold** and *italic* become elements."""
    text = re.sub(r"<!--.*?-->", "", text)  # marks of quoted figures
    parts = re.split(r"`([^`]+)`", html.escape(" ".join(text.split())))
    for index, part in enumerate(parts):
        if index % 2:  # what stood between backticks, where a * is a multiplication
            parts[index] = f"<code>{part}</code>"
        else:
            part = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", part)
            parts[index] = re.sub(r"\*(\S[^*]*)\*", r"<em>\1</em>", part)
    return "".join(parts)
