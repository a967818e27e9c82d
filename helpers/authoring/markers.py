"""Reference numbers in prose: the text between two markers is written from recorded runs.

Grammar, on one line:

    <!--ref NOTEBOOK.PROFILE.NAME [UNIT] [--decimals N]-->41.3 ± 0.8 %<!--/ref-->

NAME is a result of that lesson, or `seconds`, `hardware` or `date` of the recorded run. UNIT
replaces the recorded unit; with `%` the value is a fraction and shown as a percentage.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import UserError

MARKER = re.compile(r"<!--ref\s+(?P<what>.*?)\s*-->(?P<shown>.*?)<!--/ref-->", re.DOTALL)
OPENING = re.compile(r"<!--ref\b")
WHAT = re.compile(
    r"(?P<notebook>[\w-]+)\.(?P<profile>\w+)\.(?P<name>[\w-]+)"
    r"(?:\s+(?P<unit>(?!--)\S+))?(?:\s+--decimals\s+(?P<decimals>\d))?"
)
TEXTS = ("hardware", "date")


@dataclass(frozen=True)
class Problem:
    """A marker that cannot be kept as it is."""

    text: str
    remedy: str


def load_runs(path: Path) -> dict:
    """The recorded runs, {notebook: {profile: run}}; empty when nothing was recorded yet.

    Raises:
        UserError: the file is damaged.
    """
    if not path.exists():
        return {}
    try:
        runs = json.loads(path.read_text("utf-8"))["runs"]
        if not isinstance(runs, dict):
            raise TypeError("'runs' is no table")
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path.name} is damaged ({error}): restore it from git") from error
    return runs


def problems(text: str, runs: dict) -> Iterator[Problem]:
    """Every marker in a text that is malformed, unknown or out of date."""
    if len(OPENING.findall(text)) != len(MARKER.findall(text)):
        yield Problem("a reference marker is not closed", "end it with <!--/ref-->")
    for marker in MARKER.finditer(text):
        try:
            want = render(marker["what"], runs)
        except UserError as error:
            problem, _, remedy = str(error).partition(": ")
            yield Problem(problem, remedy)
            continue
        if want != marker["shown"]:
            yield Problem(
                f"'{marker['shown']}' is not the recorded '{want}' ({marker['what']})",
                "run lint --fix",
            )


def rewrite(text: str, runs: dict) -> str:
    """The text with every known reference number as recorded; others stay as they are."""

    def renewed(marker: re.Match) -> str:
        try:
            want = render(marker["what"], runs)
        except UserError:
            return marker[0]
        return f"<!--ref {marker['what']}-->{want}<!--/ref-->"

    return MARKER.sub(renewed, text)


def render(what: str, runs: dict) -> str:
    """The text that belongs behind `<!--ref what-->`.

    Raises:
        UserError: the marker is malformed or nothing was recorded under that name.
    """
    match = WHAT.fullmatch(what)
    if match is None:
        raise UserError(f"'{what}' is no reference: write NOTEBOOK.PROFILE.NAME [UNIT]")
    run = runs.get(match["notebook"], {}).get(match["profile"])
    if run is None:
        raise UserError(
            f"no run of {match['notebook']} in the profile {match['profile']} is recorded: run "
            f"`python -m helpers report {match['notebook']} --profile {match['profile']}`"
        )
    name = match["name"]
    if name in TEXTS:
        return str(run[name])
    result = run["seconds"] if name == "seconds" else run["results"].get(name)
    if result is None:
        known = ", ".join(sorted(run["results"])) or "none"
        raise UserError(
            f"'{name}' is not among the results of {match['notebook']} ({known}): "
            "correct the name or run `python -m helpers report`"
        )
    decimals = None if match["decimals"] is None else int(match["decimals"])
    return number(result, match["unit"] or result.get("unit", ""), decimals)


def number(result: dict, unit: str = "", decimals: int | None = None) -> str:
    """A mean with its spread, in digits that can be trusted.

    Args:
        result: {"mean", "std", "n", "values"}; std is the sample standard deviation.
        unit: "%" shows a fraction as a percentage; any other is written behind the number.
        decimals: digits after the point; chosen from the spread when None.
    """
    factor = 100 if unit == "%" else 1
    mean, std = result["mean"] * factor, result["std"] * factor
    whole = all(float(value).is_integer() for value in result["values"]) and unit != "%"
    spread = result["n"] > 1 and std > 0
    if decimals is None:
        decimals = _decimals(mean, std if spread else 0.0, unit, whole)
    text = f"{mean:,.{decimals}f}"
    if spread:
        text += f" ± {std:,.{decimals}f}"
    return f"{text} {unit}".strip()


def _decimals(mean: float, std: float, unit: str, whole: bool) -> int:
    if unit == "%":
        return 1
    if unit == "s":
        return 0 if abs(mean) >= 10 else 1
    if whole and not std:
        return 0
    # One significant digit of the spread; without a spread, three of the number itself.
    scale = std or abs(mean) / 100
    return min(4, max(0, -math.floor(math.log10(scale)))) if scale else 0
