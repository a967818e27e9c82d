"""What the linter looks at and what it says."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from helpers.authoring import canonical
from helpers.authoring.project import Project


@dataclass(frozen=True)
class Finding:
    """One thing that breaks a rule.

    Attributes:
        file: the file's name.
        code: the rule's short name, as in `python -m helpers lint --help`.
        problem: one sentence that says what is wrong.
        remedy: what to do about it.
        cell: number of the cell, counted from 0 over all cells; None when it is about the file.
        warning: a warning is shown and does not make the command fail.
    """

    file: str
    code: str
    problem: str
    remedy: str
    cell: int | None = None
    warning: bool = False

    def __str__(self) -> str:
        # Shown from 1, as people count, and ruff too.
        where = self.file if self.cell is None else f"{self.file}: cell {self.cell + 1}"
        level = " (warning)" if self.warning else ""
        return f"{where}: {self.code}{level} {self.problem}: {self.remedy}"


@dataclass(frozen=True)
class Cell:
    """A cell as the rules see it."""

    number: int
    kind: str
    source: str
    tags: tuple[str, ...]
    outputs: tuple[dict, ...]

    @property
    def is_code(self) -> bool:
        return self.kind == "code"

    @property
    def is_setup(self) -> bool:
        return self.is_code and "setup" in self.tags

    @property
    def is_exercise(self) -> bool:
        return self.is_code and "exercise" in self.tags


@dataclass(frozen=True)
class Sheet:
    """A notebook under inspection: its place, its parsed JSON, and its cells."""

    path: Path
    notebook: dict
    project: Project

    @property
    def is_lesson(self) -> bool:
        """Whether the rules for whole lessons hold; a name like `_template` is exempt."""
        return not self.path.name.startswith("_")

    @cached_property
    def cells(self) -> list[Cell]:
        return [
            Cell(
                number,
                cell["cell_type"],
                canonical.source(cell),
                tuple(canonical.tags(cell)),
                tuple(cell.get("outputs") or ()),
            )
            for number, cell in enumerate(self.notebook["cells"])
        ]

    @property
    def code_cells(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.is_code]

    @property
    def markdown_cells(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "markdown"]

    def finding(
        self, code: str, problem: str, remedy: str, cell: Cell | None = None, warning: bool = False
    ) -> Finding:
        number = None if cell is None else cell.number
        return Finding(self.path.name, code, problem, remedy, number, warning)
