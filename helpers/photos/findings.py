"""What an inspection of a folder of photos tells."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.photos.names import shown

# What each kind means, as a short title. The order is the order of importance.
KINDS = {
    "single_class": "only one class",
    "empty_class": "class without pictures",
    "label_conflict": "same in two classes",
    "near_conflict": "alike in two classes",
    "bomb": "far too many pixels",
    "too_large": "file too large",
    "unreadable": "not a readable picture",
    "truncated": "breaks off",
    "empty_file": "empty file",
    "no_permission": "may not be read",
    "symlink": "link",
    "heic": "HEIC or AVIF",
    "multi_page": "document with pages",
    "too_small": "too small",
    "outside_class": "in no class folder",
    "nested_folder": "folder in a class",
    "too_many_files": "too many files",
    "few_pictures": "few pictures",
    "imbalance": "unequal classes",
    "exact_duplicate": "copies",
    "near_duplicate": "almost the same",
    "case_twins": "names alike",
    "animation": "animation",
    "aspect": "very long or very wide",
    "transparency": "transparent",
    "cmyk": "colors for print",
    "16_bit": "more than 8 bits",
    "gray": "gray",
    "rotation": "turned upright",
    "wrong_ending": "wrong ending",
    "odd_name": "odd name",
    "stray_file": "no picture",
    "system_file": "system file",
}


@dataclass(frozen=True)
class Finding:
    """One thing to know about a folder of photos.

    Attributes:
        kind: a key of `KINDS`.
        paths: the files or folders it is about; empty where it is about the whole folder.
        message: one plain sentence, what was found and what is done or should be done.
        fatal: True: these files are not used or, for a finding about a class or the whole
            folder, a training makes no sense before it is mended.
        thumbnails: pictures (h, w, 3) uint8, no side over 96 pixels; empty where none can be
            shown.
    """

    kind: str
    paths: tuple[Path, ...]
    message: str
    fatal: bool = False
    thumbnails: tuple[np.ndarray, ...] = ()

    @property
    def path(self) -> Path | None:
        """The first of the paths."""
        return self.paths[0] if self.paths else None

    @property
    def title(self) -> str:
        """The kind in two or three words."""
        return KINDS[self.kind]

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Inspection:
    """A folder of photos after all checks.

    Attributes:
        folder: the folder.
        findings: the most important kind first.
        usable: (path, class name) of each picture that can be loaded, by class and name.
        class_names: names of the classes that have usable pictures, sorted.
        groups: (n,) int64, one a usable picture; equal for exact and near duplicates.
    """

    folder: Path
    findings: tuple[Finding, ...]
    usable: tuple[tuple[Path, str], ...]
    class_names: tuple[str, ...]
    groups: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """(n,) int64, index into class_names of each usable picture."""
        number = {name: label for label, name in enumerate(self.class_names)}
        return np.array([number[name] for _, name in self.usable], dtype=np.int64)

    @property
    def counts(self) -> dict[str, int]:
        """Usable pictures by class."""
        found = Counter(name for _, name in self.usable)
        return {name: found[name] for name in self.class_names}

    def by_kind(self) -> dict[str, list[Finding]]:
        """Findings by their kind, the most important kind first."""
        kinds: dict[str, list[Finding]] = {}
        for finding in self.findings:
            kinds.setdefault(finding.kind, []).append(finding)
        return kinds

    def describe(self, *, per_kind: int = 3) -> str:
        """Text for people: the counts, then the sentences, at most `per_kind` of one kind."""
        counts = ", ".join(f"{name} {count}" for name, count in self.counts.items())
        lines = [f"{len(self.usable)} usable pictures in {len(self.class_names)} classes: {counts}"]
        if not self.findings:
            lines.append("nothing to tell about them")
        for found in self.by_kind().values():
            lines += [
                ("left out: " if item.fatal and item.paths else "note: ") + item.message
                for item in found[:per_kind]
            ]
            if len(found) > per_kind:
                lines.append(f"    … and {len(found) - per_kind} more: {found[0].title}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"<Inspection of {shown(self.folder.name)}: {len(self.usable)} usable pictures, "
            f"{len(self.findings)} findings>"
        )


def by_importance(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of `KINDS`; within a kind as they came."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(sorted(findings, key=lambda finding: order[finding.kind]))
