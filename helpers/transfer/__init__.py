"""Transfer learning without running the frozen part of a network again in every epoch.

cut      takes a model apart behind any layer, and puts it together again
graph    finds which tensors cross the cut
views    the pictures as they are, mirrored, augmented
batches  the trunk's answers, batch by batch
compute  runs the trunk over the pictures once
store    keeps what it gave on disk, whole or resumable
key      tells one set of activations from another, so that none is stale
"""

from helpers.transfer.compute import activations
from helpers.transfer.cut import join, split
from helpers.transfer.store import clear

__all__ = ["activations", "clear", "join", "split"]
