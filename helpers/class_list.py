"""Read an instructor's class list: a CSV file with one student code a line."""

import csv
import io
from pathlib import Path

from helpers.errors import UserError

_LARGEST_FILE = 10_000_000  # bytes: a hundred thousand students
_COLUMN = "student_id"


def read_codes(path: Path, *, heading: bool = True) -> list[tuple[int, str]]:
    """Line numbers and codes of a class list; lines without any text are left out.

    Args:
        path: a CSV file in UTF-8, with or without byte order mark.
        heading: whether the first line names the columns.

    Raises:
        UserError: the file cannot be read, is no such CSV file, or names no student.
    """
    text = _text(path)
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    # Spreadsheets end lines in three ways; csv understands all of them in a stream like this.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UserError(
            f"{path}, line {reader.line_num}: {error}: save the list as CSV UTF-8 again"
        ) from None
    column = 0
    if heading and rows:
        names = [name.strip().casefold().replace(" ", "_") for name in rows.pop(0)[1]]
        if names.count(_COLUMN) > 1:
            raise UserError(f"{path} has several columns {_COLUMN}: leave one")
        column = names.index(_COLUMN) if _COLUMN in names else 0
        if _COLUMN not in names and any(sign.isdigit() for sign in names[0]):
            raise UserError(
                f"the first line of {path} looks like a student: add the heading {_COLUMN}, or "
                "say --no-heading"
            )
    if not rows:
        raise UserError(f"{path} names no student: give one code a line, below {_COLUMN}")
    return [(line, row[column].strip() if column < len(row) else "") for line, row in rows]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): name a CSV file") from None
    if len(content) > _LARGEST_FILE:
        raise UserError(f"{path} has more than {_LARGEST_FILE / 1e6:.0f} MB: is it a class list?")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UserError(f"{path} is no text in UTF-8: save the list as CSV UTF-8")
    return text
