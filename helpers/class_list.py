"""Read an instructor's class list: a CSV file with one student a line.

What spreadsheets and learning platforms put around the codes (a separator line, totals, numbers
with decimals) is named, and never taken for a student without a word.
"""

import csv
import re
from pathlib import Path

from helpers.settings import CourseError

COLUMN = "student_id"

_TOTAL = re.compile(r"(total|sum|(overall[ _])?average|mean|median|count):?", re.IGNORECASE)
_SPREADSHEET_NUMBER = re.compile(r"\d+[.,]0+|\d+[.,]?\d*e\+?\d+", re.IGNORECASE)


def read(path: Path, *, column: str = COLUMN, heading: bool = True) -> list[tuple]:
    """The entries of a class list; lines without any text are left out.

    Args:
        path: CSV in UTF-8, separated by commas, semicolons, tabs, or what a first line `sep=` says.
        column: heading of the column with the codes; case and spaces make no difference. In a
            file without headings the number of the column; by default the first.
        heading: whether the first line names the columns.

    Returns:
        For each entry (line in the file, from 1; code; what speaks against it, or ""; whether it
        may be a student's code).

    Raises:
        CourseError: the file cannot be read, has no such column, or names no student.
    """
    rows = _rows(path)
    if len(rows) <= heading:
        raise CourseError(f"{path} names no student: give one code a line, below the headings")
    first = rows[0][1]
    names = first if heading else [str(place + 1) for place in range(len(first))]
    wanted = "1" if not heading and column == COLUMN else column
    places = [place for place, name in enumerate(names) if _plain(name) == _plain(wanted)]
    if len(places) != 1:
        listed = ", ".join(f"'{name[:40]}'" for name in names[:20])
        reason = f"{path} has not one column '{column}'; its headings are {listed}"
        raise CourseError(f"{reason}: say --column, or --no-heading if this is a student already")
    return [(line, cells[places[0]], *_problem(cells, places[0])) for line, cells in rows[heading:]]


def _plain(heading: str) -> str:
    return heading.casefold().replace(" ", "_")


def _problem(cells: list[str], place: int) -> tuple[str, bool]:
    """What speaks against a line, or "", and whether it may be a student's all the same."""
    code = cells[place]
    if _SPREADSHEET_NUMBER.fullmatch(code):
        return f"'{code}' is a number of a spreadsheet: format the column as text", False
    if any(map(_TOTAL.fullmatch, cells)):
        return "a total or a mean: is it a student?", not _TOTAL.fullmatch(code)
    return "", True


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Number and cells of each line that holds something; all have as many cells as the first."""
    try:
        lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): name a CSV file") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} is no text in UTF-8: save the list as CSV UTF-8") from None
    first = next(filter(str.strip, lines), "")
    told = re.match(r'"?sep=(.)', first, re.IGNORECASE)  # a line for Excel alone
    lines = ["\n" if told and line is first else line for line in lines]
    separator = told[1] if told else max(",;\t", key=first.count)
    reader, rows = csv.reader(lines, delimiter=separator, strict=True), []
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if any(cells):
                width = len(rows[0][1]) if rows else len(cells)
                if len(cells) > width:
                    raise csv.Error(f"{len(cells)} cells and not {width}")
                rows.append((reader.line_num, cells + [""] * (width - len(cells))))
    except csv.Error as error:
        place = f"{path}, line {reader.line_num}"
        raise CourseError(f"{place}: {error}: give one code a line, texts in quotes") from None
    return rows
