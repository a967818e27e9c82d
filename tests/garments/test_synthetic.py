import numpy as np
import pytest

from helpers import garments, labels
from helpers.errors import UserError


@pytest.fixture(scope="module")
def pictures():
    return {kind: [garments.render(kind, seed) for seed in (1001, 1002)] for kind in garments.KINDS}


@pytest.fixture(scope="module")
def converted(pictures):
    return {
        kind: [garments.to_fashion(photo).image for photo in photos]
        for kind, photos in pictures.items()
    }


def test_pictures_are_color_photos_on_a_light_background(pictures):
    for photos in pictures.values():
        for photo in photos:
            assert photo.shape == (400, 300, 3) and photo.dtype == np.uint8
            border = np.concatenate([photo[:5].reshape(-1, 3), photo[-5:].reshape(-1, 3)])
            assert border.mean() > 215 and border.std() < 10


def test_the_seed_decides(pictures):
    for kind in ("shoe", "skirt"):
        first, second = pictures[kind]
        assert np.array_equal(garments.render(kind), first)  # 1001 is the default
        assert not np.array_equal(first, second)


def test_every_kind_has_a_class_of_the_data_set_but_skirts():
    assert tuple(garments.FASHION_CLASS) == garments.KINDS
    classes = set(garments.FASHION_CLASS.values())
    assert classes - {None} <= set(labels.FASHION_MNIST)
    assert garments.FASHION_CLASS["skirt"] is None


def test_garments_stand_upright_and_shoes_lie(converted):
    for kind, images in converted.items():
        on = np.stack(images) > 20
        height, width = on.any(axis=2).sum(axis=1).mean(), on.any(axis=1).sum(axis=1).mean()
        assert all(max(*np.nonzero(one)[0], *np.nonzero(one)[1]) >= 26 for one in on), kind
        if kind in ("T-shirt", "trousers", "dress"):
            assert height == 28 and width < 27
        if kind == "shoe":
            assert width >= 27 and height < 18


def test_shoes_and_boots_point_to_the_left(converted):
    for kind in ("shoe", "boot"):
        for image in converted[kind]:
            upper = image[: 14 if kind == "boot" else 13]
            assert upper[:, 14:].sum() > 2 * upper[:, :9].sum()


def test_brightness_is_that_of_the_data_set(converted):
    means = [image[image > 10].mean() for images in converted.values() for image in images]
    assert 110 < np.mean(means) < 215


@pytest.mark.parametrize("kind", ["sock", "", None, 3])
def test_unknown_kinds_are_refused(kind):
    with pytest.raises(UserError, match="no garment"):
        garments.render(kind)


@pytest.mark.parametrize("seed", [-1, 1.0, None, True, "7"])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(UserError, match="seed"):
        garments.render("bag", seed)
