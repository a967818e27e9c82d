"""A student's own photos: one folder with a sub-folder for each class.

found = photos.inspect("my_photos")
data = photos.load(found, size=96)
for train, val in photos.splits(data.labels, data.groups): …
"""

from helpers.photos.findings import Finding, Inspection
from helpers.photos.inspection import inspect
from helpers.photos.loading import Photos, load
from helpers.photos.splitting import splits
from helpers.photos.unzipping import Unzipped, unzip

__all__ = ["Finding", "Inspection", "Photos", "Unzipped", "inspect", "load", "splits", "unzip"]
