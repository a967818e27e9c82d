"""Pages of executed lessons: Sphinx with MyST-NB and the book theme, readable with no network.

Nothing is executed here, and no page fetches a script: formulas become MathML, which browsers show
by themselves, and something to click becomes a note. Alternative texts of figures come from a
cell's metadata, `{"mystnb": {"image": {"alt": "..."}}}`.
"""

import copy
import html
import io
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import myst_nb  # noqa: F401  (missing packages are told before the lessons run)
import nbformat
import sphinx_book_theme  # noqa: F401
from docutils.nodes import SkipNode
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from helpers.authoring import notebooks
from helpers.settings import NOTEBOOKS, CourseError

if TYPE_CHECKING:
    from helpers.authoring.course import Outcome

BADGE = re.compile(r"\[!\[[^\]]*\]\(https://colab[^)]*\)\]\((?P<url>[^)]*)\)")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_NOTE = "<p><em>Something to click stands here when the notebook is open.</em></p>"
CONFIG = {
    "project": "Image classification with Keras",
    "language": "en",
    "extensions": ["myst_nb", "helpers.authoring.site"],
    "myst_enable_extensions": ["dollarmath"],
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},  # those come from the network
    "nb_merge_streams": True,
    "nb_render_markdown_format": "myst",  # tables in Markdown that a cell shows
    "html_theme": "sphinx_book_theme",
    "html_title": "Image classification with Keras",
    "html_theme_options": {
        "use_download_button": False,
        "use_fullscreen_button": False,
        "navbar_persistent": [],  # the search field stands in the side bar already
        "footer_content_items": [],
    },
    "html_math_renderer": "mathml",
    "html_static_path": ["_static"],
    "html_css_files": ["course.css"],
    "html_copy_source": False,
    "html_show_sphinx": False,
    "suppress_warnings": ["myst.header", "myst.xref_missing", "mystnb.unknown_mime_type"],
}


def build(outcomes: "list[Outcome]", output: Path) -> None:
    """Build index.html and one page a lesson; for one that can't be, a notice and its reason.

    Args:
        outcomes: what became of the lessons, in their order.
        output: folder for the pages.

    Raises:
        CourseError: the pages can't be built, and no single lesson is to blame.
    """
    with_page = {outcome.name: outcome for outcome in outcomes if outcome.notebook is not None}
    while failure := _build(outcomes, output):  # each turn takes one bad page out
        culprit, reason = failure
        if culprit not in with_page:
            raise CourseError(f"the pages can't be built: {reason}")
        outcome = with_page.pop(culprit)
        outcome.error = outcome.error or f"its page can't be built: {reason}"
        outcome.notebook = None


def _build(outcomes: "list[Outcome]", output: Path) -> tuple[str, str] | None:
    """Run Sphinx once; returns the page that stopped it and why, None when all went well."""
    log = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, patch_docutils(), docutils_namespace():
        source = Path(folder) / "source"
        _write_sources(outcomes, source)
        options = {"confoverrides": CONFIG, "status": None, "warning": log}
        app = Sphinx(source, None, output, Path(folder) / "cache", "html", **options)
        try:
            app.build(force_all=True)
        except Exception as error:  # whatever a notebook holds, it stops no other page
            last = str(error).strip().splitlines()[-1:]
            return app.env.docname, f"{type(error).__name__}: {''.join(last)}"[:300]
    notebooks.write_text(output / "pages.log", log.getvalue())
    return None


def _write_sources(outcomes: "list[Outcome]", source: Path) -> None:
    shutil.copytree(NOTEBOOKS / "images", source / "images")
    (source / "_static").mkdir()
    shutil.copy(Path(__file__).with_name("course.css"), source / "_static")
    for outcome in outcomes:
        if outcome.notebook is None:
            text = f"# {outcome.name}\n\n```{{error}}\n{outcome.error}\n```\n"
            notebooks.write_text(source / f"{outcome.name}.md", text)
        else:
            text = notebooks.dump(_prepared(outcome.notebook, outcome.error))
            notebooks.write_text(source / f"{outcome.name}.ipynb", text)
    names = "\n".join(outcome.name for outcome in outcomes)
    rows = "\n".join(f"| {{doc}}`{o.name}` | {o.status} | {o.seconds:.0f} s |" for o in outcomes)
    index = (
        f"# {CONFIG['project']}\n\n```{{toctree}}\n:hidden:\n{names}\n```\n\n"
        '<p><a href="classify/classify.html">Try the course\'s network on a photo of yours</a>: '
        "it runs in your browser, and the photo stays there.</p>\n\n"
        f"| Lesson | Result | Time |\n|---|---|---|\n{rows}\n"
    )
    notebooks.write_text(source / "index.md", index)


def _prepared(notebook: nbformat.NotebookNode, error: str) -> nbformat.NotebookNode:
    """A copy of an executed notebook as Sphinx can read it."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if "setup" in notebooks.tags(cell):
            cell.metadata.tags.append("hide-input")
        for output in cell.get("outputs", []):
            if output.get("data", {}).pop(WIDGET_VIEW, None):
                output.data.setdefault("text/html", WIDGET_NOTE)
        # The badge is an image from the network; a page gets a plain link.
        if cell.cell_type == "markdown":
            cell.source = BADGE.sub(r"[Open in Colab](\g<url>)", cell.source)
        for name, forms in cell.pop("attachments", {}).items():
            kind, data = next(iter(forms.items()))
            address = f"data:{kind};base64,{''.join(data.split())}"
            for written in (name, quote(name)):
                cell.source = cell.source.replace(f"attachment:{written}", address)
    if error:
        text = f"```{{error}}\nThis lesson stopped early, at {error}\n```"
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell(text))
    return notebook


# --- formulas -----------------------------------------------------------------------------------


def setup(app) -> dict:
    """Sphinx extension: formulas as MathML."""
    inline, block = (_formula_writer(block) for block in (False, True))
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _formula_writer(block: bool) -> Callable:
    """What writes a formula as MathML, or as its TeX when it can't be converted."""

    def write(translator, node) -> None:
        tex = node.astext()
        try:
            formula = tex2mathml(tex, as_block=block)
        except MathError:
            formula = f"<code>{html.escape(tex)}</code>"
        translator.body.append(f'<div class="formula">{formula}</div>\n' if block else formula)
        raise SkipNode

    return write
