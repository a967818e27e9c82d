"""Photos that are the same or almost the same."""

import numpy as np

SIDE = 32  # pixels a side of the thumbnails that are compared
_MOST_BITS = 32  # of 128 that may differ: a coarse sieve, the detail decides
_LEAST_COSINE = 0.8  # of the colors: lines at the same place do not make two pens one
_ROWS = 500


def difference_hash(thumbnails: np.ndarray) -> np.ndarray:
    """For each picture 128 bits: is a place brighter than its right, or its lower, neighbor?

    Brightness and contrast do not count, nor do size and compression (the "dHash" of Krawetz,
    2013, in both directions).

    Args:
        thumbnails: (n, 32, 32, 3) uint8.

    Returns:
        (n, 128) bool.
    """
    gray = thumbnails.astype(np.float32).mean(axis=-1)
    edges = np.linspace(0, SIDE, 10).astype(int)[:-1]  # nine rows and columns
    small = np.add.reduceat(np.add.reduceat(gray, edges, axis=1), edges, axis=2)
    widths = np.diff([*edges, SIDE])
    small /= np.outer(widths, widths)
    right = small[:, :8, 1:] > small[:, :8, :-1]
    down = small[:, 1:, :8] > small[:, :-1, :8]
    return np.concatenate([right, down], axis=1).reshape(len(gray), -1)


def near_pairs(
    thumbnails: np.ndarray, *, max_distance: float = 0.3
) -> list[tuple[int, int, float]]:
    """Pairs of pictures that show almost the same, mirrored ones too.

    The hash and the coarse colors sieve all pairs; `helpers.duplicates` decides on those that
    pass. A pair whose partners are already linked through others is not looked at again, so that
    a burst of equal pictures takes no longer.

    Args:
        thumbnails: (n, 32, 32, 3) uint8, the whole picture squeezed into a square.
        max_distance: of the detail, from 0 (the same) over 1 (nothing in common).

    Returns:
        (first, second, distance) with first < second, sorted by position.
    """
    from helpers.duplicates import near_duplicates  # brings scipy, which `plots` need not wait for

    if len(thumbnails) < 2:
        return []
    mirrored = thumbnails[:, :, ::-1]
    bits, bits_mirrored = _signs(thumbnails), _signs(mirrored)
    colors, colors_mirrored = _coarse_colors(thumbnails), _coarse_colors(mirrored)
    least = bits.shape[1] - 2 * _MOST_BITS
    links = Links(len(thumbnails))
    found = []
    for top in range(0, len(bits), _ROWS):
        rows = slice(top, top + _ROWS)
        close = np.maximum(bits[rows] @ bits.T, bits[rows] @ bits_mirrored.T) >= least
        cosine = np.maximum(colors[rows] @ colors.T, colors[rows] @ colors_mirrored.T)
        close &= cosine >= _LEAST_COSINE
        for first, second in zip(*np.nonzero(np.triu(close, k=top + 1)), strict=True):
            first = int(first) + top
            second = int(second)
            if links.joined(first, second):
                continue
            a, b = thumbnails[first : first + 1], thumbnails[second : second + 1]
            distance = float(near_duplicates(a, b, max_distance=None).distance[0])
            if distance <= max_distance:
                links.join(first, second)
                found.append((first, second, distance))
    return found


def _signs(thumbnails: np.ndarray) -> np.ndarray:
    """(n, 128) float32 hashes of +1 and -1: a product counts equal bits minus different ones."""
    return difference_hash(thumbnails) * np.float32(2) - 1


def _coarse_colors(thumbnails: np.ndarray) -> np.ndarray:
    """(n, 192) float32: 8 x 8 colors without their mean, of length 1; 0 where all is one color."""
    block = SIDE // 8
    small = thumbnails.reshape(-1, 8, block, 8, block, 3).mean(axis=(2, 4), dtype=np.float32)
    rows = small.reshape(len(thumbnails), -1)
    rows -= rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 1)


class Links:
    """Which of n things hang together, directly or through others."""

    def __init__(self, count: int):
        self._parent = list(range(count))

    def _root(self, item: int) -> int:
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, a: int, b: int) -> None:
        """Link two things; the smaller number stands for both."""
        low, high = sorted((self._root(a), self._root(b)))
        self._parent[high] = low

    def joined(self, a: int, b: int) -> bool:
        """Whether the two hang together."""
        return self._root(a) == self._root(b)

    def groups(self) -> np.ndarray:
        """(n,) int64, 0 upward: equal for things that hang together."""
        roots = [self._root(item) for item in range(len(self._parent))]
        return np.unique(roots, return_inverse=True)[1].astype(np.int64).reshape(-1)
