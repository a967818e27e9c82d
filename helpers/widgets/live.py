"""Where widgets can work, and how an object brings its widgets and what stands for them."""

import sys
from collections.abc import Callable

VIEW = "application/vnd.jupyter.widget-view+json"


def has_widgets() -> bool:
    """Whether sliders can work here: ipywidgets is installed, and a kernel is running."""
    try:
        import ipywidgets  # noqa: F401
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def bundle(text: str, page: Callable[[], str], view=None) -> dict:
    """What `_repr_mimebundle_` returns.

    Args:
        text: for a terminal.
        page: makes the HTML for a saved page.
        view: the widget, where there is one.
    """
    content: dict = {"text/plain": text}
    if view is not None:
        content[VIEW] = {"version_major": 2, "version_minor": 0, "model_id": view.model_id}
        if "google.colab" in sys.modules:
            return content  # no page is made there, and the widget must not lose to HTML
    return content | {"text/html": page()}
