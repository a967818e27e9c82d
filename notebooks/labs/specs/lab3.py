"""Lab 3: CIFAR-100, and the report that S4's course asks for."""

import functools
import hashlib
import re
import sys
from pathlib import Path

import numpy as np

from helpers import datasets
from helpers.formats import catalog
from helpers.grading.labs import (
    Call,
    Lab,
    Mark,
    Mistake,
    Network,
    Photos,
    Table,
    Task,
    Value,
    between,
    careful,
    function,
)
from helpers.settings import CourseError

sys.path.append(str(Path(__file__).parent / "shared"))
from pieces import HALF_PLAIN, by_key, columns, listed, near, own_code, own_photos, plain

# Of the hidden images, by the number of classes: at the first share a network gets nothing, from
# the second on all points. The first is the majority class and three standard errors of it. The
# second is, for the sample, the recorded test accuracy of "lab3" in data/runs/labs.csv (three
# seeds: 45.5 ± 1.1 %) less twice its spread and the standard error of 300 images together, and
# one point more; for CIFAR-100 that of the small network of lesson 09, which had a fifth of the
# images and six epochs ("heads" in data/runs/cifar100.csv: 21.3 ± 1.1 %).
BARS = {10: (0.16, 0.38), 100: (0.04, 0.20)}
HIDDEN = {10: 300, 100: 200}
OWN_IMAGES = 5
MOST_PARAMETERS = 400_000
TOO_GOOD = {10: 0.70, 100: 0.65}  # far above the recorded runs: a person should ask how
AGREE = 80  # test images on which predictions and network are compared


# --- 1: early stopping --------------------------------------------------------------------------


def stopping(val_loss, patience, better=lambda loss, lowest: loss < lowest, late=0, first=1):
    lowest, best = np.inf, first
    for epoch, loss in enumerate(val_loss, first):
        if better(loss, lowest):
            lowest, best = loss, epoch
        elif epoch - best >= patience + late:
            return epoch, best
    return len(val_loss) + first - 1, best


def _stops_by_neighbor(val_loss, patience):
    waited = 0
    for epoch in range(1, len(val_loss)):
        waited = waited + 1 if val_loss[epoch] >= val_loss[epoch - 1] else 0
        if waited == patience:
            return epoch + 1, int(np.argmin(val_loss[: epoch + 1])) + 1
    return len(val_loss), int(np.argmin(val_loss)) + 1


def _never_set_back(val_loss, patience):
    waited, lows = 0, np.minimum.accumulate(val_loss)
    for epoch in range(1, len(val_loss)):
        waited += val_loss[epoch] >= lows[epoch - 1]
        if waited == patience:
            return epoch + 1, int(np.argmin(val_loss[: epoch + 1])) + 1
    return len(val_loss), int(np.argmin(val_loss)) + 1


def _losses(rng, student):
    """Ten runs: with ties, with a lower loss after the stop, and some that are never stopped."""
    cases = []
    for run in range(10):
        epochs, patience = int(rng.integers(14, 26)), int(rng.integers(2, 5))
        loss = 2 * np.exp(-np.arange(epochs) / rng.uniform(3, 8)) + rng.normal(0, 0.12, epochs) + 1
        if run < 7:
            low = int(rng.integers(3, 7))
            loss[low] = loss[: low + 1].min() - 0.05
            loss[low + 1 : low + 1 + patience] += loss[low] - loss[low + 1 :].min() + 0.1
            if run % 2:  # as low again, and still no better
                loss[low + 1] = loss[low]
            loss[-1] = loss.min() - 0.2
        cases.append(([float(value) for value in loss.round(2)], patience))
    return cases


STOPPING = function(
    "stopping",
    "When early stopping ends a run",
    3,
    name="stopping",
    cases=_losses,
    right=stopping,
    mistakes=[
        Mistake(lambda v, p: stopping(v, p, first=0), "The epochs are counted from 0, not from 1."),
        Mistake(
            lambda v, p: stopping(v, p, lambda loss, lowest: loss <= lowest),
            "A loss that only equals the lowest one counts as better.",
            "Compare with `<`.",
        ),
        Mistake(lambda v, p: stopping(v, p, late=1), "The run ends one epoch too late."),
        Mistake(lambda v, p: stopping(v, p, late=-1), "The run ends one epoch too early."),
        Mistake(
            lambda v, p: (stopping(v, p)[0], int(np.argmin(v)) + 1),
            "The best epoch lies after the end of the run, where nobody trained.",
        ),
        Mistake(
            _stops_by_neighbor,
            "Each loss is compared with the one before it.",
            "Keep the lowest loss so far, and compare with that.",
        ),
        Mistake(_never_set_back, "The count does not begin anew after a better epoch."),
        Mistake(lambda v, p: (len(v), int(np.argmin(v)) + 1), "The run is never stopped."),
    ],
    hint="Go through the losses one by one, as Keras does: which was the lowest so far, and when?",
    lesson="09",
)


# --- 2: the network -----------------------------------------------------------------------------


def _conditions(network: dict) -> list[tuple[str, bool]]:
    """What the task asks of the network, and whether it is so."""
    rows = network["layers"]
    kinds = [row["class"] for row in rows]
    convolutions = [row for row in rows if row["class"] == "Conv2D"]
    configs = [row["config"] for row in convolutions]
    filters = [config["filters"] for config in configs]
    rates = [row["config"]["rate"] for row in rows if row["class"] == "Dropout"]
    before = rows[: kinds.index("Conv2D")]
    scales = [r["config"].get("scale") for r in before if r["class"] == "Rescaling"]
    parameters, flat = network["parameters"], " and a Flatten" * ("Flatten" in kinds)
    form = all(c["kernel_size"] == [3, 3] and c["padding"] == "same" for c in configs)
    first = filters[:1] or [0]
    outputs = np.asarray(network["outputs"], float)
    softmax = network["output"] in ([10], [100]) and np.allclose(outputs.sum(axis=1), 1, atol=1e-3)
    return [
        (
            "a Rescaling layer before the first convolution divides by 255",
            near(scales[0], 1 / 255, 6),
        )
        if scales
        else ("a Rescaling layer stands before the first convolution", False),
        ("there are six convolutions, 3 x 3, with padding 'same'", form and len(filters) == 6),
        (
            "the filters are f, f, 2f, 2f, 4f, 4f",
            filters == [first[0] * k for k in (1, 1, 2, 2, 4, 4)],
        ),
        (
            "the pairs of convolutions see 32, 16 and 8 pixels",
            [row["output"][0] for row in convolutions] == [32, 32, 16, 16, 8, 8],
        ),
        ("the first three dropout rates are 0.25, 0.25, 0.5", rates[:3] == [0.25, 0.25, 0.5]),
        (
            f"there are no Flatten and at most {MOST_PARAMETERS:,} parameters "
            f"(seen: {parameters:,} parameters{flat})",
            len(filters) >= 6 and not flat and parameters <= MOST_PARAMETERS,
        ),
        ("the outputs are probabilities that sum to 1", bool(softmax and outputs.min() >= 0)),
    ]


@careful
def mark_network(answers, asked, student):
    network = answers[0].value
    outputs = np.asarray(network["outputs"], float)
    if network["input"] != [32, 32, 3] or outputs.ndim != 2:
        return Mark(0, "The network does not take images (32, 32, 3), or gives no table (n, k).")
    if not np.ptp(outputs, axis=0).max() > 0:  # also NaN
        return Mark(0, "The network gives the same answer to every image, or no number.")
    found = _conditions(network)
    wrong = [text for text, holds in found if not holds]
    if not wrong:
        return Mark(1)
    hint = "Print `build_network().summary()`, and compare it with the list of the task."
    share = 1 - len(wrong) / len(found)
    return Mark(share, f"This should be true, and is not: {'; '.join(wrong)}.", "", hint)


def ask_network(rng, student):
    noise = rng.integers(0, 256, (4, 32, 32, 3)).astype("uint8")
    return [Network("build_network", noise)]


# --- 3: the log ---------------------------------------------------------------------------------


@careful
def mark_log(answers, asked, student):
    log, run = (answer.value for answer in answers)
    epoch, loss, val_loss, val_accuracy = columns(log, "epoch", "loss", "val_loss", "val_accuracy")
    if len(epoch) < 3 or not (np.ptp(loss) > 0 and np.ptp(val_loss) > 0):
        return Mark(0, "lab3_log.csv does not hold a run of three epochs or more.")
    if not np.array_equal(epoch, np.arange(len(epoch))):
        cause = "Two runs were written into one file."
        return Mark(
            0, "The epochs in lab3_log.csv are not 0, 1, 2, …", cause, "Delete it; train anew."
        )
    best = int(val_loss.argmin())
    right = {
        "epochs": lambda value: near(value, len(epoch)),
        "best_epoch": lambda value: near(value, best + 1),
        "val_loss": lambda value: near(value, val_loss[best]),
        "val_accuracy": lambda value: near(value, val_accuracy[best]),
    }
    causes = [
        (
            "best_epoch",
            lambda value: near(value, best),
            "CSVLogger counts epochs from 0, the task from 1.",
        ),
        (
            "val_loss",
            lambda value: near(value, val_loss[-1]),
            "The validation loss is that of the last epoch, not of the best one.",
        ),
        (
            "val_accuracy",
            lambda value: near(value, val_accuracy.max()),
            "The highest validation accuracy need not be that of the best epoch.",
        ),
    ]
    return by_key(run, right, causes, "lab3_log.csv")


# --- 4: hidden images ---------------------------------------------------------------------------


@functools.cache
def test_part(classes: int):
    """Test images and labels: of the sample, or of CIFAR-100 from the cache; () if not there."""
    if classes == 10:
        test = datasets.load("cifar100", profile="quick").test
        return np.array(test.images), np.array(test.labels)
    data = datasets.cached(catalog()["cifar100"])
    return () if data is None else (data.test_images, data.test_labels)


def pool(classes: int):
    """The test images and labels from which hidden ones are drawn; () if there are none."""
    return tuple(part[:1000] for part in test_part(classes))


@functools.cache
def labels_of(classes: int) -> dict[bytes, int]:
    """The label of each of these images, and of its mirror image."""
    images, labels = pool(classes)
    both = zip(np.concatenate([images, images[:, :, ::-1]]), np.tile(labels, 2), strict=True)
    return {image.tobytes(): int(label) for image, label in both}


def ask_accuracy(rng, student):
    """Images of the sample, then of CIFAR-100 where there are some; half of them mirrored."""
    drawn = []
    for classes, count in HIDDEN.items():
        if part := pool(classes):
            images = part[0][rng.choice(len(part[0]), count, replace=False)]
            images[::2] = images[::2, :, ::-1]
            drawn.append(images)
    return [Network("model", np.concatenate(drawn))]


@careful
def mark_accuracy(answers, asked, student):
    outputs = np.asarray(answers[0].value["outputs"], float)
    images, classes = asked[0].images, outputs.shape[1]
    rows = slice(0, HIDDEN[10]) if classes == 10 else slice(HIDDEN[10], None)
    outputs, images = outputs[rows], images[rows]
    if classes not in BARS or not np.isfinite(outputs).all():
        return Mark(0, "The network does not give 10 or 100 probabilities for each image.")
    if not len(images):
        reason = (
            "The network knows the 100 classes of CIFAR-100, and this computer has no image of "
        )
        return Mark(0, reason + "them: `python -m helpers data import cifar100 PATH`.", person=True)
    truth = np.array([labels_of(classes)[image.tobytes()] for image in images])
    predicted = outputs.argmax(axis=1)
    accuracy, (floor, bar) = float((predicted == truth).mean()), BARS[classes]
    if (parameters := answers[0].value["parameters"]) > MOST_PARAMETERS:
        # A larger one may know the public test images by heart.
        reason = f"`model` has {parameters:,} parameters: task 2 allows {MOST_PARAMETERS:,}."
        return Mark(0, reason, "", "Train the network of task 2, and hand in lab3.keras.")
    if accuracy > TOO_GOOD[classes]:
        reason = f"{accuracy:.1%} of the hidden images are right, far more than our own runs."
        return Mark(1, reason, "", "Tell your instructor how you trained.", person=True)
    share = between(accuracy, floor, bar) if len(set(predicted.tolist())) > 1 else 0.0
    if share == 1:
        return Mark(1)
    reason = (
        f"{accuracy:.1%} of {len(truth)} hidden images are right. Points begin at {floor:.0%}, "
    )
    cause = ""
    if np.bincount(predicted).max() > 0.6 * len(truth):
        cause = (
            "One class is answered for most images: pixels not divided by 255, or too few steps?"
        )
    hint = (
        "Look at the curves. If the loss still falls at the end, train longer, or use batch "
        "normalization; if it never fell, try another learning rate."
    )
    return Mark(share, reason + f"and all are given from {bar:.0%} on.", cause, hint)


# --- 5: totals ----------------------------------------------------------------------------------


def read_predictions(table: dict):
    """(true, answer, p_true) of the predictions that were handed in; a CourseError if unfit."""
    image, true, answer, p_true = columns(table, "image", "true", "answer", "p_true")
    known = {500: 10, 10_000: 100}.get(len(image))
    if known is None or not np.array_equal(image, np.arange(len(image))):
        raise CourseError("lab3_predictions.csv has not one row for each test image, in order.")
    part = test_part(known)
    same = np.array_equal(true, part[1]) if part else (np.bincount(true.astype(int)) == 100).all()
    if not same:
        raise CourseError(
            "The column 'true' of lab3_predictions.csv does not hold the test labels."
        )
    if len(set(answer.tolist())) < 2 or not (0 < p_true.min() <= p_true.max() <= 1):
        raise CourseError(
            "lab3_predictions.csv has one answer for all images, or p_true not in (0, 1]."
        )
    return true.astype(int), answer.astype(int), p_true


def ask_totals(rng, student):
    """With the first test images, of the sample and of CIFAR-100 where there are some."""
    parts = [part[0][:AGREE] for classes in BARS if (part := test_part(classes))]
    network = Network("model", np.concatenate(parts))
    return [Table("lab3_predictions.csv"), Value("totals"), network]


@careful
def mark_totals(answers, asked, student):
    try:
        true, answer, p_true = read_predictions(answers[0].value)
    except CourseError as error:
        return Mark(0, str(error))
    start = 0 if len(true) == 500 else AGREE
    said = np.asarray(answers[2].value["outputs"], float).argmax(axis=1)[start : start + AGREE]
    if len(said) and np.mean(said == answer[: len(said)]) < 0.9:
        reason = "lab3_predictions.csv does not hold what `model` says about the test images."
        hint = (
            "Delete the file, run the notebook again, and hand in both: lab3.keras belongs to it."
        )
        return Mark(0, reason, "", hint)
    hits, given = true == answer, answers[1].value
    loss, recalls = -np.log(p_true).mean(), np.bincount(true, hits) / np.bincount(true)

    def is_class(recall):
        return lambda value: type(value) is int and value in np.flatnonzero(recalls == recall)

    right = {
        "images": lambda value: near(value, len(true)),
        "right": lambda value: near(value, hits.sum()),
        "accuracy": lambda value: near(value, hits.mean(), 4),
        "loss": lambda value: near(value, loss),
        "best_class": is_class(recalls.max()),
        "worst_class": is_class(recalls.min()),
    }
    shares = np.bincount(answer, hits, len(recalls)) / np.bincount(
        answer, minlength=len(recalls)
    ).clip(1)
    causes = [
        (
            "accuracy",
            lambda value: near(value, 100 * hits.mean(), 1),
            "The accuracy is given in percent, not as a fraction.",
        ),
        (
            "loss",
            lambda value: near(value, -loss),
            "The loss is the mean of log p, without the minus sign.",
        ),
        (
            "loss",
            lambda value: any(near(value, loss / np.log(base)) for base in (2, 10)),
            "The logarithm has base 10 or 2; cross-entropy takes the natural one.",
        ),
        (
            "loss",
            lambda value: near(value, -np.log(p_true.mean())),
            "The loss is -log of the mean, not the mean of -log.",
        ),
        (
            "worst_class",
            lambda value: (
                value in np.flatnonzero(shares == shares.min())
                and given.get("best_class") in np.flatnonzero(shares == shares.max())
            ),
            "The classes were judged by precision; recall is asked for.",
        ),
    ]
    return by_key(given, right, causes, "lab3_predictions.csv")


# --- 6: superclasses ----------------------------------------------------------------------------


def superclasses(true, answer, group):
    table = np.zeros((group.max() + 1, 3), int)
    hits = true == answer
    inside = ~hits & (group[true] == group[answer])
    for column, counted in enumerate([np.ones(len(true), bool), hits, inside]):
        np.add.at(table[:, column], group[true][counted], 1)
    return table


def _of_answers(true, answer, group):
    table = superclasses(answer, true, group)
    return table


def _with_hits(true, answer, group):
    return superclasses(true, answer, group) @ np.array([[1, 0, 0], [0, 1, 1], [0, 0, 1]])


def _answers(rng, student):
    """Six sets of answers; in two of them the last superclass has no image."""
    cases = []
    for case in range(6):
        groups, classes = int(rng.integers(3, 6)), int(rng.integers(9, 14))
        group = rng.permutation(np.arange(classes) % groups)
        shown = np.flatnonzero(group < groups - (case % 3 == 0))
        true = rng.choice(shown, 80)
        answer = np.where(rng.random(80) < 0.5, true, rng.integers(0, classes, 80))
        cases.append((true, answer, group))
    return cases


SUPERCLASSES = function(
    "superclasses",
    "Results of each superclass",
    2,
    name="superclasses",
    cases=_answers,
    right=superclasses,
    mistakes=[
        Mistake(
            _with_hits,
            "The third column counts the right answers again.",
            "It counts only answers that are wrong and in the right superclass.",
        ),
        Mistake(
            _of_answers,
            "The images are counted by the superclass of the answer.",
            "A row is the superclass of the true class: `group[true]`.",
        ),
        Mistake(
            lambda t, a, g: superclasses(t, a, g) / superclasses(t, a, g)[:, :1].clip(1),
            "These are fractions; counts are asked for.",
        ),
        Mistake(
            lambda t, a, g: superclasses(t, a, g)[np.unique(g[t])],
            "A superclass without an image has no row.",
            "The number of rows follows from `group`, not from `true`.",
        ),
        Mistake(
            lambda t, a, g: superclasses(t, a, np.arange(len(g))),
            "There is a row for each class, not for each superclass.",
        ),
    ],
    hint="`group[true]` is the superclass of each image, `group[answer]` that of each answer.",
    lesson="09",
)


# --- 7: sixteen images of one's own -------------------------------------------------------------


def own_images(code, count, *, read=plain, lab="lab3/", first=0, repeats=False, digits=8):
    places, step = [], first
    while len(places) < 16:
        digest = hashlib.sha256(f"{lab}{read(code)}/{step}".encode()).hexdigest()
        place = int(digest[:digits], 16) % count
        if repeats or place not in places:
            places.append(place)
        step += 1
    return places


def _codes(rng, student):
    """Seven codes as people type them, and test sets of different sizes."""
    forms = ("s{}-{}", "S{} {}", "s{}{}", "{}-{}", "k {}{}", "S{}{}", "a b{}-{}")
    counts = rng.permutation([10_000, 500, 500, 40, 25, 18, 16]).tolist()
    digits = ["".join(map(str, rng.integers(0, 10, 7))) for _ in forms]
    codes = [form.format(d[:3], d[3:]) for form, d in zip(forms, digits, strict=True)]
    return list(zip(codes, counts, strict=True))


RULE = function(
    "own_images",
    "Sixteen images of your own",
    2,
    name="own_images",
    cases=_codes,
    right=own_images,
    mistakes=[
        Mistake(
            lambda c, n: own_images(c, n, repeats=True),
            "A number that came before is taken again.",
            "Leave it out, and go on with the next step.",
        ),
        *(
            Mistake(
                lambda c, n, read=read: own_images(c, n, read=read),
                "The code is not brought into its plain form first, or only in part.",
                "Capital letters, no spaces, no dashes.",
            )
            for read in HALF_PLAIN
        ),
        Mistake(
            lambda c, n: own_images(c, n, read=lambda x: plain(x).lower()),
            "The code is written in small letters; the plain form has capital ones.",
        ),
        Mistake(lambda c, n: own_images(c, n, lab=""), "The text does not begin with `lab3/`."),
        Mistake(
            lambda c, n: own_images(c, n, first=1), "The steps are counted from 1, not from 0."
        ),
        Mistake(
            lambda c, n: own_images(c, n, digits=64), "All digits are read, not the first eight."
        ),
        Mistake(
            lambda c, n: sorted(own_images(c, n)), "The numbers are sorted; their order is kept."
        ),
    ],
    hint="Print the text before it is hashed, and compare it with the example of the task.",
    lesson="09",
)


def ask_own_images(rng, student):
    rest = [Value("STUDENT_CODE"), Value("mine"), Value("sixteen"), Table("lab3_predictions.csv")]
    return [*RULE.ask(rng, student), *rest]


def mark_own_images(answers, asked, student):
    """Half for the rule; a quarter each for one's own numbers, and for the table of answers."""
    calls = [request for request in asked if isinstance(request, Call)]
    rule = RULE.mark(answers[: len(calls)], calls, student)
    own = _mark_own(answers[len(calls) :], asked, student)
    told = rule if rule.share < 1 else own
    return Mark((rule.share + own.share) / 2, told.reason, told.cause, told.hint, own.person)


@careful
def _mark_own(answers, asked, student):
    said, mine, sixteen, table = (answer.value for answer in answers)
    code, person = own_code(answers[0], student)
    try:
        true, answer, _ = read_predictions(table)
    except CourseError as error:
        return Mark(0, str(error))
    right = own_images(code, len(true))
    good = listed(mine) == right
    rows = {"image": right, "true": true[right].tolist(), "answer": answer[right].tolist()}
    told = sixteen if isinstance(sixteen, dict) else {}
    agrees = all(listed(told.get(name)) == column for name, column in rows.items())
    share = (good + agrees) / 2
    if person:
        reason = f"A person must say whether '{said[:40]}' is this student's code."
        return Mark(share, reason, person=True)
    if share == 1:
        return Mark(1)
    if plain(said) != plain(code):
        return Mark(
            share,
            f"The numbers do not follow from the code {code}.",
            "STUDENT_CODE holds another code.",
        )
    which = (
        "`mine` does not hold the 16 numbers" if not good else "`sixteen` does not hold the rows"
    )
    return Mark(share, f"{which} that follow from the code {code} and lab3_predictions.csv.")


# --- 8: own photos ----------------------------------------------------------------------------


def _rows(table) -> list[str]:
    """The files that have a good row in my_images.csv."""
    known = {*catalog()["cifar10"].class_names, *catalog()["cifar100"].class_names}
    names = ("file", "shows", "answer", "p")
    if not isinstance(table, dict) or not all(isinstance(table.get(n), list) for n in names):
        return []
    return [
        file
        for file, shows, answer, p in zip(*(table[name] for name in names), strict=True)
        if (shows and Path(file).stem.rpartition("_")[0] == shows)
        and (answer in known and re.fullmatch(r"1|1\.0*|0?\.\d+", p))
    ]


@careful
def mark_pictures(answers, asked, student):
    kept, reason = own_photos(answers[0])
    good = _rows(answers[1].value)
    told = sum(good.count(file) == 1 for file in kept)
    share = (min(len(kept), OWN_IMAGES) + min(told, OWN_IMAGES)) / (2 * OWN_IMAGES)
    if share == 1:
        return Mark(1)
    text = f"{len(kept)} usable photos of your own, {told} with a right row in my_images.csv; "
    without = next((file for file in kept if good.count(file) != 1), "")
    if without and not answers[1].error:
        reason = f"{reason} {without} has no right row, or is not named like bottle_1.jpg."
    error = answers[1].error
    reason = f"{text}{OWN_IMAGES} are asked for. {reason} {error[:1].upper()}{error[1:]}"
    return Mark(share, " ".join(reason.split()))


# --- the lab ------------------------------------------------------------------------------------

LAB = Lab(
    "lab3",
    "CIFAR-100: a report",
    1,
    [
        STOPPING,
        Task("network", "A network of three blocks", 2, ask_network, mark_network, "09"),
        Task(
            "log",
            "The log of the training",
            1,
            lambda rng, student: [Table("lab3_log.csv"), Value("run")],
            mark_log,
            "09",
        ),
        Task("accuracy", "Accuracy on hidden images", 2, ask_accuracy, mark_accuracy, "04"),
        Task(
            "totals",
            "Totals, and the classes at both ends",
            2,
            ask_totals,
            mark_totals,
            "08",
        ),
        SUPERCLASSES,
        Task("own_images", "Sixteen images of your own", 2, ask_own_images, mark_own_images, "09"),
        Task(
            "own_pictures",
            "Photos of your own",
            2,
            lambda rng, student: [Photos("my_images"), Table("my_images.csv")],
            mark_pictures,
            "11",
        ),
        Task("conclusions", "Conclusions", 4),
    ],
    submits=(
        "lab3.keras",
        "lab3_log.csv",
        "lab3_predictions.csv",
        "my_images.csv",
        "my_images/*",
    ),
)
