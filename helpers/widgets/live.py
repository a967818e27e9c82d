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


class Explorer:
    """What answers under controls in a live notebook, and is a still picture elsewhere.

    A subclass says what it is in `__repr__`, draws in `still`, and builds its box in `controls`.
    """

    _view = None  # the live controls, made when first shown

    def still(self) -> str:
        """HTML of the picture without controls."""
        raise NotImplementedError

    def controls(self):
        """The box of controls and picture, in the order in which Tab reaches them."""
        raise NotImplementedError

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        if has_widgets():
            self._view = self._view or self.controls()
        return bundle(repr(self), self.still, self._view)


def show(explorer: Explorer) -> None:
    """Display it; outside a notebook this prints one line."""
    from IPython.display import display

    display(explorer)


def labelled(control, description: str):
    """Give a control its name, which is seen and read aloud, and room for all of it."""
    control.description = description
    control.style.description_width = "9em"
    control.layout.width = "min(34em, 98%)"
    return control


def announced(text: str) -> str:
    """HTML of a line that a screen reader reads out when it changes; the text is HTML itself."""
    return f'<p role="status" style="margin:4px 0">{text}</p>'
