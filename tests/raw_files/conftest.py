"""Raw files of a tiny CIFAR-100, as its author would pickle them."""

import hashlib
import pickle
from dataclasses import replace

import numpy as np
import pytest

from helpers.sources.catalog import CATALOG, Archive, DataSet, Member
from tests.sources.hostile import tar_gz

SPEC = CATALOG["cifar100"]
COUNT = 1000  # ten images a class, so that each has one for validation


def batch(count: int, seed: int = 0) -> dict:
    rng = np.random.default_rng(seed)
    fine = rng.permutation(np.arange(count) % 100)
    return {
        "filenames": [f"picture_s_{row:06d}.png" for row in range(count)],
        "batch_label": "training batch 1 of 1",
        "fine_labels": fine.tolist(),
        "coarse_labels": np.asarray(SPEC.fine_to_coarse)[fine].tolist(),
        "data": np.repeat(rng.integers(0, 256, (count, 32), dtype=np.uint8), 96, axis=1),
    }


def names() -> dict:
    return {
        "fine_label_names": list(SPEC.class_names),
        "coarse_label_names": list(SPEC.coarse_names),
    }


@pytest.fixture(scope="session")
def published() -> dict[str, bytes]:
    contents = {"train": batch(COUNT), "test": batch(100, seed=1), "meta": names()}
    return {name: pickle.dumps(content, protocol=4) for name, content in contents.items()}


@pytest.fixture(scope="session")
def archive(published) -> bytes:
    return tar_gz({f"cifar-100-python/{name}": data for name, data in published.items()})


@pytest.fixture(scope="session")
def tiny(published, archive) -> dict:
    """Arguments for `folder` under which `archive` is the published one."""
    hashes = {name: hashlib.md5(data).hexdigest() for name, data in published.items()}
    return {"spec": spec_of(archive, hashes), "meta_md5": hashes["meta"]}


def spec_of(archive: bytes, hashes: dict[str, str]) -> DataSet:
    known = Archive(
        "cifar-100-python.tar.gz",
        len(archive),
        hashlib.md5(archive).hexdigest(),
        hashlib.sha256(archive).hexdigest(),
        (),
    )
    members = tuple(Member(name, hashes[name], name == "test") for name in ("train", "test"))
    return replace(SPEC, train_count=COUNT, test_count=100, members=members, archives=(known,))
