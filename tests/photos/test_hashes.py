import io

import numpy as np
import pytest
from PIL import Image

from helpers import datasets
from helpers.photos.hashes import SIDE, Links, difference_hash, near_pairs


@pytest.fixture(scope="module")
def originals():
    """Real pictures, made larger: a list of 60."""
    images = datasets.load("cifar10", profile="quick").train.images[:60]
    return [Image.fromarray(image).resize((256, 256), Image.Resampling.BICUBIC) for image in images]


def thumbnails(pictures):
    return np.stack(
        [np.asarray(each.resize((SIDE, SIDE), Image.Resampling.BOX)) for each in pictures]
    )


def compressed(picture):
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=20)
    return Image.open(stream).convert("RGB")


@pytest.mark.parametrize(
    "disguise",
    [
        compressed,
        lambda picture: picture.resize((100, 140)),
        lambda picture: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda picture: picture.point(lambda value: 30 + value * 0.7),
        lambda picture: picture.crop((6, 6, 252, 252)),
        lambda picture: picture.rotate(1),
    ],
    ids=["compressed", "resized", "mirrored", "paler", "cropped", "turned a little"],
)
def test_finds_disguised_copies(originals, disguise):
    copies = [disguise(picture) for picture in originals[:20]]
    found = near_pairs(thumbnails([*originals, *copies]))
    expected = {(number, 60 + number) for number in range(20)}
    assert len(expected & {(first, second) for first, second, _ in found}) >= 18
    assert len(found) <= 22


def test_few_false_alarms(originals):
    assert len(near_pairs(thumbnails(originals))) <= 1


def test_blank_pictures_are_not_alike():
    assert near_pairs(np.full((4, SIDE, SIDE, 3), 200, np.uint8)) == []


def test_the_same_lines_in_other_colors_are_not_alike():
    def pen(body, paper):
        picture = np.full((SIDE, SIDE, 3), paper, np.uint8)
        for step in range(20):
            picture[4 + step, 3 + step // 2 : 6 + step // 2] = body
        return picture

    warm, cool = (230, 200, 150), (150, 200, 255)
    pictures = np.stack([pen((20, 60, 160), warm), pen((200, 60, 160), cool)])
    assert near_pairs(pictures) == []
    assert len(near_pairs(np.stack([pictures[0], pictures[0] // 2 + 60]))) == 1


def test_too_few_pictures():
    assert near_pairs(np.empty((0, SIDE, SIDE, 3), np.uint8)) == []
    assert near_pairs(np.zeros((1, SIDE, SIDE, 3), np.uint8)) == []


def test_blocks_change_nothing(originals, monkeypatch):
    pictures = thumbnails([*originals, *originals[:9]])
    whole = near_pairs(pictures)
    monkeypatch.setattr("helpers.photos.hashes._ROWS", 7)
    assert near_pairs(pictures) == whole and len(whole) >= 9


def test_hash_knows_no_brightness(originals):
    pictures = thumbnails(originals[:5])
    bits = difference_hash(pictures)
    assert bits.shape == (5, 128) and bits.dtype == bool
    paler = (pictures * 0.5 + 60).astype(np.uint8)
    assert (bits != difference_hash(paler)).sum(axis=1).max() <= 6


def test_links():
    links = Links(5)
    links.join(3, 1)
    links.join(4, 3)
    assert links.joined(1, 4) and not links.joined(0, 1)
    assert links.groups().tolist() == [0, 1, 2, 1, 1]
    assert Links(0).groups().tolist() == []
