"""A button that brings the student's photos to where the notebook runs."""

import contextlib
import html
import tempfile
from pathlib import Path

from helpers.errors import UserError
from helpers.widgets.live import bundle, has_widgets
from helpers.widgets.receiving import receive


def photo_upload(folder: Path | str, *, wait: bool = False) -> None:
    """Show a button to upload a zip file of photos, or single photos of a class.

    Without widgets it prints where to put the photos. The cell does not wait for them: upload, and
    run the next cell afterwards. Nothing outside the folder is written to.

    Args:
        folder: for the photos, one sub-folder a class; made when the first ones come.
        wait: in Colab, open its own dialog and wait for it; elsewhere no difference.

    Raises:
        UserError: in Colab's dialog, what was chosen can't be taken.
    """
    if wait and (chosen := _from_colab()) is not None:
        print(receive(chosen, folder))
        return
    from IPython.display import display  # prints the text outside a notebook

    display(PhotoUpload(folder))


class PhotoUpload:
    """See `photo_upload`, which displays one of these."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).expanduser()
        self._view = None  # the live button, made when first shown

    def __repr__(self) -> str:
        return (
            f"To use your own photos, put them into {self.folder}\n"
            "with one sub-folder for each class (for example pencils, pens, markers)."
        )

    def page(self) -> str:
        """HTML of the same words."""
        return f"<p>{html.escape(repr(self))}</p>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        if has_widgets():
            self._view = self._view or self._controls()
        return bundle(repr(self), self.page, self._view)

    def _controls(self):
        """Class name, button and answer, in the order in which Tab reaches them."""
        import ipywidgets

        wide = ipywidgets.Layout(width="auto", max_width="34em")
        about = ipywidgets.HTML(
            "Choose <b>a zip file</b> with one folder for each class, or photos of "
            "<b>one class</b> after typing its name. At most about 10 MB at once pass through the "
            f"browser; copy more into <code>{html.escape(str(self.folder))}</code> yourself."
        )
        name = ipywidgets.Text(
            description="class", placeholder="for single photos: pencils", layout=wide
        )
        button = ipywidgets.FileUpload(
            accept=".zip,image/*", multiple=True, description="choose files", layout=wide
        )
        answer = ipywidgets.HTML()

        def take(change: dict) -> None:
            files = contents(change["new"])
            if not files:
                return
            try:
                text = receive(files, self.folder, name.value)
            except UserError as error:
                text = f"Not taken: {error}"
            answer.value = f'<span role="status">{html.escape(text)}</span>'

        button.observe(take, names="value")
        return ipywidgets.VBox([about, name, button, answer])


def contents(value: object) -> dict[str, bytes]:
    """Bytes by file name from a `FileUpload`'s value.

    Args:
        value: ipywidgets 8 gives a tuple of records with a memory view each, ipywidgets 7 a
            dictionary of records with bytes.
    """
    if isinstance(value, dict):
        return {name: bytes(record["content"]) for name, record in value.items()}
    return {record["name"]: bytes(record["content"]) for record in value}


def _from_colab() -> dict[str, bytes] | None:
    """What was chosen in Colab's dialog, or None elsewhere."""
    try:
        from google.colab import files
    except ImportError:
        return None
    # The dialog also leaves a copy of each file in the working folder.
    with tempfile.TemporaryDirectory() as work, contextlib.chdir(work):
        return files.upload()
