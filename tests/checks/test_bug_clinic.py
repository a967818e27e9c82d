"""Lesson 14: each program as it is, mended well in several ways, mended in part, and wrongly.

A row begins with the program as it is or with the notebook's own solution, and replaces pieces.
"""

import ast
from functools import cache
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from helpers import method
from helpers.authoring.recipes import clinic
from helpers.checks import bug_clinic

FUNCTIONS = {  # of each program, as the notebook gives them to the check
    "column": ["accuracy"],
    "range": ["train_classifier", "name_images"],
    "order": ["recall_by_class"],
    "logits": ["build_model"],
    "pairs": ["draw_sample"],
    "regroup": ["regroup"],
    "frozen": ["fine_tune"],
    "schedule": ["train"],
    "majority": ["score"],
    "copies": ["make_parts"],
    "folds": ["cross_validate"],
    "winner": ["compare"],
}
RIGHT = None  # in the place of the words of a cause
HALF = "one of the two mistakes is mended: "
COUNT = "(answers == labels).mean()"
ASK = "model.predict(images / 255, verbose=0)"
TRAIN = "model = compiled(small_network())\n    model.fit(images / 127.5 - 1,"
RESCALING = """scale = layers.Rescaling(1 / 127.5, offset=-1)
    model = compiled(keras.Sequential([keras.Input((28, 28, 1)), scale, small_network()]))
    model.fit("""
SHUFFLE = "shuffle(len(images))"
KEEP = "shuffle(len(images), reshuffle_each_iteration=False)"
ANSWERS = "answers = model.predict(batches, verbose=0).argmax(axis=1)"
PASS = """pieces = [(y, np.asarray(model(x)).argmax(axis=1)) for x, y in batches]
    labels, answers = map(np.concatenate, zip(*pieces, strict=True))"""
AGAIN = "np.concatenate([y for _, y in batches])"
DRAW = "rows = rng.permutation(len(images))[:size]"
BOTH = "images, labels = rng.permutation(images)[:size], rng.permutation(labels)[:size]"
PART = "images = rng.permutation(images)[:size]\n    labels = labels[:size]"
LOOP = "labels[labels == old] = new"
EACH, CLOTHES, SHOES = "enumerate(groups)", "(1, groups[1])", "(0, groups[0])"
COPY = "labels = labels.copy()"
NEW_LABEL = "return new_label[labels]"
UNFREEZE = "base.trainable = True\n    compiled(model)"
LINE = "base.trainable = True"
HEAD = "keras.Sequential([base, layers.Dense(5, activation='softmax')])"
MODEL = 'model = compiled(keras.Sequential([base, layers.Dense(5, activation="softmax")]))'
FUNCTIONAL = """inputs = keras.Input((28, 28, 1))
    outputs = layers.Dense(5, activation="softmax")(base(inputs, training=False))
    model = compiled(keras.Model(inputs, outputs))"""
SLOWLY = "model.compile(keras.optimizers.SGD(1e-3), model.loss, metrics=['accuracy'])"
STAGE = "    model.fit(images, labels, epochs=3, batch_size=64, verbose=0)\n"
STEPS = "epochs * int(np.ceil(len(images) / 64))"
RATE = "CosineDecay(3e-3, decay_steps=steps)"
CALLBACK = (
    "callbacks=[keras.callbacks.LearningRateScheduler(lambda e: 3e-3 * (0.9 - e / 4))], epochs="
)
SCALED = "model.fit(images / 255, "
FIRST = ", layers.Rescaling(1 / 255)"
BALANCED = "metrics.balanced_accuracy_score(labels, "
MACRO = "metrics.recall_score(average='macro', y_true=labels, y_pred="
WEIGHTED = "metrics.f1_score(average='weighted', y_true=labels, y_pred="
COPIED = "shifted(x, seed) for seed in range(19)"
PARTS = "return (x, np.tile(y, 20)), (x_v, y_v)"
EVERYWHERE = """x, y = np.concatenate([x, shifted(images, 0)]), np.concatenate([y, labels])
    return (x, y), (x_v, y_v)"""
VALIDATION = "(np.concatenate([x_v, shifted(x_v, 1)]), np.tile(y_v, 2))"
KEPT = "model = small_network()\n    start, scores = model.get_weights(), []"
RESET = "model.set_weights(start)\n        compiled(model)"
NEW = "model = compiled(small_network())"
OPEN = "model, scores = compiled(small_network(  )), []"
KFOLD = "KFold(5, shuffle=True, random_state=plan.seed).split(images)"
STRATIFIED = "StratifiedKFold(5, shuffle=True, random_state=1).split(images, labels)"
STRATIFIED = f"__import__('sklearn.model_selection').model_selection.{STRATIFIED}"
FITTED = "model.fit(images[train], labels[train]"
JUDGED = "model.evaluate(images[val], labels[val]"
COMPILED, TESTED = "compiled(small_network(), optimizer)", "validation_data=test"
ONE = "one, best = small_network(), {}"
CLONED = "compiled(keras.models.clone_model(one), optimizer)"
BEST = 'max(history.history["val_accuracy"])'

# Program: name of the mend, where it starts, {piece: its replacement}, words of the likely cause
# (of the text, where one of two mistakes is mended).
MENDS = {
    "column": [
        ("ravel", "mended", {".reshape(-1)": ".ravel()"}, RIGHT),
        ("squeeze", "mended", {"labels.reshape(-1)": "np.squeeze(labels)"}, RIGHT),
        ("metrics", "wrong", {COUNT: "metrics.accuracy_score(labels, answers)"}, RIGHT),
        ("evaluate", "wrong", {COUNT: "model.evaluate(images, labels, verbose=0)[1]"}, RIGHT),
        ("column", "wrong", {"answers ==": "answers[:, None] =="}, "labels (n, 1) only"),
        ("first column", "wrong", {"== labels": "== labels[:, 0]"}, "labels (n, 1) only"),
        ("any", "wrong", {".mean()": ".any(axis=1).mean()"}, "fits any of the answers"),
        ("sum", "wrong", {".mean()": ".sum() / len(labels)"}, "compared with each label"),
    ],
    "range": [
        ("train", "wrong", {"/ 127.5 - 1": "/ 255"}, RIGHT),
        ("layer", "wrong", {TRAIN: RESCALING + "images,", "images / 255": "images"}, RIGHT),
        ("half", "wrong", {ASK: ASK.replace("255", "127.5")}, "asked with 0 to 2"),
        ("layer twice", "wrong", {TRAIN: RESCALING + "images / 127.5 - 1,"}, "scaled twice"),
        ("largest", "mended", {"images / 127.5 -": "images / images.max() * 2 -"}, "at hand"),
    ],
    "order": [
        ("arrays", "wrong", {"predict(batches": "predict(images"}, RIGHT),
        ("same pass", "wrong", {ANSWERS: PASS}, RIGHT),
        ("one order", "wrong", {SHUFFLE: KEEP, "score(labels": f"score({AGAIN}"}, RIGHT),
        ("kept", "wrong", {SHUFFLE: KEEP}, "not the order of"),
        ("other pass", "wrong", {"score(labels": f"score({AGAIN}"}, "from another pass"),
        ("precision", "mended", {"recall_score": "precision_score"}, "the precision"),
        ("mean", "mended", {"average=None": "average='macro'"}, "the mean over the classes"),
    ],
    "logits": [
        ("softmax", "wrong", {"layers.Dense(10)": "layers.Dense(10, 'softmax')"}, RIGHT),
        ("layer", "wrong", {"layers.Dense(10)": "layers.Dense(10), layers.Softmax()"}, RIGHT),
        ("both", "mended", {"layers.Dense(10)": "layers.Dense(10, 'softmax')"}, "taken twice"),
        ("relu", "mended", {"layers.Dense(10)": "layers.Dense(10, 'relu')"}, "neither"),
        ("sigmoid", "wrong", {"layers.Dense(10)": "layers.Dense(10, 'sigmoid')"}, "neither"),
        ("one-hot", "wrong", {"sparse_categorical": "categorical"}, "not the cross-entropy of"),
    ],
    "pairs": [
        ("choice", "mended", {DRAW: "rows = rng.choice(len(images), size, False)"}, RIGHT),
        ("sorted", "mended", {DRAW: DRAW.replace("= ", "= np.sort(") + ")"}, RIGHT),
        ("apart", "wrong", {PART: BOTH}, "an order of its own"),
        ("first", "mended", {DRAW: "rows = np.arange(size)"}, "from the first rows"),
        ("of first", "mended", {DRAW: "rows = rng.permutation(size)"}, "from the first rows"),
        ("repeated", "mended", {DRAW: "rows = rng.choice(len(images), size)"}, "more than once"),
        ("one seed", "mended", {"default_rng(seed)": "default_rng(0)"}, "another seed"),
        ("no seed", "mended", {"default_rng(seed)": "default_rng()"}, "the same seed"),
    ],
    "regroup": [
        (
            "copy",
            "wrong",
            {COPY: f"given, {COPY[:9]}labels, {COPY[9:]}", "labels ==": "given =="},
            RIGHT,
        ),
        ("list", "mended", {NEW_LABEL: "return [new_label[label] for label in labels]"}, RIGHT),
        ("clothes first", "wrong", {EACH: f"[{CLOTHES}, {SHOES}, (2, [8])]"}, RIGHT),
        ("backward", "wrong", {EACH: f"[(2, [8]), {CLOTHES}, {SHOES}]"}, "already new"),
        ("added", "wrong", {LOOP: LOOP + " + 10"}, "not taken away"),
        (
            "exchanged",
            "mended",
            {NEW_LABEL: "return np.array([1, 0, 2])[new_label][labels]"},
            "exchanged",
        ),
        ("in place", "wrong", {COPY: "pass"}, "an assignment into the argument"),
    ],
    "frozen": [
        ("slowly", "mended", {UNFREEZE: f"{LINE}\n    {SLOWLY}"}, RIGHT),
        ("functional", "mended", {MODEL: FUNCTIONAL}, RIGHT),
        (
            "too early",
            "mended",
            {UNFREEZE: LINE, MODEL: MODEL + "\n    compiled(model)"},
            "the last `compile`",
        ),
        ("frozen", "mended", {UNFREEZE: "compiled(model)"}, "still False"),
        ("never", "mended", {"base.trainable = False": "pass"}, "not False when"),
        ("one stage", "mended", {STAGE: ""}, "learn together"),
        (
            "new head",
            "mended",
            {"    compiled(model)": f"    model = compiled({HEAD})"},
            "built anew",
        ),
    ],
    "schedule": [
        ("whole batches", "mended", {STEPS: "epochs * (len(images) // 64)"}, RIGHT),
        ("callback", "mended", {RATE: "3e-3", "epochs=": CALLBACK}, RIGHT),
        ("no layer", "mended", {FIRST: "", "model.fit(images, ": SCALED}, RIGHT),
        ("steps", "mended", {"model.fit(images, ": SCALED}, HALF + "the learning rate"),
        ("scaling", "mended", {STEPS: "epochs"}, HALF + "the network gets its pixels"),
        ("images", "mended", {STEPS: "epochs * len(images)"}, "too long"),
        ("one epoch", "mended", {STEPS: "len(images) // 64"}, "too short"),
        ("constant", "mended", {RATE: "3e-3"}, "the schedule is gone"),
        ("no scaling", "mended", {FIRST: ""}, "nothing scales"),
    ],
    "majority": [
        ("F1", "mended", {BALANCED: "metrics.f1_score(labels, "}, RIGHT),
        ("Matthews", "mended", {BALANCED: "metrics.matthews_corrcoef(labels, "}, RIGHT),
        ("macro", "mended", {BALANCED: MACRO}, RIGHT),
        ("recall", "mended", {BALANCED: "metrics.recall_score(labels, "}, "false alarms"),
        ("precision", "mended", {BALANCED: "metrics.precision_score(labels, "}, "overlooked"),
        ("weighted", "mended", {BALANCED: WEIGHTED}, "frequent class"),
    ],
    "copies": [
        ("stratified", "mended", {"test_size=0.3": "test_size=0.3, stratify=labels"}, RIGHT),
        ("few", "mended", {"range(19)": "range(40, 52)", "20)": "13)"}, RIGHT),
        ("of all", "mended", {PARTS: EVERYWHERE}, "stand in the validation"),
        ("in validation", "mended", {"(x_v, y_v)": VALIDATION}, "counts an image several"),
        ("none", "mended", {COPIED: "", "20)": "1)"}, "lost its copies"),
        ("not moved", "mended", {COPIED: "x for seed in range(19)"}, "not shifted"),
        ("other order", "mended", {"np.tile(y, 20)": "np.repeat(y, 20)"}, "the same order"),
    ],
    "folds": [
        ("reset", "mended", {"scores = []": KEPT, NEW: RESET}, RIGHT),
        ("stratified", "mended", {KFOLD: STRATIFIED}, RIGHT),
        ("compiled", "mended", {"scores = []": OPEN, NEW: "compiled(model)"}, "the weights stay"),
        ("all", "mended", {FITTED: "model.fit(images, labels"}, "has the fold that judges it"),
        ("exchanged", "mended", {"for train, val": "for val, train"}, "exchanged"),
    ],
    "winner": [
        ("clone", "mended", {"best = {}": ONE, COMPILED: CLONED}, RIGHT),
        ("last epoch", "mended", {BEST: 'history.history["val_accuracy"][-1]'}, RIGHT),
        ("test", "wrong", {TESTED: "validation_data=val"}, HALF + "the test images take no part"),
        ("model", "mended", {"validation_data=val": TESTED}, HALF + "each optimizer gets"),
        (
            "training",
            "mended",
            {"validation_data=val": "validation_data=train"},
            "was trained with",
        ),
        ("evaluate", "mended", {BEST: "model.evaluate(*test, verbose=0)[1]"}, "not within `fit`"),
        ("Adam", "mended", {COMPILED: NEW[8:]}, "not every optimizer"),
    ],
}


@cache
def programs():
    """The functions of each program, "wrong" and "mended", and the names that they use."""
    names, found = {"plan": SimpleNamespace(seed=1001)}, {}
    shared, programs = clinic.lesson()
    for node in ast.parse("\n".join(shared)).body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef):
            exec(ast.unparse(node), names)
    for program, sources in programs.items():
        wrong, mended = map(defined, sources)
        found[program] = {"wrong": wrong, "mended": wrong | mended}
    return names, found


def defined(source):
    """Source of each function that a source defines."""
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_source_segment(source, node) for node in nodes}


def tiny_network(classes=10):
    """In the place of `small_network` where many networks train: it is ready sooner."""
    dense = keras.layers.Dense(classes, activation="softmax")
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), dense])


def verdict(program, start, pieces):
    names, found = programs()
    source, room = "\n\n\n".join(found[program][start].values()), dict(names)
    if pieces and program in ("schedule", "folds", "winner"):
        room["small_network"] = tiny_network
    for piece, replacement in pieces.items():
        assert piece in source
        source = source.replace(piece, replacement)
    exec(source, room)
    check = getattr(bug_clinic, f"case_{clinic.PROGRAMS.index(program) + 1}")
    return check(*(room[name] for name in FUNCTIONS[program]))


@pytest.mark.parametrize("program", FUNCTIONS)
def test_program_as_it_is_gets_no_cause(program):
    found = verdict(program, "wrong", {})
    assert found.status == "wrong" and found.stage == "value" and not found.cause + found.nudge
    assert "mended" not in found.text


TRAINING = {"range", "logits", "frozen", "schedule", "folds", "winner"}  # their checks take seconds


def rows():
    """Of the programs that train, the first three mends; the others are among the long tests."""
    for program, mends in MENDS.items():
        for number, (name, *row) in enumerate(mends):
            late = program in TRAINING and number > 2
            marks = [pytest.mark.slow] if late else []
            yield pytest.param(program, *row, id=f"{program}-{name}", marks=marks)


@pytest.mark.parametrize(("program", "start", "pieces", "words"), rows())
def test_mend(program, start, pieces, words):
    found = verdict(program, start, pieces)
    if words is RIGHT:
        assert found.status == "correct", repr(found)
    else:
        assert found.status == "wrong" and words in (found.cause or found.text), repr(found)


def test_recipe_finds_its_programs():
    assert list(clinic.PROGRAMS) == list(FUNCTIONS)
    for program, variants in clinic.EXPERIMENTS["clinic"].items():
        sources = {clinic.source(program, variant) for variant in variants}
        assert len(sources) == len(variants) and all(map(ast.parse, sources))


def test_check_leaves_no_trace(capsys):
    """It is in no record, prints nothing, and the next random numbers are what they would be."""
    np.random.seed(7)
    expected = np.random.random(), np.random.random()
    np.random.seed(7)
    with method.record() as seen:
        first = np.random.random()
        verdict("order", "mended", {})
        assert (first, np.random.random()) == expected
    assert not seen.calls and not capsys.readouterr().out


@pytest.mark.parametrize("program", FUNCTIONS)
def test_not_done_yet(program):
    check = getattr(bug_clinic, f"case_{clinic.PROGRAMS.index(program) + 1}")
    assert check(*[...] * len(FUNCTIONS[program])).status == "todo"
