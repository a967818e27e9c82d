"""Names of files as one may print and compare them."""

import unicodedata
from pathlib import Path

LONGEST = 100  # letters; longer ones break some archives and tables


def shown(name: str | Path, longest: int = 60) -> str:
    """A name fit to print: no control characters or broken letters, the middle of a long one cut.

    Args:
        name: a file's or folder's name, or a relative path.
        longest: letters that are shown.
    """
    text = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(name)
    )
    if len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    return text


def is_odd(name: str) -> bool:
    """Whether a name has what other computers do not take: control characters, edges, length."""
    return (
        len(name) > LONGEST
        or not name.isprintable()
        or name != name.strip()
        or any(letter in '<>:"|?*\\' for letter in name)
    )


def same_on_other_computers(name: str) -> str:
    """A key that is equal for names which Windows or macOS cannot keep apart."""
    return unicodedata.normalize("NFC", name).casefold()
