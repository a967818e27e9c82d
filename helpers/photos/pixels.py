"""Any kind of pixels as red, green and blue in 8 bits."""

import numpy as np
from PIL import Image


def to_rgb(picture: Image.Image) -> tuple[Image.Image, list[tuple[str, str]]]:
    """A decoded picture in mode RGB, and (kind, end of a sentence) of what was changed.

    Transparent parts become white; values of more than 8 bits are scaled.
    """
    if picture.mode.startswith(("I", "F")):
        return _from_many_bits(picture)
    if picture.has_transparency_data:
        return _on_white(picture)
    if picture.mode == "CMYK":
        return picture.convert("RGB"), [
            ("cmyk", "has a printer's colors (CMYK); they are converted and may look different")
        ]
    if picture.mode in ("L", "1"):
        depth = "black and white" if picture.mode == "1" else "gray"
        return picture.convert("RGB"), [
            ("gray", f"is {depth}; its one channel is used three times")
        ]
    return picture.convert("RGB"), []


def _on_white(picture: Image.Image) -> tuple[Image.Image, list[tuple[str, str]]]:
    colors = picture.convert("RGBA")
    lowest, _ = colors.getchannel("A").getextrema()
    if lowest == 255:  # a channel for transparency, but nothing transparent
        return colors.convert("RGB"), []
    white = Image.new("RGBA", colors.size, "white")
    flat = Image.alpha_composite(white, colors).convert("RGB")
    return flat, [("transparency", "is transparent in parts; they become white")]


def _from_many_bits(picture: Image.Image) -> tuple[Image.Image, list[tuple[str, str]]]:
    values = np.nan_to_num(np.asarray(picture, dtype=np.float32), posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    if picture.mode == "F" and low >= 0 and high <= 1:
        low, high = 0, 1
    elif low >= 0 and high <= 255:
        low, high = 0, 255
    elif low >= 0 and high <= 65535:
        low, high = 0, 65535
    scaled = ((values - low) * (255 / max(high - low, 1e-6))).round().astype(np.uint8)
    return Image.fromarray(scaled).convert("RGB"), [
        ("16_bit", "has gray values of more than 8 bits; they are scaled to 8")
    ]
