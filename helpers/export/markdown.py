"""Facts as Markdown that stays a table whatever the texts in it are."""

import html
from collections.abc import Mapping, Sequence

_LONGEST = 200


def cell(value: object) -> str:
    """One value as text on one line, with nothing in it that Markdown or HTML would act on."""
    text = " ".join(_plain(value).split())
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    text = html.escape(text, quote=False)
    for sign in "\\|`*_[]#":
        text = text.replace(sign, "\\" + sign)
    return text


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a table; the head is written as it is."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return lines + [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]


def flat(facts: Mapping, prefix: str = "") -> list[tuple[str, object]]:
    """Nested facts as (name, value) rows, as "recipe, epochs"."""
    rows = []
    for key, value in facts.items():
        name = f"{prefix}{str(key).replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows += flat(value, f"{name}, ")
        else:
            rows.append((name, _percent(name, value)))
    return rows


def _percent(name: str, value: object) -> object:
    """A share as people read it, where the name says that it is one."""
    is_share = isinstance(value, float) and 0 <= value <= 1
    return f"{100 * value:.1f} %" if is_share and name.endswith("accuracy") else value


def _plain(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "not recorded"}[value]
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return str(value)
