"""What a check says: how it looks in a notebook and in plain text, and where it is logged."""

import html
import json
import os
import re
from dataclasses import dataclass

# Sign, word and color: the badge carries its own background, so that it is readable on light and
# dark pages (white on these colors has a contrast of more than 4.5).
_LOOKS = {
    "correct": ("✓", "Correct", "#00694D"),
    "wrong": ("✗", "Not right yet", "#A84300"),
    "todo": ("○", "Not done yet", "#005A8E"),
}


@dataclass(frozen=True, repr=False)
class Verdict:
    """Outcome of one check; true if, and only if, the work is correct."""

    check: str  # lesson and exercise, as in "data_preparation.to_float"
    status: str  # correct, wrong or todo
    text: str  # what was verified, or what is wrong
    stage: str = ""
    cause: str = ""
    nudge: str = ""

    def __bool__(self) -> bool:
        return self.status == "correct"

    def __repr__(self) -> str:
        sign, word, _ = _LOOKS[self.status]
        lines = [f"{sign} {word}{self._stage()}: {self.text}"]
        lines += [f"  {name} {text}" for name, text in self._hints()]
        return "\n".join(lines).replace("`", "'")

    def _repr_html_(self) -> str:
        sign, word, color = _LOOKS[self.status]
        badge = (
            f'<strong style="background:{color};color:#fff;border-radius:3px;padding:1px 7px;'
            f'margin-right:8px;white-space:nowrap"><span aria-hidden="true">{sign}</span> {word}'
            f"{self._stage()}</strong>"
        )
        lines = [badge + _rich(self.text)]
        lines += [f"<em>{name}</em> {_rich(text)}" for name, text in self._hints()]
        body = "".join(f'<div style="margin:3px 0">{line}</div>' for line in lines)
        return (
            f'<div role="status" style="border-left:5px solid {color};padding:4px 12px;'
            "margin:4px 0;background:rgba(128,128,128,.12);max-width:60em;line-height:1.5;"
            f'font-family:system-ui,sans-serif;font-size:14px">{body}</div>'
        )

    def _stage(self) -> str:
        return f" ({self.stage})" if self.stage else ""

    def _hints(self) -> list[tuple[str, str]]:
        named = [("Likely cause:", self.cause), ("Try this:", self.nudge)]
        return [(name, text) for name, text in named if text]


def log(verdict: Verdict) -> None:
    """Append the verdict to the file that the environment variable COURSE_RESULTS names, if any."""
    if path := os.environ.get("COURSE_RESULTS"):
        line = json.dumps({"check": verdict.check, "status": verdict.status})
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def _rich(text: str) -> str:
    """Begin the text with a capital, escape it, and set what stands between backticks as code."""
    text = text[:1].upper() + text[1:]
    code = r'<code style="background:rgba(128,128,128,.2);color:inherit">\1</code>'
    return re.sub(r"`([^`]*)`", code, html.escape(text))
