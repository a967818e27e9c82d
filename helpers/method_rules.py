"""What cannot be right in a record of method: one function for each kind of mistake.

A rule speaks where the numbers leave no other explanation, and is silent where a careful author may
have meant it. Its findings name an entry of `data/clinic.toml`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from helpers.method_data import split_off

if TYPE_CHECKING:
    from helpers.method import Call
    from helpers.method_data import Given

# Fractions of images from which on a rule speaks.
_MOST = 0.9  # from the test split
_SAME = 0.05  # on both sides, though drawn apart
_COPIED = 0.2  # with a near-duplicate on the other side


class Finding(NamedTuple):
    """A mistake: the number of the cell, the catalog's entry, and what was seen."""

    cell: int
    bug: str
    reason: str


def findings(calls: list["Call"]) -> list[Finding]:
    """What the rules say, each mistake once for a cell."""
    found: dict[tuple, Finding] = {}
    for number, call in enumerate(calls):
        for rule in _RULES:
            others = calls if rule is _test else calls[:number]
            for bug, reason in rule(call, others):
                found.setdefault((call.cell, bug), Finding(call.cell, bug, reason))
    return list(found.values())


def _past(digest: tuple, earlier: list["Call"]) -> list["Call"]:
    """The `fit`s, last first, that led to weights with this digest; the last twenty at most."""
    found = []
    for call in reversed(earlier):
        if call.kind != "fit" or call.before == call.after:  # a rate finder sets its weights back
            continue
        if digest and call.after == digest and len(found) < 20:
            found.append(call)
            digest = call.before
    return found


# --- what was trained on, and what judged -------------------------------------------------------


def _test(call: "Call", calls: list["Call"]) -> Iterator[tuple[str, str]]:
    """Test images as validation data; not where others of them are kept for the end."""
    val = call.val
    if call.kind != "fit" or not val or not val.labeled or val.share("test") <= _MOST:
        return
    if call.given.share("test") > _MOST or (val.labels is None and not val.files):
        return
    judged = (one.given for one in calls if one.kind != "fit" and one.given.share("test") > _MOST)
    if any(_counted(one) and one.rows.share_in(val.rows) < _SAME for one in judged):
        return
    reason = f"`validation_data` holds {val.told}"
    if call.decides:
        reason += f", and they decide: {', '.join(call.decides)}"
    yield "test", f"{reason}. No image is left that no choice has seen."


def _copies(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """The same images, or copies of them, in training and validation."""
    if call.kind == "fit" and call.val and _counted(call.val) and call.given.rows is not None:
        same = call.val.rows.share_in(call.given.rows)
        few = same == 1 and len(call.val.rows) <= 64  # to see whether it can learn them by heart
        if same >= _SAME and not few and _are_images(call.val):
            yield "copies", f"{same:.0%} of the validation images are training images too."
    if call.same >= _SAME:
        yield "copies", f"{call.same:.0%} of what `validation_split` takes are training images too."
    if call.copies >= _COPIED:
        told = f"{call.copies:.0%} of the images that judge have a mirrored, moved or slightly"
        yield "copies", f"{told} changed copy among the training images."
    if call.kind == "evaluate" and call.given.share("test") > _MOST and _counted(call.given):
        for fit in _past(call.before, earlier):
            if fit.given.rows is not None and call.given.rows.share_in(fit.given.rows) > 0.5:
                yield "copies", f"the network was trained on these {call.given.told}."
                return


def _are_images(data: "Given") -> bool:
    """They are known, or files, or were no flat rows of numbers."""
    return bool(data.known or data.files or data.images is not None)


def _counted(data: "Given") -> bool:
    return data.rows is not None and len(data.rows) >= 20


def _folds(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """A fold judges a network that an earlier fold has trained on it."""
    judged = call.val if call.kind == "fit" else call.given
    if call.kind == "predict" or judged is None or not _counted(judged):
        return
    if not any(one.place == call.place and one.kind == call.kind for one in earlier):
        return  # no loop
    fits = [*([call] if call.kind == "fit" else []), *_past(call.before, earlier)]
    fits = [fit for fit in fits if fit.given.rows is not None]
    if len(fits) < 2 or judged.rows.share_in(fits[0].given.rows) > _SAME:
        return
    seen = max(judged.rows.share_in(fit.given.rows) for fit in fits[1:])
    if seen > 0.5:
        reason = f"{seen:.0%} of the images that judge here trained the same network before"
        yield "folds", f"{reason} (cell {fits[1].cell}). Build a new one for each fold."


def _head_start(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """A new setting is tried on a network that an earlier setting has trained."""
    if call.kind != "fit" or call.first or not (past := _past(call.before, earlier)):
        return
    before, setup = past[0], call.setup
    if setup is None or before.setup is None or setup is before.setup:
        return
    again = setup.place == before.setup.place and call.number == before.number  # in a loop
    rates = (before.setup.rate, setup.rate)
    higher = None not in rates and rates[1] > rates[0]
    another = higher or setup.optimizer != before.setup.optimizer
    same = call.trainable == before.trainable and setup.loss == before.setup.loss
    rows, others = call.given.rows, before.given.rows
    if again and another and same and None not in (rows, others) and rows.equal(others):
        reason = f"{setup.optimizer} goes on with weights that {before.setup.optimizer} has trained"
        yield "head_start", f"{reason} (cell {before.cell}). Build a new network for each setting."


def _resplit(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """`take` and `skip` behind a shuffle that draws anew."""
    shuffle = call.given.resplit if call.kind == "fit" and call.val else None
    if shuffle is not None and call.val.resplit is shuffle:
        reason = "the parts are taken behind a `shuffle` that draws a new order for each epoch"
        yield "resplit", f"{reason}: after a few epochs, each image was a training image."


def _augmented(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """Validation images that are changed at random."""
    if call.kind == "fit" and call.val and call.val.random and _classifies(call):
        yield "augmented", "the validation images are changed at random, as those for training."


def _sorted(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """Classes that judge, and of which no image trains."""
    labels, val = call.given.labels, call.val.labels if call.val else None
    if call.kind != "fit" or labels is None or not _classifies(call):
        return
    if call.split:
        labels, val = split_off(labels, call.split)
    if val is None or len(val) < 20 or np.isin(val, labels).mean() > 1 - _SAME:
        return
    missing = ", ".join(str(label) for label in np.setdiff1d(val, labels)[:10])
    reason = f"the validation part has images of class {missing}, the training part has none"
    if call.split:
        reason += "; `validation_split` takes the last rows, and these rows are in an order"
    yield "sorted", f"{reason}."


def _classifies(call: "Call") -> bool:
    return call.setup is not None and "crossentropy" in call.setup.loss.lower()


# --- what the numbers mean ----------------------------------------------------------------------


def _twice(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """Pixels from 0 to 1 for a network that divides by 255 itself."""
    data = call.given
    if _small(data) and call.factor <= 1 / 50 and not any(map(_large, _trained_on(call, earlier))):
        reason = f"the pixels go from {data.low:.2g} to {data.high:.2g}, and the network multiplies"
        yield "twice", f"{reason} them by {call.factor:.4f} once more."


def _range(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """A network that gets pixels in another range than those it was trained on.

    Not where one line asks it about several ranges: then they are compared.
    """
    pairs = [(call.given, fit) for fit in _trained_on(call, earlier)]
    if call.kind == "fit" and call.val:
        pairs = [(call.val, call.given)]
    if any(one.place == call.place and one.before == call.before for one in earlier):
        return
    for data, fit in pairs:
        if None in (fit.low, data.low, fit.rows, data.rows):
            continue
        many = min(data.n, fit.n) >= 16 and data.low < data.high
        moved = many and abs(data.mean - fit.mean) > 0.25  # noise does not move the mean
        below = moved and (fit.low < -0.3) != (data.low < -0.3) and max(fit.low, data.low) >= 0
        if (_small(data) and _large(fit)) or (_small(fit) and _large(data)) or below:
            reason = f"trained on pixels from {fit.low:.3g} to {fit.high:.3g}, used on pixels from"
            yield "range", f"{reason} {data.low:.3g} to {data.high:.3g}."


def _trained_on(call: "Call", earlier: list["Call"]) -> list["Given"]:
    """What the present weights were trained on last."""
    return [fit.given for fit in _past(call.before, earlier)[:1]] if call.kind != "fit" else []


def _small(data: "Given") -> bool:
    """Pixels were divided: no dark image file, and not all of one color."""
    known = data.rows is not None and data.high is not None and not data.whole
    return known and 0 < data.high <= 1.5 and data.low < data.high


def _large(data: "Given") -> bool:
    return data.rows is not None and data.high is not None and data.high > 20


def _order(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """`predict` over data that has another order in each pass."""
    if call.kind == "predict" and call.given.shuffled and call.given.labeled:
        reason = "the data is shuffled anew in each pass: these answers lie in another order than"
        yield "order", f"{reason} any labels that are read before or after."


def _pairs(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """Labels that have nothing to do with the published ones.

    Not where the same images, in the same order, had their own labels before: then other labels
    are an experiment.
    """
    if call.kind == "predict" or not _classifies(call):
        return
    for data in (call.given, call.val):
        if data is not None and _labels_fit(data) is False:
            known = (one.given for one in earlier if _labels_fit(one.given))
            if not any(data.rows.equal(one.rows) for one in known):
                yield "pairs", f"the labels of {data.told} are not those of these images."


def _labels_fit(data: "Given") -> bool | None:
    """Whether labels go with the published ones, joined to other classes or not; None: unknown."""
    if data.labels is None or not data.known or data.known[3] is None:
        return None
    _, rows, _, published = data.known
    if len(rows) < 50 or len(data.labels) != len(data.rows):
        return None
    given = data.labels[rows]
    if min(len(np.unique(published)), len(np.unique(given))) < 2:
        return None
    from sklearn.metrics import adjusted_mutual_info_score

    if adjusted_mutual_info_score(published, given) > 0.05:
        return True
    # Another task has other classes; shuffled labels are as many of each as the published ones.
    counts = [np.bincount(part.clip(0, 999), minlength=1000) for part in (published, given)]
    return False if np.minimum(*counts).sum() > 0.8 * len(given) else None


def _regroup(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """Classes were joined, and one of the new ones is empty."""
    data = call.given
    if call.kind != "fit" or data.labels is None or not data.known or data.known[3] is None:
        return
    if not _classifies(call):
        return
    there = np.unique(data.labels)
    joined = len(np.unique(data.known[3])) > (call.units or 0)
    empty = np.setdiff1d(np.arange(call.units or 0), there)
    if joined and len(empty) and there.max() == call.units - 1 and there.min() >= 0:
        reason = f"{call.units} outputs, and no image has the label {', '.join(map(str, empty))}"
        yield "regroup", f"{reason}: was a class renamed to a number that another one still had?"


# --- how it was trained -------------------------------------------------------------------------


def _output(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """A last activation that does not fit the loss."""
    if call.kind != "fit" or call.setup is None or not call.activation:
        return
    loss, from_logits, last = call.setup.loss, call.setup.from_logits, call.activation
    if call.units == 1 and last == "softmax":
        yield "output", "a softmax over one output is always 1."
    elif call.units == 1 and last == "sigmoid" and _many(call):
        yield "output", "one output with a sigmoid tells two classes apart, and there are more."
    elif from_logits and last in ("softmax", "sigmoid"):
        yield "output", f"the loss expects logits, and the last layer ends in {last}."
    elif from_logits is False and last == "linear":
        yield "logits", f"`{loss}` expects probabilities, and the last layer has no activation."
    elif from_logits is False and last == "relu" and not _compared(call, earlier):
        yield "output", f"`{loss}` expects probabilities, and the last layer ends in {last}."


def _many(call: "Call") -> bool:
    """More classes than 0 and 1 for a loss of classes."""
    return call.given.labels is not None and _classifies(call) and call.given.labels.max() > 1


def _compared(call: "Call", earlier: list["Call"]) -> bool:
    """Whether another activation was tried on the same images before."""
    fits = (one for one in earlier if one.kind == "fit" and one.units == call.units)
    return any(f.given.told == call.given.told and f.activation != call.activation for f in fits)


def _frozen(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """`trainable` was changed, and the model not compiled."""
    if call.kind != "fit" or call.setup is None:
        return
    before = [one for one in earlier if one.kind == "fit" and one.setup is call.setup]
    if before and (more := len(call.trainable - before[-1].trainable)):
        reason = f"{more} weights were unfrozen since the last `fit`, without `compile`"
        yield "frozen", f"{reason}: it has no effect."


def _schedule(call: "Call", earlier: list["Call"]) -> Iterator[tuple[str, str]]:
    """A schedule that is over when the training has hardly begun."""
    if call.kind != "fit" or not call.setup or not call.setup.schedule or not call.steps:
        return
    if call.steps < 50:
        return
    steps = call.begin + np.linspace(0, call.steps - 1, 201).round()
    rates = np.array([float(call.setup.schedule(int(step))) for step in steps])
    early = rates[5:]  # behind the first 2.5 % of the steps
    constant = np.ptp(early) < 1e-3 * rates.max() and early.max() <= 0.11 * rates.max()
    if constant or np.mean(rates < rates.max() / 1000) > 0.5:
        low = int(steps[np.argmax(rates <= max(rates.min(), rates.max() / 1000) * 1.001)])
        reason = f"the learning rate falls from {rates.max():.3g} to {rates[-1]:.3g}, within the"
        yield "schedule", f"{reason} first {low:,} of {call.steps:,} steps. Keras counts batches."


_RULES = (_test, _copies, _folds, _head_start, _resplit, _augmented, _sorted, _twice, _range)
_RULES += (_order, _pairs, _regroup, _output, _frozen, _schedule)
