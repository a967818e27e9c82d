"""What was recorded of training runs, as rows of a card."""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from helpers import report
from helpers.errors import UserError
from helpers.export import markdown

_SETTINGS = ("batch_size", "seed", "loss", "backend")


def training_run(folder: Path) -> list[tuple[str, object]]:
    """What `training.fit` recorded in a run's folder.

    Raises:
        UserError: no run in that folder, or a damaged one.
    """
    from helpers.training import state

    reached, damaged = state.load(folder, up_to=sys.maxsize) if folder.is_dir() else (None, [])
    if reached is None:
        why = "what is saved there is damaged" if damaged else "nothing is saved there"
        raise UserError(
            f"no training run in {folder}, {why}: name the run_dir given to training.fit"
        )
    rows: list[tuple[str, object]] = [
        ("epochs", reached.epoch),
        ("stopped early by a callback", reached.stopped),
    ]
    rows += [
        (key.replace("_", " "), reached.identity[key])
        for key in _SETTINGS
        if reached.identity.get(key) is not None
    ]
    optimizer = dict(reached.identity.get("optimizer", {}))
    if name := optimizer.pop("class", None):
        rows.append(("optimizer", name))
    if isinstance(rate := optimizer.get("learning_rate"), int | float):
        rows.append(("learning rate", rate))
    return rows + [row for name in reached.history for row in _metric(name, reached)]


def course_results(lesson: str, profile: str) -> list[str]:
    """Lines with the course's recorded figures of a lesson: mean and spread over seeds.

    Raises:
        UserError: nothing is recorded for them.
    """
    runs = report.reference_runs()
    run = runs.get(lesson, {}).get(profile)
    if not isinstance(run, dict) or not run.get("results"):
        known = [
            f"{name}, {kind}"
            for name, kinds in runs.items()
            for kind, one in kinds.items()
            if one.get("results")
        ]
        raise UserError(
            f"no results are recorded for '{lesson}' in the {profile} profile: "
            f"choose one of {'; '.join(known) or 'none, for nothing is recorded yet'}"
        )
    cells = [
        (name.replace("_", " "), _with_spread(result), result["n"])
        for name, result in run["results"].items()
    ]
    about = f"Lesson {lesson}, {profile} profile, {run['date']}, {run['hardware']}."
    return [markdown.cell(about), "", *markdown.table(("figure", "mean", "runs"), cells)]


def _metric(name: str, reached: Any) -> list[tuple[str, object]]:
    """The last value of a metric and, of validation metrics, the best one."""
    values = np.asarray(reached.history[name], dtype=float)
    if not values.size or not np.isfinite(values).all():
        return []
    text = name.replace("val_", "validation ")
    rows = [(f"{text}, last epoch", _shown(name, values[-1]))]
    if name.startswith("val_"):
        best = int(values.argmin() if name.endswith("loss") else values.argmax())
        rows.append((f"{text}, best (epoch {best + 1})", _shown(name, values[best])))
    return rows


def _shown(name: str, value: float) -> str:
    return report.shown(float(value), "%" if name.endswith("accuracy") else "")


def _with_spread(result: dict) -> str:
    mean, unit = result["mean"], result["unit"]
    if result["n"] < 2:
        return report.shown(mean, unit)
    if unit == "%":
        return f"{100 * mean:.1f} ± {100 * result['std']:.1f} %"
    return f"{mean:.3g} ± {result['std']:.2g} {unit}".strip()
