"""Figures that a lesson hands out, and the recorded ones that its prose quotes."""

import json
import math
import os

from helpers.errors import UserError
from helpers.paths import DATA


def result(name: str, value: float, unit: str = "") -> None:
    """Hand out a figure: print it, and append it to the file `$COURSE_RESULTS` where that is set.

    Args:
        name: letters, digits, `_` and `-`, unique in the lesson, as "s2_val_accuracy".
        value: one finite number; a NumPy or Keras scalar will do.
        unit: "%" for a fraction that is to be shown as a percentage, "s", "MB", … or nothing.

    Raises:
        UserError: the name has other signs, or the value is no finite number.
    """
    if not name or not name.replace("_", "").replace("-", "").isalnum():
        raise UserError(f"'{name}' is no name for a result: use letters, digits and _")
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise UserError(
            f"the result '{name}' is no number: pass one number, not {value!r}"
        ) from error
    if not math.isfinite(number):
        raise UserError(f"the result '{name}' is {number}: find out where the run went wrong")
    print(f"{name.replace('_', ' ')}: {shown(number, unit)}")
    if path := os.environ.get("COURSE_RESULTS"):
        line = json.dumps({"result": name, "value": number, "unit": unit}, ensure_ascii=False)
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def shown(value: float, unit: str = "") -> str:
    """A single figure as a person reads it: 0.4131 with "%" becomes "41.3 %"."""
    if unit == "%":
        return f"{100 * value:.1f} %"
    text = f"{value:,.0f}" if value.is_integer() or abs(value) >= 1000 else f"{value:.3g}"
    return f"{text} {unit}".strip()


def reference_runs() -> dict:
    """The recorded runs in data/reference_runs.json: {notebook: {profile: run}}.

    A lesson must not fail for them, so a missing or damaged file counts as nothing recorded; the
    linter complains about a damaged one.
    """
    try:
        runs = json.loads((DATA / "reference_runs.json").read_text("utf-8"))["runs"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return runs if isinstance(runs, dict) else {}
