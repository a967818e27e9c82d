"""Tell classes that are missing, small or unequal."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.photos.findings import Finding

if TYPE_CHECKING:
    from helpers.photos.inspection import Seen


def check(
    folder: Path,
    classes: dict[str, Collection[Path]],
    seen: Sequence["Seen"],
    min_per_class: int,
    max_ratio: float,
) -> list[Finding]:
    """Findings about the number of usable pictures.

    Args:
        folder: where the class folders lie.
        classes: the files of each class folder.
        seen: the usable pictures.
        min_per_class: a class with fewer is told.
        max_ratio: told where the largest class has over so many times the smallest one's.
    """
    usable = Counter(item.class_name for item in seen)
    findings = [
        Finding(
            "empty_class",
            (folder / name,),
            f"the class '{name}' has no usable picture: add some, or remove the folder",
            fatal=True,
        )
        for name in classes
        if not usable[name]
    ]
    if len(usable) == 1:
        (name,) = usable
        findings.append(
            Finding(
                "single_class",
                (),
                f"'{name}' is the only class: add a folder for a second "
                "one, there is nothing to tell apart",
                fatal=True,
            )
        )
    findings += [
        Finding(
            "few_pictures",
            (folder / name,),
            f"the class '{name}' has {count} usable; it needs {min_per_class} or more: take some",
        )
        for name, count in sorted(usable.items())
        if count < min_per_class
    ]
    if len(usable) > 1:
        (most, high), *_, (least, low) = usable.most_common()
        if high > max_ratio * low:
            findings.append(
                Finding(
                    "imbalance",
                    (folder / most, folder / least),
                    f"the class '{most}' has {high} usable, '{least}' has {low}: "
                    "take more of the small class, or weight the classes",
                )
            )
    return findings
