"""Check notebooks, README.md and modules against the rules, or mend what can be mended.

  N01 canonical form        N02 unique cell ids
  T01 title                 T02 Colab badge equals path     T03 objectives, needs, time
  T04 setup cell            T05 quiz, recap, what next      T06 30 to 60 cells
  E01 hint and solution     E02 stub with ...               E03 a check after the stub
  C01 no absolute path      C02 code fits a screen          C03 nothing installed
  C04 valid Python          C05 no star import              C06 no bare tensorflow (warning)
  C07 alternative text      C08 checked output stored
  L01 links lead somewhere  R01 reference numbers           B01 README's table
  S01 ruff check            S02 ruff format

_template.ipynb keeps the rules too; it needs no quiz, no given length and no given number.
A reference number stands in the text as

  <!--ref NOTEBOOK.PROFILE.NAME [UNIT] [--decimals N]-->41.3 ± 0.8 %<!--/ref-->

NAME is a result of that lesson, or seconds, hardware or date; the unit % shows a fraction as a
percentage. Exit code 1 when something is left to do.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from helpers.authoring import (
    badges,
    canonical,
    markers,
    mending,
    rules_cells,
    rules_structure,
    style,
)
from helpers.authoring.findings import Finding, Sheet
from helpers.authoring.project import Project
from helpers.errors import UserError

RULES = (*rules_cells.RULES, *rules_structure.RULES)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="all when none is named")
    parser.add_argument("--fix", action="store_true", help="mend what can be mended")


def run(args: argparse.Namespace) -> int:
    """Lint, after mending with --fix; 1 when an error is left."""
    project = Project()
    modules = [Path(name).resolve() for name in args.files if name.endswith(".py")]
    if missing := [path.name for path in modules if not path.is_file()]:
        raise UserError(f"no file '{missing[0]}': check the name")
    names = [name for name in args.files if not name.endswith((".py", ".md"))]
    notebooks = project.find(names) if args.files and names else []
    if not args.files:
        notebooks = project.all_notebooks()
    ruff_files = [*modules, *notebooks] if args.files else []
    if args.fix:
        _mend(project, notebooks, ruff_files)
    found = [finding for path in notebooks for finding in lint_notebook(path, project)]
    if not args.files or any(name.endswith(".md") for name in args.files):
        found += lint_readme(project)
    if ruff_files or not args.files:
        found += style.check(project.root, ruff_files)
    for finding in found:
        print(finding)
    return _verdict(found, len(notebooks))


def lint_notebook(path: Path, project: Project) -> list[Finding]:
    """Every finding in one notebook; a file that is no notebook is one finding."""
    try:
        sheet = Sheet(path, canonical.read(path), project)
    except UserError as error:
        problem, _, remedy = str(error).removeprefix(f"{path.name} ").rpartition(": ")
        return [Finding(path.name, "N00", problem, remedy)]
    return [finding for rule in RULES for finding in rule(sheet)]


def lint_readme(project: Project) -> Iterator[Finding]:
    """B01, R01: README's table of notebooks and its reference numbers are up to date."""
    if not project.readme.exists():
        yield Finding("README.md", "B01", "the README is missing", "write it")
        return
    text = project.readme.read_text("utf-8")
    if badges.TABLE.search(text) is None:
        yield Finding(
            "README.md",
            "B01",
            "the table of notebooks has no place",
            "add the lines <!--notebooks--> and <!--/notebooks-->",
        )
    runs = markers.load_runs(project.references)
    numbers = list(markers.problems(text, runs))
    for problem in numbers:
        yield Finding("README.md", "R01", problem.text, problem.remedy)
    if badges.readme(text, project) != markers.rewrite(text, runs):
        yield Finding(
            "README.md", "B01", "the table or an address is out of date", "run lint --fix"
        )


def _mend(project: Project, notebooks: list[Path], ruff_files: list[Path]) -> None:
    style.mend(project.root, ruff_files)
    # The template first, for its setup cell is copied into the others.
    for path in sorted(notebooks, key=lambda path: path != project.template):
        try:
            done = mending.mend_notebook(path, project)
        except UserError:
            continue  # reported by the check that follows
        if done:
            print(f"{path.name}: mended {', '.join(done)}")
    if not ruff_files and (done := mending.mend_readme(project)):
        print(f"README.md: mended {', '.join(done)}")


def _verdict(found: list[Finding], count: int) -> int:
    errors = sum(not finding.warning for finding in found)
    if errors:
        print(f"{errors} thing{'s' * (errors > 1)} to mend")
    else:
        print(f"all is well in {count} notebook{'s' * (count != 1)} and the files beside them")
    return int(errors > 0)
