"""Progress over the cells of one notebook: a bar on a terminal, one line in a log."""

import sys

from tqdm import tqdm


class CellProgress:
    """A context manager; call `advance` after each cell and `finish` with the last word."""

    def __init__(self, label: str, cells: int):
        self.label = label
        self._bar = tqdm(
            total=cells,
            desc=label,
            unit="cell",
            disable=not sys.stderr.isatty(),
            leave=False,
            bar_format="{desc} |{bar}| cell {n_fmt} of {total_fmt}, {elapsed}",
        )

    def __enter__(self):
        if self._bar.disable:
            print(f"{self.label} …", flush=True)
        return self

    def __exit__(self, *_error):
        self._bar.close()

    def advance(self) -> None:
        self._bar.update()

    def finish(self, verdict: str) -> None:
        self._bar.close()
        print(f"{self.label}  {verdict}", flush=True)
