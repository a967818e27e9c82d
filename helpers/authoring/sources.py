"""What Sphinx reads: executed notebooks and Markdown files of the course, made ready for a site.

The folder mirrors notebooks/, so that links between lessons, glossary and guides stay as they are;
links to other files of the repository lead to GitHub.
"""

import base64
import copy
import os
import re
import shutil
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import nbformat

from helpers.authoring import address, notebooks
from helpers.authoring.slides import PAGES, WIDGET_VIEW, has_slides
from helpers.settings import NOTEBOOKS, ROOT

if TYPE_CHECKING:
    from helpers.authoring.course import Outcome

# Pages beside the lessons, and what the side bar calls them: files in notebooks/ or in pages/.
GUIDES = {
    "photo.md": "Try the network",
    "slides.md": "Slides",
    "running.md": "Ways to run it",
    "questions.md": "Ten theory questions",
    "glossary.md": "Glossary",
    "teaching/README.md": "For teachers",
    "versions.md": "Versions",
}
BADGE = re.compile(r"\[!\[[^\]]*\]\(https://colab[^)]*\)\]\((?P<url>[^)]*)\)")
LINK = re.compile(r"(?<=\]\()[^)\s]+|(?<=href=\")[^\"]+")
CODE = re.compile(r"(^```.*?^```|`[^`\n]+`|\$[^$]+\$)", re.DOTALL | re.MULTILINE)
SIGN = re.compile(r"(?<=\d) (?=[%±×])|(?<=[±×]) (?=\d)")
BOLD = re.compile(r"\*\*([^*\n]{2,60}?)\*\*(?!\])")
FOLDS = {"hide-input": "the code", "hide-cell": "code and result"}
QUIZ = re.compile(r"quiz\.(guess|show)\([^\n]*\)")
TERM = re.compile(r"^\| \*\*(?P<names>[^*]+)\*\* \|", re.MULTILINE)
ROW = re.compile(r"^\| \[[^\]]+\]\(notebooks/(?P<name>\w+)\.ipynb\) \|.*$", re.MULTILINE)
WIDE = 800  # pixels, of a figure
COLAB = (
    '<a class="button first" href="https://colab.research.google.com/github/{}/blob/main/notebooks/'
    '00_start_here.ipynb">Open the first lesson in Colab</a>'
)
WIDGET_NOTE = "<p><em>Something to click stands here when the notebook is open.</em></p>"


def write(outcomes: "list[Outcome]", folder: Path) -> None:
    """Write one file a page into a folder that is not there yet.

    Args:
        outcomes: what became of the lessons, in their order.
        folder: for Sphinx; it mirrors notebooks/.
    """
    shutil.copytree(NOTEBOOKS / "images", folder / "images")
    there = {f"{outcome.name}.ipynb" for outcome in outcomes} | {"index.md", *GUIDES}
    terms = glossary()
    for outcome in outcomes:
        if outcome.notebook is None:
            text = f"# {outcome.name}\n\n```{{error}}\n{outcome.error}\n```\n"
            notebooks.write_text(folder / f"{outcome.name}.md", text)
        else:
            text = notebooks.dump(_prepared(outcome.notebook, outcome.error, there, terms))
            notebooks.write_text(folder / f"{outcome.name}.ipynb", text)
    for name in GUIDES:
        text = _guide(name, outcomes)
        notebooks.write_text(folder / name, relinked(_unbroken(text), name, there))
    notebooks.write_text(folder / "index.md", _start_page(outcomes, there))


def _guide(name: str, outcomes: "list[Outcome]") -> str:
    """The text of a page beside the lessons."""
    if not (NOTEBOOKS / name).exists():
        text = Template((PAGES / name).read_text("utf-8"))
        with_slides = [o for o in outcomes if o.notebook is not None and has_slides(o.notebook)]
        links = (
            f'<li><a href="slides/{o.name}.html">{notebooks.title(o.notebook)}</a></li>'
            for o in with_slides
        )
        return text.substitute(slides=f"<ul>{''.join(links)}</ul>")
    text = (NOTEBOOKS / name).read_text("utf-8")
    if name == "glossary.md":  # each term can be linked to
        return TERM.sub(lambda row: f'| <span id="{_slug(row["names"])}"></span>{row[0][2:]}', text)
    return text


def _start_page(outcomes: "list[Outcome]", there: set[str]) -> str:
    """The start page; its table of lessons is the README's."""
    readme = (ROOT / "README.md").read_text("utf-8")
    names = [outcome.name for outcome in outcomes]
    rows = {row["name"]: row[0] for row in ROW.finditer(readme)}
    rows = [rows.get(name, f"| [{name}](notebooks/{name}.ipynb) | | | |") for name in names]
    failed = [outcome.name for outcome in outcomes if outcome.error]
    notice = (
        f"```{{error}}\nThese lessons stopped early: {', '.join(failed)}\n```" if failed else ""
    )
    where = address.current() if address.is_set() else "ADDRESS-OF-THE-COURSE"
    if not address.is_set():  # the links of the last column lead nowhere yet
        rows = [re.sub(r"\[Colab\]\([^)]*\)", "", row) for row in rows]
    colab = COLAB.format(address.current().removeprefix(address.GITHUB))
    return Template((PAGES / "start.md").read_text("utf-8")).substitute(
        lessons="\n".join(names),
        guides="\n".join(f"{title} <{name.removesuffix('.md')}>" for name, title in GUIDES.items()),
        table=_unbroken(relinked("\n".join(rows), "../README.md", there)),
        notice=notice,
        colab=colab if address.is_set() else "",
        address=where,
    )


def _prepared(
    notebook: nbformat.NotebookNode, error: str, there: set[str], terms: dict[str, str]
) -> nbformat.NotebookNode:
    """A copy of an executed notebook as Sphinx can read it."""
    notebook = copy.deepcopy(notebook)
    met: set[str] = set()  # terms are linked where they come first
    # The badge is an image from the network; a page gets a link, if it leads anywhere.
    link = r"[Open in Colab](\g<url>)" if address.is_set() else ""
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
        if "setup" in cell.metadata.tags:
            cell.metadata.tags.append("hide-input")
        for tag in FOLDS.keys() & set(cell.metadata.tags):
            words = {
                "code_prompt_show": f"Show {FOLDS[tag]}",
                "code_prompt_hide": f"Hide {FOLDS[tag]}",
            }
            cell.metadata.setdefault("mystnb", {}).update(words)
        if QUIZ.fullmatch(cell.source):  # what it shows says enough
            cell.metadata.tags.append("remove-input")
        for output in cell.get("outputs", []):
            if output.get("data", {}).pop(WIDGET_VIEW, None):
                output.data.setdefault("text/html", WIDGET_NOTE)
            if "text" in output:  # a library may print where a file lies on this machine
                output.text = output.text.replace(f"{ROOT}{os.sep}", "")
            if _png_width(output) > WIDE:  # on a telephone it scrolls, or its letters are too small
                shown = cell.metadata.setdefault("mystnb", {}).setdefault("image", {})
                shown["classes"] = "wide"
        if cell.cell_type == "markdown":
            text = _unbroken(_with_terms(BADGE.sub(link, cell.source), terms, met))
            cell.source = relinked(text, "lesson.ipynb", there)
        for name, forms in cell.pop("attachments", {}).items():
            kind, data = next(iter(forms.items()))
            data_url = f"data:{kind};base64,{''.join(data.split())}"
            for written in (name, quote(name)):
                cell.source = cell.source.replace(f"attachment:{written}", data_url)
    if error:
        text = f"```{{error}}\nThis lesson stopped early, at {error}\n```"
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(text))
    return notebook


def _png_width(output: nbformat.NotebookNode) -> int:
    """Width of a figure in pixels, as the head of its PNG file says; 0 for all else."""
    try:
        head = base64.b64decode(output.get("data", {}).get("image/png", "")[:64])
    except ValueError:  # no PNG: Sphinx will say so, and which page it is on
        return 0
    return int.from_bytes(head[16:20], "big")


def _unbroken(text: str) -> str:
    """A text in which no line breaks between a number and its sign; code stays as it is."""
    parts = CODE.split(text)
    return "".join(part if i % 2 else SIGN.sub("\u00a0", part) for i, part in enumerate(parts))


# --- links --------------------------------------------------------------------------------------


def relinked(text: str, name: str, there: set[str]) -> str:
    """A text whose links hold on the site.

    Args:
        text: Markdown.
        name: the file that it comes from, relative to notebooks/.
        there: files of notebooks/ that are pages of the site.
    """
    folder = PurePosixPath(name).parent

    def new(found: re.Match) -> str:
        target = found[0]
        path, hash_, fragment = target.partition("#")
        if not path or ":" in path:  # on this page, or somewhere else
            return target
        in_repository = normpath(PurePosixPath("notebooks", folder, unquote(path)))
        inside = in_repository.removeprefix("notebooks/")
        if in_repository == "README.md":  # what it says, the start page says
            inside = "index.md"
        if inside.startswith("quizzes/"):  # on the site, a quiz stands in its lesson
            inside = f"{PurePosixPath(inside).stem}.ipynb"
        if inside in there or inside.startswith("images/"):
            # In a notebook an anchor is the heading with hyphens; Sphinx has GitHub's form.
            anchor = _anchor(unquote(fragment)) if inside.endswith(".ipynb") else fragment
            return (
                relpath(inside, "." if folder == PurePosixPath("..") else folder) + hash_ + anchor
            )
        kind = "tree" if (ROOT / in_repository).is_dir() else "blob"
        return f"{address.current()}/{kind}/main/{quote(in_repository)}{hash_}{fragment}"

    return LINK.sub(new, text)


def _anchor(heading: str) -> str:
    """GitHub's anchor of a heading whose blanks are hyphens already."""
    return re.sub(r"[^\w\- ]", "", heading.lower())


# --- glossary -----------------------------------------------------------------------------------


def glossary() -> dict[str, str]:
    """Each name of a term of the glossary, in small letters, with its anchor there."""
    text = (NOTEBOOKS / "glossary.md").read_text("utf-8")
    found = {}
    for row in TERM.finditer(text):
        for name in re.split(r", | \(|\)", row["names"]):
            if name:
                found[name.lower()] = _slug(row["names"])
    return found


def _slug(names: str) -> str:
    return "term-" + re.sub(r"\W+", "-", names.lower()).strip("-")


def _with_terms(text: str, terms: dict[str, str], met: set[str]) -> str:
    """Bold terms lead to the glossary where a lesson has them first; `met` grows."""

    def linked(found: re.Match) -> str:
        word = found[1].lower().strip(".,:;")
        anchor = terms.get(word) or terms.get(word.removesuffix("s"))
        if anchor is None or anchor in met:
            return found[0]
        met.add(anchor)
        return f"[{found[0]}](glossary.md#{anchor})"

    parts = re.split(
        r"(^```.*?^```|<summary>.*?</summary>|^#.*?$)", text, flags=re.DOTALL | re.MULTILINE
    )
    return "".join(part if i % 2 else BOLD.sub(linked, part) for i, part in enumerate(parts))
