"""The record of method: what it finds where, what it leaves alone, and that it changes nothing."""

import ast
import contextlib
import io
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import course, datasets, method, method_data, method_rules
from helpers.authoring.recipes import clinic
from helpers.checks.core import check
from helpers.settings import NOTEBOOKS

DATA = datasets.load("cifar10", profile="quick")
X, Y = (part[:400] for part in DATA.train)
X_VAL, Y_VAL = (part[:100] for part in DATA.val)
X_TEST, Y_TEST = (np.array(part)[:200] for part in DATA.test)


def net(units=10, activation="softmax", first=(), hidden=4):
    """The smallest network that learns anything: mean colors, and a few numbers of them."""
    body = [layers.AveragePooling2D(16), layers.Flatten(), layers.Dense(hidden, activation="relu")]
    last = layers.Dense(units, activation=activation)
    return keras.Sequential([keras.Input((32, 32, 3)), *first, *body, last])


def ready(model, optimizer="adam", loss="sparse_categorical_crossentropy", **more):
    model.compile(optimizer, loss, metrics=["accuracy"], **more)
    return model


def pipeline(x=X, y=Y):
    return tf.data.Dataset.from_tensor_slices((x, y))


NAMES = {
    **{name: value for name, value in globals().items() if name[0] != "_"},
    "fit": lambda model, *data, **more: model.fit(*data, **{"epochs": 1, "verbose": 0} | more),
}
GENERATOR = """
from tensorflow.keras.preprocessing.image import ImageDataGenerator
made = ImageDataGenerator(rescale=1 / 255, horizontal_flip=FLIP, validation_split=0.25)
plain = ImageDataGenerator(rescale=1 / 255)
model = ready(net())
"""

FOLDERS = """
import pathlib
for number in range(40):
    place = pathlib.Path(FOLDER, "test" if number % 2 else "train", "ab"[number % 4 // 2])
    place.mkdir(parents=True, exist_ok=True)
    keras.utils.save_img(place / f"{number}.png", X[number])
options = {"image_size": (32, 32), "verbose": False}
train = keras.utils.image_dataset_from_directory(FOLDER + "/train", **options)
"""

# What is found: the program, and its findings in their order.
FOUND = {
    "test images decide when to stop": (
        "stop = keras.callbacks.EarlyStopping(patience=2)\n"
        "fit(ready(net()), X, Y, validation_data=(X_TEST, Y_TEST), callbacks=[stop])",
        "test",
    ),
    "scaled and in one-hot form, they are test images still": (
        "fit(ready(net(), loss='categorical_crossentropy'), X / 127.5 - 1, np.eye(10)[Y],"
        " validation_data=(X_TEST / 127.5 - 1, np.eye(10)[Y_TEST]))",
        "test",
    ),
    "standardized by channel, flat, as tensors": (
        "flat = lambda x: ((x / 255 - [0.49, 0.48, 0.45]) / [0.25, 0.24, 0.26]).reshape(-1, 3072)\n"
        "model = ready(keras.Sequential([keras.Input((3072,)), layers.Dense(10, 'softmax')]))\n"
        "fit(model, tf.constant(flat(X)), Y, validation_data=(tf.constant(flat(X_TEST)), Y_TEST))",
        "test",
    ),
    "in a tf.data pipeline": (
        "train = pipeline().shuffle(400).batch(32)\n"
        "val = pipeline(X_TEST, Y_TEST).batch(32)\n"
        "fit(ready(net()), train, validation_data=val)",
        "test",
    ),
    "enlarged for a borrowed network": (
        "grow = lambda x: keras.ops.image.resize(x.astype('float32'), (64, 64))\n"
        "first = [keras.Input((64, 64, 3)), layers.Resizing(32, 32)]\n"
        "model = keras.Sequential([*first, *net().layers])\n"
        "fit(ready(model), grow(X), Y, validation_data=(grow(X_TEST), Y_TEST))",
        "test",
    ),
    "the test images were trained on": (
        "model = ready(net())\n"
        "fit(model, np.concatenate([X, X_TEST]), np.concatenate([Y, Y_TEST]))\n"
        "model.evaluate(X_TEST, Y_TEST, verbose=0)",
        "copies",
    ),
    "validation was not taken out of training": (
        "fit(ready(net()), X, Y, validation_data=(X[:100], Y[:100]))",
        "copies",
    ),
    "mirrored copies made before the split": (
        "x, y = np.concatenate([X, X[:, :, ::-1]]), np.tile(Y, 2)\n"
        "train, val = np.split(np.random.default_rng(1).permutation(800), [600])\n"
        "fit(ready(net()), x[train], y[train], validation_data=(x[val], y[val]))",
        "copies",
    ),
    "mirrored copies made before validation_split": (
        "x, y = np.concatenate([X, X[:, :, ::-1]]), np.tile(Y, 2)\n"
        "fit(ready(net()), x, y, validation_split=0.2)",
        "copies",
    ),
    "a rare class repeated before validation_split": (
        "rows = np.random.default_rng(1).choice(100, 400)\n"
        "fit(ready(net()), X[rows], Y[rows], validation_split=0.2)",
        "copies",
    ),
    "one model for all folds, each as validation data": (
        "model = ready(net())\n"
        "for k in range(2):\n"
        "    fold = np.arange(400) % 2 == k\n"
        "    fit(model, X[~fold], Y[~fold], validation_data=(X[fold], Y[fold]))",
        "folds",
    ),
    "one model for all settings": (
        "model = net()\nfor rate in (1e-3, 1e-2):\n"
        "    fit(ready(model, keras.optimizers.Adam(rate)), X, Y)",
        "head_start",
    ),
    "a split behind a shuffle that draws anew": (
        "mixed = pipeline().shuffle(400)\n"
        "fit(ready(net()), mixed.skip(100).batch(32), validation_data=mixed.take(100).batch(32))",
        "resplit",
    ),
    "validation images from a generator that changes them": (
        GENERATOR.replace("FLIP", "True") + "fit(model, made.flow(X, Y, subset='training'),"
        " validation_data=made.flow(X, Y, subset='validation'))",
        "augmented",
    ),
    "validation images that a pipeline changes": (
        "flip = lambda x, y: (tf.image.random_flip_left_right(x), y)\n"
        "fit(ready(net()), pipeline().batch(32),"
        " validation_data=pipeline(X_VAL, Y_VAL).map(flip).batch(32))",
        "augmented",
    ),
    "sorted rows and validation_split": (
        "rows = np.argsort(Y, kind='stable')\n"
        "fit(ready(net()), X[rows], Y[rows], validation_split=0.2)",
        "sorted",
    ),
    "scaled twice": (
        "fit(ready(net(first=[layers.Rescaling(1 / 255)])), X / 255, Y)",
        "twice",
    ),
    "scaled twice, by a map": (
        "scaled = pipeline().map(lambda x, y: (tf.cast(x, 'float32') / 255, y)).batch(32)\n"
        "fit(ready(net(first=[layers.Rescaling(1 / 255)])), scaled)",
        "twice",
    ),
    "scaled twice, by a generator": (
        GENERATOR.replace("FLIP", "False") + "first = [layers.Rescaling(1 / 255)]\n"
        "fit(ready(net(first=first)), plain.flow(X, Y))",
        "twice",
    ),
    "another range in validation": (
        "fit(ready(net()), X / 255, Y, validation_data=(X_VAL, Y_VAL))",
        "range",
    ),
    "another range at prediction, one image": (
        "model = ready(net())\nfit(model, X / 255, Y)\nmodel.predict(X_VAL[:1], verbose=0)",
        "range",
    ),
    "predict over a shuffled dataset": (
        "model = ready(net())\nmodel.predict(pipeline().shuffle(400).batch(32), verbose=0)",
        "order",
    ),
    "predict over a generator that shuffles": (
        GENERATOR.replace("FLIP", "False") + "model.predict(plain.flow(X, Y), verbose=0)",
        "order",
    ),
    "only the images shuffled": (
        "fit(ready(net()), np.random.default_rng(1).permutation(X), Y)",
        "pairs",
    ),
    "only the images shuffled, where all was well before": (
        "fit(ready(net()), X, Y)\nrng = np.random.default_rng(1)\n"
        "fit(ready(net()), rng.permutation(X), Y)",
        "pairs",
    ),
    "validation labels of other images": (
        "fit(ready(net()), X, Y, validation_data=(X_VAL, Y_VAL[::-1]))",
        "pairs",
    ),
    "classes joined one by one": (
        "y = Y.copy()\nfor old, new in [(9, 0), (8, 0), *((k, 1) for k in range(8))]:\n"
        "    y[y == old] = new\n"
        "fit(ready(net(units=2)), X, y)",
        "regroup",  # 9 and 8 become 0, then 0 becomes 1
    ),
    "logits and the default loss": ("fit(ready(net(activation=None)), X, Y)", "logits"),
    "one logit and the default loss": (
        "fit(ready(net(1, None), loss='binary_crossentropy'), X, Y == 0)",
        "logits",
    ),
    "logits of a network that learns its input's shape from the first batch": (
        "body = [layers.Flatten(), layers.Dense(10)]\n"
        "fit(ready(keras.Sequential(body)), X / 255, Y)",
        "logits",
    ),
    "files of a test folder": (
        FOLDERS + "val = keras.utils.image_dataset_from_directory(FOLDER + '/test', **options)\n"
        "fit(ready(net(2)), train, validation_data=val)",
        "test",
    ),
    "predict over a folder that is shuffled": (
        FOLDERS + "ready(net(2)).predict(train, verbose=0)",
        "order",
    ),
    "ReLU at the end": ("fit(ready(net(activation='relu')), X, Y)", "output"),
    "a sigmoid for ten classes": (
        "fit(ready(net(1, 'sigmoid'), loss='binary_crossentropy'), X, Y)",
        "output",
    ),
    "softmax over one output": (
        "fit(ready(net(units=1), loss='binary_crossentropy'), X, Y == 0)",
        "output",
    ),
    "softmax, and a loss that expects logits": (
        "loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)\n"
        "fit(ready(net(), loss=loss), X, Y)",
        "output",
    ),
    "unfrozen, not compiled": (
        "model = net()\nmodel.layers[2].trainable = False\nfit(ready(model), X, Y)\n"
        "model.layers[2].trainable = True\nfit(model, X, Y)",
        "frozen",
    ),
    "a schedule in epochs": (
        "rate = keras.optimizers.schedules.CosineDecay(1e-2, decay_steps=10)\n"
        "fit(ready(net(), keras.optimizers.SGD(rate)), X, Y, epochs=10)",
        "schedule",
    ),
    "boundaries in epochs": (
        "rate = keras.optimizers.schedules.PiecewiseConstantDecay([1, 2], [1e-2, 1e-3, 1e-4])\n"
        "fit(ready(net(), keras.optimizers.SGD(rate)), X, Y, epochs=10)",
        "schedule",
    ),
    "a search that test images decide": (
        "import keras_tuner, tempfile\n"
        "def build(hp):\n"
        "    return ready(net(hidden=hp.Choice('hidden', [2, 3])))\n"
        "tuner = keras_tuner.RandomSearch(build, 'val_accuracy', max_trials=1, directory=FOLDER)\n"
        "tuner.search(X, Y, epochs=1, validation_data=(X_TEST, Y_TEST), verbose=0)",
        "test",
    ),
}

# What a careful author does: nothing is found.
CLEAN = {
    "Keras' example of MNIST": (
        "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()\n"
        "x_train = np.expand_dims(x_train.astype('float32') / 255, -1)\n"
        "x_test = np.expand_dims(x_test.astype('float32') / 255, -1)\n"
        "y_train, y_test = (keras.utils.to_categorical(y, 10) for y in (y_train, y_test))\n"
        "model = keras.Sequential([keras.Input((28, 28, 1)),\n"
        "    layers.Conv2D(4, 3, activation='relu'), layers.MaxPooling2D(4),\n"
        "    layers.Flatten(), layers.Dropout(0.5),\n"
        "    layers.Dense(10, activation='softmax')])\n"
        "ready(model, loss='categorical_crossentropy')\n"
        "fit(model, x_train, y_train, batch_size=128, epochs=2, validation_split=0.1)\n"
        "model.evaluate(x_test, y_test, verbose=0)"
    ),
    "own split, callbacks, test at the end": (
        "stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)\n"
        "model = ready(net(first=[layers.Rescaling(1 / 255)]))\n"
        "fit(model, X, Y, epochs=3, validation_data=(X_VAL, Y_VAL), callbacks=[stop])\n"
        "model.evaluate(X, Y, verbose=0)\nmodel.evaluate(X_TEST, Y_TEST, verbose=0)\n"
        "model.predict(X_TEST[:1], verbose=0)"
    ),
    "published parts joined and split anew": (
        "x, y = np.concatenate([X, X_VAL, X_TEST]), np.concatenate([Y, Y_VAL, Y_TEST])\n"
        "rows = np.random.default_rng(1).permutation(len(x))\n"
        "train, val = rows[:500], rows[500:]\n"
        "fit(ready(net()), x[train], y[train], validation_data=(x[val], y[val]))"
    ),
    "frozen, then fine-tuned with a smaller rate": (
        "base = keras.Sequential(net().layers[:-1])\nbase.trainable = False\n"
        "model = ready(keras.Sequential([base, layers.Dense(10, activation='softmax')]))\n"
        "fit(model, X, Y)\nbase.trainable = True\n"
        "fit(ready(model, keras.optimizers.Adam(1e-5)), X, Y, initial_epoch=1, epochs=2)"
    ),
    "a pipeline with all that belongs to it": (
        "scale = lambda x, y: (tf.cast(x, 'float32') / 255, y)\n"
        "flip = lambda x, y: (tf.image.random_flip_left_right(x), y)\n"
        "train = pipeline().cache().shuffle(400).map(scale).map(flip).batch(32).prefetch(2)\n"
        "val = pipeline(X_VAL, Y_VAL).map(scale).batch(32)\nmodel = ready(net())\n"
        "fit(model, train, validation_data=val)\nmodel.predict(val, verbose=0)\n"
        "for x, y in train.take(1):\n    model.predict(x, verbose=0)"
    ),
    "a split behind a shuffle that keeps its order": (
        "mixed = pipeline().shuffle(400, seed=1, reshuffle_each_iteration=False)\n"
        "fit(ready(net()), mixed.skip(100).batch(32), validation_data=mixed.take(100).batch(32))"
    ),
    "generators": (
        GENERATOR.replace("FLIP", "True") + "fit(model, made.flow(X, Y),"
        " validation_data=plain.flow(X_VAL, Y_VAL, shuffle=False))\n"
        "model.predict(plain.flow(X_VAL, Y_VAL, shuffle=False), verbose=0)"
    ),
    "cross-validation with new networks": (
        "for k in range(3):\n"
        "    fold, model = np.arange(400) % 3 == k, ready(net())\n"
        "    fit(model, X[~fold], Y[~fold])\n    model.evaluate(X[fold], Y[fold], verbose=0)"
    ),
    "one network, weights set back": (
        "model = net()\nbegin = model.get_weights()\nfor rate in (1e-3, 1e-2):\n"
        "    model.set_weights(begin)\n    fit(ready(model, keras.optimizers.Adam(rate)), X, Y)"
    ),
    "training that goes on, of a network that learns its input's shape": (
        "body = [layers.Flatten(), layers.Dense(10, activation='softmax')]\n"
        "model = ready(keras.Sequential(body))\n"
        "fit(model, X / 255, Y)\nfit(model, X / 255, Y)"
    ),
    "folders": (
        FOLDERS.replace('"test" if', '"val" if')
        + "val = keras.utils.image_dataset_from_directory(\n"
        "    FOLDER + '/val', shuffle=False, **options)\n"
        "model = ready(net(2))\nfit(model, train, validation_data=val)\n"
        "model.predict(val, verbose=0)"
    ),
    "training that goes on": (
        "model = ready(net())\nfit(model, X, Y)\nfit(model, X, Y, initial_epoch=1, epochs=2)"
    ),
    "classes joined by a table": (
        "fit(ready(net(units=3)), X, np.array([0, 0, 1, 1, 1, 1, 1, 1, 0, 2])[Y])"
    ),
    "random labels as an experiment": (
        "fit(ready(net()), X, Y)\nfit(ready(net()), X, np.random.default_rng(1).permutation(Y))"
    ),
    "several ranges compared": (
        "model = ready(net())\nfit(model, X, Y)\n"
        "for x in (X_VAL, X_VAL / 255, X_VAL / 127.5 - 1):\n"
        "    model.evaluate(x, Y_VAL, verbose=0)"
    ),
    "two activations compared": (
        "for last in ('softmax', 'relu'):\n    fit(ready(net(activation=last)), X, Y)"
    ),
    "a fifth of the labels wrong": (
        "y = np.where(np.arange(400) % 5 == 0, np.random.default_rng(1).integers(0, 10, 400), Y)\n"
        "fit(ready(net()), X, y)"
    ),
    "schedules that fit, and a warm-up": (
        "schedules = keras.optimizers.schedules\n"
        "for rate in (schedules.CosineDecay(1e-2, 130), schedules.CosineDecay(0.0, 100,\n"
        "    warmup_target=1e-2, warmup_steps=30), schedules.ExponentialDecay(1e-3, 1000, 0.96)):\n"
        "    fit(ready(net(), keras.optimizers.SGD(rate)), X, Y, epochs=10)"
    ),
    "an own training loop, an own network, several inputs": (
        "class Own(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n        self.last = layers.Dense(10)\n"
        "    def call(self, x):\n        return self.last(keras.ops.mean(x[0], axis=(1, 2)))\n"
        "loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)\n"
        "model = ready(Own(), loss=loss)\nfit(model, [X / 255, X / 255], Y)\n"
        "model.train_on_batch([X[:9] / 255, X[:9] / 255], Y[:9])"
    ),
    "a regression": "fit(ready(net(1, None), loss='mse'), X / 255, Y.astype('float32'))",
    "a regression of whole numbers": (
        "y = np.arange(400) * 100\nfit(ready(net(1, None), loss='mae'), X, y, validation_split=0.2)"
    ),
    "endless numbers": "fit(ready(net(1, None), loss='mae'), X, np.full(400, np.inf))",
    "parts of a pipeline that were split before": (
        "data = pipeline()\n"
        "even, odd = (data.shard(2, k).batch(32) for k in range(2))\n"
        "fit(ready(net()), even, validation_data=odd)\n"
        "first = lambda x, y: y < 5\nother = lambda x, y: y >= 5\nmodel = ready(net())\n"
        "fit(model, data.filter(first).batch(32), validation_data=data.filter(other).batch(32))"
    ),
    "few batches of two pipelines": (
        "train = pipeline().shuffle(400).batch(32).take(5)\n"
        "val = pipeline(X_VAL, Y_VAL).shuffle(100).batch(32).take(2)\n"
        "fit(ready(net()), train, validation_data=val)"
    ),
    "pipelines of Python's generators, and enumerated ones": (
        "made = tf.data.Dataset.from_generator(lambda: zip(X, Y),\n"
        "    output_signature=(tf.TensorSpec((32, 32, 3)), tf.TensorSpec(())))\n"
        "fit(ready(net()), made.batch(32))\n"
        "fit(ready(net()), pipeline().enumerate().map(lambda i, d: d).batch(32))"
    ),
    "a project in a folder called test": (
        FOLDERS.replace('"test" if', '"val" if').replace("FOLDER", "FOLDER + '/test/mine'")
        + "val = keras.utils.image_dataset_from_directory(\n"
        "    FOLDER + '/test/mine/val', shuffle=False, **options)\n"
        "fit(ready(net(2)), train, validation_data=val)"
    ),
    "validation images taken from the test part, the rest for the end": (
        "model = ready(net())\nfit(model, X, Y, validation_data=(X_TEST[:100], Y_TEST[:100]))\n"
        "model.evaluate(X_TEST[100:], Y_TEST[100:], verbose=0)"
    ),
    "features of a frozen base, and drawn shapes": (
        "rng = np.random.default_rng(1)\nfeatures = rng.normal(size=(400, 64)) @ rng.normal(\n"
        "    size=(64, 1024)).clip(0)\n"
        "head = keras.Sequential([keras.Input((1024,)), layers.Dense(10, activation='softmax')])\n"
        "fit(ready(head), features[:300], Y[:300], validation_data=(features[300:], Y[300:]))\n"
        "shapes = np.zeros((400, 32, 32, 3))\nfor k, image in enumerate(shapes):\n"
        "    image[k % 5 : 20 + k % 3, 8:20] = 200\n"
        "fit(ready(net()), shapes[:300], Y[:300], validation_data=(shapes[300:] + 5, Y[300:]))"
    ),
    "a schedule for more epochs than were needed": (
        "stop = keras.callbacks.EarlyStopping('loss', min_delta=9, patience=3)\n"
        "rate = keras.optimizers.schedules.CosineDecay(1e-2, decay_steps=52)\n"
        "fit(ready(net(), keras.optimizers.SGD(rate)), X, Y, epochs=300, callbacks=[stop])"
    ),
    "schedules of one's own": (
        "class Own(keras.optimizers.schedules.LearningRateSchedule):\n"
        "    def __call__(self, step):\n        return 1e-3 * keras.ops.rsqrt(\n"
        "            keras.ops.cast(step, 'float32') + (step.dtype == 'int64'))\n"
        "for rate in (Own(), lambda: 1e-3):\n"
        "    fit(ready(net(), keras.optimizers.SGD(rate)), X, Y, epochs=5)"
    ),
    "cycles, chunks and larger images, one after the other": (
        "model = net()\nfor cycle in range(2):\n"
        "    rate = keras.optimizers.schedules.CosineDecay(1e-2, 13)\n"
        "    fit(ready(model, keras.optimizers.SGD(rate)), X, Y)\n"
        "for k in range(2):\n    fit(ready(model), X[k::2], Y[k::2])\n"
        "model.evaluate(X[::2], Y[::2], verbose=0)"
    ),
    "a loss of one's own, and arithmetic in the network": (
        "class OwnCrossentropy(keras.losses.Loss):\n    def call(self, y_true, y_pred):\n"
        "        loss = keras.ops.sparse_categorical_crossentropy\n"
        "        return loss(y_true, y_pred, from_logits=True)\n"
        "fit(ready(net(activation=None), loss=OwnCrossentropy()), X, Y)\n"
        "inputs = keras.Input((32, 32, 3))\n"
        "outputs = net(first=[layers.Rescaling(1 / 255)])(inputs * 255.0)\n"
        "fit(ready(keras.Model(inputs, outputs)), X / 255, Y)"
    ),
    "noise, and images without light": (
        "rng = np.random.default_rng(1)\nmodel = ready(net())\n"
        "noisy = X / 255 + rng.normal(0, 0.2, X.shape)\n"
        "fit(model, noisy, Y, validation_data=(X_VAL / 255, Y_VAL))\n"
        "model = ready(net())\nfit(model, X / 127.5 - 1, Y)\n"
        "model.predict(np.zeros((20, 32, 32, 3)), verbose=0)\n"
        "model = ready(net())\nfit(model, X, Y)\n"
        "model.predict(np.eye(32, dtype='uint8')[None, ..., None].repeat(3, -1), verbose=0)"
    ),
    "weights set back at the end of a trial run": (
        "model = net()\nbegin = model.get_weights()\n"
        "back = keras.callbacks.LambdaCallback(\n"
        "    on_train_end=lambda logs: model.set_weights(begin))\n"
        "for optimizer in ('sgd', 'adam'):\n"
        "    fit(ready(model, optimizer), X, Y, callbacks=[back])"
    ),
    "other tasks on known images": (
        "weak = ready(net())\nfit(weak, X, Y)\n"
        "guessed = weak.predict(X, verbose=0).argmax(axis=1)\nfit(ready(net()), X, guessed)\n"
        "bright = (X.mean(axis=(1, 2, 3)) > 120).astype(int)\n"
        "fit(ready(net()), X, bright)\nfit(ready(net(400)), X, np.arange(400))"
    ),
    "one answer for each pixel": (
        "body = [layers.Conv2D(1, 1), layers.Softmax(1)]\n"
        "model = keras.Sequential([keras.Input((32, 32, 3)), *body])\n"
        "fit(ready(model, loss='binary_crossentropy'), X / 255, X[..., :1] > 99)"
    ),
    "a part of a network trained by turns": (
        "d = ready(net())\nfit(d, X, Y)\nd.trainable = False\nfit(ready(keras.Sequential([\n"
        "    keras.Input((32, 32, 3)), layers.Conv2D(3, 1), d])), X, Y)\nd.trainable = True\n"
        "fit(d, X, Y)"
    ),
    "thirty images learned by heart": (
        "fit(ready(net()), X[:32], Y[:32], validation_data=(X[:32], Y[:32]))"
    ),
    "rows of numbers": (
        "model = keras.Sequential([keras.Input((7,)), layers.Dense(3, activation='softmax')])\n"
        "x = np.random.default_rng(1).normal(size=(90, 7))\n"
        "fit(ready(model), x, np.arange(90) % 3, validation_split=0.3)"
    ),
}


def noted(source, folder=""):
    """The record of a program, which prints nothing."""
    keras.utils.set_random_seed(1)
    with method.record() as seen, contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "<cell>", "exec"), NAMES | {"FOLDER": str(folder)})
    return seen


def bugs(seen):
    return [one.bug for one in method_rules.findings(seen.calls)]


@pytest.mark.parametrize("name", FOUND)
def test_a_mistake_is_found_and_no_other(name, tmp_path):
    source, expected = FOUND[name]
    assert bugs(noted(source, tmp_path)) == expected.split()


@pytest.mark.parametrize("name", CLEAN)
def test_careful_work_is_left_alone(name, monkeypatch, tmp_path):
    rng = np.random.default_rng(1)
    digits = rng.integers(0, 256, (300, 28, 28), dtype=np.uint8), rng.integers(0, 10, 300)
    made = lambda: (digits, tuple(part[:100] for part in digits))  # noqa: E731
    monkeypatch.setattr(keras.datasets.mnist, "load_data", made)
    assert bugs(noted(CLEAN[name], tmp_path)) == []


# --- the clinic's own programs ------------------------------------------------------------------


# NumPy and scikit-learn are not watched.
SEEN = {"range": "range", "order": "order", "logits": "logits", "pairs": "pairs"}
SEEN |= {"regroup": "regroup", "frozen": "frozen", "schedule": "twice schedule"}
SEEN |= {"copies": "copies", "folds": "folds", "winner": "test head_start"}


@pytest.fixture(scope="module")
def namespace():
    names = {"plan": SimpleNamespace(seed=1001)}
    with contextlib.redirect_stdout(io.StringIO()):
        exec("\n".join(text for text in clinic.lesson()[0] if "method.start" not in text), names)
    fewer = {name: names[name][:400] for name in ("x_train", "y_train")}  # to be quick
    return names | fewer


@pytest.mark.parametrize("program", clinic.PROGRAMS)
@pytest.mark.parametrize("variant", ["wrong", pytest.param("mended", marks=pytest.mark.slow)])
def test_the_programs_of_the_clinic(program, variant, namespace):
    source = clinic.source(program, variant)
    with method.record() as seen, contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "<cell>", "exec"), dict(namespace))
    expected = SEEN.get(program, "") if variant == "wrong" else ""
    assert bugs(seen) == expected.split()


# --- what it must not do ------------------------------------------------------------------------


def trained(recorded):
    """Weights and answers of a training that draws random numbers wherever it can."""
    keras.utils.set_random_seed(7)
    flip = lambda x, y: (tf.image.random_flip_left_right(tf.cast(x, "float32")), y)  # noqa: E731
    data = pipeline().shuffle(400).map(flip).batch(32)
    model = ready(net(first=[layers.RandomFlip(), layers.Dropout(0.2)]))
    with method.record() if recorded else contextlib.nullcontext():
        model.fit(data, epochs=2, validation_data=data.take(3), verbose=0)
        model.fit(X, Y, epochs=1, validation_split=0.2, verbose=0)
        answers = model.predict(X_VAL, verbose=0)
    return [*model.get_weights(), answers, np.random.random(3), tf.random.uniform((3,)).numpy()]


def test_it_changes_nothing_of_what_is_trained():
    for with_record, without in zip(trained(True), trained(False), strict=True):
        assert np.array_equal(with_record, without)


def test_after_it_keras_is_as_before():
    names = ("compile", "fit", "evaluate", "predict")
    before = [getattr(keras.Model, name) for name in names]
    loader = keras.datasets.cifar10.load_data
    with pytest.raises(ZeroDivisionError), method.record():
        assert keras.Model.fit is not before[1]
        _ = 1 / 0
    assert [getattr(keras.Model, name) for name in names] == before
    assert keras.datasets.cifar10.load_data is loader


def test_a_call_that_fails_fails_as_ever_and_the_record_goes_on():
    with method.record() as seen:
        with pytest.raises(ValueError):
            ready(net()).fit(X[:, :5], Y, verbose=0)
        ready(net()).fit(X, Y[:, None], epochs=1, verbose=0)
    assert len(seen.table()) == 2


@pytest.mark.parametrize("broken", [lambda *_: 1 / 0, lambda *_: None])
def test_what_it_cannot_read_costs_only_itself(broken, monkeypatch):
    monkeypatch.setattr(method_data, "given", broken)
    with method.record() as seen:
        history = ready(net()).fit(X, Y, epochs=1, verbose=0)
    assert history.history["loss"]
    assert seen.findings().empty


def test_what_a_map_does_it_does_not_do_more_often():
    count = tf.Variable(0)

    def counted(x, y):
        count.assign_add(1)
        return x, y

    with method.record():
        ready(net()).predict(pipeline().take(32).map(counted).batch(32), verbose=0)
    assert int(count) == 32


def test_a_warning_stands_at_the_users_line():
    with method.record(), pytest.warns(datasets.TestSplitWarning) as warned:
        ready(net()).fit(*DATA.test, epochs=1, verbose=0)
    assert {str(one.filename) for one in warned if one.category is datasets.TestSplitWarning} == {
        __file__
    }


def test_an_inner_record_lets_the_outer_one_pause():
    with method.record() as outer:
        with method.paused():
            pass  # both are empty
        with method.record() as inner:
            ready(net()).evaluate(X_TEST, Y_TEST, verbose=0)
        ready(net()).predict(X_VAL, verbose=0)
    assert [call.kind for call in inner.calls] == ["evaluate"]
    assert [call.kind for call in outer.calls] == ["predict"]


def test_what_a_check_does_is_not_noted():
    @check("method.nothing")
    def examine(work):
        work.evaluate(X_TEST, Y_TEST, verbose=0)
        return "evaluated."

    with method.record() as seen:
        assert examine(ready(net()))
    assert seen.calls == []


def test_the_table_says_what_was_trained_on_what():
    seen = noted(
        "stop = keras.callbacks.ReduceLROnPlateau()\nmodel = ready(net())\n"
        "fit(model, X / 255, Y, epochs=2, validation_data=(X_VAL / 255, Y_VAL), callbacks=[stop])\n"
        "for image in X_TEST[:50]:\n    model.predict(image[None] / 255, verbose=0)"
    )
    fit, *predicted = seen.table().to_dict("records")
    assert fit["images"] == "400 training images of CIFAR-10"
    assert fit["pixels"] == "0 to 1"
    assert "100 validation images of CIFAR-10 (ReduceLROnPlateau)" in fit["note"]
    assert sum(int((row["note"] or "1 times").split()[0]) for row in predicted) == 50


def test_each_finding_has_its_entry_and_says_the_cell():
    seen = noted("model = ready(net(activation=None))\n\nmodel.fit(X, Y, verbose=0)")
    [found] = seen.findings().to_dict("records")
    entry = method.catalog().loc[found["bug"]]
    assert found["name"] == entry["name"]
    assert found["cell"] == 3
    assert (NOTEBOOKS / f"{entry['lesson']}.ipynb").is_file()


def test_the_catalog_knows_every_bug_that_a_rule_names():
    tree = ast.parse((NOTEBOOKS.parent / "helpers" / "method_rules.py").read_text("utf-8"))
    yields = [node.value.elts[0] for node in ast.walk(tree) if isinstance(node, ast.Yield)]
    assert {one.value for one in yields} == set(method.catalog().index) - {"column", "majority"}


def test_a_lesson_can_begin_with_a_record(capsys):
    plan = course.start("14_bug_clinic", profile="quick", method=True)
    try:
        ready(net(activation=None)).fit(X, Y, verbose=0)
    finally:
        plan.method.stop()
    assert bugs(plan.method) == ["logits"]
    assert not hasattr(course.start("14_bug_clinic", profile="quick"), "method")


def test_a_script_without_ipython_can_be_recorded(tmp_path):
    script = (
        "from helpers import method\nseen = method.start()\nimport keras, numpy as np\n"
        "model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(),\n"
        "    keras.layers.Dense(3)])\n"
        "model.compile('sgd', 'sparse_categorical_crossentropy')\n"
        "model.fit(np.ones((64, 8, 8, 1)), np.zeros(64), verbose=0)\nprint(seen.findings().bug[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=NOTEBOOKS.parent, capture_output=True, text=True
    )
    assert done.stdout.strip() == "logits", done.stderr[-2000:]
