"""What a search found, read from its folder as plain data; needs neither Keras nor keras-tuner."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_OWN = "tuner/"  # Hyperband's notes to itself stand among the hyperparameters


@dataclass(frozen=True)
class Trial:
    """One trial of a search.

    Attributes:
        name: keras-tuner's id, "0", "1", …
        status: "COMPLETED", "RUNNING", "FAILED" or "INVALID".
        values: hyperparameters by name.
        score: the objective; None unless the trial is completed.
        epochs: epochs asked for, where Hyperband decided on them, else None.
        bracket, round: Hyperband's; None in the other searches.
    """

    name: str
    status: str
    values: dict[str, float | int | str | bool]
    score: float | None
    epochs: int | None = None
    bracket: int | None = None
    round: int | None = None

    @property
    def finished(self) -> bool:
        return self.status in ("COMPLETED", "FAILED")


def read_trials(folder: Path | str) -> list[Trial]:
    """All trials in a search's folder, in the order in which they began.

    A file that is being written at this moment is left out.

    Args:
        folder: the folder given to `open_search`.
    """
    trials = []
    for path in Path(folder).glob("trial_*/trial.json"):
        try:
            trials.append(_trial(json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(trials, key=lambda trial: int(trial.name) if trial.name.isdecimal() else 0)


def _trial(state: dict) -> Trial:
    values = state["hyperparameters"]["values"]
    score = state["score"] if state["status"] == "COMPLETED" else None
    return Trial(
        name=str(state["trial_id"]),
        status=state["status"],
        values={name: value for name, value in values.items() if not name.startswith(_OWN)},
        score=float(score) if score is not None and math.isfinite(score) else None,
        epochs=values.get(_OWN + "epochs"),
        bracket=values.get(_OWN + "bracket"),
        round=values.get(_OWN + "round"),
    )


def table(trials: Sequence[Trial], top: int = 10) -> str:
    """The best trials as lines of text, best first; scores are taken for shares.

    Args:
        trials: trials of one search; those without a score are left out.
        top: how many to show.
    """
    best = sorted((t for t in trials if t.score is not None), key=lambda t: -t.score)[:top]
    if not best:
        return "no trial is finished yet"
    names = list(dict.fromkeys(name for trial in best for name in trial.values))
    with_epochs = any(trial.epochs is not None for trial in best)
    head = ["score", "trial", *(["epochs"] if with_epochs else []), *names]
    rows = [head]
    for trial in best:
        epochs = [_shown(trial.epochs)] if with_epochs else []
        values = [_shown(trial.values.get(name, "")) for name in names]
        rows.append([f"{100 * trial.score:.1f} %", trial.name, *epochs, *values])
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _shown(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
