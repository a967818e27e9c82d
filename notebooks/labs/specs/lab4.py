"""Lab 4: Fashion-MNIST by variant, an own network with cross-validation, then own photos."""

import functools
import hashlib
import sys
from pathlib import Path

import numpy as np
from scipy import stats

from helpers import datasets
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

sys.path.append(str(Path(__file__).parent / "shared"))
from pieces import HALF_PLAIN, by_key, columns, listed, near, own_code, own_photos, plain

# The notebook has the same list. Of each grouping: balanced accuracy from which on all points are
# given, the recorded mean of "lab4" in data/runs/labs.csv less twice its spread and the standard
# error of the hidden images together.
GROUPINGS = (
    ([[0], [2, 4, 6], [1, 3, 5, 7, 9]], 0.82),
    ([[3, 4, 6], [0, 1, 2], [5, 7, 9]], 0.78),
    ([[5], [7, 9], [0, 1, 2, 3, 4, 6]], 0.89),
    ([[0, 2, 6], [1, 3, 4], [5, 7, 8, 9]], 0.83),
    ([[4, 8, 9], [0, 2, 6], [1, 3]], 0.81),
    ([[0, 7], [3, 4, 6], [1, 2, 5]], 0.73),
)
FLOOR = 0.45  # one class for all images gives 1/3; three standard errors of chance are 0.11
EACH = 30  # hidden images of each of the ten old classes
PHOTOS = 10  # of each class
MOST_PARAMETERS = 60_000
TOO_GOOD = 0.97  # balanced accuracy far above the recorded runs: a person should ask how


# --- 1: classes joined --------------------------------------------------------------------------


def join_classes(labels, groups, first=0):
    new_class = np.full(10, -1)
    for number, group in enumerate(groups, first):
        new_class[group] = number
    rows = np.flatnonzero(new_class[labels] >= 0)
    return np.stack([rows, new_class[labels][rows]], axis=1)


def _one_after_another(labels, groups, drop_first=False):
    """As S5's report does it; images of dropped classes leave before or after."""
    new = labels.copy()
    for number, group in enumerate(groups):
        new = np.where(np.isin(new, group), number, new)
    kept = np.isin(labels, np.concatenate(groups)) if drop_first else new < len(groups)
    rows = np.flatnonzero(kept)
    return np.stack([rows, new[rows]], axis=1)


def _dropped_stay(labels, groups, value):
    rows, new = join_classes(labels, groups).T
    everywhere = np.full(len(labels), value)
    everywhere[rows] = new
    return np.stack([np.arange(len(labels)), everywhere], axis=1)


def _groupings(rng, student):
    """Labels, and all but one or two of ten classes in two to four groups; 0 is in a later one."""
    cases = []
    for _ in range(6):
        dropped = rng.choice(np.arange(1, 10), int(rng.integers(1, 3)), replace=False)
        classes = rng.permutation(np.setdiff1d(np.arange(10), dropped))
        cuts = np.sort(rng.choice(np.arange(1, len(classes)), int(rng.integers(1, 4)), False))
        groups = [part.tolist() for part in np.split(classes, cuts)]
        if 0 in groups[0]:  # else a label replaced twice may be right by luck
            groups.reverse()
        cases.append((rng.integers(0, 10, 60), groups))
    return cases


REPLACED_TWICE = (
    "The labels are replaced one group after the other. A label that is new already is taken for "
    "an old one, and replaced again. S5's function does the same."
)

JOIN = function(
    "join_classes",
    "Classes joined",
    2,
    name="join_classes",
    cases=_groupings,
    right=join_classes,
    mistakes=[
        *(
            Mistake(wrong, REPLACED_TWICE, "Look up the old labels, and write into another array.")
            for wrong in (
                _one_after_another,
                lambda y, g: _one_after_another(y, g, drop_first=True),
            )
        ),
        Mistake(lambda y, g: join_classes(y, g, 1), "The new classes are counted from 1."),
        Mistake(
            lambda y, g: _dropped_stay(y, g, 0),
            "Images of dropped classes stay, and become class 0.",
        ),
        Mistake(
            lambda y, g: _dropped_stay(y, g, -1),
            "Images of dropped classes stay, with the label -1.",
        ),
        Mistake(
            lambda y, g: join_classes(y, sorted(g)), "The groups are sorted; their order counts."
        ),
        Mistake(
            lambda y, g: join_classes(y, g)[:, ::-1],
            "The columns are swapped: the place comes first, the new class second.",
        ),
        Mistake(
            lambda y, g: join_classes(y, g).T,
            "There are two rows; one row for each image is asked for.",
            "`np.stack([rows, new], axis=1)` puts two arrays side by side.",
        ),
    ],
    hint="Make an array of ten numbers first: the new class of each old one, -1 for none.",
    lesson="07",
)


# --- 2: the variant -----------------------------------------------------------------------------


def my_variant(code, *, read=plain, lab="lab4/", digits=(8, 16), first=0):
    digest = hashlib.sha256(f"{lab}{read(code)}".encode()).hexdigest()
    one, two = digits
    return int(digest[:one], 16) % 6 + first, int(digest[one:two], 16) % 9000 + 1000


def _codes(rng, student):
    forms = ("s{}-{}", "S{} {}", "s{}{}", "{}-{}", "AB{}{}", "k {}{}")
    digits = ["".join(map(str, rng.integers(0, 10, 7))) for _ in forms]
    return [(form.format(d[:3], d[3:]),) for form, d in zip(forms, digits, strict=True)]


RULE = function(
    "variant",
    "Your own variant",
    2,
    name="my_variant",
    cases=_codes,
    right=my_variant,
    mistakes=[
        *(
            Mistake(
                lambda c, read=read: my_variant(c, read=read),
                "The code is not brought into its plain form first, or only in part.",
                "Capital letters, no spaces, no dashes.",
            )
            for read in HALF_PLAIN
        ),
        Mistake(
            lambda c: my_variant(c, read=lambda x: plain(x).lower()),
            "The code is written in small letters; the plain form has capital ones.",
        ),
        Mistake(lambda c: my_variant(c, lab=""), "The text does not begin with `lab4/`."),
        Mistake(lambda c: my_variant(c, first=1), "The groupings are counted from 0, not from 1."),
        Mistake(
            lambda c: (my_variant(c)[0], my_variant(c)[1] - 1000), "1000 is not added to the seed."
        ),
        Mistake(
            lambda c: my_variant(c, digits=(8, 64)),
            "The seed takes all digits but the first eight.",
        ),
    ],
    hint="Print the text before it is hashed, and compare it with the example of the task.",
    lesson="07",
)


def ask_variant(rng, student):
    return [*RULE.ask(rng, student), Value("STUDENT_CODE"), Value("variant")]


def mark_variant(answers, asked, student):
    """Half for the rule, half for one's own variant."""
    calls = [request for request in asked if isinstance(request, Call)]
    rule = RULE.mark(answers[: len(calls)], calls, student)
    own = _mark_own(answers[len(calls) :], asked, student)
    told = rule if rule.share < 1 else own
    return Mark((rule.share + own.share) / 2, told.reason, told.cause, told.hint, own.person)


@careful
def _mark_own(answers, asked, student):
    code, person = own_code(answers[0], student)
    share = float(listed(answers[1].value) == list(my_variant(code)))
    if person:
        reason = f"A person must say whether '{code[:40]}' is this student's code."
        return Mark(share, reason, person=True)
    if share == 1:
        return Mark(1)
    cause = (
        "STUDENT_CODE holds another code." if plain(answers[0].value or "") != plain(code) else ""
    )
    return Mark(0, f"`variant` is not {my_variant(code)}, as follows from the code {code}.", cause)


# --- 3: folds that keep families together -------------------------------------------------------


def family_folds(family, k, order=lambda counts: np.argsort(-counts, kind="stable"), weigh=True):
    names, counts = np.unique(family, return_counts=True)
    fold, sizes = np.zeros(len(names), int), np.zeros(k, int)
    for place in order(counts):
        fold[place] = sizes.argmin()
        sizes[fold[place]] += counts[place] if weigh else 1
    return fold[np.searchsorted(names, family)]


def _last_of_the_smallest(family, k):
    names, counts = np.unique(family, return_counts=True)
    fold, sizes = np.zeros(len(names), int), np.zeros(k, int)
    for place in np.argsort(-counts, kind="stable"):
        fold[place] = k - 1 - sizes[::-1].argmin()
        sizes[fold[place]] += counts[place]
    return fold[np.searchsorted(names, family)]


def _families(rng, student):
    """Families of 1 to 8 images, in random order and with gaps in their numbers."""
    cases = []
    for k in (2, 3, 3, 4, 5):
        sizes = rng.permutation([1, 2, 2, 3, 3, 4, 5, 6, 7, 8])
        family = np.repeat(rng.choice(50, len(sizes), replace=False), sizes)
        cases.append((rng.permutation(family), k))
    return cases


FOLDS = function(
    "family_folds",
    "Folds that keep families together",
    3,
    name="family_folds",
    cases=_families,
    right=family_folds,
    mistakes=[
        Mistake(
            lambda f, k: np.arange(len(f)) % k,
            "The images are put into folds one by one, so families are torn.",
        ),
        Mistake(
            lambda f, k: family_folds(f, k, weigh=False),
            "The families of a fold are counted, not its images.",
        ),
        Mistake(
            lambda f, k: family_folds(f, k, lambda counts: range(len(counts))),
            "The families are taken by their number; the largest comes first.",
        ),
        Mistake(
            lambda f, k: family_folds(f, k, lambda counts: np.argsort(counts, kind="stable")),
            "The smallest family is taken first; the largest comes first.",
        ),
        Mistake(
            lambda f, k: family_folds(f, k, lambda counts: np.argsort(counts, kind="stable")[::-1]),
            "Of equally large families the one with the higher number is taken first.",
            "`np.argsort(-counts, kind='stable')` keeps the order of equal ones.",
        ),
        Mistake(
            _last_of_the_smallest,
            "Of equally small folds the last one is taken.",
            "`argmin` gives the first.",
        ),
        Mistake(
            lambda f, k: np.searchsorted(np.unique(f), f) % k,
            "The families go round the folds in turn, whatever their size.",
        ),
    ],
    hint="Do it on paper with five families and two folds, and compare each step.",
    lesson="10",
)


# --- 4: a network of one's own ------------------------------------------------------------------


@careful
def mark_network(answers, asked, student):
    network = answers[0].value
    outputs = np.asarray(network["outputs"], float)
    if network["input"] != [28, 28, 1] or outputs.shape[1:] != (3,):
        return Mark(0, "The network does not turn images (28, 28, 1) into three numbers.")
    if not np.ptp(outputs, axis=0).max() > 0:  # also NaN
        cause = "The output is a ReLU, and it is dead." if (outputs == 0).all() else ""
        return Mark(0, "The network gives the same answer to every image, or no number.", cause)
    rows = network["layers"]
    kinds = [row["class"] for row in rows]
    convolutions = [k for k, kind in enumerate(kinds) if kind in ("Conv2D", "SeparableConv2D")]
    before = rows[: min(convolutions, default=0)]
    scales = [row["config"].get("scale") for row in before if row["class"] == "Rescaling"]
    parameters = network["parameters"]
    sums = np.allclose(outputs.sum(axis=1), 1, atol=1e-3) and outputs.min() >= 0
    wanted = {
        "a Rescaling layer before the first convolution divides by 255": any(
            near(scale, 1 / 255, 6) for scale in scales
        ),
        "there are two convolutions or more": len(convolutions) >= 2,
        "there is dropout or batch normalization": bool(
            {"Dropout", "BatchNormalization"} & {*kinds}
        ),
        f"at most {MOST_PARAMETERS:,} parameters in all (seen: {parameters:,})": len(convolutions)
        >= 2
        and parameters <= MOST_PARAMETERS,
        "the three outputs are probabilities that sum to 1": bool(sums),
    }
    wrong = [text for text, holds in wanted.items() if not holds]
    if not wrong:
        return Mark(1)
    cause = ""
    if not sums:
        cause = "The output is a ReLU, as in S5's report." if outputs.min() >= 0 else "No softmax."
    reason = f"This should be true, and is not: {'; '.join(wrong)}."
    hint = "Print `own_network().summary()`." if sums else "End with a softmax."
    return Mark(1 - len(wrong) / len(wanted), reason, cause, hint)


def ask_network(rng, student):
    return [Network("own_network", rng.integers(0, 256, (4, 28, 28, 1)).astype("uint8"))]


# --- 5: cross-validation ------------------------------------------------------------------------


@careful
def mark_cv(answers, asked, student):
    table, cv = (answer.value for answer in answers)
    fold, images, right = columns(table, "fold", "images", "right")
    numbers, place = np.unique(fold, return_inverse=True)
    by_name = [np.array(table["network"]) == name for name in ("sheet", "own")]
    rows = [np.bincount(place[here], minlength=len(numbers)) for here in by_name]
    if len(numbers) < 3 or not (np.array(rows) == 3).all() or not np.ptp(right) > 0:
        return Mark(0, "lab4_folds.csv does not hold both networks in three folds or more.")
    sheet, own = (
        np.bincount(place, right * here) / np.bincount(place, images * here) for here in by_name
    )
    gain = own - sheet
    wanted = {
        "sheet": lambda value: near(value, sheet.mean()),
        "own": lambda value: near(value, own.mean()),
        "difference": lambda value: near(value, gain.mean()),
        "spread": lambda value: near(value, gain.std(ddof=1)),
        "ahead": lambda value: near(value, (gain > 0).sum()),
    }
    with np.errstate(invalid="ignore"):  # a fold without an image of a class
        recall = (right / images)[by_name[1]].mean()
    causes = [
        (
            "difference",
            lambda value: near(value, -gain.mean()),
            "The difference is that of the sheet's network less your own; it is asked for the "
            "other way round.",
        ),
        (
            "spread",
            lambda value: near(value, gain.std()),
            "The spread divides by the number of folds; take one less (`ddof=1`).",
        ),
        (
            "spread",
            lambda value: near(value, own.std(ddof=1)),
            "The spread is that of your network's accuracies, not of the differences.",
        ),
        (
            "own",
            lambda value: near(value, recall),
            "The accuracy is the mean of the recalls; it should count images.",
        ),
        (
            "own",
            lambda value: near(value, 100 * own.mean(), 1),
            "The numbers are in percent; fractions are asked for.",
        ),
    ]
    return by_key(cv, wanted, causes, "lab4_folds.csv")


# --- 6: hidden images ---------------------------------------------------------------------------


def _moved(images, step):
    """Images (n, 28, 28, 1) moved by so many pixels to the right; what leaves comes in again."""
    return np.roll(images, step, axis=2)


@functools.cache
def old_labels() -> dict[bytes, int]:
    """The old label of each test image of the sample, also moved by a pixel."""
    images, labels = map(np.array, datasets.load("fashion_mnist", profile="quick").test)
    all_images = np.concatenate([_moved(images, step) for step in (-1, 0, 1)])
    return {i.tobytes(): int(y) for i, y in zip(all_images, np.tile(labels, 3), strict=True)}


def ask_accuracy(rng, student):
    """As many images of each old class, moved by up to a pixel; and the code in the notebook."""
    images, labels = map(np.array, datasets.load("fashion_mnist", profile="quick").test)
    rows = [rng.choice(np.flatnonzero(labels == k), EACH, replace=False) for k in range(10)]
    parts = np.split(images[rng.permutation(np.concatenate(rows))], [100, 200])
    drawn = [_moved(part, step) for part, step in zip(parts, (-1, 0, 1), strict=True)]
    return [Network("model", np.concatenate(drawn)), Value("STUDENT_CODE")]


@careful
def mark_accuracy(answers, asked, student):
    outputs = np.asarray(answers[0].value["outputs"], float)
    if outputs.shape != (10 * EACH, 3) or not np.isfinite(outputs).all():
        return Mark(0, "The network in `model` does not give three numbers for each image.")
    code, _ = own_code(answers[1], student)
    number = my_variant(code)[0]
    groups, bar = GROUPINGS[number]
    old = np.array([old_labels()[image.tobytes()] for image in asked[0].images])
    rows, truth = join_classes(old, groups).T
    predicted = outputs.argmax(axis=1)[rows]
    recalls = [float((predicted[truth == k] == k).mean()) for k in range(3)]
    balanced = float(np.mean(recalls))
    share = between(balanced, FLOOR, bar) if len(set(predicted.tolist())) > 1 else 0.0
    if (parameters := answers[0].value["parameters"]) > MOST_PARAMETERS:
        # A larger one may know the public test images by heart.
        reason = f"`model` has {parameters:,} parameters: task 4 allows {MOST_PARAMETERS:,}."
        return Mark(0, reason, "", "Train `own_network()`, and hand in lab4.keras.")
    if balanced > TOO_GOOD:
        reason = f"Balanced accuracy {balanced:.1%}, far more than our own runs."
        return Mark(1, reason, "", "Tell your instructor how you trained.", person=True)
    if share == 1:
        return Mark(1)
    reason = f"Balanced accuracy {balanced:.1%} on {len(rows)} hidden images of grouping {number}. "
    reason += f"Points begin at {FLOOR:.0%}, and all are given from {bar:.0%} on."
    answered = outputs.argmax(axis=1)
    parts = [join_classes(old, g).T for g, _ in GROUPINGS]
    fits = [float((answered[places] == new).mean()) for places, new in parts]
    cause = ""
    if max(fits) > 0.75 and int(np.argmax(fits)) != number:
        cause = f"The network seems to know grouping {int(np.argmax(fits))}: that of another code?"
    elif min(recalls) < 0.2:
        kind = int(np.argmin(recalls))
        cause = f"Class {kind} is hardly ever answered: rare in training, or a dead output?"
    return Mark(share, reason, cause, "Look at the recall of each class on the validation images.")


# --- 7 and 8: photos ----------------------------------------------------------------------------


@careful
def mark_photos(answers, asked, student):
    kept, reason = own_photos(answers[0])
    folders = [file.rpartition("/")[0] for file in kept]
    counts = sorted((folders.count(name) for name in {*folders} - {""}), reverse=True)
    share = sum(min(count, PHOTOS) for count in counts[:3]) / (3 * PHOTOS)
    if len(counts) > 3:
        share, reason = share / 2, f"There are {len(counts)} classes. {reason}"
    if share == 1:
        return Mark(1)
    text = f"{len(kept)} usable photos of your own, in {len(counts)} class folders; "
    return Mark(share, f"{text}{PHOTOS} in each of three are asked for. {reason}".strip())


@careful
def mark_photo_result(answers, asked, student):
    kept, _ = own_photos(answers[0])
    table, result = answers[1].value, answers[2].value
    files, classes, given = (table[name] for name in ("file", "class", "answer"))
    if any(file.rpartition("/")[0] != kind for file, kind in zip(files, classes, strict=True)):
        return Mark(0, "In lab4_photos.csv a class is not the folder of its photo.")
    here = {photo["file"] for photo in answers[0].value}
    covered = len({*files} & {*kept}) >= max(6, 0.6 * len(kept))
    if len({*files}) != len(files) or not {*files} <= here or not covered:
        reason = f"lab4_photos.csv does not hold each of your {len(kept)} usable photos once."
        return Mark(0, reason, hint="Delete lab4_photos.csv, and run the cell that writes it.")
    hits = sum(a == b for a, b in zip(classes, given, strict=True))
    low, high = stats.binomtest(hits, len(files)).proportion_ci(method="wilson")
    right = {
        "photos": lambda value: near(value, len(files)),
        "right": lambda value: near(value, hits),
        "low": lambda value: near(value, low),
        "high": lambda value: near(value, high),
    }
    p = hits / len(files)
    width = 1.96 * np.sqrt(p * (1 - p) / len(files))
    simple = "This is the simple interval; Wilson's is asked for."
    causes = [
        ("low", lambda value: near(value, p - width), simple),
        ("high", lambda value: near(value, p + width), simple),
    ]
    return by_key(result, right, causes, "lab4_photos.csv")


# --- the lab ------------------------------------------------------------------------------------

LAB = Lab(
    "lab4",
    "Fashion-MNIST by variant, and your own photos",
    1,
    [
        JOIN,
        Task("variant", "Your own variant", 2, ask_variant, mark_variant, "07"),
        FOLDS,
        Task("network", "A network of your own", 2, ask_network, mark_network, "07"),
        Task(
            "cv",
            "Cross-validation",
            2,
            lambda rng, student: [Table("lab4_folds.csv"), Value("cv")],
            mark_cv,
            "07",
        ),
        Task("accuracy", "Accuracy on hidden images", 2, ask_accuracy, mark_accuracy, "07"),
        Task(
            "photos",
            "Your own photos",
            2,
            lambda rng, student: [Photos("photos")],
            mark_photos,
            "10",
        ),
        Task(
            "photo_result",
            "The answers to your photos",
            1,
            lambda rng, student: [
                Photos("photos"),
                Table("lab4_photos.csv"),
                Value("photo_result"),
            ],
            mark_photo_result,
            "10",
        ),
        Task("conclusions", "Conclusions", 4),
    ],
    submits=("lab4.keras", "lab4_folds.csv", "lab4_photos.csv", "photos/*/*"),
)
