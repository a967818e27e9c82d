"""Which mirror to ask next: the rounds of one download, and what each mirror is known for."""

import os
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from helpers.errors import UserError
from helpers.sources import files, transfer
from helpers.sources.answers import MirrorFailed
from helpers.sources.catalog import Archive
from helpers.sources.transfer import Outcome, Patience

MAX_TRIES = 40
_HOPELESS = 50  # in the second round a mirror may be this many times slower than min_rate
_EARLIER = "an earlier session"


class NoMirrorDelivered(Exception):
    """No mirror delivered the file; the text names each with its reason, in one line."""


@dataclass
class _Mirror:
    """What is known of one address."""

    url: str
    rate: float = 0.0
    reason: str = "not asked"
    kind: str = "new"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2] or self.url


class Download:
    """One download in progress: its mirrors, its part file, and who wrote what is in it."""

    def __init__(
        self, wanted: Archive, target: Path, patience: Patience, pause: float, progress: bool
    ):
        self.wanted = wanted
        self.target = target
        self.part = target.with_name(target.name + ".part")
        self.patience = patience
        self.pause = pause
        self.progress = progress
        self.mirrors = [_Mirror(url) for url in dict.fromkeys(wanted.mirrors)]
        self.tries = 0
        # Whose bytes are in the part file: with more than one, a wrong hash blames nobody.
        self.writers: set[str] = set()
        self.suspects: list[_Mirror] = []

    def run(self) -> None:
        self._take_over_part()
        self._check_space()
        with self._bar() as self.bar:
            if self._size() and self._size() == self.wanted.size and self._finish():
                return
            for work in (
                self._strict_round,
                self._lenient_rounds,
                self._solo_round,
                self._fresh_round,
            ):
                if work():
                    return
        raise NoMirrorDelivered(self._summary())

    def _take_over_part(self) -> None:
        size = self._size()
        if size and self.wanted.size is not None and size > self.wanted.size:
            self.part.unlink()
        elif size:
            self.writers.add(_EARLIER)

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _check_space(self) -> None:
        if self.wanted.size is None:
            return
        needed = self.wanted.size - self._size()
        free = shutil.disk_usage(self.target.parent).free
        if free < needed:
            raise UserError(
                f"{self.target.parent} has {free / 1e6:.0f} MB free and {needed / 1e6:.0f} MB are "
                f"needed for {self.target.name}: make space or name another folder in COURSE_CACHE"
            )

    def _bar(self):
        from tqdm.auto import tqdm

        return tqdm(
            total=self.wanted.size,
            initial=self._size(),
            unit="B",
            unit_scale=True,
            disable=not self.progress,
        )

    # The rounds.
    def _strict_round(self) -> bool:
        """Ask each mirror once, and leave it as soon as it is slow or wrong."""
        return any(self._try(mirror, self.patience) for mirror in self.mirrors)

    def _lenient_rounds(self) -> bool:
        """Ask again as long as that brings something: first those that cannot resume, then the
        slow and broken ones in the order of their rates."""
        for mirror in [mirror for mirror in self.mirrors if mirror.kind == "no range"]:
            if self._try(mirror, self.patience, skip_known=True):
                return True
        hurry = replace(
            self.patience,
            min_rate=self.patience.min_rate / _HOPELESS,
            slow_after=4 * self.patience.slow_after,
        )
        progressed = True
        while progressed and self.tries < MAX_TRIES:
            progressed = False
            again = [m for m in self.mirrors if m.kind in ("slow", "broken", "no range")]
            for mirror in sorted(again, key=lambda mirror: -mirror.rate):
                if mirror.kind == "broken":
                    time.sleep(self.pause)
                before = self._size()
                if self._try(mirror, hurry, skip_known=mirror.kind == "no range"):
                    return True
                progressed |= self._size() > before
        return False

    def _solo_round(self) -> bool:
        """After a wrong mixture: each suspect alone, from the first byte."""
        for mirror in sorted(self.suspects, key=lambda mirror: -mirror.rate):
            if mirror.kind == "useless" or self.tries >= MAX_TRIES:
                continue
            self._throw_away()
            relaxed = replace(self.patience, min_rate=self.patience.min_rate / _HOPELESS)
            if self._try(mirror, relaxed):
                return True
            while mirror.kind == "broken" and self._size() and self.tries < MAX_TRIES:
                time.sleep(self.pause)
                before = self._size()
                if self._try(mirror, relaxed):
                    return True
                if self._size() <= before:
                    break
        return False

    def _fresh_round(self) -> bool:
        """When no mirror can go on from the part, the part may be what is wrong: without it."""
        stuck = [mirror for mirror in self.mirrors if mirror.kind == "no range"]
        if not stuck:
            return False
        self._throw_away()
        return any(self._try(mirror, self.patience) for mirror in stuck)

    # One try.
    def _try(self, mirror: _Mirror, patience: Patience, *, skip_known: bool = False) -> bool:
        """Whether this try finished the download. Notes rate and reason otherwise."""
        if self.tries >= MAX_TRIES:
            return False
        self.tries += 1
        self.bar.set_description(mirror.host)
        outcome = Outcome()
        try:
            transfer.append(
                mirror.url,
                self.part,
                self.wanted.size,
                patience,
                outcome,
                skip_known=skip_known,
                advance=self.bar.update,
                announce=self._announce,
            )
            failure = None
        except MirrorFailed as error:
            failure = error
        if outcome.received:
            self.writers.add(mirror.url)
            mirror.rate = outcome.rate
        if failure is None:
            return self._finish(mirror)
        mirror.kind, mirror.reason = failure.kind, str(failure)
        return self._is_whole_by_chance() and self._finish(mirror)

    def _is_whole_by_chance(self) -> bool:
        """Where the size is unknown, a mirror that lies about it may have sent all there is."""
        unknown = self.wanted.size is None and self._size() > 0
        return unknown and files.is_official(self.part, self.wanted)

    def _announce(self, total: int) -> None:
        if self.bar.total != total:
            self.bar.total = total
            self.bar.refresh()

    def _finish(self, last: _Mirror | None = None) -> bool:
        """Check the hash of a whole part file and give it its name; throw it away if wrong."""
        with open(self.part, "rb+") as file:
            os.fsync(file.fileno())
        if files.is_official(self.part, self.wanted):
            os.replace(self.part, self.target)
            return True
        for mirror in self.mirrors:
            if self.writers == {mirror.url}:
                mirror.kind, mirror.reason = "useless", "sends a wrong file (hash differs)"
                if mirror in self.suspects:
                    self.suspects.remove(mirror)
            elif mirror.url in self.writers:
                mirror.kind, mirror.reason = "suspect", "sent part of a wrong file (hash differs)"
                if mirror not in self.suspects:
                    self.suspects.append(mirror)
        if last is not None and last.kind == "new":
            last.kind, last.reason = "suspect", "sent part of a wrong file (hash differs)"
        self._throw_away()
        return False

    def _throw_away(self) -> None:
        self.part.unlink(missing_ok=True)
        self.writers.clear()
        self.bar.reset(total=self.bar.total)

    def _summary(self) -> str:
        if not self.mirrors:
            return f"{self.target.name} has no mirror"
        reasons = "; ".join(f"{mirror.host}: {mirror.reason}" for mirror in self.mirrors)
        return f"no mirror delivered {self.target.name} ({reasons})"
