"""Lab 2: transfer learning and fine-tuning, at least 85 % on images without labels.

`lab2_images.npz` holds 400 images of CIFAR-10's test split, from the whole of it if the course's
cache has it (`python -m helpers data fetch cifar10`), else from the embedded sample. SEED draws,
changes and names them, and labels are made from it anew at marking. So release and mark on machines
with the same data, and **change SEED before each release**: whoever has it has the labels.

CIFAR-10 is public. The images are mirrored, moved and made brighter or darker, so that looking for
equal bytes finds nothing, but whoever compares them with all 10,000 test images as lesson 12 finds
near-duplicates will find them. That is more work than the lab. A result above 96 % is marked for a
person to look at. And predictions do not tell which network made them: the course's own networks
for CIFAR-10 reach 85 %, too. The lab forbids them; the notebook of the student shows it.
"""

import functools
import hashlib
import sys
from pathlib import Path

import numpy as np

from helpers import datasets
from helpers.grading.labs import (
    Lab,
    Mark,
    Mistake,
    Network,
    Table,
    Task,
    Value,
    careful,
    describe,
    function,
    majority,
)

sys.path.append(str(Path(__file__).parent / "shared"))
from cifar import NO_CLASSIFIER, drawn, layers_of, outputs_of, parts, test_split

SEED = 71_934
EACH = 40  # images of each class

# Accuracy on these images and share of the points, in proportion between. FLOOR: what the layers of
# the course's network reach from scratch, 47.6 ± 2.2 % (data/runs/transfer.csv, "our network, 1,800
# images"). QUICK: the recorded accuracy on images changed like these less two standard errors of
# 400 images (data/runs/labs.csv, "lab2": quick 71.4 ± 0.4 %). FULL: what S3 was asked for; the
# recorded full profile (one seed, MobileNetV2 whose last blocks had been tuned elsewhere) reached
# 83.4 % frozen and 89.6 % fine-tuned, so it takes fine-tuning.
FLOOR, QUICK, FULL = 0.48, 0.67, 0.85
TOO_GOOD = 0.96
BACKBONE = 1_159_608  # parameters of the quick profile's backbone, as at marking
OPENED = 884_736  # of its last two convolutions


# --- images without labels ----------------------------------------------------------------------


@functools.cache
def hidden():
    """Images (400, 32, 32, 3) uint8, their ids, and what only the grader has: their labels."""
    rng = np.random.default_rng(SEED)
    rows = drawn(rng, EACH)
    images = np.stack([changed(image, rng) for image in test_split()[0][rows]])
    key = str(SEED).encode()
    ids = [hashlib.blake2b(image.tobytes(), key=key, digest_size=6) for image in images]
    return images, ["i" + made.hexdigest() for made in ids], test_split()[1][rows]


def changed(image, rng):
    """Mirrored or not, moved by one or two pixels each way, a little brighter or darker."""
    if rng.random() < 0.5:
        image = image[:, ::-1]
    down, right = rng.choice([-2, -1, 1, 2], 2)
    padded = np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="edge")
    moved = padded[2 + down : 34 + down, 2 + right : 34 + right]
    brighter = moved * rng.uniform(0.9, 1.1) + rng.uniform(-8, 8)
    return np.clip(np.rint(brighter), 0, 255).astype(np.uint8)


def write_files(folder):
    images, ids, _ = hidden()
    np.savez_compressed(folder / "lab2_images.npz", images=images, ids=np.array(ids))


@functools.cache
def class_names():
    return list(datasets.load("cifar10", profile="quick").class_names)


def scored(table):
    """Of predictions that were handed in the accuracy, or the mark of those that have none."""
    if missing := [name for name in ("id", "class", "confidence") if name not in table]:
        return None, Mark(0, f"lab2_predictions.csv has no column `{missing[0]}`.")
    pairs = zip(table["id"], table["class"], strict=True)
    given = {str(id).strip(): str(name).strip() for id, name in pairs}
    _, ids, labels = hidden()
    found = len(set(ids) & set(given))
    if found < len(given) / 2:
        reason = "These are predictions for other images than this lab's: the ids are unknown."
        return None, Mark(0, reason, hint="Use the file lab2_images.npz that came with this lab.")
    if unknown := set(given.values()) - set(class_names()):
        reason = f"There is no class {describe(min(unknown))}: use the ten names."
        return None, Mark(0, reason, "The number of the class was written, not its name?")
    names = class_names()
    right = sum(given.get(id) == names[label] for id, label in zip(ids, labels, strict=True))
    missing = f" {len(ids) - found} images have no prediction." if found < len(ids) else ""
    return right / len(ids), missing


@careful
def mark_predictions(answers, requests, student):
    accuracy, problem = scored(answers[0].value)
    if accuracy is None:
        return problem
    share = float(np.interp(accuracy, [FLOOR, QUICK, FULL], [0, 0.6, 1]))
    reason = (
        f"{accuracy:.1%} of the images are right.{problem} Points begin at {FLOOR:.0%}; "
        f"{QUICK:.0%} brings 60% of them, {FULL:.0%} all."
    )
    if accuracy > TOO_GOOD:
        return Mark(1, f"{accuracy:.1%} is more than transfer learning reaches here.", person=True)
    if share == 1:
        return Mark(1)
    if majority(answers[0].value["class"]) > 0.5:
        cause = "Most images got the same class: the network has learned nothing."
        return Mark(share, reason, cause, "Is the pixel range of task 2 that of the backbone?")
    if accuracy < 0.2:
        cause = "The predictions are in another order than the ids, or the network is untrained."
        return Mark(share, reason, cause, "Do not sort or shuffle images without their ids.")
    hint = "Train in the full profile: MobileNetV2, all images, then fine-tuning."
    return Mark(share, reason, "", hint)


@careful
def mark_summary(answers, requests, student):
    table, summary, expected = (answer.value for answer in answers)
    accuracy, problem = scored(table)
    if accuracy is None:
        return problem
    if accuracy < FLOOR / 2:
        return Mark(
            0,
            f"{accuracy:.1%} of the predictions are right. That is hardly better than guessing, "
            "and a summary of such predictions brings no points.",
            hint="First mend the predictions of task 5.",
        )
    names, given = np.array(table["class"]), np.array(table["confidence"], float)
    counts = [int((names == name).sum()) for name in class_names()]
    sums = np.array([given[names == name].sum() for name in class_names()])
    right = [
        list(map(str, summary["class"])) == class_names(),
        [int(count) for count in summary["images"]] == counts,
        np.allclose(
            np.asarray(summary["confidence"], float), sums / np.maximum(counts, 1), atol=2e-3
        ),
        type(expected) is float and abs(expected - given.mean()) < 2e-3,
    ]
    wanted = (
        "the ten names in their order",
        "the number of images with each name",
        "the mean confidence of each class",
        "expected_accuracy is the mean confidence of all images",
    )
    mark = parts(dict(zip(wanted, right, strict=True)))
    hint = "Compute the summary from the file lab2_predictions.csv, and write nothing by hand."
    return Mark(mark.share, mark.reason, "", hint if mark.share < 1 else "")


# --- two functions ------------------------------------------------------------------------------


def combined(p, weights, normal=True, mean=np.log, back=np.exp, axis=-1):
    weights = weights / weights.sum() if normal else weights
    q = back(np.tensordot(weights, mean(p), axes=1))
    return q / q.sum(axis=axis, keepdims=True) if axis is not None else q


def combine_cases(rng, student):
    for case, (m, n, k) in enumerate(((2, 3, 4), (3, 2, 5), (4, 5, 3), (2, 2, 3), (3, 4, 4))):
        weights = rng.uniform(0.3, 3, m)
        p = rng.dirichlet(np.ones(k), (m, n)) * 0.98 + 0.02 / k
        yield p, weights / weights.sum() if case > 2 else weights


COMBINE = function(
    "combine",
    "Two opinions become one",
    2,
    name="combine",
    cases=combine_cases,
    right=combined,
    mistakes=[
        Mistake(
            functools.partial(combined, mean=np.array, back=np.array),
            "This is the weighted mean of the probabilities, not of their logarithms.",
            "Take `np.log` first and `np.exp` at the end.",
        ),
        Mistake(
            functools.partial(combined, axis=None),
            "The rows do not sum to 1.",
            "Divide each row by its sum: `keepdims=True`.",
        ),
        Mistake(
            functools.partial(combined, normal=False),
            "The weights were not divided by their sum, so the result is too sure or too unsure.",
        ),
        Mistake(
            functools.partial(combined, normal=False, axis=None),
            "Neither the weights nor the rows of the result sum to 1.",
        ),
        Mistake(
            functools.partial(combined, axis=0),
            "The columns sum to 1, not the rows.",
            "Each row is an image: sum over the last axis.",
        ),
        Mistake(
            lambda p, weights: combined(p, np.ones(len(p))),
            "All opinions have the same weight.",
        ),
    ],
    hint="Try one image, two classes: (0.9, 0.1) and (0.5, 0.5) with weights 1, 1 give 0.75, 0.25.",
    lesson="11",
)


def network_cases(rng, student):
    for case in range(8):
        layers = []
        for number in rng.permutation(90)[: rng.integers(4, 9)] + 10:
            kind = str(rng.choice(["Conv2D", "DepthwiseConv2D", "Dense"]))
            layers.append((f"layer_{number}", kind, int(rng.integers(1000, 9000))))
            layers.append((f"norm_{number}", "BatchNormalization", int(rng.integers(100, 900))))
            layers.append((f"relu_{number}", "ReLU", 0))
        counted = [parameters for _, kind, parameters in layers if kind[0] in "CD"]
        opened = int(rng.integers(1, len(counted) - 1))
        budget = sum(counted[-opened:])  # exactly, in every second case
        yield layers, budget if case % 2 else budget + counted[-opened - 1] // 2


def first_open(layers, budget, skipped=("BatchNormalization",), fits=lambda n, most: n <= most):
    total, found = 0, None
    for name, kind, parameters in reversed(layers):
        if kind in skipped or not parameters:
            continue
        total += parameters
        if not fits(total, budget):
            break
        found = name
    return found


def _last_counted(layers, budget):
    return next(name for name, kind, n in reversed(layers) if n and kind != "BatchNormalization")


def _too_early(layers, budget):
    names = [name for name, kind, n in layers if n and kind != "BatchNormalization"]
    return names[max(names.index(first_open(layers, budget)) - 1, 0)]


FIRST_OPEN = function(
    "first_open",
    "As many layers as the budget allows",
    3,
    name="first_open",
    cases=network_cases,
    right=first_open,
    mistakes=[
        Mistake(
            functools.partial(first_open, skipped=()),
            "The parameters of batch normalization were counted.",
            "These layers stay frozen, so they cost nothing.",
        ),
        Mistake(
            functools.partial(first_open, fits=lambda n, most: n < most),
            "A sum equal to the budget was taken for too much.",
            "The budget may be used up: `<=`.",
        ),
        Mistake(
            _too_early,
            "This is the layer that no longer fits; the one behind it was asked for.",
        ),
        Mistake(
            lambda layers, budget: first_open(layers[::-1], budget),
            "The layers were counted from the input.",
            "Fine-tuning opens the last layers: begin at the end of the list.",
        ),
    ],
    guesses=[_last_counted],
    hint="Go through `reversed(layers)` and add up. Stop at the first layer that does not fit.",
    lesson="06",
)


# --- the network, frozen and opened -------------------------------------------------------------


@careful
def mark_frozen(answers, requests, student):
    network = answers[0].value
    outputs = outputs_of(network, requests[0].images)
    if outputs is None:
        return NO_CLASSIFIER
    layers = layers_of(network)
    total, trainable = network["parameters"], network["trainable_parameters"]
    pools = ("GlobalAveragePooling2D", "GlobalMaxPooling2D", "Concatenate")
    # A head of another size is marked once, as such, and not at the backbone, too.
    head = dense_parameters(network)
    whole = total - head == BACKBONE
    mark = parts(
        {
            f"the backbone has all {BACKBONE:,} parameters (seen: {total - head:,})": whole,
            f"only the {head:,} parameters of the head are trained (seen: {trainable:,})": whole
            and trainable == head,
            "mean and maximum of each channel, joined": all(
                len(layers.get(name, [])) == 1 for name in pools
            ),
            "dropout with the rate 0.3 before one dense layer": [
                layer["config"]["rate"] for layer in layers.get("Dropout", [])
            ]
            == [0.3]
            and len(layers.get("Dense", [])) == 1,
            "the pixels reach the backbone in the range that it expects": whole
            and spread(outputs) > SPREAD,
        }
    )
    cause = ""
    if trainable > BACKBONE / 2:
        cause = "The backbone is not frozen."
    elif whole and spread(outputs) <= SPREAD:
        cause = "The pixels are divided once more: this backbone wants 0 to 255, as RANGE says."
    hint = "Look at `frozen.summary(expand_nested=True)`." if mark.share < 1 else ""
    return Mark(mark.share, mark.reason, cause, hint)


def dense_parameters(network):
    """How many parameters the dense layers have; the backbone has none of them."""
    return sum(layer["parameters"] for layer in layers_of(network).get("Dense", []))


def spread(outputs):
    """How much the answers differ from image to image: little if all images are nearly black."""
    return float(np.log(np.clip(outputs, 1e-9, 1)).std(axis=0).mean())


SPREAD = 0.1


@careful
def mark_opened(answers, requests, student):
    network = answers[0].value
    trainable, layers = network["trainable_parameters"], layers_of(network)
    opened = trainable - dense_parameters(network)
    if opened <= 0:
        return Mark(0, f"{trainable:,} parameters are trained: the backbone is still frozen.")
    convolutions = [layer for layer in layers.get("Conv2D", []) if layer["parameters"]]
    if len(convolutions) != 7 or "BatchNormalization" not in layers:
        return Mark(0, "`model` is not the network of task 2 with the backbone of this lab.")
    mark = parts(
        {
            "the last two convolutions are trained": all(
                layer["trainable"] for layer in convolutions[-2:]
            ),
            "the convolutions before them stay frozen": not any(
                layer["trainable"] for layer in convolutions[:-2]
            ),
            "batch normalization stays frozen": not any(
                layer["trainable"] for layer in layers.get("BatchNormalization", [])
            ),
            f"{OPENED:,} parameters of the backbone are trained (seen: {opened:,})": opened
            == OPENED,
        }
    )
    all_open = convolutions and all(layer["trainable"] for layer in convolutions)
    cause = "All layers were opened." if all_open else ""
    hint = "Set `trainable` of every layer of the backbone, one by one." if mark.share < 1 else ""
    return Mark(mark.share, mark.reason, cause, hint)


def ask_frozen(rng, student):
    return [Network("frozen", test_split()[0][drawn(rng, 6)])]


LAB = Lab(
    "lab2",
    "Transfer learning and fine-tuning",
    1,
    [
        FIRST_OPEN,
        Task("frozen", "A new head on a frozen backbone", 3, ask_frozen, mark_frozen, "06"),
        Task("opened", "Open the last layers", 2, lambda *_: [Network("model")], mark_opened, "06"),
        COMBINE,
        Task(
            "predictions",
            "Predictions for images without labels",
            4,
            lambda rng, student: [Table("lab2_predictions.csv")],
            mark_predictions,
            "06",
        ),
        Task(
            "summary",
            "A summary that agrees",
            2,
            lambda rng, student: [
                Table("lab2_predictions.csv"),
                Value("summary"),
                Value("expected_accuracy"),
            ],
            mark_summary,
            "08",
        ),
        Task("choices", "Choices", 2, lesson="06"),
        Task("estimate", "How good is it?", 2, lesson="08"),
    ],
    submits=("lab2_predictions.csv",),
    files=write_files,
)
