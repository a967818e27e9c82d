"""Synthetic product photos of garments: one thing, in color, on a light background."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from scipy import ndimage

from helpers.errors import UserError
from helpers.garments import clothes, drawing, footwear
from helpers.photos.synthetic.noise import value_noise

_MAKERS = {
    "T-shirt": clothes.t_shirt,
    "trousers": clothes.trousers,
    "dress": clothes.dress,
    "skirt": clothes.skirt,
    "shoe": footwear.shoe,
    "pair of shoes": footwear.pair_of_shoes,
    "boot": footwear.boot,
    "pair of boots": footwear.pair_of_boots,
    "bag": clothes.bag,
}
KINDS = tuple(_MAKERS)

# The class of Fashion-MNIST that each kind belongs to. It has none for skirts.
FASHION_CLASS: Mapping[str, str | None] = MappingProxyType(
    {
        "T-shirt": "T-shirt/top",
        "trousers": "Trouser",
        "dress": "Dress",
        "skirt": None,
        "shoe": "Sneaker",
        "pair of shoes": "Sneaker",
        "boot": "Ankle boot",
        "pair of boots": "Ankle boot",
        "bag": "Bag",
    }
)

_HEIGHT, _WIDTH = 400, 300
_TIMES = 2  # a garment is drawn larger and averaged, for smooth edges
_COLORS = np.array(
    [
        (0.13, 0.14, 0.17),
        (0.15, 0.22, 0.42),
        (0.55, 0.12, 0.14),
        (0.16, 0.34, 0.26),
        (0.42, 0.28, 0.18),
        (0.45, 0.47, 0.50),
        (0.30, 0.45, 0.62),
        (0.62, 0.36, 0.42),
        (0.72, 0.52, 0.20),
    ]
)


def render(kind: str, seed: int = 1001) -> np.ndarray:
    """Draw a garment as a shop would show it; drawn by this program, no photo.

    Shoes and boots from the side point to the left, as in Fashion-MNIST.

    Args:
        kind: one of `KINDS`.
        seed: the same kind and seed give the same picture.

    Returns:
        (400, 300, 3) uint8.

    Raises:
        UserError: an unknown kind, or a seed that is no whole number from 0 on.
    """
    if kind not in KINDS:
        raise UserError(f"there is no garment {kind!r}: use one of {', '.join(KINDS)}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise UserError(f"seed is {seed!r}: give a whole number from 0 on")
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    color = np.clip(_COLORS[rng.integers(len(_COLORS))] + rng.normal(0, 0.03, 3), 0.05, 0.85)
    garment, covered = _garment(rng, _MAKERS[kind](rng, color))
    scene = _background(rng)
    _shadow(scene, covered, rng.uniform(0.02, 0.08))
    scene = scene * (1 - covered) + garment * _cloth(rng)
    noisy = scene + rng.normal(0, 0.006, scene.shape)
    return np.rint(255 * np.clip(noisy, 0, 1)).astype(np.uint8)


def _garment(
    rng: np.random.Generator, shapes: list[drawing.Shape]
) -> tuple[np.ndarray, np.ndarray]:
    """The shapes on black, (h, w, 3), and how much of each pixel they cover, (h, w, 1)."""
    large = np.zeros((_HEIGHT * _TIMES, _WIDTH * _TIMES, 3), dtype=np.float32)
    covered = drawing.paint(large, shapes, *_pose(rng, shapes))
    return _averaged(large), _averaged(covered[..., None].astype(np.float32))


def _averaged(large: np.ndarray) -> np.ndarray:
    """Smaller by `_TIMES` on each side, for smooth edges."""
    return large.reshape(_HEIGHT, _TIMES, _WIDTH, _TIMES, -1).mean(axis=(1, 3))


def _background(rng: np.random.Generator) -> np.ndarray:
    """White to light gray, a little darker toward one end, (h, w, 3) float32 in 0..1."""
    shade = rng.uniform(0.93, 1.0) - rng.uniform(0, 0.03) * np.linspace(0, 1, _HEIGHT)
    scene = np.empty((_HEIGHT, _WIDTH, 3), dtype=np.float32)
    scene[:] = shade[:, None, None]
    return scene


def _pose(rng: np.random.Generator, shapes: list[drawing.Shape]) -> tuple[float, np.ndarray]:
    """Pixels a unit, and where (0, 0) lies: about the middle, with a margin."""
    low, high = drawing.bounds(shapes)
    room = np.array([_WIDTH, _HEIGHT]) * _TIMES
    scale = float((room / (high - low)).min() * rng.uniform(0.7, 0.86))
    jitter = room * rng.uniform(-0.03, 0.03, 2)
    return scale, room / 2 - scale * (low + high) / 2 + jitter


def _cloth(rng: np.random.Generator) -> np.ndarray:
    """Folds and weave, factors around 1, (h, w, 1) float32."""
    rows, columns = np.mgrid[:_HEIGHT, :_WIDTH].astype(np.float32)
    folds = value_noise(rng, columns, rows / 3, 45.0) - 0.5
    weave = value_noise(rng, columns, rows, 1.5) - 0.5
    return (1 + 0.22 * folds + 0.08 * weave)[..., None]


def _shadow(scene: np.ndarray, covered: np.ndarray, depth: float) -> None:
    """A faint, soft shadow below the garment."""
    below = np.roll(covered[..., 0], 4, axis=0)
    scene *= 1 - depth * ndimage.gaussian_filter(below, 5.0)[..., None]
