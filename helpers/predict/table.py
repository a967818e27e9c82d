"""Rows of predictions as CSV."""

import csv
import io
from collections.abc import Sequence

from helpers.predict.folders import Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(rows: Sequence[Row]) -> str:
    """Rows as CSV text with a heading; probabilities with all their digits.

    A spreadsheet takes a cell that begins with = + - or @ for a formula, and a stranger may have
    named a file so. Such a name gets a quotation mark (') in front.

    Args:
        rows: as `predict.folder` gives them.
    """
    most = max((len(row.top) for row in rows), default=0)
    with_superclass = any(row.superclass for row in rows)
    heading = ["file"]
    for place in range(1, most + 1):
        heading += [f"class_{place}", f"probability_{place}"]
    if with_superclass:
        heading += ["superclass", "superclass_probability"]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*heading, "notes", "reason"])
    for row in rows:
        cells = [safe(row.file)]
        for name, share in (*row.top, *[("", None)] * (most - len(row.top))):
            cells += [safe(name), "" if share is None else repr(share)]
        if with_superclass:
            name, share = row.superclass or ("", None)
            cells += [safe(name), "" if share is None else repr(share)]
        writer.writerow([*cells, safe("; ".join(row.notes)), safe(row.reason)])
    return stream.getvalue()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
