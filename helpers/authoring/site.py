"""The course as a site: executed lessons, glossary and guides, by Sphinx with MyST-NB.

Nothing is executed here, and no page asks another host for anything: formulas are MathML, and
something to click becomes a note. Alternative texts of figures come from a cell's metadata,
`{"mystnb": {"image": {"alt": "..."}}}`.
"""

import io
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import myst_nb  # noqa: F401  (missing packages are told before the lessons run)
import sphinx_book_theme  # noqa: F401
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from helpers.authoring import address, notebooks, sources
from helpers.authoring.sources import PAGES
from helpers.settings import CourseError

if TYPE_CHECKING:
    from helpers.authoring.course import Outcome

TITLE = "Image classification with Keras"
# Sections that are boxes: what their title begins with, and the class that course.css knows.
BOXES = {"Exercise ": "exercise", "Case ": "exercise", "Recap": "recap"}
# A quotation that begins so in bold is a box too.
NOTES = ("Careful", "In Colab")
CONFIG = {
    "project": TITLE,
    "language": "en",
    "highlight_language": "none",  # a fence without a language is no program
    "extensions": ["myst_nb", "helpers.authoring.formulas", "helpers.authoring.site"],
    "myst_enable_extensions": ["dollarmath"],
    "myst_heading_anchors": 3,
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},  # those come from the network
    "nb_merge_streams": True,
    "nb_render_markdown_format": "myst",  # tables in Markdown that a cell shows
    "html_theme": "sphinx_book_theme",
    "html_title": TITLE,
    "html_favicon": str(PAGES / "icon.svg"),
    "html_theme_options": {
        "logo": {
            "image_light": "_static/icon.svg",
            "image_dark": "_static/icon.svg",
            "text": TITLE,
        },
        "use_download_button": False,
        "use_fullscreen_button": False,
        "navbar_persistent": [],  # the search field stands in the side bar already
        "footer_content_items": ["last-updated.html", "extra-footer.html"],
        "extra_footer": "Text: CC BY 4.0. Code: MIT.",
    },
    "html_math_renderer": "mathml",
    "html_static_path": ["_static"],
    "html_css_files": ["course.css"],
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_sphinx": False,
    "html_last_updated_fmt": "%Y-%m-%d",
    "suppress_warnings": ["myst.header", "myst.xref_missing", "mystnb.unknown_mime_type"],
}


def build(outcomes: "list[Outcome]", output: Path) -> None:
    """Build the start page and one page a lesson; for one that can't be, a notice and its reason.

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
        sources.write(outcomes, source)
        (source / "_static").mkdir()
        for name in ("course.css", "icon.svg"):
            shutil.copy(PAGES / name, source / "_static")
        # The theme copies its logo there, also when Sphinx stopped before it made the folder.
        (output / "_static").mkdir(parents=True, exist_ok=True)
        options = {"confoverrides": CONFIG | _published(), "status": None, "warning": log}
        app = Sphinx(source, None, output, Path(folder) / "cache", "html", **options)
        try:
            app.build(force_all=True)
        except Exception as error:  # whatever a notebook holds, it stops no other page
            last = str(error).strip().splitlines()[-1:]
            return app.env.docname, f"{type(error).__name__}: {''.join(last)}"[:300]
    notebooks.write_text(output / "pages.log", log.getvalue())
    return None


def _published() -> dict:
    """Where the site will lie, on GitHub Pages: for search engines, once the address is set."""
    owner, _, repository = address.current().removeprefix(address.GITHUB).partition("/")
    base = f"https://{owner}.github.io/{repository}/"
    return {"html_baseurl": base} if address.is_set() else {}


# --- what Sphinx calls --------------------------------------------------------------------------


def setup(app) -> dict:
    """Sphinx extension: boxes, tables that scroll, and names for what can be clicked."""
    app.connect("doctree-read", _boxes)
    app.connect("html-page-context", _accessible)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _boxes(_app, document: nodes.document) -> None:
    """Exercises, the recap and notes get the classes under which course.css draws boxes."""
    for section in list(document.findall(nodes.section)):
        title = section[0].astext()
        section["classes"] += [kind for start, kind in BOXES.items() if title.startswith(start)]
        if "exercise" in section["classes"]:
            _end_at_check(section)
    for quotation in document.findall(nodes.block_quote):
        strong = next(iter(quotation.findall(nodes.strong)), None)
        if strong is not None and strong.astext().startswith(NOTES):
            quotation["classes"].append("note-box")


def _end_at_check(section: nodes.section) -> None:
    """What follows an exercise's check without a heading belongs to the lesson again."""
    cells = [i for i, child in enumerate(section) if "cell" in child.get("classes", ())]
    checked = [i for i in cells if "check." in section[i].astext()]
    end = checked[-1] + 1 if checked else cells[0] if cells else len(section)
    after = section.children[end:]
    for node in after:
        section.remove(node)
    place = section.parent.index(section) + 1
    section.parent[place:place] = after


def _accessible(_app, _page, _template, context: dict, _document) -> None:
    """What can be wider than a telephone scrolls in itself, and the keyboard reaches it."""
    body = context.get("body", "")
    body = re.sub(r"<table[ >]", r"<div class='scrolls' tabindex='0'>\g<0>", body)
    body = body.replace("</table>", "</table></div>")
    wide = r'<img [^>]*class="wide"[^>]*>'
    body = re.sub(wide, r"<div class='scrolls' tabindex='0'>\g<0></div>", body)
    context["body"] = body.replace('"highlight"><pre>', '"highlight"><pre tabindex="0">')
