"""What the mistakes of lesson 14 cost: its twelve programs, wrong and mended, run from their cells.

Each run executes the cells that all programs share, with a seed of its own, and then one program.
It records the variable `result` that the program leaves, and `truth` where there is one.
"""

import ast
from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace

from helpers.authoring import notebooks
from helpers.authoring.recipes.first_lessons import Values
from helpers.settings import CourseError

PROGRAMS = ("column", "range", "order", "logits", "pairs", "regroup", "frozen", "schedule")
PROGRAMS += ("majority", "copies", "folds", "winner")  # in the order of the lesson

# Two programs have two mistakes. One of them mended: where it starts, a piece, its replacement.
_HALVES = {
    "schedule": {
        "steps mended": ("mended", "model.fit(images, ", "model.fit(images / 255, "),
        "scaling mended": ("wrong", "model.fit(images / 255, ", "model.fit(images, "),
    },
    "winner": {
        "test mended": ("wrong", "validation_data=test", "validation_data=val"),
        "model mended": ("mended", "validation_data=val", "validation_data=test"),
    },
}


@cache
def lesson() -> tuple[list[str], dict[str, tuple[str, str]]]:
    """The sources of the shared cells; of each program its source and that of its solution."""
    shared, found, text = [], [], ""
    for cell in notebooks.read(*notebooks.find(["14"])).cells:
        tags = notebooks.tags(cell)
        if cell.cell_type == "markdown":
            text = cell.source
        elif "mend" in tags:
            found.append((cell.source, notebooks.solution(text)))
        elif not found and "setup" not in tags:
            shared.append(cell.source)
    return shared, dict(zip(PROGRAMS, found, strict=True))


def with_functions(program: str, solution: str) -> str:
    """A program in which the functions that a solution defines stand in the place of its own."""
    tree, new = ast.parse(program), {one.name: one for one in ast.parse(solution).body}
    tree.body = [new.pop(getattr(one, "name", ""), one) for one in tree.body]
    if new:
        raise CourseError(f"the program does not define '{min(new)}', its solution does: mend it")
    return ast.unparse(tree)


def source(program: str, variant: str) -> str:
    """The source of a program: wrong, mended, or with one of its two mistakes mended."""
    start, piece, replacement = _HALVES.get(program, {}).get(variant, (variant, "", ""))
    wrong, solution = lesson()[1][program]
    text = wrong if start == "wrong" else with_functions(wrong, solution)
    if piece and text.count(piece) != 1:
        raise CourseError(f"'{piece}' must be once in '{program}': change _HALVES in this recipe")
    return text.replace(piece, replacement) if piece else text


def run(program: str, variant: str, seed: int) -> Values:
    """What a program says, and what is true where it tells that, too; both are fractions."""
    names = {"plan": SimpleNamespace(seed=seed)}
    for text in (*lesson()[0], source(program, variant)):
        exec(text, names)
    for metric in ("result", "truth"):
        if metric in names:
            yield 1, metric, float(names[metric])


def _variants(program: str) -> dict[str, Callable[[int], Values]]:
    names = ("wrong", "mended", *_HALVES.get(program, {}))
    return {variant: partial(run, program, variant) for variant in names}


EXPERIMENTS = {"clinic": {program: _variants(program) for program in PROGRAMS}}
