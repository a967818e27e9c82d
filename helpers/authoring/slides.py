"""Slides of a lesson, made by nbconvert from the notebook that ran; they need no network.

A cell is on the slides if its metadata say so, as JupyterLab's property inspector writes it:
`{"slideshow": {"slide_type": "slide"}}`. Beside that, `"slide": "…"` holds the slide's own text, in
Markdown. On a text cell it stands in place of the cell's text, which becomes the speaker's notes
(press S), and a line `---` in it begins another slide; on a code cell it stands above the output,
and the notes are what the lesson says next. Code is shown only with `"slide_code": true`.
"""

import re
import shutil
from pathlib import Path

import nbformat
import sphinx_revealjs
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from traitlets.config import Config

from helpers.authoring import formulas, notebooks

PAGES = Path(__file__).with_name("pages")  # what pages and slides are made with
REVEAL = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
# Of reveal.js, what a presentation loads.
PARTS = (
    "dist/reveal.js",
    "dist/reveal.css",
    "dist/theme/white.css",
    "plugin/notes/notes.js",
    "LICENSE",
)
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
GUESS = 'aria-label="A guess"'  # as helpers.quiz writes it
CODE_HIDDEN = "slide-without-code"
COMMENT = re.compile(r"<!--/?ref.*?-->", re.DOTALL)
LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^)\s]*\)")


def build(lessons: dict[str, NotebookNode], output: Path) -> None:
    """Write NAME.html for each lesson that has slides.

    Args:
        lessons: names and executed notebooks.
        output: folder for the slides; made if need be.
    """
    output.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        (output / "reveal" / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REVEAL / part, output / "reveal" / part)
    shutil.copyfile(PAGES / "slides.css", output / "slides.css")
    for name, notebook in lessons.items():
        if has_slides(notebook):
            page = _page(selected(notebook), notebooks.title(notebook))
            notebooks.write_text(output / f"{name}.html", page)


def has_slides(notebook: NotebookNode) -> bool:
    """Whether a cell of a notebook is on slides."""
    return any("slide_type" in cell.metadata.get("slideshow", {}) for cell in notebook.cells)


def selected(notebook: NotebookNode) -> NotebookNode:
    """A notebook of the cells that are on the slides, with the slides' texts."""
    cells = []
    for place, cell in enumerate(notebook.cells):
        if "slide_type" not in cell.metadata.get("slideshow", {}):
            continue
        text = COMMENT.sub("", cell.metadata.get("slide", ""))
        parts = [part.strip() for part in re.split(r"^---$", text, flags=re.MULTILINE)]
        first = cell.metadata["slideshow"]["slide_type"]
        cells += [
            _text(part, first if number == 0 else "slide")
            for number, part in enumerate(parts)
            if part
        ]
        if cell.cell_type == "markdown":
            cells.append(_text(COMMENT.sub("", cell.source), "notes"))
        else:
            cells.append(_shown(cell, "-" if text else first))
            if said := _said_next(notebook.cells[place + 1 : place + 2]):
                cells.append(_text(said, "notes"))
    return nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def _text(source: str, slide_type: str) -> NotebookNode:
    """A text cell; links of a lesson lead nowhere from a slide, so their words alone stay."""
    while (plain := LINK.sub(r"\1", source)) != source:  # a badge is an image in a link
        source = plain
    metadata = {"slideshow": {"slide_type": slide_type}}
    return nbformat.v4.new_markdown_cell(formulas.in_markdown(source), metadata=metadata)


def _said_next(following: list[NotebookNode]) -> str:
    """The lesson's words on a result: the text cell behind it, as far as the next heading."""
    if not following or following[0].cell_type != "markdown" or "slide" in following[0].metadata:
        return ""
    return COMMENT.sub("", re.split(r"^#", following[0].source, flags=re.MULTILINE)[0])


def _shown(cell: NotebookNode, slide_type: str) -> NotebookNode:
    """A code cell with its output; its code is hidden unless it is asked for."""
    shown = nbformat.v4.new_code_cell(cell.source, outputs=_wanted(cell.get("outputs", [])))
    shown.metadata = nbformat.from_dict({"slideshow": {"slide_type": slide_type}})
    described = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    for output in shown.outputs:
        output.get("data", {}).pop(WIDGET_VIEW, None)
        if described and "image/png" in output.get("data", {}):
            output.metadata = nbformat.from_dict({"image/png": {"alt": described}})
    if not cell.metadata.get("slide_code"):
        shown.metadata["tags"] = [CODE_HIDDEN]
    return shown


def _wanted(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Of a guess only the guess, and of a figure not what was printed beside it."""
    forms = [output.get("data", {}) for output in outputs]
    guesses = [
        o for o, form in zip(outputs, forms, strict=True) if GUESS in form.get("text/html", "")
    ]
    if any("image/png" in form for form in forms):
        return [output for output in outputs if output.output_type != "stream"]
    return guesses or outputs


def _page(slides: NotebookNode, title: str) -> str:
    exporter = SlidesExporter(
        config=Config(TagRemovePreprocessor={"enabled": True, "remove_input_tags": {CODE_HIDDEN}}),
        extra_template_basedirs=[str(PAGES)],
        template_name="slides",
        reveal_url_prefix="reveal",
        reveal_theme="white",
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    slides.metadata["title"] = title
    text, _ = exporter.from_notebook_node(slides)
    return text
