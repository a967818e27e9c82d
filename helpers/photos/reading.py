"""Read the bytes of one file that nobody has checked yet."""

import os
import stat
from pathlib import Path

from PIL import Image

MAX_BYTES = 50_000_000


class Refused(Exception):
    """A file that cannot be used.

    Attributes:
        kind: a kind of finding.
        reason: the end of a sentence that begins with the file's name.
        picture: what can be shown of it, in mode RGB, or None.
    """

    def __init__(self, kind: str, reason: str, picture: Image.Image | None = None):
        super().__init__(reason)
        self.kind, self.reason, self.picture = kind, reason, picture


def read_bytes(path: Path) -> bytes:
    """Bytes of a regular file, never of what a link points to.

    Raises:
        Refused: a link, no regular file, empty, too large, or not to be read.
    """
    # NONBLOCK: to open a named pipe would wait for ever.
    flags = os.O_RDONLY | sum(
        getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
    )
    try:
        with open(os.open(path, flags), "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise Refused("stray_file", "is no regular file: remove it")
            if state.st_size > MAX_BYTES:
                raise Refused(
                    "too_large",
                    f"has {state.st_size / 1e6:,.0f} MB, over {MAX_BYTES / 1e6:.0f} MB: "
                    "save it smaller",
                )
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused(
            "no_permission",
            f"may not be read ({error.strerror or type(error).__name__}): "
            "change its permissions or copy it anew",
        ) from None
    if not data:
        raise Refused("empty_file", "is empty (0 bytes): copy it anew")
    if len(data) > MAX_BYTES:
        raise Refused("too_large", "grows while it is read: copy it anew")
    return data
