"""Which addresses to ask for an archive, and the error when none delivers."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from helpers.errors import UserError
from helpers.sources import download, rounds
from helpers.sources.catalog import Archive, DataSet


def addresses(archive: Archive, mirror_list: Sequence[str] | None = None) -> tuple[str, ...]:
    """Addresses of an archive: the caller's, else `$COURSE_MIRRORS`, else the catalog's.

    Args:
        archive: the file.
        mirror_list: base addresses, to which the file's name is added, or addresses of the file
            itself. In the environment variable they are separated by commas.

    Raises:
        UserError: an address does not begin with http:// or https://.
    """
    if mirror_list is None:
        mirror_list = [
            part.strip() for part in os.environ.get("COURSE_MIRRORS", "").split(",") if part.strip()
        ]
    if isinstance(mirror_list, str):
        mirror_list = [mirror_list]
    if not mirror_list:
        return archive.mirrors
    result = []
    for address in mirror_list:
        if urlsplit(address).scheme not in ("http", "https"):
            raise UserError(f"the mirror '{address}' is no web address: begin it with https://")
        # Any address that names the file, also with a query behind it, is complete already.
        whole = archive.filename in address.rsplit("/", 1)[-1]
        result.append(address if whole else f"{address.rstrip('/')}/{archive.filename}")
    return tuple(result)


def fetch(
    spec: DataSet,
    archive: Archive,
    target: Path,
    mirror_list: Sequence[str] | None = None,
    *,
    progress: bool = True,
) -> None:
    """Download one archive of a data set.

    Raises:
        UserError: no mirror delivered the published file.
    """
    try:
        download.fetch(
            addresses(archive, mirror_list),
            target,
            size=archive.size,
            sha256=archive.sha256,
            md5=archive.md5,
            progress=progress,
        )
    except rounds.NoMirrorDelivered as error:
        raise UserError(
            f"{error}; get {archive.filename} in another way and run "
            f"`python -m helpers data import {spec.name} PATH`"
        ) from None
