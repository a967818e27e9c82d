"""What a mirror's answer, or its silence, means: status, headers and exceptions in a few words."""

import re

import requests

MAX_SIZE = 2**31  # bound for a file whose size nobody knows


class MirrorFailed(Exception):
    """Why a mirror did not deliver, in a few words.

    Attributes:
        kind: "slow", "no range", "broken" (may be better next time), or "useless".
    """

    def __init__(self, kind: str, reason: str):
        super().__init__(reason)
        self.kind = kind


def explained(error: BaseException) -> BaseException:
    if isinstance(error, requests.TooManyRedirects):
        return MirrorFailed("useless", "redirects in circles")
    if isinstance(error, requests.ConnectTimeout):
        return MirrorFailed("useless", "cannot be reached in time")
    if isinstance(error, requests.Timeout):
        return MirrorFailed("broken", "stalled before it answered")
    if isinstance(error, requests.exceptions.SSLError):
        return MirrorFailed("useless", "its certificate is not valid")
    if isinstance(error, requests.ConnectionError):
        text = str(error)
        if "NameResolution" in text or "getaddrinfo" in text or "resolve" in text:
            return MirrorFailed("useless", "its name is not known here (no network?)")
        if "refused" in text or "NewConnection" in text:
            return MirrorFailed("useless", "does not accept connections")
        return MirrorFailed("broken", "broke the connection")
    if isinstance(error, requests.RequestException | ValueError | OSError):
        return MirrorFailed("useless", f"gave no usable answer ({type(error).__name__})")
    return error


def checked_head(response: requests.Response, asked: int, size: int | None) -> int | None:
    """The whole file's size if known, from an answer to a request for the bytes from `asked` on.

    Raises:
        MirrorFailed: the status or a header is not what it should be.
    """
    status, headers = response.status_code, response.headers
    if status not in (200, 206):
        if status == 416:
            raise MirrorFailed("no range", "does not have the missing bytes (416)")
        kind = "broken" if status >= 500 or status == 429 else "useless"
        raise MirrorFailed(kind, f"answers with status {status}")
    if headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise MirrorFailed("useless", "compresses on the way")
    if headers.get("Content-Type", "").strip().lower().startswith("text/html"):
        raise MirrorFailed("useless", "sends a web page instead of the file")
    length = _length(headers.get("Content-Length"))
    if status == 206:
        return _checked_range(headers.get("Content-Range", ""), length, asked, size)
    if asked:
        raise MirrorFailed("no range", "cannot resume (ignores Range)")
    if size is not None and length is not None and length != size:
        raise MirrorFailed("useless", f"announces {length} bytes instead of {size}")
    total = size if size is not None else length
    if total is not None and total > MAX_SIZE:
        raise MirrorFailed("useless", f"announces {total} bytes, too many")
    return total


def _checked_range(value: str, length: int | None, asked: int, size: int | None) -> int | None:
    found = re.fullmatch(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", value.strip())
    if not found or asked == 0:
        raise MirrorFailed("no range", "sends a part that was not asked for")
    first, last = int(found[1]), int(found[2])
    total = None if found[3] == "*" else int(found[3])
    if first != asked or last < first or (length is not None and length != last - first + 1):
        raise MirrorFailed("no range", "sends another part than asked for")
    if None not in (size, total) and size != total:
        raise MirrorFailed("useless", f"announces {total} bytes instead of {size}")
    total = total if size is None else size
    if total is not None and (last >= total or total > MAX_SIZE):
        raise MirrorFailed("no range", "sends another part than asked for")
    return total


def _length(value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,15}", value.strip()):
        raise MirrorFailed("useless", "announces no sensible length")
    return int(value)
