"""Recorded runs: run lessons over several seeds, keep their figures, and quote them in the prose.

A cell names its figures in its metadata, and the runner computes them behind that cell:

    {"record": {"s2_val_accuracy": {"value": "scores['s2'][1]", "unit": "%"}}}

Mean, sample standard deviation, time, hardware, versions, date and commit go to
data/reference_runs.json. The prose quotes them, and `lint --fix` writes what stands between:

    <!--ref NOTEBOOK.PROFILE.NAME [UNIT] [--decimals N]-->41.3 ± 0.8 %<!--/ref-->

or, of the runs in data/runs (`python -m helpers runs`), what each seed reached in its last epoch:

    <!--ref FILE; EXPERIMENT; VARIANT; METRIC; UNIT-->58.0 ± 0.5 %<!--/ref-->

where METRIC may be a difference, as "accuracy - val_accuracy", or name an epoch, as "loss@5".
NAME is a figure of that lesson, or `seconds`, `minutes` or `hardware` of its run. UNIT replaces the
recorded unit; with `%` or `points` the value is a fraction and shown as a percentage.
"""

import json
import math
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import fmean, stdev

from helpers.authoring.notebooks import write_text
from helpers.course import recorded
from helpers.settings import DATA, ROOT, CourseError

RUNS = DATA / "reference_runs.json"
UNCOMMITTED = "uncommitted"
MARKER = re.compile(r"<!--ref\s+(?P<what>.*?)\s*-->(?P<shown>.*?)<!--/ref-->", re.DOTALL)
WHAT = re.compile(
    r"(?P<notebook>[\w-]+)\.(?P<profile>\w+)\.(?P<name>[\w-]+)"
    r"(?:\s+(?P<unit>(?!--)\S+))?(?:\s+--decimals\s+(?P<decimals>\d))?"
)
# In a process of its own, for importing Keras takes seconds and this one should not hold a GPU.
_FACTS = """
import json, keras
from importlib.metadata import packages_distributions, version
from helpers.course import gpus
names, packages = packages_distributions(), ("keras", keras.backend.backend(), "numpy")
print(json.dumps([{name: version(names[name][0]) for name in packages}, len(gpus())]))
"""

Row = dict[str, tuple[float, str]]  # figures of one run by name, each with its unit


# --- running and keeping ------------------------------------------------------------------------


def run(lessons: Sequence[Path], profile: str, seeds: Sequence[int], path: Path = RUNS) -> int:
    """Run each lesson once a seed and record the figures; what was recorded before is replaced.

    Args:
        lessons: notebook files.
        profile: "quick" or "full"; with a GPU the entry's name is quick_gpu or full_gpu.
        seeds: COURSE_SEED of the runs, whole numbers from 0 on.
        path: the file of recorded runs.

    Returns:
        How many runs failed; they are not recorded.
    """
    from helpers.authoring import course  # the linter reads figures and needs no kernels

    here = machine()
    key = profile + ("_gpu" if here["gpu"] else "")
    failed = 0
    for lesson in lessons:
        rows: dict[int, Row] = {}
        for seed in seeds:
            print(f"{lesson.stem}, seed {seed} …", flush=True)
            environment = {"COURSE_SEED": str(seed)}
            outcome = course.execute(lesson, profile, environment=environment, record=True)
            if outcome.error:
                print(outcome.error)
                failed += 1
            else:
                rows[seed] = outcome.figures | {"seconds": (outcome.seconds, "s")}
                keep(path, lesson.stem, key, entry(rows, here))
    return failed


def load(path: Path = RUNS) -> dict:
    """The recorded runs, {notebook: {profile: run}}; empty when nothing was recorded yet."""
    return json.loads(path.read_text("utf-8"))["runs"] if path.exists() else {}


def keep(path: Path, notebook: str, profile: str, entry: dict) -> None:
    """Write one entry into the file of recorded runs, in one step, and keep the others."""
    runs = load(path)
    runs.setdefault(notebook, {})[profile] = entry
    text = json.dumps({"runs": runs}, indent=1, sort_keys=True, ensure_ascii=False)
    write_text(path, text + "\n")


def entry(rows: Mapping[int, Row], here: dict) -> dict:
    """What is kept of the runs of one lesson in one profile.

    Args:
        rows: one row a seed, {name: (value, unit)}, all with the same names, "seconds" among them.
        here: hardware, versions, date and commit, from `machine`.

    Returns:
        For each name mean, sample standard deviation (0 of a single run), unit and values.
    """
    results = {}
    for name, (_value, unit) in rows[min(rows)].items():
        results[name] = _result([rows[seed][name][0] for seed in sorted(rows)]) | {"unit": unit}
    facts = {key: here[key] for key in ("hardware", "versions", "date", "commit")}
    return {"seconds": results.pop("seconds"), "results": results, "seeds": sorted(rows), **facts}


# --- what a run ran on --------------------------------------------------------------------------


def machine() -> dict:
    """Hardware, gpu (bool), versions, date (ISO) and commit (short hash or "uncommitted")."""
    versions, gpus = json.loads(_output(sys.executable, "-c", _FACTS).splitlines()[-1])
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text("utf-8") if cpuinfo.exists() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    cpu = found[1] if found else platform.processor() or platform.machine()
    hardware = f"{cpu}, {os.cpu_count()} cores"
    if gpus:
        names = _output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
        hardware += f", {names.splitlines()[0] if names else 'GPU'}"
    return {
        "hardware": hardware,
        "gpu": gpus > 0,
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
        factor = 100 if parts[-1] == "points" else 1
        values = [factor * value for value in reached(*parts[:-1])]
        return _number(_result(values), parts[-1], None)
    match = WHAT.fullmatch(what)
    if match is None:
        raise CourseError(f"'{what}' is no reference: write NOTEBOOK.PROFILE.NAME [UNIT]")
    run = runs.get(match["notebook"], {}).get(match["profile"])
    name = match["name"]
    if name == "minutes":  # of the README's table, whose cells are empty before the first run
        return f"{run['seconds']['mean'] / 60:.1f}" if run else ""
    if run and name == "hardware":
        return run[name]
    results = run["results"] | {"seconds": run["seconds"]} if run else {}
    if name not in results:
        raise CourseError(
            f"'{what}' is not recorded: correct it, or run "
            f"`python -m helpers record {match['notebook']} --profile {match['profile']}`"
        )
    decimals = None if match["decimals"] is None else int(match["decimals"])
    return _number(results[name], match["unit"] or results[name].get("unit", ""), decimals)


def reached(file: str, experiment: str, variant: str, metric: str) -> list[float]:
    """What each seed of a recorded run reached, in the order of the seeds.

    Args:
        file: name in data/runs without ending.
        experiment, variant: as in the file.
        metric: as in the file, of the last epoch; "NAME@EPOCH" of another; "A - B" a difference.

    Raises:
        CourseError: nothing is recorded under these names, or the epoch is no number.
    """
    first, minus, second = metric.partition(" - ")
    if minus:
        pair = (reached(file, experiment, variant, one) for one in (first, second))
        return [a - b for a, b in zip(*pair, strict=True)]
    name, _, epoch = metric.partition("@")
    table = recorded(file)
    for column, wanted in {"experiment": experiment, "variant": variant, "metric": name}.items():
        table = table[table[column] == wanted]
    if epoch:
        if not epoch.isdecimal():
            raise CourseError(f"'{metric}': '{epoch}' is no epoch")
        table = table[table["epoch"] == int(epoch)]
    if table.empty:
        raise CourseError(
            f"'{file}; {experiment}; {variant}; {metric}' is not recorded: correct it"
        )
    return table.sort_values("epoch").groupby("seed")["value"].last().tolist()


def _result(values: Sequence[float]) -> dict:
    """Mean, sample standard deviation (0 of a single run), number and values."""
    spread = stdev(values) if len(values) > 1 else 0.0
    return {"mean": fmean(values), "std": spread, "n": len(values), "values": list(values)}


def _number(result: dict, unit: str, decimals: int | None) -> str:
    """A mean with its spread, in digits that can be trusted; `unit` "%" shows a fraction so."""
    factor = 100 if unit == "%" else 1
    mean, std = result["mean"] * factor, result["std"] * factor
    if decimals is None:
        whole = all(float(value).is_integer() for value in result["values"])
        decimals = _decimals(mean, std, unit, whole)
    text = f"{mean:,.{decimals}f}"
    if std > 0:
        text += f" ± {std:,.{decimals}f}"
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
