"""Pictures and figures as HTML that stands alone: each one inside its tag, with its text."""

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from helpers.errors import UserError

GAP = 2  # white pixels between pictures
_SIDE = 64  # pixels on the screen for a small picture


def read_pictures(images: np.ndarray) -> np.ndarray:
    """Pictures as (n, height, width, 3) or, if gray, (n, height, width), uint8.

    Raises:
        UserError: another shape or dtype, or no picture at all.
    """
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    shaped = images.ndim == 3 or (images.ndim == 4 and images.shape[-1] == 3)
    if not shaped or images.dtype != np.uint8 or not images.size:
        raise UserError(
            f"an array of shape {images.shape} and dtype {images.dtype}: pass pictures "
            "(n, height, width, 3) or (n, height, width), uint8"
        )
    return images


def sheet(images: np.ndarray, columns: int, scale: int | None = None) -> bytes:
    """PNG of pictures in rows.

    Args:
        images: (n, height, width, 3) or (n, height, width) uint8, n >= 1.
        columns: pictures in a row; places left over in the last row are white.
        scale: screen pixels for one of the picture's; by default pictures of CIFAR-10's size are
            doubled, and photos made smaller.
    """
    scale = scale or max(1, _SIDE // images.shape[1])
    large = images.repeat(scale, axis=1).repeat(scale, axis=2)
    color = [(0, 0)] * (images.ndim - 3)
    empty = -len(images) % columns
    spaced = np.pad(large, [(0, empty), (0, GAP), (0, GAP), *color], constant_values=255)
    rows = spaced.reshape(-1, columns, *spaced.shape[1:]).swapaxes(1, 2)
    pixels = rows.reshape(rows.shape[0] * rows.shape[1], -1, *images.shape[3:])[:-GAP]
    return png(Image.fromarray(pixels).reduce(max(1, images.shape[1] // (2 * _SIDE))))


def png(picture: Image.Image) -> bytes:
    """Bytes of a PNG file, written fast rather than small."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def image_tag(content: bytes, alt: str, style: str = "") -> str:
    """HTML of a PNG file's bytes, with the text that stands for it.

    Args:
        content: the file.
        alt: any text; it is escaped here.
        style: CSS of the tag, of our own making.
    """
    source = base64.b64encode(content).decode("ascii")
    look = f' style="{style}"' if style else ""
    return f'<img alt="{html.escape(alt, quote=True)}" src="data:image/png;base64,{source}"{look}>'


def figure_tag(figure: Figure, alt: str) -> str:
    """HTML of a drawn figure. It is no figure of pyplot, so there is nothing to close."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", pil_kwargs={"compress_level": 1})
    return image_tag(buffer.getvalue(), alt, "max-width:100%")


def captioned(images: np.ndarray, captions: Sequence[str]) -> str:
    """HTML of pictures, each above its caption, as many in a row as there is room for.

    Args:
        images: (n, height, width, 3) or (n, height, width) uint8.
        captions: (n,) texts; each one stands for its picture too.
    """
    cells = []
    for picture, caption in zip(images, captions, strict=True):
        tag = image_tag(sheet(picture[None], 1), caption)
        cells.append(
            '<div style="width:104px;text-align:center;font-size:12px;line-height:1.25;'
            f'overflow-wrap:anywhere">{tag}<br>{html.escape(caption)}</div>'
        )
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px 4px">{"".join(cells)}</div>'
