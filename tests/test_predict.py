"""From any image to names with probabilities; a folder as a table; Grad-CAM."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from PIL import Image

from helpers import model_files, predict
from helpers.settings import CourseError

NAMES = ("cat", "dog", "frog")
RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, (30, 50, 3), np.uint8)


def mean_color(classes=3, shape=(8, 8, 3), activation="softmax", scale=1 / 50):
    """Answers by the mean color; weights are fixed, so that every input gives another answer."""
    kernel = keras.initializers.RandomNormal(seed=1)
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Rescaling(scale),
            layers.GlobalAveragePooling2D(),
            layers.Dense(classes, activation=activation, kernel_initializer=kernel),
        ]
    )


def test_crop_pad_and_stretch():
    wide = np.full((20, 40, 3), 100, np.uint8)
    wide[:, :10], wide[:, 30:] = 0, 200  # dark at the left, bright at the right
    assert (predict.image(wide, 20, "crop") == 100).all()
    padded = predict.image(wide, 20, "pad")
    assert (padded[:4] == 255).all() and (padded[-4:] == 255).all() and padded[10, 0].max() < 20
    stretched = predict.image(wide, 20, "stretch")
    assert stretched[:, 0].max() < 20 and stretched[:, -1].min() > 180
    for how in predict.WAYS:
        assert predict.image(PHOTO, (9, 7), how, channels=1).shape == (9, 7, 1)
        assert np.array_equal(predict.image(PHOTO, (30, 50), how), PHOTO)


def test_every_kind_of_source_gives_the_same(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(PHOTO).save(path)
    expected = predict.image(PHOTO, 8)
    for source in (path, str(path)):
        assert np.array_equal(predict.image(source, 8), expected)
    gray = [predict.image(one, 8, channels=1) for one in (PHOTO[..., 0], PHOTO[..., :1])]
    assert np.array_equal(*gray)


@pytest.mark.parametrize(
    "arguments",
    [
        *((PHOTO, 0), (PHOTO, 2000), (PHOTO, 8, "squash"), (PHOTO, 8, "crop", 4)),
        *((PHOTO / 255, 8), (PHOTO[None], 8), (PHOTO[..., :2], 8), ("missing.png", 8)),
        ("https://example.org/cat.jpg", 8),
    ],
)
def test_what_is_no_image_or_no_size(arguments):
    with pytest.raises(CourseError) as error:
        predict.image(*arguments)
    assert "\n" not in str(error.value)


def test_mirror_is_the_mean_of_both():
    model = keras.Sequential([keras.Input((4, 4, 3)), layers.Flatten(), layers.Dense(3, "softmax")])
    images = RNG.random((5, 4, 4, 3), np.float32)
    expected = (model.predict(images) + model.predict(images[:, :, ::-1])) / 2
    assert np.allclose(predict.probabilities(model, images, mirror=True), expected, atol=1e-6)


def test_one_sigmoid_output_is_the_second_of_two_classes():
    model = mean_color(1, activation="sigmoid")
    images = RNG.integers(0, 256, (4, 8, 8, 3), np.uint8)
    p = predict.probabilities(model, images)
    assert p.shape == (4, 2) and np.allclose(p.sum(axis=1), 1)
    assert np.allclose(p[:, 1], model.predict(images)[:, 0])
    found = dict(predict.top_k(model, images[0], ("cat", "dog")))
    assert np.allclose([found["cat"], found["dog"]], p[0])


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (lambda: mean_color(activation=None), "softmax"),
        (lambda: mean_color(1, activation=None, scale=10), "softmax"),
        (lambda: mean_color(scale=np.nan), "NaN"),
        (lambda: keras.Sequential([keras.Input((8, 8, 3)), layers.ReLU()]), "no probabilities"),
    ],
)
def test_outputs_that_are_no_probabilities(model, words):
    with pytest.raises(CourseError, match=words) as error:
        predict.probabilities(model(), RNG.integers(0, 256, (2, 8, 8, 3), np.uint8))
    assert "\n" not in str(error.value)


def test_top_k_sorts_and_cuts_and_options_reach_the_network():
    model = mean_color()
    p = predict.probabilities(model, predict.image(PHOTO, 8)[None])[0]
    expected = [(NAMES[i], pytest.approx(float(p[i]))) for i in np.argsort(-p)]
    assert predict.top_k(model, PHOTO, NAMES) == expected
    assert predict.top_k(model, PHOTO, NAMES, k=1) == expected[:1]
    assert {name for name, _ in predict.top_k(model, PHOTO)} == {"class 0", "class 1", "class 2"}
    assert predict.seen_by(model, PHOTO).shape == (8, 8, 3)
    assert predict.top_k(model, PHOTO, NAMES, how="pad") != expected
    loaded = model_files.load("fast")
    assert len(predict.top_k(loaded.model, PHOTO, **loaded.options)) == 5


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        (mean_color(), {"class_names": NAMES[:2]}, "3 classes"),
        (mean_color(), {"class_names": "abc"}, "3 classes"),
        (mean_color(shape=(None, None, 3)), {}, "size=32"),
        (mean_color(shape=(8, 8, 5)), {}, "channels"),
        (keras.Sequential([keras.Input((4,)), layers.Dense(2, "softmax")]), {}, "takes images"),
    ],
)
def test_what_does_not_fit_the_model(model, options, words):
    with pytest.raises(CourseError, match=words):
        predict.top_k(model, PHOTO, **options)


def test_a_folder_has_a_row_for_each_file_also_for_broken_ones(tmp_path):
    (tmp_path / "more").mkdir()
    for name in ("b.png", "more/a.jpg", "=1+1.png", ".hidden.png"):
        Image.fromarray(PHOTO).save(tmp_path / name)
    (tmp_path / "letter.png").write_text("no image")
    (tmp_path / "Thumbs.db").touch()
    (tmp_path / "link.png").symlink_to(tmp_path / "b.png")
    (tmp_path / "round").symlink_to(tmp_path)
    table = predict.folder(mean_color(), tmp_path, NAMES, k=2)
    assert list(table.columns) == [
        *("file", "class_1", "probability_1", "class_2", "probability_2", "problem")
    ]
    assert list(table["file"]) == ["=1+1.png", "b.png", "letter.png", "link.png", "more/a.jpg"]
    assert list(table["problem"] == "") == [True, True, False, False, True]
    assert table["class_1"][1] == predict.top_k(mean_color(), PHOTO, NAMES)[0][0]
    assert len(predict.folder(mean_color(), [tmp_path / "b.png", tmp_path], NAMES)) == 6

    predict.write_csv(table, tmp_path / "table.csv")
    read = pd.read_csv(tmp_path / "table.csv")
    assert read["file"][0] == "'=1+1.png"
    assert np.allclose(read["probability_1"], table["probability_1"], equal_nan=True)


def test_no_file_and_no_place(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(CourseError):
            predict.folder(mean_color(), path, NAMES)
    with pytest.raises(CourseError, match="cannot be written"):
        predict.write_csv(pd.DataFrame(), tmp_path / "missing" / "x.csv")


# --- Grad-CAM ---


def network(**options):
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(name="maps"),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3, activation="softmax", **options),
        ]
    )


def by_hand(model, image):
    """The definition, with a model cut in two behind its maps."""
    maps = keras.Sequential(model.layers[:3]).predict(image[None])[0]
    label = model.predict(image[None])[0].argmax()
    slopes = model.layers[-1].get_weights()[0][:, label].reshape(maps.shape)
    evidence = np.maximum((slopes.mean(axis=(0, 1)) * maps).sum(axis=-1), 0)
    large = Image.fromarray(evidence).resize(image.shape[1::-1], Image.Resampling.BILINEAR)
    return np.asarray(large) / np.asarray(large).max()


def test_grad_cam_is_its_definition_and_leaves_the_model_as_it_was():
    keras.utils.set_random_seed(3)
    model, image = network(), RNG.integers(0, 256, (12, 12, 3)).astype("float32")
    before = model.predict(image[None])
    heat = predict.grad_cam(model, image)
    assert heat.shape == (12, 12) and heat.max() == 1 and heat.min() >= 0
    assert np.allclose(heat, by_hand(model, image), atol=1e-4)
    assert np.array_equal(predict.grad_cam(model, image), heat)
    assert np.array_equal(model.predict(image[None]), before)
    assert predict.grad_cam(network(kernel_initializer="zeros"), image).max() == 0


def test_grad_cam_shows_where_the_evidence_is():
    inputs = keras.Input((16, 16, 1))
    inner = keras.Sequential([keras.Input((16, 16, 1)), layers.Conv2D(1, 1)])
    inner.layers[0].set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
    pooled = layers.GlobalAveragePooling2D()(inner(inputs))
    scores = layers.Dense(2, kernel_initializer=keras.initializers.Constant([[1.0, -1.0]]))(pooled)
    one = layers.Dense(1, "sigmoid", kernel_initializer="ones")(pooled)
    image = np.zeros((16, 16, 1), np.float32)
    image[2:6, 9:13] = 1
    for outputs in (layers.Softmax()(scores), scores, one):
        heat = predict.grad_cam(keras.Model(inputs, outputs), image)
        assert heat[3:5, 10:12].min() > 0.9 and heat[10:].max() == 0


@pytest.mark.parametrize("pooling", [layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D])
def test_grad_cam_behind_a_global_pooling_is_a_weighted_sum_of_the_maps(pooling):
    keras.utils.set_random_seed(2)
    base = keras.Sequential([keras.Input((14, 14, 3)), layers.Conv2D(5, 3, activation="relu")])
    model = keras.Sequential([base, pooling(), layers.Dropout(0.2), layers.Dense(3, "softmax")])
    image = RNG.random((14, 14, 3), np.float32)
    maps, weights = base.predict(image[None])[0], model.layers[-1].get_weights()[0]
    heat = np.maximum(maps @ weights[:, model.predict(image[None])[0].argmax()], 0)
    large = np.asarray(Image.fromarray(heat).resize((14, 14), Image.Resampling.BILINEAR))
    assert np.allclose(predict.grad_cam(model, image), large / large.max(), atol=1e-4)


@pytest.mark.parametrize(
    ("model", "image", "raised"),
    [
        (network(), np.zeros((5, 5, 3)), ValueError),  # Keras' own
        (network(), np.zeros((1, 12, 12, 3)), ValueError),
        (network(), np.full((12, 12, 3), np.nan), CourseError),
        (keras.Sequential([keras.Input((4,)), layers.Dense(2)]), np.zeros(4), CourseError),
    ],
)
def test_grad_cam_refuses(model, image, raised):
    with pytest.raises(raised):
        predict.grad_cam(model, image)
