"""HTML pages of executed notebooks: one file each, readable with no network.

nbconvert's own page fetches scripts for formulas, widgets and diagrams. Here formulas become
MathML, which browsers show by themselves, widgets become a note, and pictures are embedded with
the alternative text that `plots.show(fig, alt=...)` put into the output's metadata.
"""

import base64
import copy
import html
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

try:
    from latex2mathml.converter import convert as to_mathml
except ImportError:  # formulas then stay as TeX, which can be read too
    to_mathml = None

BADGE_IMAGE = "https://colab.research.google.com/assets/colab-badge.svg"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_NOTE = "<p><em>Something to click stands here when the notebook is open.</em></p>"

STYLE = """
main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
.jp-InputPrompt, .jp-OutputPrompt { display: none; }
.jp-RenderedHTMLCommon { line-height: 1.6; }
.jp-RenderedImage img, .jp-RenderedHTMLCommon img { max-width: 100%; height: auto; }
.jp-OutputArea-output pre, .highlight pre { overflow-x: auto; }
details { border: 1px solid #c8c8c8; border-radius: 4px; margin: 0.6em 0; padding: 0.3em 0.8em; }
summary { cursor: pointer; font-weight: 600; }
.colab { border: 1px solid #8a6d00; border-radius: 4px; padding: 0.1em 0.5em; }
.course-error { background: #fdecea; border-left: 4px solid #b3261e; padding: 0.5em 1em; }
"""

TEMPLATE = """
{%- extends 'index.html.j2' -%}
{%- block html_head_js %}{% endblock -%}
{%- block html_head_js_mathjax %}{% endblock -%}
{%- block html_head_js_mermaidjs %}{% endblock -%}
{%- block jupyter_widgets %}{% endblock -%}
{%- block html_head_css %}<style>{{ resources.course_style }}</style>{% endblock -%}
{%- block body_header %}{{ super() }}{{ resources.course_banner }}{% endblock -%}
{%- block data_png scoped %}
<div class="jp-RenderedImage jp-OutputArea-output {{ extra_class }}">
<img src="data:image/png;base64,{{ output.data['image/png'] | replace('\\n', '') | escape_html }}"
 alt="{{ output | get_metadata('alt', 'image/png') | default('', true) | e }}">
</div>
{%- endblock data_png %}
"""


class Renderer(IPythonRenderer):
    """Markdown to HTML with embedded pictures, MathML, and links that lead to other pages."""

    def image(self, text, url, title=None):
        if url == BADGE_IMAGE:
            return '<span class="colab">Open in Colab</span>'
        return super().image(text, embedded(url, Path(self.path)), title)

    def link(self, text, url, title=None):
        if re.fullmatch(r"[\w./-]+\.ipynb(#.*)?", url):
            url = Path(url).name.replace(".ipynb", ".html")
        return super().link(text, url, title)

    def inline_math(self, body):
        return formula(body, "inline") or super().inline_math(body)

    def block_math(self, body):
        return formula(body, "block") or super().block_math(body)


class PageExporter(HTMLExporter):
    """nbconvert's page in the course's own template."""

    def _raw_template_default(self):
        return TEMPLATE

    @pass_context
    def markdown2html(self, context, source):
        renderer = Renderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            path=context["resources"]["metadata"].get("path", ""),
            exclude_anchor_links=True,
        )
        return MarkdownWithMath(renderer=renderer).render(source)


def render(notebook, title: str, folder: Path, banner: str = "") -> str:
    """HTML page of a notebook.

    Args:
        notebook: an nbformat notebook, with its outputs.
        title: the page's title.
        folder: where the notebook stands; its pictures are looked up from there.
        banner: text of an error to show on top, none by default.
    """
    notebook = copy.deepcopy(notebook)
    notebook.metadata["title"] = title
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            _without_widget(output)
    exporter = PageExporter(raw_template=TEMPLATE, language_code="en")
    page, _ = exporter.from_notebook_node(
        notebook,
        {
            "metadata": {"name": title, "path": str(folder)},
            "course_style": STYLE,
            "course_banner": error_box(banner) if banner else "",
        },
    )
    return page


def plain_page(title: str, body: str) -> str:
    """A small page of our own around some HTML."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\nbody {{ font-family: sans-serif; "
        f"line-height: 1.6; }}\ntd, th {{ padding: 0.3em 1em; text-align: left; }}\n{STYLE}</style>"
        f"\n</head>\n<body><main>\n<h1>{html.escape(title)}</h1>\n{body}\n</main></body>\n</html>\n"
    )


def error_box(text: str) -> str:
    """HTML of an error message."""
    return f'<div class="course-error" role="alert"><strong>{html.escape(text)}</strong></div>'


def embedded(url: str, folder: Path) -> str:
    """A data URL of a local picture; any other URL as it is."""
    if re.match(r"[a-z]+:|/|#", url):
        return url
    path = folder / unquote(url)
    kind = mimetypes.guess_type(path.name)[0]
    if kind is None or not kind.startswith("image/") or not path.is_file():
        return url
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def formula(tex: str, display: str) -> str:
    """MathML of a TeX formula, "" when it cannot be converted."""
    if to_mathml is None:
        return ""
    try:
        return to_mathml(tex, display=display)
    except Exception:  # the converter has no common error class; TeX is a fair stand-in
        return ""


def _without_widget(output) -> None:
    """Replace a widget by its HTML form where it brought one, or else by a note."""
    data = output.get("data", {})
    if WIDGET_VIEW in data:
        data.pop(WIDGET_VIEW)
        data.setdefault("text/html", WIDGET_NOTE)
