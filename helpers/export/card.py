"""The model card: what a network is, how it was trained, how good it is, what it is not for.

After Mitchell et al. (2019), "Model cards for model reporting". Every figure comes from a record:
the notes beside the model file, the folder of its training run, the course's recorded runs, a
comparison of exported files. What no record tells is left open, in words.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import UserError
from helpers.export import markdown
from helpers.export.records import course_results, training_run

if TYPE_CHECKING:
    from helpers.export.comparing import Row
    from helpers.model_files import Loaded

_OPEN = {
    "intended_use": "Not stated. Whoever passes this network on says here who may use it for what.",
    "limits": "No others are recorded.",
}


def model_card(
    path: Path | str | None,
    loaded: "Loaded",
    *,
    run_dir: Path | str | None = None,
    recorded: tuple[str, str] | None = None,
    rows: Sequence["Row"] = (),
    facts: Mapping[str, Any] | None = None,
) -> str:
    """Write the card of a model.

    Args:
        path: Markdown file to write, ending in .md; None writes none.
        loaded: what `model_files.load` returns. Its facts "intended_use" and "limits", texts,
            fill the sections of these names; all others are listed.
        run_dir: folder of the training run, as given to `training.fit`.
        recorded: lesson and profile in the course's recorded runs, as ("02_baseline_cnn", "full").
        rows: what `export.compare` returns.
        facts: further facts, in JSON's types.

    Returns:
        The card's text.

    Raises:
        UserError: there is no such record, or the card can't be written.
    """
    known = {**loaded.facts, **(facts or {})}
    texts = {key: known.pop(key, None) or default for key, default in _OPEN.items()}
    lines = [f"# Model card: {markdown.cell(loaded.name)}", "", "## The network"]
    lines += markdown.table(("", ""), _network(loaded))
    lines += ["", "## Classes", *_classes(loaded)]
    lines += ["", "## Intended use", markdown.cell(texts["intended_use"])]
    lines += ["", "## Training", *_training(run_dir, known)]
    if recorded:
        lines += ["", "## Results of the course's recorded runs", *course_results(*recorded)]
    if rows:
        lines += ["", "## Files", *_files(rows)]
    lines += ["", "## Limits", *_limits(loaded), f"- {markdown.cell(texts['limits'])}"]
    text = "\n".join(_spaced(lines)) + "\n"
    if path is not None:
        _write(Path(path).expanduser(), text)
    return text


def _network(loaded: "Loaded") -> list[tuple[str, object]]:
    model = loaded.model
    height, width, channels = _input(loaded)
    kinds = {3: "color", 1: "gray"}
    white = {255: "0 to 255", 1: "0 to 1", None: "range not recorded"}[loaded.white]
    sides = "any size" if height is None else f"{height} x {width}"
    if height is None and loaded.size:
        sides += f" (trained on {loaded.size} x {loaded.size})"
    trained = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    return [
        ("name", model.name),
        ("layers", len(model.layers)),
        ("parameters", int(model.count_params())),
        ("of these trained by gradients", trained),
        ("input", f"{sides} pixels, {kinds.get(channels, channels)}, {white}"),
        ("output", f"{model.output_shape[-1]} probabilities"),
        ("other pictures are", {"crop": "cropped", "pad": "padded"}.get(loaded.how, loaded.how)),
    ]


def _classes(loaded: "Loaded") -> list[str]:
    if loaded.class_names is None:
        return ["The names are not recorded."]
    if not loaded.superclasses:
        return [", ".join(map(markdown.cell, loaded.class_names)) + "."]
    members: dict[str, list[str]] = {}
    for name, superclass in zip(loaded.class_names, loaded.superclasses, strict=True):
        members.setdefault(superclass, []).append(name)
    return markdown.table(("superclass", "classes"), list(members.items()))


def _training(run_dir: Path | str | None, facts: Mapping[str, Any]) -> list[str]:
    lines = []
    if run_dir is not None:
        lines += ["From the record of the training run:", ""]
        lines += markdown.table(("", ""), training_run(Path(run_dir).expanduser()))
    if facts:
        lines += ["", "As noted beside the model:", ""]
        lines += markdown.table(("", ""), markdown.flat(facts))
    return lines or ["Nothing is recorded."]


def _files(rows: Sequence["Row"]) -> list[str]:
    head = ("file", "MB", "ms, one picture", "ms a picture, in a batch", "largest difference")
    cells = [
        (
            row.path.name,
            f"{row.megabytes:.2f}",
            f"{row.ms_single:.2f}",
            f"{row.ms_batch:.2f}",
            f"{row.largest_difference:.1e}",
        )
        for row in rows
    ]
    note = "Times are those of the machine that wrote this card; the difference is that of a "
    return [*markdown.table(head, cells), "", note + "probability from the Keras model's."]


def _limits(loaded: "Loaded") -> list[str]:
    """What follows from the network's shape alone."""
    classes = loaded.model.output_shape[-1]
    height, width, _ = _input(loaded)
    lines = [
        f"- It names one of its {classes} classes for every picture, also where none of them is "
        "to be seen."
    ]
    if height is not None and max(height, width) < 100:
        lines.append(
            f"- It sees {height} x {width} pixels: what is small in a photo is lost before the "
            "first layer."
        )
    return lines


def _input(loaded: "Loaded") -> tuple:
    shape = loaded.model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 4:
        raise UserError(f"the model takes {shape}: a card is written for models of pictures")
    return shape[1:]


def _spaced(lines: list[str]) -> list[str]:
    """An empty line below each heading, and never two of them."""
    parts = [part for line in lines for part in ([line, ""] if line.startswith("#") else [line])]
    return [part for part, before in zip(parts, ["", *parts], strict=False) if part or before]


def _write(path: Path, text: str) -> None:
    if path.suffix != ".md":
        raise UserError(f"'{path.name}' does not end in .md: name it {path.stem}.md")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror or error}): choose another place"
        ) from error
