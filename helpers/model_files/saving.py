"""Write a model with the notes that others need to use it."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras

from helpers.errors import UserError
from helpers.model_files import notes
from helpers.photos.names import shown


def save(
    model: keras.Model,
    path: str | Path,
    class_names: Sequence[str],
    *,
    superclasses: Sequence[str] | None = None,
    how: str = "crop",
    size: int | None = None,
    white: float | None = None,
    **facts: object,
) -> Path:
    """Write NAME.keras and, beside it, NAME.json.

    Args:
        model: to (n, classes) probabilities.
        path: of the .keras file; the ending is added where it is missing. Its folder is made.
        class_names: one name an output.
        superclasses: name of the superclass of each class.
        how, size, white: as for `predict.look`.
        facts: further things to note, such as accuracy=0.93, data="cifar10"; JSON's types.

    Returns:
        The .keras file's path.

    Raises:
        UserError: names that do not fit, facts that JSON cannot hold, or no place to write.
    """
    path = Path(path).expanduser()
    path = path if path.suffix == ".keras" else path.with_name(path.name + ".keras")
    about = {
        "class_names": list(class_names) if not isinstance(class_names, str) else class_names,
        "superclasses": list(superclasses or ()),
        "how": how,
        "size": size,
        "white": white,
        "facts": facts,
    }
    notes.check(about, notes.outputs(model), "class_names")
    try:
        json.dumps(about)
    except (TypeError, ValueError) as error:
        raise UserError(
            f"a fact cannot be noted ({error}): pass numbers, texts and lists"
        ) from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: into a file of another name first.
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".saving-") as folder:
            draft = Path(folder, "model.keras")
            model.save(draft)
            about["sha256"] = notes.digest(draft)
            beside = Path(folder, "model.json")
            beside.write_text(json.dumps(about, indent=1, ensure_ascii=False), encoding="utf-8")
            os.replace(draft, path)
            os.replace(beside, path.with_suffix(".json"))
    except OSError as error:
        raise UserError(
            f"{shown(path)} cannot be written ({error.strerror or error}): name another place"
        ) from None
    return path
