"""Which model the page asks: shipped, in memory, or from a file of a lesson."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import labels, predict
from helpers.demo import answers, sources
from helpers.errors import UserError


def model(shape=(16, 16, 3), classes=3, convolution=True):
    keras.utils.set_random_seed(1)
    built = keras.Sequential([keras.Input(shape)])
    if convolution:
        built.add(layers.Rescaling(1 / 255))
        built.add(layers.Conv2D(4, 3, activation="relu"))
    built.add(layers.Flatten())
    built.add(layers.Dense(classes, activation="softmax"))
    return built


def test_no_model_means_the_shipped_one():
    served = sources.served()
    assert served.class_names == labels.CIFAR10
    assert served.superclasses[:3] == ("vehicles", "vehicles", "animals")
    assert list(sources.examples(served, 3)) == ["airplane", "automobile", "bird"]


def test_answer_has_the_notebooks_figures_and_a_map(picture):
    path, own = picture(width=50), model()
    found = answers.answer(sources.served(own, ["a", "b", "c"]), path, mirror=True, how="pad")
    expected = predict.look(own, path, ["a", "b", "c"], mirror=True, how="pad")
    assert found.look.top == expected.top
    assert found.heat.shape == (16, 16, 3) and found.heat.dtype == np.uint8


def test_network_without_convolutions_has_no_map(picture):
    assert answers.answer(sources.served(model(convolution=False)), picture()).heat is None


def test_without_names_the_classes_are_numbered_and_it_says_so():
    served = sources.served(model())
    assert served.class_names == ("class 0", "class 1", "class 2")
    assert "numbered" in served.notes[0]


def test_gray_model_of_clothes():
    served = sources.served(model((28, 28, 1), 10), labels.FASHION_MNIST)
    assert "garment" in sources.ways(served)
    assert sources.examples(served)["Trouser"].mode == "L"
    assert "garment" not in sources.ways(sources.served(model()))


@pytest.mark.parametrize(
    ("wrong", "names", "words"),
    [
        (model, ["a", "b"], "2 class names"),
        (model, "abc", "pass a list"),
        (lambda: 7, None, "of type int"),
    ],
)
def test_what_does_not_fit_is_said_in_a_line(wrong, names, words):
    with pytest.raises(UserError, match=words) as error:
        sources.served(wrong(), names)
    assert "\n" not in str(error.value)


def test_model_of_any_size_is_refused():
    inputs = keras.Input((None, None, 3))
    outputs = layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(inputs))
    with pytest.raises(UserError, match="size"):
        sources.served(keras.Model(inputs, outputs))


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 broken"])
def test_broken_file(tmp_path, content):
    path = tmp_path / "broken.keras"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"broken\.keras") as error:
        sources.served(path)
    assert "\n" not in str(error.value)


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"none\.keras"):
        sources.served(tmp_path / "none.keras")


@pytest.mark.parametrize(
    ("shape", "classes"), [((32, 32, 3), 10), ((28, 28, 1), 3)], ids=["lesson 02", "lesson 07"]
)
def test_models_as_the_lessons_save_them(tmp_path, picture, shape, classes):
    own, path = model(shape, classes), tmp_path / "own.keras"
    own.save(path)
    served = sources.served(path, [f"name {number}" for number in range(classes)])
    found = answers.answer(served, picture(width=80))
    assert found.look.top == predict.look(own, picture(width=80), served.class_names).top
    assert found.look.seen.shape == shape
    assert found.heat is not None


@pytest.mark.slow
def test_joined_mobilenet_of_lesson_06(tmp_path, picture):
    from helpers import transfer

    inputs = keras.Input((32, 32, 3))
    trunk = keras.applications.MobileNetV2(
        input_shape=(96, 96, 3), alpha=0.35, include_top=False, weights=None
    )
    scaled = layers.Rescaling(1 / 127.5, offset=-1)(layers.Resizing(96, 96)(inputs))
    body = keras.Model(inputs, layers.GlobalAveragePooling2D()(trunk(scaled)))
    head = keras.Sequential([keras.Input((1280,)), layers.Dense(10, activation="softmax")])
    path = tmp_path / "joined.keras"
    transfer.join(body, head).save(path)
    found = answers.answer(sources.served(path, labels.CIFAR10), picture(width=80))
    assert len(found.look.top) == 5
