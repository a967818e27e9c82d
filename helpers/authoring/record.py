"""Recorded numbers: how long each lesson takes, and what the prose quotes.

`python -m helpers course --record` writes seconds, hardware, versions, date and commit of each
lesson to data/reference_runs.json. The README's table quotes them, and `lint --fix` writes what
stands between:

    <!--ref LESSON.PROFILE.minutes-->3.2<!--/ref-->

or a figure that stands there with the value of each seed, with `%` a fraction as a percentage:

    <!--ref NAME.PROFILE.FIGURE %-->93.1 ± 0.1 %<!--/ref-->

or, of the runs in data/runs (`python -m helpers runs`), what each seed reached in its last epoch:

    <!--ref FILE; EXPERIMENT; VARIANT; METRIC; UNIT-->58.0 ± 0.5 %<!--/ref-->

where METRIC may be a difference, as "accuracy - val_accuracy", or name an epoch, as "loss@5".
"""

import json
import math
import os
import platform
import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import packages_distributions, version
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from helpers.authoring.notebooks import write_text
from helpers.course import recorded
from helpers.settings import DATA, ROOT, CourseError

if TYPE_CHECKING:
    from helpers.authoring.course import Outcome

RUNS = DATA / "reference_runs.json"
UNCOMMITTED = "uncommitted"
MARKER = re.compile(r"<!--ref\s+(?P<what>.*?)\s*-->(?P<shown>.*?)<!--/ref-->", re.DOTALL)
WHAT = re.compile(r"(?P<lesson>[\w-]+)\.(?P<profile>\w+)\.(?P<name>\w+)(?:\s+(?P<unit>\S+))?")

# --- keeping ------------------------------------------------------------------------------------


def load(path: Path = RUNS) -> dict:
    """The recorded runs, {lesson: {profile: run}}; empty when nothing was recorded yet."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def keep(outcomes: "Sequence[Outcome]", profile: str, path: Path = RUNS) -> None:
    """Record how long lessons took, and on what; those that failed and all others stay.

    Args:
        outcomes: what became of the lessons.
        profile: "quick" or "full"; with a GPU the entry's name is quick_gpu or full_gpu, and with
            a processor held to what laptops have, `ONEDNN_MAX_CPU_ISA=AVX2`, it is quick_avx2.
        path: the file of recorded runs, written in one step.
    """
    here = machine()
    isa = os.environ.get("ONEDNN_MAX_CPU_ISA")
    key = profile + ("_gpu" if here.pop("gpu") else f"_{isa.lower()}" if isa else "")
    runs = load(path)
    for outcome in outcomes:
        if not outcome.error:
            runs.setdefault(outcome.name, {})[key] = {"seconds": outcome.seconds} | here
    write_text(path, json.dumps(runs, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


# --- what a run ran on --------------------------------------------------------------------------


def machine() -> dict:
    """Hardware, gpu (bool), versions, date (ISO) and commit (short hash or "uncommitted")."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text("utf-8") if cpuinfo.exists() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    cpu = found[1] if found else platform.processor() or platform.machine()
    gpu = _output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader").partition("\n")[0]
    packages = ("keras", os.environ.get("KERAS_BACKEND", "tensorflow"), "numpy")
    names = packages_distributions()  # TensorFlow's has several
    versions = {package: version(names[package][0]) for package in packages}
    return {
        "hardware": ", ".join(filter(None, [cpu, f"{os.cpu_count()} cores", gpu])),
        "gpu": bool(gpu),
        "versions": {"python": platform.python_version()} | versions,
        "date": date.today().isoformat(),
        "commit": commit(),
    }


def commit(root: Path = ROOT) -> str:
    """Short hash of the checkout's commit; "uncommitted" when files differ from it.

    The files of recorded runs may differ: recording changes them.
    """
    others = ("--", ".", ":!data/reference_runs.json", ":!data/runs")
    short = _output("git", "rev-parse", "--short", "HEAD", cwd=root)
    changed = _output("git", "status", "--porcelain", "--untracked-files=no", *others, cwd=root)
    return UNCOMMITTED if changed else short or UNCOMMITTED


def _output(*command: str, cwd: Path = ROOT) -> str:
    """What a program prints, "" when it fails or is not there."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


# --- quoting ------------------------------------------------------------------------------------


def problems(text: str, runs: dict) -> Iterator[str]:
    """What is wrong with each marker that is malformed, unknown or out of date; what to do."""
    if text.count("<!--ref ") != text.count("<!--/ref-->"):
        yield "a reference marker is not closed: end it with <!--/ref-->"
    for marker in MARKER.finditer(text):
        try:
            want = render(marker["what"], runs)
        except CourseError as error:
            yield str(error)
            continue
        if want != marker["shown"]:
            what = f"the recorded '{want}' ({marker['what']})"
            yield f"'{marker['shown']}' is not {what}: run lint --fix"


def rewrite(text: str, runs: dict) -> str:
    """The text with every known reference number as recorded; others stay as they are."""

    def renewed(marker: re.Match) -> str:
        try:
            return f"<!--ref {marker['what']}-->{render(marker['what'], runs)}<!--/ref-->"
        except CourseError:
            return marker[0]

    return MARKER.sub(renewed, text)


def render(what: str, runs: dict) -> str:
    """The text that belongs behind `<!--ref what-->`.

    Raises:
        CourseError: the marker is malformed or nothing was recorded under that name.
    """
    if ";" in what:
        parts = [part.strip() for part in what.split(";")]
        if len(parts) != 5:
            raise CourseError(f"'{what}': write FILE; EXPERIMENT; VARIANT; METRIC; UNIT")
        return _number(reached(*parts[:-1]), parts[-1])
    match = WHAT.fullmatch(what)
    if match is None:
        raise CourseError(f"'{what}' is no reference: write LESSON.PROFILE.NAME [UNIT]")
    run = runs.get(match["lesson"], {}).get(match["profile"], {})
    if match["name"] == "minutes":  # of the README's table, whose cells are empty before a run
        return f"{run['seconds'] / 60:.1f}" if run else ""
    values = run.get("results", {}).get(match["name"])
    if values is None:
        raise CourseError(f"'{what}' is not recorded: correct it")
    return _number(values, match["unit"] or "")


def reached(file: str, experiment: str, variant: str, metric: str) -> list[float]:
    """What each seed of a recorded run reached, in the order of the seeds.

    Args:
        file: name in data/runs without ending.
        experiment, variant: as in the file.
        metric: as in the file, of the last epoch; "NAME@EPOCH" of another; "A - B" a difference.

    Raises:
        CourseError: nothing is recorded under these names.
    """
    first, minus, second = metric.partition(" - ")
    if minus:
        pair = (reached(file, experiment, variant, one) for one in (first, second))
        return [a - b for a, b in zip(*pair, strict=True)]
    name, _, epoch = metric.partition("@")
    table = recorded(file)
    chosen = {"experiment": experiment, "variant": variant, "metric": name}
    for column, wanted in (chosen | ({"epoch": epoch} if epoch else {})).items():
        table = table[table[column].astype(str) == wanted]
    if table.empty:
        raise CourseError(
            f"'{file}; {experiment}; {variant}; {metric}' is not recorded: correct it"
        )
    return table.sort_values("epoch").groupby("seed")["value"].last().tolist()


def _number(values: Sequence[float], unit: str) -> str:
    """Mean and sample standard deviation in digits that can be trusted.

    With the unit "%" or "points" the values are fractions.
    """
    factor = 100 if unit in ("%", "points") else 1
    mean = factor * fmean(values)
    spread = factor * stdev(values) if len(values) > 1 else 0.0
    whole = all(float(value).is_integer() for value in values)
    decimals = _decimals(mean, spread, unit, whole)
    text = f"{mean:,.{decimals}f}"
    if spread > 0:
        text += f" ± {spread:,.{decimals}f}"
    return f"{text} {unit}".strip()


def _decimals(mean: float, std: float, unit: str, whole: bool) -> int:
    if unit in ("%", "points"):
        return 1
    if unit == "s":
        return 0 if abs(mean) >= 10 else 1
    if whole and not std:
        return 0
    # One significant digit of the spread; without a spread, three of the number itself.
    scale = std or abs(mean) / 100
    return min(4, max(0, -math.floor(math.log10(scale)))) if scale else 0
