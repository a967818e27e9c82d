"""Formulas as MathML, which browsers show by themselves: no page fetches a script for them."""

import html
import re
from collections.abc import Callable

from docutils.nodes import SkipNode
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

# What stands between dollars in a text; code, fenced or not, is left alone.
_IN_TEXT = re.compile(
    r"(?P<code>^```.*?^```|`[^`\n]+`)|\$\$(?P<block>.+?)\$\$|(?<![\\\w$])\$(?P<inline>[^$\n]+?)\$(?!\w)",
    re.DOTALL | re.MULTILINE,
)


def mathml(tex: str, block: bool = False) -> str:
    """A formula as MathML; its TeX as code when it can't be converted."""
    try:
        formula = tex2mathml(tex, as_block=block)
    except MathError:
        formula = f"<code>{html.escape(tex)}</code>"
    # A formula that is wider than a telephone scrolls, and the keyboard reaches it.
    return f'<div class="formula" tabindex="0">{formula}</div>\n' if block else formula


def in_markdown(text: str) -> str:
    """A Markdown text with MathML in place of $…$ and $$…$$."""

    def written(found: re.Match) -> str:
        if found["code"]:
            return found[0]
        block = found["block"] is not None
        formula = mathml(found["block"] if block else found["inline"], block).strip()
        # HTML that begins a line ends at an empty one only.
        begins_line = text[: found.start()].endswith("\n") or not found.start()
        return f"{formula}\n\n" if begins_line else formula

    return _IN_TEXT.sub(written, text)


def setup(app) -> dict:
    """Sphinx extension: formulas as MathML."""
    inline, block = (_writer(block) for block in (False, True))
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _writer(block: bool) -> Callable:
    def write(translator, node) -> None:
        translator.body.append(mathml(node.astext(), block))
        raise SkipNode

    return write
