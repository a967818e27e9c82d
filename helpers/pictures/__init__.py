"""One door for any picture: a file, its bytes, a Pillow picture or an array.

opened = pictures.read("my_cat.jpg")          # upright, in color, with notes on what was done
pixels = pictures.fit(opened.picture, 32)     # (32, 32, 3) uint8: what a network sees
"""

from helpers.pictures.fitting import WAYS, fit
from helpers.pictures.reading import read

__all__ = ["WAYS", "fit", "read"]
