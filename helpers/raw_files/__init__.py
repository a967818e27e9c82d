"""CIFAR-100 as its author packs it: the files `train`, `test` and `meta`, for lesson 09.

reading  one file as a dictionary, by a reader that runs nothing
finding  a folder with the three files
writing  the same files from arrays, where the published ones cannot be had

To get data for training use `datasets.load`; this room is for looking at the files themselves.
"""

from helpers.raw_files.finding import folder
from helpers.raw_files.reading import read_pickle
from helpers.raw_files.writing import describe, make_example

__all__ = ["describe", "folder", "make_example", "read_pickle"]
