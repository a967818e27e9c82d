"""Lab 1: a CNN for CIFAR-10, with augmentation and a learning-rate schedule.

Hidden images are drawn from CIFAR-10's test split: the whole one if the course's cache has it
(`python -m helpers data fetch cifar10`), else the embedded sample's 500. CIFAR-10 is public, so a
student could train on exactly these images; it brings no more points than the full profile.
"""

import functools
import sys
from pathlib import Path

import numpy as np

from helpers import datasets
from helpers.grading.labs import Lab, Mark, Mistake, Network, Task, Value, careful, function

sys.path.append(str(Path(__file__).parent / "shared"))
from cifar import NO_CLASSIFIER, array, close, drawn, layers_of, outputs_of, parts, test_split

# Accuracy on the hidden images and share of the points, in proportion between. FLOOR: guessing and
# 3.5 standard errors of 300 images. QUICK, FULL: the recorded test accuracies less two standard
# errors of 300 images (data/runs/labs.csv, "lab1": quick 48.4 ± 0.7 %, full 81.7 ± 0.5 %).
FLOOR, QUICK, FULL = 0.16, 0.43, 0.77
TOO_GOOD = 0.93  # a person should ask how
EACH = 30  # hidden images of each class
VALIDATION = 100  # validation images on which the network is compared with `val_predicted`


@functools.cache
def known_labels():
    """The label of every test image, by its bytes: markers get only the images that were asked."""
    images, labels = test_split()
    return {image.tobytes(): label for image, label in zip(images, labels, strict=True)}


@functools.cache
def sample():
    """What the notebook works with at marking."""
    return datasets.load("cifar10", profile="quick")


def hidden_images(rng):
    return test_split()[0][drawn(rng, EACH)]


# --- boxes --------------------------------------------------------------------------------------


def box_cases(rng, student):
    for n, height, width, size in ((2, 9, 11, 3), (2, 7, 9, 2), (3, 9, 13, 3)):
        for cut in (False, True):
            # An odd number of pixels, so that no mean lies halfway between two integers.
            images = rng.integers(0, 256, (n, height, width, 3), dtype=np.uint8)
            low = 1 - size if cut else 0
            high = np.array([height, width]) - (1 if cut else size)
            corners = rng.integers(low, high + 1, (n, 2))
            if cut:
                corners[0] = -1, 2
            yield images, corners, size


def boxes(images, corners, size, color=lambda image, batch: image.mean(axis=(0, 1)), cut=True):
    out = images.copy()
    for number, (row, column) in enumerate(corners):
        ends = row, row + size, column, column + size
        top, bottom, left, right = (max(int(end), 0) if cut else int(end) for end in ends)
        out[number, top:bottom, left:right] = np.rint(color(images[number], images))
    return out


BOXES = function(
    "boxes",
    "Boxes that hide a part",
    3,
    name="cut_boxes",
    cases=box_cases,
    right=boxes,
    mistakes=[
        Mistake(
            functools.partial(boxes, cut=False),
            "A slice with a negative start counts from the other end of the axis.",
            "Replace negative starts and stops by 0: `max(row, 0)`.",
        ),
        Mistake(
            lambda images, corners, size: boxes(images, corners[:, ::-1], size),
            "Row and column are swapped.",
            "Axis 1 of the images is the row, from top to bottom; axis 2 is the column.",
        ),
        Mistake(
            functools.partial(boxes, color=lambda image, batch: image.mean()),
            "One gray value was used for all three channels.",
            "Take the mean over height and width only: `axis=(0, 1)` of one image.",
        ),
        Mistake(
            functools.partial(boxes, color=lambda image, batch: batch.mean(axis=(0, 1, 2))),
            "The mean was taken over the whole batch.",
            "Each image has its own mean color.",
        ),
        Mistake(
            functools.partial(boxes, color=lambda image, batch: np.zeros(3)),
            "The boxes are black.",
            "Fill each box with the mean color of its image.",
        ),
        Mistake(
            functools.partial(boxes, color=lambda image, batch: image.mean(axis=(0, 1)) - 0.5),
            "The mean was cut off, not rounded: uint8 drops the decimals.",
            "Use `np.rint` before the values go into the array.",
        ),
        Mistake(
            lambda images, corners, size: boxes(
                images, corners, size, lambda image, batch: image.mean(axis=(0, 1)) - 0.5, False
            ),
            "Two things: uint8 drops the decimals of the mean, and a slice with a negative start "
            "counts from the other end of the axis.",
            "Use `np.rint` before the values go into the array, and `max(row, 0)` for the slice.",
        ),
        Mistake(
            lambda images, corners, size: boxes(images, corners - size // 2, size),
            "The corner was taken for the center of the box.",
        ),
    ],
    hint="Try one image of 4 x 4 pixels, a box of 2, and the corners (0, 0), (-1, 2) and (3, 3).",
    lesson="03",
)


# --- the augmentation model ---------------------------------------------------------------------


def blobs(rng, n=120):
    """Gray images with a blob in each channel: green lies left of red, blue above it.

    So one image tells by how much it was moved, mirrored, turned, enlarged and made brighter.
    """
    rows, columns = np.mgrid[:32, :32]
    images = np.empty((n, 32, 32, 3))
    for image in images:
        y, x = rng.integers(15, 18, 2)
        for channel, (dy, dx) in enumerate(((0, 0), (0, -6), (-6, 0))):
            squared = (rows - y - dy) ** 2 + (columns - x - dx) ** 2
            image[..., channel] = rng.integers(80, 120) + 100 * np.exp(-squared / 5)
    return images.round().astype(np.uint8)


def seen(images):
    """Background (n, 3) and places (n, 3 channels, 2) of the blobs, in pixels from the middle."""
    background = np.median(images, axis=(1, 2))
    weights = np.clip(images - background[:, None, None] - 15, 0, None)
    weights /= weights.sum(axis=(1, 2), keepdims=True) + 1e-9
    middle = np.arange(32) - 15.5
    y = np.einsum("nijc,i->nc", weights, middle)
    x = np.einsum("nijc,j->nc", weights, middle)
    return background, np.stack([y, x], axis=-1)


@careful
def mark_augment(answers, requests, student):
    images = requests[0].images.astype(float)
    still, moved = (array(answer.value["outputs"], images.shape) for answer in answers)
    cause = ""
    if moved.max() <= 1.01:
        cause = "`value_range` of RandomBrightness is (0, 1), and the pixels are 0 to 255."
    if still.max() <= 1.01:
        cause = "The pixels are scaled here, and not in the network."
        moved = 255 * moved
    before, places = seen(images)
    after, now = seen(moved)
    # Green lies right of red in a mirrored image, and blue below red where it is upside down.
    mirrored = now[:, 1, 1] > now[:, 0, 1]
    upside_down = now[:, 2, 0] > now[:, 0, 0]
    shifts = now[:, 0] - places[:, 0] * np.where(np.stack([upside_down, mirrored], 1), -1, 1)
    up = now[:, 2] - now[:, 0]
    turned = np.degrees(np.abs(np.arctan2(up[:, 1], np.abs(up[:, 0])))).max()
    length = np.hypot(*up.T)
    if (np.abs(length / 6 - 1) > 0.5).mean() > 0.5:
        cause = "The blobs of most images are gone: 4 pixels of 32 are a factor of 0.125."
        return Mark(0, "Most images can no longer be recognized after it.", cause, AUGMENT_HINT)
    brighter = (after - before).mean(axis=1)
    largest = np.abs(shifts).max(axis=0)
    wanted = {
        f"about half of the images are mirrored (seen: {mirrored.mean():.0%})": 0.3
        < mirrored.mean()
        < 0.7,
        "each image moves by up to 4 pixels, up or down and left or right "
        f"(seen: up to {largest[0]:.1f} and {largest[1]:.1f})": (largest > 2.5).all()
        and (largest < 4.7).all()
        and (shifts.std(axis=0) > 0.8).all(),
        "each image gets brighter or darker by up to 20 "
        f"(seen: {brighter.min():.0f} to {brighter.max():.0f})": 12 < brighter.max() < 24
        and -24 < brighter.min() < -12,
    }
    mark = parts(wanted)
    share, reasons = mark.share, [mark.reason]
    if np.abs(still - images).max() > 1:
        share, reasons = share / 2, [*reasons, "With training=False the images change, too."]
    far = (largest > 6.5).any()  # then parts of a blob are lost, and its form tells nothing
    extra = {
        "upside down": upside_down.mean() > 0.1,
        f"turned by up to {turned:.0f} degrees": turned > 6 and not far,
        "enlarged or made smaller": np.abs(length / 6 - 1).max() > 0.08 and not far,
    }
    if any(extra.values()):
        share /= 2
        names = ", ".join(name for name, there in extra.items() if there)
        reasons.append(f"Images are changed in a way that was not asked for: {names}.")
    if far:
        cause = cause or "A factor of RandomTranslation is a part of the image: 4 pixels are 0.125."
    elif np.ptp(shifts, axis=0).max() < 0.1 < largest.max():
        cause = cause or "All images of a batch got the same shift, as RandomCrop does."
    elif extra["upside down"]:
        cause = cause or 'RandomFlip mirrors both ways, if it is not told "horizontal".'
    elif np.abs(brighter).max() >= 24:
        cause = cause or "A factor of RandomBrightness is a part of 255: 20 levels are 20 / 255."
    return Mark(share, " ".join(filter(None, reasons)), cause, AUGMENT_HINT if share < 1 else "")


AUGMENT_HINT = (
    "Call `augment(images, training=True)` on gray images with one bright pixel: "
    "how far does it move, and how bright do the images get?"
)


def ask_augment(rng, student):
    images = blobs(rng)
    return [Network("augment", images, training) for training in (False, True)]


# --- the network --------------------------------------------------------------------------------


@careful
def mark_network(answers, requests, student):
    network = answers[0].value
    outputs = outputs_of(network, requests[0].images)
    if outputs is None:
        return NO_CLASSIFIER
    layers = layers_of(network)
    convolutions = [layer["config"] for layer in layers.get("Conv2D", [])]

    def of(key):
        return [np.ravel(config[key]).tolist() for config in convolutions]

    # With the right scaling the scores of a new network are small. Its convolutions have no
    # biases: pixels of 255 instead of 1 make the scores 255 times as large.
    spread = np.ptp(np.log(np.clip(outputs, 1e-30, 1)), axis=1).mean()
    known = sum(map(len, (layers.get(name, []) for name in ("Conv2D", "Dense"))))
    mark = parts(
        {
            "six convolutions with 24, 24, 48, 48, 96 and 96 filters of 3 x 3": of("filters")
            == [[width] for width in (24, 24, 48, 48, 96, 96)]
            and of("kernel_size") == [[3, 3]] * 6,
            "every second one halves the image, and all have padding 'same'": [
                stride[0] for stride in of("strides")
            ]
            == [1, 2] * 3
            and {config["padding"] for config in convolutions} == {"same"},
            "no biases, and batch normalization behind each convolution": of("use_bias")
            == [[False]] * 6
            and len(layers.get("BatchNormalization", [])) == 6,
            "global average pooling, then dropout 0.3, then one dense layer": len(
                layers.get("GlobalAveragePooling2D", [])
            )
            == 1
            and [layer["config"]["rate"] for layer in layers.get("Dropout", [])] == [0.3]
            and known == len(convolutions) + 1,
            "the network itself scales the pixels 0..255": bool(convolutions)
            and 0.005 < spread < 6,
            f"{PARAMETERS:,} parameters (seen: {network['parameters']:,})": network["parameters"]
            == PARAMETERS,
        }
    )
    hint = "Compare `network.summary()` line by line with the task." if mark.share < 1 else ""
    return Mark(mark.share, mark.reason, hint=hint)


PARAMETERS = 163_666


# --- what was trained ---------------------------------------------------------------------------


@careful
def mark_trained(answers, requests, student):
    images, parameters = requests[0].images, answers[0].value["parameters"]
    if abs(parameters / PARAMETERS - 1) > 0.25:  # the course brings trained networks of its own
        return Mark(0, f"This is not the network of task 4: it has {parameters:,} parameters.")
    labels = np.array([known_labels()[image.tobytes()] for image in images])
    predicted = array(answers[0].value["outputs"], (len(images), 10)).argmax(axis=1)
    accuracy = float((predicted == labels).mean())
    share = float(np.interp(accuracy, [FLOOR, QUICK, FULL], [0, 0.6, 1]))
    if accuracy > TOO_GOOD:
        reason = f"{accuracy:.1%} of the hidden images are right, far more than our own runs."
        return Mark(1, reason, "", "Tell your instructor how you trained.", person=True)
    if share == 1:
        return Mark(1)
    reason = (
        f"{accuracy:.1%} of {len(images)} hidden images are right. Points begin at {FLOOR:.0%}; "
        f"{QUICK:.0%} brings 60% of them, {FULL:.0%} all."
    )
    norms = layers_of(answers[0].value).get("BatchNormalization", [])
    if share == 0:
        cause = "The network is not trained, or its weights were not loaded."
        hint = "Were the weights saved after the training, and handed in beside the notebook?"
    elif share >= 0.6:
        cause, hint = "", "Train in the full profile with all images; let the rate end near 0."
    elif any(layer["config"]["momentum"] > 0.95 for layer in norms):
        cause = "Batch normalization has a large momentum: its means lag behind in a short run."
        hint = "Take a momentum of 0.9. Then delete the weights, and train anew."
    else:
        cause = ""
        hint = (
            "Train for all of `plan.epochs`, with a peak rate from 0.001 to 0.01 that ends near 0."
        )
    return Mark(share, reason, cause, hint)


@careful
def mark_report(answers, requests, student):
    report, predicted, outputs = (answer.value for answer in answers)
    truth, names = np.asarray(sample().val.labels), sample().class_names
    predicted = array(predicted, truth.shape).astype(int)
    outputs = array(outputs["outputs"], (VALIDATION, 10))
    if (predicted == truth).mean() < FLOOR:
        return Mark(0, "The predictions are no better than guessing.", hint="Train first.")
    if (predicted[:VALIDATION] == outputs.argmax(axis=1)).mean() < 0.95:
        return Mark(
            0,
            "`val_predicted` is not what `network` says about the validation images.",
            hint="Run the notebook from top to bottom, with the weights that you hand in.",
        )
    matrix = np.zeros((10, 10))
    np.add.at(matrix, (truth, predicted), 1)
    right = np.diag(matrix)
    both = np.triu(matrix + matrix.T, 1)
    pair = [names.index(name) for name in report["pair"]]
    mark = parts(
        {
            "recall": close(report["recall"], right / matrix.sum(axis=1)),
            "precision": close(report["precision"], right / np.maximum(matrix.sum(axis=0), 1)),
            "predicted": close(report["predicted"], matrix.sum(axis=0)),
            "pair, counted in both directions": len(pair) == 2
            and both[min(pair), max(pair)] == both.max(),
        }
    )
    swapped = close(report["recall"], right / np.maximum(matrix.sum(axis=0), 1))
    cause = "Recall and precision are swapped." if swapped else ""
    hint = "Recall divides by the images of the class, precision by the images that got its name."
    return Mark(mark.share, mark.reason, cause, hint if mark.share < 1 else "")


def ask_report(rng, student):
    images = np.asarray(sample().val.images[:VALIDATION])
    return [Value("report"), Value("val_predicted"), Network("network", images)]


# --- the lab ------------------------------------------------------------------------------------


def stairs(steps, first, last, stairs):
    return np.repeat(np.geomspace(first, last, stairs), steps // stairs)


STAIRS = function(
    "stairs",
    "A staircase for the whole run",
    2,
    name="stair_rates",
    cases=lambda rng, student: [
        (int(count * rng.integers(2, 9)), rng.uniform(0.02, 0.1), rng.uniform(5e-4, 5e-3), count)
        for count in (3, 4, 6, 7)
    ],
    right=stairs,
    mistakes=[
        Mistake(
            lambda steps, first, last, n: np.repeat(
                first * (last / first) ** (np.arange(n) / n), steps // n
            ),
            "The last stair is too high: the root has one stair too many.",
            "Between n stairs there are n - 1 falls.",
        ),
        Mistake(
            lambda steps, first, last, n: np.repeat(np.linspace(first, last, n), steps // n),
            "The rate falls by the same amount on each stair, not by the same factor.",
        ),
        Mistake(
            lambda steps, first, last, n: np.geomspace(first, last, steps),
            "The rate falls with every step: there are no stairs.",
        ),
        Mistake(
            lambda steps, first, last, n: np.tile(np.geomspace(first, last, n), steps // n),
            "The whole staircase is repeated (`np.tile`), not each stair.",
            "`np.repeat` repeats each number.",
        ),
    ],
    hint="Print `stair_rates(6, 0.1, 0.001, 3)`: 0.1, 0.1, 0.01, 0.01, 0.001, 0.001.",
    lesson="04",
)


LAB = Lab(
    "lab1",
    "A CNN for CIFAR-10",
    1,
    [
        BOXES,
        Task("augment", "Augmentation as a model", 3, ask_augment, mark_augment, "03"),
        STAIRS,
        Task(
            "network",
            "The network as specified",
            3,
            lambda rng, student: [Network("build_network", hidden_images(rng)[:64])],
            mark_network,
            "02",
        ),
        Task(
            "trained",
            "The trained network on hidden images",
            3,
            lambda rng, student: [Network("network", hidden_images(rng))],
            mark_trained,
            "04",
        ),
        Task("report", "Results per class", 2, ask_report, mark_report, "08"),
        Task("three_ways", "Three ways into one number", 2, lesson="01"),
        Task("conclusions", "Conclusions", 2, lesson="08"),
    ],
    submits=("lab1.weights.h5", "lab1_history.csv"),
)
