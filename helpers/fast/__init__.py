"""The fast network: from nothing to 90 % on CIFAR-10 in minutes on two CPU cores.

network    the layers, with the first one computed from the pictures
recipe     how it is trained; `Recipe` holds every choice
muon       the optimizer of its convolutions
resizing   small pictures first

Lesson 04 explains it part by part; `python -m helpers fast` records what each part is worth.
"""

from helpers.fast.network import network
from helpers.fast.recipe import CIFAR100, FASHION, Recipe, faster_precision, train

__all__ = ["CIFAR100", "FASHION", "Recipe", "faster_precision", "network", "train"]
