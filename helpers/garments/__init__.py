"""Photos of garments as Fashion-MNIST has them, and drawn garments to try that on.

converted = garments.to_fashion("my_shirt.jpg")     # 28 x 28, light on black
photo = garments.render("skirt", seed=3)            # a synthetic product photo

The renderings are drawn by this program, not taken: they show that a network fails on pictures of
another origin, and are no proof that it works on real photos.
"""

from helpers.garments.conversion import Converted, to_fashion
from helpers.garments.synthetic import FASHION_CLASS, KINDS, render

__all__ = ["FASHION_CLASS", "KINDS", "Converted", "render", "to_fashion"]
