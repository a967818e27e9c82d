"""Pictures of no class: every kind, any size, the same each time."""

import numpy as np
import pytest

from helpers import odd_pictures
from helpers.errors import UserError


@pytest.mark.parametrize("size", [8, 28, 32, 97])
def test_every_kind_is_a_picture_that_shows_something(size):
    images, names = odd_pictures.draw(1, size)
    assert names == tuple(odd_pictures.KINDS)
    assert images.shape == (len(names), size, size, 3) and images.dtype == np.uint8
    for image, name in zip(images, names, strict=True):
        assert (image.std() > 2) == (name not in ("black", "white")), name


def test_repeatable_and_independent_of_how_many():
    one, three = odd_pictures.draw(1), odd_pictures.draw(3)
    np.testing.assert_array_equal(one.images, odd_pictures.draw(1).images)
    np.testing.assert_array_equal(one.images, three.images[::3])
    assert three.names[:4] == ("black", "black", "black", "white")
    assert not np.array_equal(one.images, odd_pictures.draw(1, seed=7).images)


@pytest.mark.parametrize(
    "arguments",
    [{"each": 0}, {"each": 1.5}, {"size": 7}, {"size": 5000}, {"size": True}, {"each": 10**6}],
)
def test_bad_input(arguments):
    name = next(iter(arguments))
    with pytest.raises(UserError, match=name):
        odd_pictures.draw(**arguments)
