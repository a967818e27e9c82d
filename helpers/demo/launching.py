"""Start the page's server, and end it with everything that it has written."""

import atexit
import contextlib
import importlib.metadata
import io
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from helpers.errors import UserError
from helpers.runtime import in_colab

LOOPBACK = "127.0.0.1"
MAX_UPLOAD_MB = 20
_HEIGHT = 760  # of the frame below a cell, in pixels
_QUEUE = 100  # requests that may wait; the next one is told that the line is full
_NEEDED = 6  # major version of Gradio
_INSTALL = '`pip install "gradio>=6,<7"`'
_SCRATCH = "GRADIO_TEMP_DIR"


@dataclass
class Running:
    """A demo that runs until it is closed, at the latest with Python.

    Attributes:
        url: its address on this computer.
        share_url: its public address, or None.
    """

    url: str
    share_url: str | None
    _page: Any = field(repr=False)

    def close(self) -> None:
        """End the server; what was uploaded and drawn is removed."""
        with contextlib.redirect_stdout(io.StringIO()):
            self._page.close(verbose=False)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def launch(
    model_or_path: Any = None,
    class_names: Sequence[str] | None = None,
    share: bool = False,
    port: int | None = None,
    inline: bool = True,
    *,
    host: str = LOOPBACK,
) -> Running:
    """Serve a page on which anybody at this computer can have pictures classified.

    Args:
        model_or_path: a model with probabilities as its output, the path of a `.keras` file,
            "small" or "fast" for a network that ships with the course. None: "small".
        class_names: one name an output, where they are not stored beside the file.
        share: whether to make a public link too, through Gradio's servers.
        port: where to listen; by default the first free one from 7860 on.
        inline: whether to show the page below the notebook's cell.
        host: which of the computer's addresses to listen on; by default nobody else reaches it.

    Returns:
        The running demo; `close()` ends it. It answers in its own threads, so this returns at once.

    Raises:
        UserError: Gradio is missing or old, the model cannot be used, or the port is taken.
    """
    _require_gradio()
    port = _checked_port(port)
    from helpers.demo import sources

    served = sources.served(model_or_path, class_names)
    _own_scratch()
    from helpers.demo import page

    with tempfile.TemporaryDirectory(prefix="course_demo_examples_") as folder:
        examples = sources.examples(served)
        icons = {name: Path(folder) / f"{i}.png" for i, name in enumerate(examples)}
        for name, path in icons.items():
            examples[name].save(path)
        blocks = page.build(served, examples, icons)
    running = Running(*_serve(blocks, share, port, host), blocks)
    print(_where(running, share, host))
    if inline:
        _show(running.url)
    return running


def _serve(blocks, share: bool, port: int | None, host: str) -> tuple[str, str | None]:
    """Start the server; its address here, and the public one if there is one."""
    from helpers.demo import page

    blocks.queue(max_size=_QUEUE, default_concurrency_limit=1)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # our own lines say it shorter
            _, url, share_url = blocks.launch(
                share=share,
                server_name=host,
                server_port=port,
                max_file_size=MAX_UPLOAD_MB * 1_000_000,
                prevent_thread_lock=True,
                inline=False,
                quiet=True,
                footer_links=[],
                run_history=False,
                enable_monitoring=False,
                ssr_mode=False,
                mcp_server=False,
                pwa=False,
                theme=page.theme(),
                css=page.CSS,
            )
    except OSError as error:
        with contextlib.suppress(Exception):
            blocks.close(verbose=False)
        if port is None:
            raise UserError(
                f"no port could be opened on {host} ({_first_line(error)}): name one with --port"
            ) from None
        raise UserError(
            f"port {port} on {host} is in use or may not be opened: end the other program, "
            "choose another port, or name none"
        ) from None
    return url, share_url


def _show(url: str) -> None:
    """Show the page below the cell; nothing outside a notebook."""
    try:
        from IPython import get_ipython
        from IPython.display import HTML, display
    except ImportError:
        return
    if in_colab():
        from google.colab import output

        output.serve_kernel_port_as_iframe(urlsplit(url).port, height=_HEIGHT)
    elif hasattr(get_ipython(), "kernel"):
        frame = (
            f'<iframe src="{url}" title="Demo: classify a picture" width="100%" height="{_HEIGHT}" '
            'allow="camera; clipboard-read" style="border: 0"></iframe>'
        )
        display(HTML(frame))


def _where(running: Running, share: bool, host: str) -> str:
    """What is said about who can reach the page."""
    lines = [f"demo: {running.url}"]
    if host not in (LOOPBACK, "localhost", "::1"):
        lines.append(
            f"Listening on {host}: everybody in your network can open it and send pictures."
        )
    if running.share_url:
        lines.append(
            f"public link: {running.share_url}\nAnybody who has the link can send pictures to this "
            "computer, through Gradio's servers, until you end the demo."
        )
    elif share:
        lines.append(
            "The public link could not be made (no internet, or Gradio's servers are away): "
            "the demo runs on this computer alone."
        )
    return "\n".join(lines)


def _require_gradio() -> None:
    """Gradio in a version whose settings we know, told that it may not report home."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    try:
        version = importlib.metadata.version("gradio")
    except importlib.metadata.PackageNotFoundError:
        raise UserError(f"the demo needs Gradio, which is not installed: {_INSTALL}") from None
    if int(version.split(".")[0]) < _NEEDED:
        raise UserError(f"the demo needs Gradio {_NEEDED}, here is {version}: {_INSTALL}")


def _own_scratch() -> None:
    """Give Gradio a folder of this process alone, removed with it; not the one all users share.

    Gradio asks for the folder at each upload, so it stays the same for all demos of a process.
    """
    if not os.environ.get(_SCRATCH):
        folder = os.path.realpath(tempfile.mkdtemp(prefix="course_demo_"))
        os.environ[_SCRATCH] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _checked_port(port: int | None) -> int | None:
    if port is None:
        return None
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise UserError(f"port is {port!r}: use a whole number from 1 to 65535, best above 1023")
    return port


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0][:120]
