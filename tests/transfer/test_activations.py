"""Activations are computed once, never stale, and whole."""

import json
import os
import subprocess
import sys
import tracemalloc

import keras
import numpy as np
import pytest
from keras import layers

from helpers import transfer
from helpers.augment import Cutout, FlipShift, Mixup
from helpers.errors import UserError
from helpers.paths import ROOT
from helpers.transfer import compute, key, store

CUT = "block1_add"


@pytest.fixture
def trunk(model):
    return transfer.split(model, CUT)[0]


@pytest.fixture
def get(trunk, images, tmp_path):
    """`activations` with a cache of its own; silent unless told."""

    def call(trunk=trunk, images=images, **options):
        options = {"cache_dir": tmp_path, "batch_size": 4, "progress": False, **options}
        return transfer.activations(trunk, images, **options)

    return call


@pytest.fixture
def answers(monkeypatch):
    """How many batches the trunk has answered."""
    counted = []
    answer = compute.Batches._answer

    def counting(self, batch):
        counted.append(len(batch))
        return answer(self, batch)

    monkeypatch.setattr(compute.Batches, "_answer", counting)
    return counted


def run(model, x):
    return np.asarray(model(keras.ops.convert_to_tensor(x), training=False))


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_float32_is_what_the_trunk_gives(get, trunk, images):
    kept = get(dtype="float32")
    assert kept.shape == (1, 10, 8, 8, 4) and kept.dtype == np.float32
    assert isinstance(kept, np.memmap) and not kept.flags.writeable
    np.testing.assert_allclose(kept[0], run(trunk, images), atol=1e-5)


def test_float16_is_near(get, trunk, images):
    kept = get()
    assert kept.dtype == np.float16
    np.testing.assert_allclose(kept[0], run(trunk, images), rtol=1e-3, atol=1e-3)


def test_views_come_in_order(get, trunk, images):
    kept = get(views=("mirror", "plain"), dtype="float32")
    np.testing.assert_allclose(kept[0], run(trunk, images[:, :, ::-1]), atol=1e-5)
    np.testing.assert_allclose(kept[1], run(trunk, images), atol=1e-5)


def test_augmentation_is_drawn_for_each_picture_by_the_seed(get, images):
    same = images[:1].repeat(10, axis=0)
    one, again = (get(images=same, views=(FlipShift(2),), seed=1) for _ in range(2))
    other = get(images=same, views=(FlipShift(2),), seed=2)
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert len({values.tobytes() for values in one[0]}) > 1


def test_second_call_computes_nothing(get, answers):
    first = get()
    count = len(answers)
    np.testing.assert_array_equal(get(), first)
    assert count == 3 and len(answers) == count


def test_model_built_again_finds_what_the_first_left(get, model, answers):
    get()
    count = len(answers)
    again = keras.models.clone_model(model)
    again.set_weights(model.get_weights())
    for layer in again.layers:
        layer.trainable = False
    get(trunk=transfer.split(again, CUT)[0])
    assert len(answers) == count


def test_cut_inside_a_block_is_found_again_too(get, model, answers):
    get(trunk=transfer.split(model, "block1_expand")[0])
    count = len(answers)
    get(trunk=transfer.split(model, "block1_expand")[0])
    assert len(answers) == count


def _one_pixel(images):
    changed = images.copy()
    changed[3, 2, 1, 0] ^= 1
    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda images: {"images": _one_pixel(images)},
        lambda images: {"images": images[::-1]},
        lambda images: {"images": images[:9]},
        lambda images: {"images": images.astype("float32")},
        lambda images: {"views": ("mirror",)},
        lambda images: {"views": ("plain", "mirror")},
        lambda images: {"views": (FlipShift(1),)},
        lambda images: {"dtype": "float32"},
    ],
    ids=["pixel", "order", "fewer", "type", "view", "views", "augmentation", "dtype"],
)
def test_changed_input_is_computed_anew(get, images, answers, change):
    get()
    count = len(answers)
    get(**change(images))
    assert len(answers) > count


def test_augmentations_settings_count(get, answers):
    for view in (FlipShift(1), FlipShift(2), Cutout(2), Cutout(3)):
        count = len(answers)
        get(views=(view,))
        assert len(answers) > count


def test_changed_weight_is_computed_anew(get, model, images):
    before = get(dtype="float32").copy()
    kernel = model.get_layer("stem").kernel
    kernel.assign(np.asarray(kernel) + 0.01)
    assert np.abs(get(dtype="float32") - before).max() > 1e-3


def test_changed_moving_statistics_are_computed_anew(get, model):
    before = get(dtype="float32").copy()
    model.get_layer("block1_bn").moving_mean.assign(np.full(6, 3, "float32"))
    assert np.abs(get(dtype="float32") - before).max() > 1e-3


def test_settings_layer_and_precision_change_the_key(images):
    def network(scale=0.5, name="relu", policy="float32", code=1):
        class Own(layers.Layer):
            def call(self, x):
                return x * 2

        class Other(layers.Layer):
            def call(self, x):
                return x * 3

        Other.__name__ = "Own"
        inputs = keras.Input((8, 8, 3))
        x = layers.Rescaling(scale, dtype=policy)(inputs)
        x = layers.Activation(name)(x)
        return keras.Model(inputs, (Own if code == 1 else Other)()(x))

    def key_of(**changed):
        return key.key(network(**changed), images, {})

    assert key_of() == key_of()
    others = [
        key_of(scale=0.51),
        key_of(name="elu"),
        key_of(policy="mixed_bfloat16"),
        key_of(code=2),
    ]
    assert len({key_of(), *others}) == 5


def test_layers_called_like_their_activation_are_told_apart(images):
    def key_of(name):
        inputs = keras.Input((8, 8, 3))
        return key.key(keras.Model(inputs, layers.Activation(name, name=name)(inputs)), images, {})

    assert key_of("relu") != key_of("elu")


@pytest.mark.parametrize("length", [-1, -700, 8, -(10**9)])
def test_file_of_another_length_is_computed_anew(get, tmp_path, answers, length):
    expected = get().copy()
    (path,) = tmp_path.glob("*/values.raw")
    size = max(0, path.stat().st_size + length)
    os.truncate(path, size)
    answers.clear()
    np.testing.assert_array_equal(get(), expected)
    assert len(answers) == 3


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"shape": [1]})])
def test_damaged_facts_are_computed_anew(get, tmp_path, text):
    expected = get().copy()
    (path,) = tmp_path.glob("*/facts.json")
    path.write_text(text)
    np.testing.assert_array_equal(get(), expected)


def test_interrupted_run_goes_on_with_the_batch_it_was_at(get, answers, monkeypatch, tmp_path):
    expected = get(views=("plain", "mirror")).copy()
    transfer.clear(tmp_path)
    append = store.append

    def interrupted(file, values):
        append(file, values)
        if len(answers) == 5:  # one batch into the second view, and a piece of the next
            file.write(b"x" * 100)
            raise KeyboardInterrupt

    answers.clear()
    monkeypatch.setattr(store, "append", interrupted)
    with pytest.raises(KeyboardInterrupt):
        get(views=("plain", "mirror"))
    monkeypatch.setattr(store, "append", append)
    answers.clear()
    np.testing.assert_array_equal(get(views=("plain", "mirror")), expected)
    assert len(answers) == 1


def test_resume_with_another_batch_size(get, monkeypatch, tmp_path):
    expected = get(views=("plain", "mirror"), dtype="float32").copy()
    (folder,) = tmp_path.glob("*")
    (folder / "facts.json").unlink()
    row = expected[0, 0].nbytes
    content = (folder / "values.raw").read_bytes()
    for rows in (0, 3, 10, 13, 19, 20):
        (folder / "facts.json").unlink(missing_ok=True)
        (folder / "values.part").write_bytes(content[: rows * row + 5][: len(content)])
        kept = get(views=("plain", "mirror"), dtype="float32", batch_size=7)
        np.testing.assert_allclose(kept, expected, atol=1e-5)


_HOLDER = """
import sys, time
from pathlib import Path
from helpers import locks
with locks.held(Path(sys.argv[1]), "taken"):
    print("held", flush=True)
    time.sleep(300)
"""


def test_second_process_gets_one_line(get, tmp_path):
    get()
    (folder,) = tmp_path.glob("*")
    (folder / "facts.json").unlink()
    command = [sys.executable, "-c", _HOLDER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        try:
            assert other.stdout.readline() == "held\n"
            with pytest.raises(UserError, match="another process is computing"):
                get()
        finally:
            other.kill()  # the hold of a killed process is void
        other.wait()
    assert get().shape == (1, 10, 8, 8, 4)


def test_full_disk_is_said_before_it_starts(get, monkeypatch, tmp_path, answers):
    usage = type("usage", (), {"free": 5000})
    monkeypatch.setattr(store.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(UserError, match=r"need 5 kB but .* has 5 kB free"):
        get()
    assert not answers and files(tmp_path) == []


def test_disk_that_becomes_full_is_left_clean(get, monkeypatch, tmp_path):
    def full(file, values):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "append", full)
    with pytest.raises(UserError, match="became full"):
        get()
    assert files(tmp_path) == []


def test_folder_that_cannot_be_made_is_one_line(get, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be made"):
        get(cache_dir=tmp_path / "file")


def test_values_too_large_for_float16(get, model, tmp_path):
    stem = model.get_layer("stem")
    stem.bias.assign(np.full(4, 1e5, "float32"))
    trunk, _ = transfer.split(model, "stem")
    with pytest.raises(UserError, match=r'too large for float16.*dtype="float32"'):
        get(trunk=trunk)
    assert files(tmp_path) == []
    assert np.isfinite(get(trunk=trunk, dtype="float32")).all()


def test_nan_is_the_trunks(get, model):
    model.get_layer("stem").bias.assign(np.full(4, np.nan, "float32"))
    with pytest.raises(UserError, match="NaN or infinity"):
        get(trunk=transfer.split(model, "stem")[0], dtype="float32")


def test_says_where_and_how_much_only_if_wanted(get, capsys, tmp_path):
    get(progress=True)
    first = capsys.readouterr()
    assert "Activations of 10 pictures: writes 5 kB to" in first.out and "10/10" in first.err
    get(progress=True)
    assert "read from" in capsys.readouterr().out
    transfer.clear(tmp_path)
    get()
    assert capsys.readouterr() == ("", "")


def test_clear_removes_activations_and_nothing_else(get, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / ("0" * 32)).mkdir()
    (tmp_path / ("0" * 32) / "mine.txt").write_text("mine")
    get()
    assert transfer.clear(tmp_path) >= 10 * 8 * 8 * 4 * 2
    assert files(tmp_path) == ["mine.txt", "mine.txt"]
    assert transfer.clear(tmp_path / "nowhere") == 0


def test_default_cache_is_the_courses(trunk, images, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    transfer.activations(trunk, images, progress=False)
    assert len(list(tmp_path.glob("activations/*/values.raw"))) == 1


def test_memory_holds_batches_only(tmp_path):
    inputs = keras.Input((16, 16, 3), dtype="uint8")
    trunk = keras.Model(inputs, layers.GlobalAveragePooling2D()(layers.Rescaling(1.0)(inputs)))
    pictures = np.memmap(tmp_path / "pictures", np.uint8, "w+", shape=(20_000, 16, 16, 3))
    options = {"cache_dir": tmp_path / "cache", "batch_size": 256, "progress": False}
    transfer.activations(trunk, pictures[:256], **options)  # what is loaded once
    tracemalloc.start()
    try:
        transfer.activations(trunk, pictures, **options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < pictures.nbytes / 2  # a copy in float32 would be four times as large


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"images": np.zeros((0, 8, 8, 3), "uint8")}, "no pictures"),
        ({"images": np.zeros((8, 8, 3), "uint8")}, "height, width, channels"),
        ({"images": np.zeros((2, 9, 8, 3), "uint8")}, "trunk takes pictures"),
        ({"images": np.full((2, 8, 8, 3), "a")}, "pass numbers"),
        ({"views": ()}, "views is"),
        ({"views": "mirror"}, r"pass a tuple"),
        ({"views": ("flip",)}, "'flip' is unknown"),
        ({"views": (3,)}, "3 is unknown"),
        ({"views": (Mixup(),)}, "changes the labels"),
        ({"views": (lambda x, y, rng: (x[:, 1:], y),)}, "keeps their size"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"dtype": "int8"}, "dtype is 'int8'"),
        ({"trunk": None}, "trunk is a NoneType"),
    ],
)
def test_mistakes_are_one_line(get, tmp_path, changed, message):
    with pytest.raises(UserError, match=message) as caught:
        get(**changed)
    assert "\n" not in str(caught.value)
    assert files(tmp_path) == []


def test_tail_can_be_trained_on_all_views(get, model, images, tmp_path):
    from helpers import training

    trunk, tail = transfer.split(model, CUT)
    kept = get(trunk=trunk, views=("plain", "mirror"))
    x, y = kept.reshape(-1, *kept.shape[2:]), np.tile(np.arange(10) % 4, 2)
    assert isinstance(x, np.memmap)
    tail.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = training.fit(
        tail, x, y, epochs=1, validation_data=(x, y), run_dir=tmp_path / "run", verbose=False
    )
    assert np.isfinite(history.history["val_loss"][0])
