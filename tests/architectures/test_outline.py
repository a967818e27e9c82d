import keras
import pytest
from keras import layers

from helpers.architectures import build, outline, shorten
from helpers.errors import UserError


def chain(convolutions):
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for _ in range(convolutions):
        model.add(layers.Conv2D(2, 3, padding="same"))
    return model


@pytest.mark.parametrize("number", range(1, 11))
def test_every_layer_is_a_step_and_no_parameter_is_lost(number):
    model = build(number)
    steps = outline(model)
    assert len(steps) == len(model.layers)
    assert sum(step.parameters for step in steps) == model.count_params()
    for place, step in enumerate(steps):
        assert all(index < place for index in step.inputs)
        assert step.row == 1 + max((steps[index].row for index in step.inputs), default=-1)


def test_labels_and_shapes():
    by_label = {step.label: step.shape for step in outline(build(5))}
    assert by_label["Input"] == (28, 28, 1)
    assert by_label["Conv2D 32, 3 × 3, relu"] == (26, 26, 32)
    assert by_label["MaxPooling2D 2 × 2"] == (13, 13, 32)
    assert by_label["Dropout 0.2"] == (1152,)
    assert by_label["Dense 3, softmax"] == (3,)
    assert "Conv2D 32, 3 × 3, stride 2, relu" in [step.label for step in outline(build(4))]


def test_branches_share_a_row_and_shortcuts_pass_rows_by():
    branches = outline(build(8))
    assert len(branches) > 1 + branches[-1].row
    add = next(step for step in outline(build(9)) if step.kind == "Add")
    rows = [outline(build(9))[index].row for index in add.inputs]
    assert sorted(add.row - row for row in rows) == [1, 3]


def test_models_inside_operations_and_shared_layers():
    inputs = keras.Input((None, None, 3))
    shared = layers.Conv2D(3, 3, padding="same")
    x = shared(shared(inputs / 255))
    model = keras.Model(inputs, keras.Sequential([layers.Conv2D(4, 1)])(x))
    steps = outline(model)
    assert [step.row for step in steps] == list(range(5))
    assert steps[1].parameters == 0 and steps[2].label == steps[3].label
    assert steps[-1].kind == "Sequential" and steps[-1].parameters == 16
    assert steps[2].shape == (None, None, 3)


@pytest.mark.parametrize("thing", [None, 5, "model", [], keras.layers.Dense(3)])
def test_no_model(thing):
    with pytest.raises(UserError, match="is no Keras model"):
        outline(thing)


def test_no_graph():
    class Own(keras.Model):
        def call(self, x):
            return x

    for model in (keras.Sequential([layers.Dense(3)]), Own()):
        with pytest.raises(UserError, match="has no graph"):
            outline(model)


def test_short_models_are_not_shortened():
    steps = outline(chain(23))
    assert shorten(steps) is steps


@pytest.mark.parametrize("convolutions", [24, 60])
def test_long_models_lose_their_middle(convolutions):
    model = chain(convolutions)
    steps = shorten(outline(model))
    assert [step.row for step in steps] == list(range(24))
    assert sum(step.parameters for step in steps) == model.count_params()
    gap = next(step for step in steps if step.kind == "…")
    assert gap.label == f"… {convolutions - 22} more layers"
    assert all(step.inputs == (place - 1,) for place, step in enumerate(steps) if place)


def test_links_over_the_gap_end_at_it():
    inputs = keras.Input((8, 8, 2))
    x = inputs
    for _ in range(40):
        x = layers.Conv2D(2, 1)(x)
    x = layers.Add()([x, inputs])
    steps = shorten(outline(keras.Model(inputs, x)), most=10)
    assert steps[-1].kind == "Add" and 0 in steps[-1].inputs
    assert len(steps) == 10
