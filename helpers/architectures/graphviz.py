"""A diagram as Keras draws it, with the program Graphviz, where that is installed."""

import importlib.util
import shutil
from pathlib import Path

import keras


def diagram(model: keras.Model, path: Path | str) -> Path | None:
    """Draw a model with `keras.utils.plot_model`, where it can.

    Args:
        model: built model.
        path: PNG file to write.

    Returns:
        The path, or None if the package pydot or the program Graphviz is missing or fails; then
        nothing is printed, and `plots.network_diagram` draws it without them.
    """
    path = Path(path)
    if not _installed():
        return None  # Keras would print a long message
    try:
        keras.utils.plot_model(
            model,
            to_file=str(path),
            show_shapes=True,
            show_layer_names=False,
            show_layer_activations=True,
            dpi=72,
        )
    except Exception:  # of Keras, pydot or Graphviz, in their many versions: there is another way
        return None
    return path if path.is_file() and path.stat().st_size else None


def _installed() -> bool:
    return bool(importlib.util.find_spec("pydot") and shutil.which("dot"))
