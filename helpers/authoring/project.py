"""The checkout as the authoring commands see it: its notebooks, its files, its address."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from helpers import paths
from helpers.errors import UserError

LESSON = "[0-9][0-9]_*.ipynb"
ADDRESS = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


@dataclass(frozen=True)
class Project:
    """A checkout of the course; `root` differs from this one only in tests."""

    root: Path = paths.ROOT

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def template(self) -> Path:
        return self.notebooks / "_template.ipynb"

    @property
    def readme(self) -> Path:
        return self.root / "README.md"

    @property
    def references(self) -> Path:
        return self.root / "data" / "reference_runs.json"

    def lessons(self) -> list[Path]:
        """The lessons in their order; the template is not one of them."""
        return sorted(self.notebooks.glob(LESSON))

    def all_notebooks(self) -> list[Path]:
        """The lessons, and the template where there is one."""
        return self.lessons() + ([self.template] if self.template.exists() else [])

    def find(self, names: list[str]) -> list[Path]:
        """Lessons by name ("02_baseline_cnn"), number ("02") or path; all when none is named."""
        if not names:
            return self.lessons()
        return [self._find_one(name) for name in names]

    def _find_one(self, name: str) -> Path:
        path = Path(name)
        if path.suffix == ".ipynb" and path.is_file():
            return path.resolve()
        stem = path.stem if path.suffix == ".ipynb" else name
        by_number = f"{stem}_*.ipynb" if re.fullmatch(r"\d\d", stem) else f"{stem}.ipynb"
        found = sorted(self.notebooks.glob(by_number))
        if len(found) == 1:
            return found[0]
        known = ", ".join(lesson.stem for lesson in self.lessons()) or "none yet"
        raise UserError(f"no notebook '{name}': name one of these: {known}")

    def address(self) -> str:
        """The repository's address, `https://github.com/OWNER/REPO`, from pyproject.toml."""
        path = self.root / "pyproject.toml"
        try:
            address = tomllib.loads(path.read_text("utf-8"))["project"]["urls"]["Repository"]
        except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
            raise UserError(
                "pyproject.toml names no repository: add 'Repository = "
                '"https://github.com/OWNER/REPO"\' under [project.urls]'
            ) from error
        match = ADDRESS.fullmatch(address)
        if match is None:
            raise UserError(
                f"pyproject.toml: '{address}' is no GitHub address: "
                "write https://github.com/OWNER/REPO"
            )
        return f"https://github.com/{match[1]}/{match[2]}"
