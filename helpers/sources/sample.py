"""The sample that ships with the course: real images, a few thousand, no network."""

from helpers.errors import UserError
from helpers.paths import DATA
from helpers.sources import mosaic
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import CATALOG, DataSet

MINI = DATA / "mini"


def standing_for(spec: DataSet) -> DataSet:
    """The data set whose sample is shown for `spec`: CIFAR-10's for CIFAR-100, else its own."""
    return CATALOG["cifar10"] if spec.name == "cifar100" else CATALOG.get(spec.name, spec)


def read(spec: DataSet) -> Arrays:
    """The embedded sample of a data set, in the order of the default split.

    Raises:
        UserError: the files are missing or damaged.
    """
    shown = standing_for(spec)
    folder = MINI / shown.name
    if not mosaic.is_folder(folder):
        raise UserError(f"{folder} is missing: get the course's files anew")
    result = mosaic.read(shown, folder, "")
    counts = f"{len(result.train_labels):,} + {len(result.test_labels):,} images"
    source = f"the embedded sample of {shown.title}, {counts}"
    if shown.name != spec.name:
        source = (
            f"a stand-in: no image of {spec.title} ships with the course, so this is {source}, "
            "with the superclasses animals and vehicles"
        )
    return result._replace(source=source)
