"""Run lessons over several seeds and record the figures that their prose may quote.

  python -m helpers report 02 --profile quick --seeds 1001 1002 1003
  python -m helpers report --show

Each lesson runs from a clean kernel, once a seed (COURSE_SEED), and hands out its figures with
`report.result`. Mean, sample standard deviation, time, hardware, versions, date and commit go to
data/reference_runs.json; entries of other lessons and profiles stay. On a machine with a GPU the
entry's name is quick_gpu or full_gpu. Afterwards `lint --fix` writes the figures into the prose:

  <!--ref NOTEBOOK.PROFILE.NAME [UNIT] [--decimals N]-->41.3 ± 0.8 %<!--/ref-->
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev

from helpers import paths
from helpers.authoring import course, machine, markers
from helpers.authoring.files import write_text
from helpers.authoring.project import Project
from helpers.errors import UserError

Row = dict[str, tuple[float, str]]  # figures of one run by name, each with its unit


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons; all when none is named")
    parser.add_argument("--profile", choices=list(course.TIMEOUT), default="quick")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1001, 1002, 1003], metavar="SEED")
    parser.add_argument(
        "--resume", action="store_true", help="keep the seeds recorded at this very commit"
    )
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds one cell may take")
    parser.add_argument("--show", action="store_true", help="print what is recorded, run nothing")


def run(args: argparse.Namespace) -> int:
    """Record runs, or show them; 1 when a lesson failed."""
    project = Project()
    if args.show:
        return _show(markers.load_runs(project.references))
    if min(args.seeds) < 0:
        raise UserError(f"seed {min(args.seeds)} is below 0: give whole numbers from 0 on")
    lessons = project.find(args.names)
    here = machine.describe()
    profile = args.profile + ("_gpu" if here["gpu"] else "")
    failed = 0
    for lesson in lessons:
        old = markers.load_runs(project.references).get(lesson.stem, {}).get(profile)
        rows = rows_of(old) if args.resume and old and same_commit(old, here) else {}
        for seed in dict.fromkeys(args.seeds):
            if seed in rows:
                print(f"{lesson.stem}: seed {seed} is recorded already")
                continue
            row = _run_once(lesson, seed, args)
            if row is None:
                failed += 1
                continue
            rows[seed] = row
            record(project.references, lesson.stem, profile, entry(rows, here))
    print(f"\nsee data/{project.references.name}; then `python -m helpers lint --fix` quotes it")
    return int(failed > 0)


def entry(rows: Mapping[int, Row], here: dict) -> dict:
    """What is recorded of the runs of one lesson in one profile.

    Args:
        rows: one row of figures a seed, {name: (value, unit)}; "seconds" among them, if known.
        here: hardware, versions, date and commit, from `machine.describe`.
    """
    seeds = sorted(rows)
    names = dict.fromkeys(name for seed in seeds for name in rows[seed])
    results = {
        name: summary([rows[seed][name] for seed in seeds if name in rows[seed]]) for name in names
    }
    facts = {key: here[key] for key in ("hardware", "versions", "date", "commit")}
    if "seconds" in results:
        facts["seconds"] = results.pop("seconds")
    return {"results": results, "seeds": seeds, **facts}


def rows_of(old: dict) -> dict[int, Row]:
    """The rows that an entry was made from; none when some seed lacks a figure."""
    results = old["results"] | ({"seconds": old["seconds"]} if "seconds" in old else {})
    seeds = old["seeds"]
    if any(len(result["values"]) != len(seeds) for result in results.values()):
        return {}
    return {
        seed: {name: (result["values"][place], result["unit"]) for name, result in results.items()}
        for place, seed in enumerate(seeds)
    }


def same_commit(old: dict, here: dict) -> bool:
    """Whether an entry comes from the commit and machine at hand; uncommitted work never does."""
    keys = ("commit", "hardware", "versions")
    return here["commit"] != machine.UNCOMMITTED and all(old.get(key) == here[key] for key in keys)


def summary(figures: Sequence[tuple[float, str]]) -> dict:
    """Mean, sample standard deviation (0 for a single one) and count of (value, unit) pairs."""
    values = [value for value, _unit in figures]
    return {
        "mean": fmean(values),
        "std": stdev(values) if len(values) > 1 else 0.0,
        "n": len(values),
        "unit": figures[-1][1],
        "values": values,
    }


def record(path: Path, notebook: str, profile: str, entry: dict) -> None:
    """Write one entry into the file of recorded runs, in one step, and keep the others."""
    runs = markers.load_runs(path)
    runs.setdefault(notebook, {})[profile] = entry
    write_text(
        path, json.dumps({"runs": runs}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    )


def read_results(path: Path) -> dict[str, tuple[float, str]]:
    """The figures in a file that `report.result` wrote: {name: (value, unit)}."""
    if not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {line["result"]: (line["value"], line["unit"]) for line in lines if "result" in line}


def _run_once(lesson: Path, seed: int, args: argparse.Namespace) -> Row | None:
    """Figures of one run; None when it failed, which is printed."""
    with tempfile.TemporaryDirectory(prefix="course-report-") as folder:
        results = Path(folder) / "results.jsonl"
        [outcome] = course.build(
            [lesson],
            paths.BUILD / "report" / f"seed_{seed}",
            profile=args.profile,
            timeout=args.timeout,
            environment={"COURSE_SEED": str(seed), "COURSE_RESULTS": str(results)},
        )
        if outcome.error:
            print(f"{lesson.stem}, seed {seed}: {outcome.error}")
            return None
        return read_results(results) | {"seconds": (outcome.seconds, "s")}


def _show(runs: dict) -> int:
    for notebook in sorted(runs):
        for profile, run in sorted(runs[notebook].items()):
            seconds = markers.number(run["seconds"], "s") if "seconds" in run else "time unknown"
            print(
                f"{notebook}, {profile}: {seconds}, {len(run['seeds'])} seeds, {run['date']}, "
                f"commit {run['commit']}, {run['hardware']}"
            )
            for name, result in run["results"].items():
                print(f"  {name:<28}{markers.number(result, result['unit'])}")
    if not runs:
        print("nothing is recorded yet: run `python -m helpers report`")
    return 0
