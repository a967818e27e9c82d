"""Light and a cheap camera: what turns a drawn scene into a photo."""

import io

import numpy as np


def expose(rng: np.random.Generator, scene: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Light from one side, darker corners, a color cast, more or less exposure.

    Args:
        rng: decides how much of each.
        scene: (h, w, 3) float32, colors around 0..1.
        x, y: (h, w) float32, millimeters, 0 in the middle.

    Returns:
        (h, w, 3) float32, not clipped.
    """
    half = float(np.hypot(x[0, 0], y[0, 0]))
    angle = rng.uniform(0, 2 * np.pi)
    slope = (np.cos(angle) * x + np.sin(angle) * y) / half
    light = 1 + rng.uniform(0, 0.4) * slope - rng.uniform(0, 0.35) * (x**2 + y**2) / half**2
    warmth, tint = rng.normal(0, 0.07), rng.normal(0, 0.02)
    cast = np.float32([1 + warmth, 1 + tint, 1 - warmth]) * rng.uniform(0.7, 1.15)
    return scene * light.astype(np.float32)[..., None] * cast


def develop(rng: np.random.Generator, light: np.ndarray) -> tuple[np.ndarray, int]:
    """Blur, noise, rounding to 8 bits, and the quality that the JPEG file is to have.

    Args:
        rng: decides how much of each.
        light: (h, w, 3) float32.

    Returns:
        pixels: (h, w, 3) uint8.
        quality: of JPEG, 45..92.
    """
    from PIL import Image, ImageFilter

    sharpness, noise = rng.uniform(0, 1), rng.uniform(0.004, 0.04)
    quality = int(rng.integers(45, 93))
    picture = Image.fromarray(_to_bytes(light))
    blur = 0.008 * sharpness**2 * min(picture.size)
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255
    return _to_bytes(pixels + noise * rng.standard_normal(pixels.shape, dtype=np.float32)), quality


def through_jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Pixels (h, w, 3) uint8 as they come out of a JPEG file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer, formats=("JPEG",)))


def _to_bytes(light: np.ndarray) -> np.ndarray:
    return np.rint(255 * np.clip(light, 0, 1)).astype(np.uint8)
