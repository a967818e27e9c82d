"""Where in a picture a network finds its evidence for a class: Grad-CAM.

Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", ICCV 2017. A layer's feature maps are added up, each weighted with the mean gradient
of the class's score with respect to it; what speaks against the class is cut off.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from helpers.errors import UserError
from helpers.transfer.graph import crossing, find_layer

_NOISE = 1e-6  # of the sum of all terms: less than this is rounding, not evidence


def grad_cam(
    model: keras.Model,
    images: np.ndarray,
    layer: keras.layers.Layer | str | None = None,
    classes: int | Sequence[int] | np.ndarray | None = None,
    *,
    batch_size: int = 32,
) -> np.ndarray:
    """Heat maps of the evidence for a class, as large as the pictures.

    The score is the class's logit, as in the paper: a softmax at the model's end is left out, for
    its gradient fades where the model is sure.

    Args:
        model: functional or Sequential model, channels last, to (n, number of classes).
        images: (n, h, w, channels) uint8 or float, in the range that the model takes.
        layer: whose feature maps (n, rows, columns, maps) are used, or its name; by default the
            last layer that has some.
        classes: one class for all pictures or (n,) of them; by default the predicted ones.
        batch_size: pictures at a time; it bounds the memory.

    Returns:
        (n, h, w) float32: 1 at each picture's strongest place, 0 where nothing speaks for the
        class. A map is 0 everywhere where nothing at all does.

    Raises:
        UserError: pictures or classes do not fit the model, no such layer, or one without space.
    """
    layer = _layer_with_space(model, layer)
    images = _checked_images(model, images)
    classes = _checked_classes(model, classes, len(images))
    tensors = crossing(model, layer)
    place = _place_of(layer, tensors)
    front = keras.Model(model.inputs[0], tensors)
    scores = _scores_from(model, tensors)
    heat = np.empty(images.shape[:3], np.float32)
    for start in range(0, len(images), batch_size):
        part = slice(start, start + batch_size)
        values = _run(front, images[part])
        wanted = None if classes is None else classes[part]
        heat[part] = _heat(scores, values, place, wanted, images.shape[1:3])
    return heat


def _heat(scores, values: list, place: int, classes, size: tuple[int, int]) -> np.ndarray:
    """Maps of one batch, (n, h, w) float32 in 0..1; values[place] are the feature maps."""
    if classes is None:
        classes = np.argmax(ops.convert_to_numpy(scores(values)), axis=1)
    slopes = _gradient(scores, values, place, classes)
    weights = ops.mean(ops.cast(slopes, "float32"), axis=(1, 2), keepdims=True)
    terms = weights * ops.cast(values[place], "float32")
    evidence = ops.relu(ops.sum(terms, axis=-1, keepdims=True))
    large = ops.image.resize(evidence, size, interpolation="bilinear", data_format="channels_last")
    heat = ops.convert_to_numpy(large)[..., 0]
    if not np.isfinite(heat).all():
        raise UserError(
            "the model's gradients are not finite: look for NaN in its weights or in the pictures"
        )
    highest = heat.max(axis=(1, 2), keepdims=True)
    noise = _NOISE * ops.convert_to_numpy(ops.max(ops.sum(ops.abs(terms), -1), (1, 2)))
    real = highest > noise[:, None, None]
    return np.where(real, heat / np.where(real, highest, 1), 0).astype(np.float32)


def _run(front: keras.Model, images: np.ndarray) -> list:
    """The tensors that the layers in front give for one batch."""
    if keras.backend.backend() == "jax":  # as one program: by itself each layer is compiled anew
        values = front.predict_on_batch(images)
    else:
        values = front(ops.convert_to_tensor(images), training=False)
    values = values if isinstance(values, list | tuple) else [values]
    return [ops.convert_to_tensor(value) for value in values]


def _gradient(scores, values: list, place: int, classes: np.ndarray):
    """Slope of each picture's own score with respect to values[place], in its shape."""
    chosen = np.eye(scores.outputs[0].shape[-1], dtype=np.float32)[classes]

    def total(maps):
        inputs = [*values[:place], maps, *values[place + 1 :]]
        return ops.sum(ops.cast(scores(inputs), "float32") * chosen)

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(values[place])
            score = total(values[place])
        slopes = tape.gradient(score, values[place])
        if slopes is None:  # an argmax or a rounding lies between
            raise UserError("the scores have no gradient there: name a layer further behind")
        return slopes
    if backend == "jax":
        import jax

        return jax.grad(total)(values[place])
    raise UserError(f"Grad-CAM on Keras' {backend} backend: set KERAS_BACKEND to tensorflow or jax")


def _scores_from(model: keras.Model, tensors: list) -> keras.Model:
    """Model from the tensors behind the layer to the logits."""
    output = model.outputs[0]
    last, node_index, _ = output._keras_history
    (before,) = last._inbound_nodes[node_index].input_tensors[:1]
    if isinstance(last, keras.layers.Softmax) or _is_softmax(last, keras.layers.Activation):
        return keras.Model(tensors, before)
    if _is_softmax(last, keras.layers.Dense):
        # A second layer that looks at the same weights, so that nothing is copied or trained.
        linear = keras.layers.Dense(last.units, use_bias=last.use_bias, dtype=last.dtype_policy)
        logits = linear(before)
        linear.set_weights(last.get_weights())
        return keras.Model(tensors, logits)
    return keras.Model(tensors, output)


def _is_softmax(layer, kind: type) -> bool:
    return isinstance(layer, kind) and layer.activation is keras.activations.softmax


def _layer_with_space(model: keras.Model, layer) -> keras.layers.Layer:
    """The layer asked for, or the last one that gives (n, rows, columns, maps)."""
    if not isinstance(model, keras.Model) or not getattr(model, "outputs", None):
        raise UserError(
            f"{model!r:.60} has no graph of layers: pass a functional model, or a Sequential one "
            "that has seen pictures"
        )
    if layer is None:
        behind = [found for found in model.layers if _has_space(found)]
        if not behind:
            raise UserError(
                f"no layer of '{model.name}' gives maps (n, rows, columns, channels): "
                "Grad-CAM needs a network with convolutions"
            )
        return behind[-1]
    found = find_layer(model, layer)
    if not _has_space(found):
        shape = getattr(getattr(found, "output", None), "shape", "unknown")
        raise UserError(
            f"layer '{found.name}' gives {shape}, which has no rows and columns: "
            "take a layer in front of the pooling or flattening"
        )
    return found


def _has_space(layer: keras.layers.Layer) -> bool:
    if isinstance(layer, keras.layers.InputLayer):
        return False
    shape = getattr(layer.output, "shape", ())
    return len(shape) == 4 and shape[1:3] != (1, 1)


def _place_of(layer: keras.layers.Layer, tensors: list) -> int:
    """Which of the tensors is the layer's own."""
    for place, tensor in enumerate(tensors):
        if tensor._keras_history[0] is layer:
            return place
    raise UserError(f"nothing comes behind layer '{layer.name}': name an earlier one")


def _checked_images(model: keras.Model, images: np.ndarray) -> np.ndarray:
    images = np.asarray(images)
    expected = model.inputs[0].shape
    if images.ndim != 4 or not len(images) or not np.issubdtype(images.dtype, np.number):
        raise UserError(
            f"an array of shape {images.shape} and dtype {images.dtype}: pass pictures "
            "(n, height, width, channels); for one picture `image[None]`"
        )
    if any(need not in (None, got) for need, got in zip(expected, images.shape, strict=True)):
        raise UserError(
            f"pictures of shape {images.shape[1:]} but the model takes {tuple(expected[1:])}: "
            "resize them first"
        )
    if not np.isfinite(images).all():
        raise UserError("the pictures hold NaN or infinity: look at how they were loaded")
    return images


def _checked_classes(model: keras.Model, classes, count: int) -> np.ndarray | None:
    """(count,) int64, or None for the predicted ones."""
    shape = model.outputs[0].shape
    if len(model.outputs) != 1 or len(shape) != 2:
        raise UserError(f"the model's output is {shape}: Grad-CAM here needs (n, classes)")
    if classes is None:
        return None
    classes = np.asarray(classes)
    if not np.issubdtype(classes.dtype, np.integer) or classes.shape not in ((), (count,)):
        raise UserError(
            f"classes of shape {classes.shape} and dtype {classes.dtype} for {count} pictures: "
            "pass one whole number, or one for each picture"
        )
    if classes.size and not 0 <= classes.min() <= classes.max() < shape[-1]:
        raise UserError(
            f"classes from {classes.min()} to {classes.max()}: the model has 0 to {shape[-1] - 1}"
        )
    return np.broadcast_to(classes, (count,)).astype(np.int64)
