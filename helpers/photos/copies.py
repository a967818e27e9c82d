"""Tell copies and near copies, and group them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.photos.findings import Finding
from helpers.photos.hashes import Links, near_pairs
from helpers.photos.names import shown

if TYPE_CHECKING:
    from helpers.photos.inspection import Seen


def find(seen: Sequence["Seen"]) -> tuple[list["Seen"], np.ndarray, list[Finding]]:
    """Look for photos that are there twice.

    One file in two classes is left out: nobody can know which label is right. All others stay,
    and a group tells which must not be on both sides of a split.

    Returns:
        The photos to use, their groups (n,) int64, and the findings.
    """
    findings = []
    by_digest = defaultdict(list)
    for item in seen:
        by_digest[item.digest].append(item)
    conflicting = set()
    for same in by_digest.values():
        if len({item.class_name for item in same}) > 1:
            conflicting.update(item.path for item in same)
            findings.append(
                _finding(
                    "label_conflict", same, "are the same file with two labels: keep one", True
                )
            )
        elif len(same) > 1:
            findings.append(
                _finding(
                    "exact_duplicate",
                    same,
                    "are the same file; they stay on one side of every split",
                )
            )
    kept = [item for item in seen if item.path not in conflicting]
    groups, more = _near(kept)
    return kept, groups, findings + more


def _near(seen: Sequence["Seen"]) -> tuple[np.ndarray, list[Finding]]:
    """Groups of copies and near copies, and a finding for each group with near copies."""
    links = Links(len(seen))
    first_of = {}
    for place, item in enumerate(seen):
        links.join(place, first_of.setdefault(item.digest, place))
    firsts = sorted(first_of.values())
    squares = np.stack([seen[place].square for place in firsts]) if firsts else np.empty(0)
    for a, b, _ in near_pairs(squares):
        links.join(firsts[a], firsts[b])
    groups = links.groups()
    members = defaultdict(list)
    for place in firsts:
        members[groups[place]].append(seen[place])
    findings = []
    for alike in members.values():
        if len({item.class_name for item in alike}) > 1:
            findings.append(
                _finding(
                    "near_conflict", alike, "look almost the same but have two labels: check them"
                )
            )
        elif len(alike) > 1:
            findings.append(
                _finding(
                    "near_duplicate",
                    alike,
                    "look almost the same; they stay on one side of every split",
                )
            )
    return groups, findings


def _finding(kind: str, items: Sequence["Seen"], text: str, fatal: bool = False) -> Finding:
    few = " and ".join(shown(f"{item.path.parent.name}/{item.path.name}", 40) for item in items[:2])
    if len(items) > 2:
        few += f" and {len(items) - 2} more"
    thumbnails = tuple(item.thumbnail for item in items[:3])
    return Finding(kind, tuple(item.path for item in items), f"{few} {text}", fatal, thumbnails)
