import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from helpers import augment, imbalance
from helpers.errors import UserError

LABELS = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [50, 7, 23]))
IMAGES = np.random.default_rng(1).integers(0, 256, (80, 10, 12), dtype=np.uint8)


def test_class_weights_are_those_of_scikit_learn():
    weights = imbalance.class_weights(LABELS)
    right = compute_class_weight("balanced", classes=np.arange(3), y=LABELS)
    assert list(weights) == [0, 1, 2] and np.allclose(list(weights.values()), right)
    assert all(type(key) is int and type(value) is float for key, value in weights.items())
    assert np.isclose(np.mean([weights[label] for label in LABELS]), 1)


def test_class_weights_of_the_lab():
    labels = np.repeat([0, 1, 2], [35_000, 7_000, 21_000])
    assert imbalance.class_weights(labels) == pytest.approx({0: 0.6, 1: 3.0, 2: 1.0})


def test_oversample_evens_out_with_the_originals_first():
    rows = imbalance.oversample(LABELS)
    assert rows.dtype == np.int64
    assert np.array_equal(rows[:80], np.arange(80))
    assert np.bincount(LABELS[rows]).tolist() == [50, 50, 50]


def test_oversample_repeats_all_rows_of_a_class_nearly_equally_often():
    times = np.bincount(imbalance.oversample(LABELS), minlength=80)
    for label in range(3):
        assert np.ptp(times[label == LABELS]) <= 1
    assert (times[LABELS == 0] == 1).all()


def test_oversample_depends_on_the_seed_alone():
    first = imbalance.oversample(LABELS, seed=3)
    assert np.array_equal(first, imbalance.oversample(LABELS[:, None], seed=3))
    assert not np.array_equal(first, imbalance.oversample(LABELS, seed=4))


def test_even_classes_stay_as_they_are():
    labels = np.array([1, 0, 1, 0])
    assert imbalance.oversample(labels).tolist() == [0, 1, 2, 3]
    images, same, sources = imbalance.modified_copies(IMAGES[:4], labels)
    assert np.array_equal(images, IMAGES[:4]) and np.array_equal(same, labels)
    assert sources.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("images", [IMAGES, IMAGES[..., None], np.stack([IMAGES] * 3, axis=-1)])
def test_modified_copies_say_where_they_come_from(images):
    together, labels, sources = imbalance.modified_copies(images, LABELS)
    assert together.shape == (150, *images.shape[1:]) and together.dtype == np.uint8
    assert np.array_equal(together[:80], images) and np.array_equal(labels[:80], LABELS)
    assert np.bincount(labels).tolist() == [50, 50, 50]
    assert np.array_equal(labels, LABELS[sources])
    # A copy is like its source and like no other picture, but not the same.
    flat = together.reshape(150, -1).astype(float)
    assert not any(np.array_equal(flat[row], flat[sources[row]]) for row in range(80, 150))


def test_a_copy_is_made_of_its_source():
    bright = np.zeros((80, 9, 9), dtype=np.uint8)
    bright[:, 3:6, 3:6] = np.arange(80)[:, None, None] + 100
    copies, _, sources = imbalance.modified_copies(bright, LABELS)
    assert np.abs(copies.max(axis=(1, 2)).astype(int) - bright[sources].max(axis=(1, 2))).max() < 9


def test_modified_copies_depend_on_the_seed_and_leave_their_input_alone():
    before = IMAGES.copy()
    first = imbalance.modified_copies(IMAGES, LABELS, seed=5)[0]
    assert np.array_equal(first, imbalance.modified_copies(IMAGES, LABELS, seed=5)[0])
    assert not np.array_equal(first, imbalance.modified_copies(IMAGES, LABELS, seed=6)[0])
    assert np.array_equal(IMAGES, before)


def test_the_background_of_copies_stays_black():
    images = np.zeros((80, 28, 28), dtype=np.uint8)
    images[:, 10:18, 10:18] = 200
    copies = imbalance.modified_copies(images, LABELS)[0]
    assert not copies[:, :4].any() and not copies[:, :, -4:].any()


def test_an_augmentation_may_be_given():
    chain = augment.Chain((augment.FlipShift(1), augment.Cutout(3)))
    images, labels, sources = imbalance.modified_copies(IMAGES, LABELS, change=augment.FlipShift(1))
    assert images.shape == (150, 10, 12) and np.array_equal(labels, LABELS[sources])
    assert imbalance.modified_copies(IMAGES, LABELS, change=chain)[0].dtype == np.uint8


def test_leaked_counts_originals_and_not_rows():
    assert imbalance.leaked(np.array([1, 1, 2, 3]), np.array([3, 3, 1, 9])) == 2
    assert imbalance.leaked(np.array([1, 2]), np.array([3])) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_copies_before_the_split_leak_and_copies_after_it_do_not(seed):
    _, _, sources = imbalance.modified_copies(IMAGES, LABELS, seed)
    mixed = np.random.default_rng(seed).permutation(sources)
    assert imbalance.leaked(mixed[:100], mixed[100:]) > 0
    train, test = np.arange(0, 60), np.arange(60, 80)
    _, _, inside = imbalance.modified_copies(IMAGES[train], LABELS[train], seed)
    assert imbalance.leaked(train[inside], test) == 0


BAD_LABELS = [
    np.array([], dtype=int),
    np.zeros(80, dtype=int),
    np.linspace(0, 2, 80),
    np.full(80, np.nan),
    np.eye(3, dtype=int)[LABELS],
    LABELS - 1,
    np.array(["shoe", "coat"]),
]


@pytest.mark.parametrize("labels", BAD_LABELS)
def test_bad_labels_are_refused(labels):
    for call in (
        imbalance.class_weights,
        imbalance.oversample,
        lambda labels: imbalance.modified_copies(IMAGES, labels),
    ):
        with pytest.raises(UserError) as caught:
            call(labels)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (IMAGES / 255, "uint8"),
        (IMAGES.astype(int), "uint8"),
        (IMAGES[:79], "79 images and 80 labels"),
        (IMAGES[0], "shape"),
        (IMAGES[:0], "0 images"),
    ],
)
def test_bad_images_are_refused(images, words):
    with pytest.raises(UserError, match=words):
        imbalance.modified_copies(images, LABELS)


@pytest.mark.parametrize(
    "change",
    [
        lambda images, labels, rng: (images / 255, labels),
        lambda images, labels, rng: (images[:, 1:], labels),
        lambda images, labels, rng: (images, labels + 1),
        augment.Mixup(),
    ],
)
def test_a_change_that_alters_more_than_pictures_is_refused(change):
    with pytest.raises(UserError):
        imbalance.modified_copies(IMAGES, LABELS, change=change)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1", None])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(UserError, match="seed"):
        imbalance.oversample(LABELS, seed)


@pytest.mark.parametrize("side", [np.array([], dtype=int), np.array([0.5]), np.array([-1])])
def test_leaked_refuses_what_are_no_rows(side):
    with pytest.raises(UserError):
        imbalance.leaked(np.array([1, 2]), side)
