"""A web page on this computer that says what an image shows: `python -m helpers demo`.

The page is Gradio's. In front of it stands `Door`: it lets through only what the page itself needs,
only from this computer, and only files that were uploaded to it in this run. Everything else gets
one and the same refusal, so that nobody learns from it which files exist.
"""

import contextlib
import html
import importlib.metadata
import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from filelock import FileLock, Timeout
from PIL import Image

from helpers import predict
from helpers.settings import CourseError

HOST = "127.0.0.1"
MAX_UPLOAD_MB = 20
REFUSAL = "Refused: this page opens only images that were uploaded to it, from this computer."
_FOLDER = "course-demo-"  # in the computer's folder for temporary files
_KEEP_SECONDS = 300

# All that the page needs.
_API = "/gradio_api/"
_GET = (
    *("/", "/config", "/theme.css", "/favicon.ico", "/manifest.json"),
    *(f"{_API}{name}" for name in ("app_id", "info", "startup-events", "theme.css")),
    *(f"{_API}{name}" for name in ("queue/data", "upload_progress")),
)
_GET_PARTS = ("/assets/", "/static/", f"{_API}call/predict/", f"{_API}heartbeat/")
_POST = tuple(f"{_API}{name}" for name in ("call/predict", "queue/join", "cancel", "reset"))
_HEADERS = (b"host", b"accept", b"content-type", b"content-length")
_MAX_BODY = 100_000  # the images themselves come by /upload, which Gradio bounds


class Door:
    """ASGI application in front of Gradio's `app` that refuses what the page does not need.

    Only files in this run's `folder` are ever opened or sent.
    """

    def __init__(self, app: Any, folder: Path, port: int) -> None:
        self.app, self.folder = app, folder
        self.hosts = {f"{name}:{port}" for name in (HOST, "localhost")}

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        from starlette.requests import Request
        from starlette.responses import JSONResponse

        if scope["type"] == "http":
            request = Request(scope, receive)
            allowed = self._is_from_here(request) and self._is_of_the_page(request)
            if allowed and scope["path"] in _POST:
                body = await self._body(request)
                receive, allowed = _receive_first(body, receive), body is not None
            if not allowed:
                refusal = JSONResponse({"detail": REFUSAL, "error": REFUSAL}, status_code=403)
                return await refusal(scope, receive, send)
            # Gradio would believe what a proxy says in the others, and answer another origin.
            scope = scope | {"headers": [pair for pair in scope["headers"] if pair[0] in _HEADERS]}
        await self.app(scope, receive, send)

    def _is_from_here(self, request: Any) -> bool:
        """Whether the request names this page as its host and, where it has one, as its origin."""
        hosts, origins = (request.headers.getlist(name) for name in ("host", "origin"))
        here = {f"http://{host}" for host in self.hosts}
        return len(hosts) == 1 and hosts[0].lower() in self.hosts and set(origins) <= here

    def _is_of_the_page(self, request: Any) -> bool:
        path = request.scope["path"]
        if request.method == "POST":
            return path in (*_POST, f"{_API}upload")
        if path.startswith(f"{_API}file="):
            known = is_upload(path.partition("=")[2], self.folder)
        else:
            known = path in _GET or (path.startswith(_GET_PARTS) and ".." not in path)
        return request.method == "GET" and known

    async def _body(self, request: Any) -> bytes | None:
        """The body of a question, made anew of plain choices and uploads; None if there is more."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _MAX_BODY:
                return None
        try:
            asked = json.loads(body)
            asked["data"] = [self._input(value) for value in asked.get("data", [])]
            return json.dumps(asked).encode()
        except (ValueError, TypeError, AttributeError, RecursionError):
            return None

    def _input(self, value: object) -> object:
        """One input as Gradio gets it; ValueError unless it is a choice or an upload."""
        if isinstance(value, dict) and is_upload(value.get("path"), self.folder):
            return {"path": value["path"], "meta": {"_type": "gradio.FileData"}}
        if value is None or isinstance(value, bool | int) or value in list(predict.WAYS):
            return value
        raise ValueError


def is_upload(path: object, folder: Path) -> bool:
    """Whether a path leads, without links or detours, to a file in a folder."""
    try:
        inside = isinstance(path, str) and path.startswith(f"{folder}{os.sep}")
        return inside and os.path.realpath(path) == path and os.path.isfile(path)
    except (OSError, ValueError):
        return False


def _receive_first(body: bytes | None, receive: Any) -> Any:
    """A `receive` that gives this body first."""
    waiting = [{"type": "http.request", "body": body}]

    async def receive_again() -> dict:
        return waiting.pop() if waiting else await receive()

    return receive_again


@contextlib.contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder for this run's uploads, removed with it; what dead runs have left is removed now."""
    base = Path(tempfile.gettempdir()).resolve()
    for left in base.glob(f"{_FOLDER}*.lock"):
        with contextlib.suppress(OSError, Timeout):  # another user's, or in use
            if not left.is_symlink():
                with FileLock(left, timeout=0):
                    shutil.rmtree(left.with_suffix(""), ignore_errors=True)  # follows no link
                left.unlink(missing_ok=True)
    folder = base / f"{_FOLDER}{os.getpid()}-{os.urandom(4).hex()}"
    lock = Path(f"{folder}.lock")
    with FileLock(lock, mode=0o600):  # before the folder exists: who finds it finds it in use
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    lock.unlink(missing_ok=True)


def build(loaded: Any):
    """The page, a `gradio.Interface`, for what `model_files.load` has returned."""
    import gradio as gr

    def classify(path: str | None, mirror: bool, how: str):
        if path is None:
            return None, None
        options = loaded.options | {"k": 10_000, "mirror": mirror, "how": how}
        try:
            pairs = predict.top_k(loaded.model, path, **options)
            seen = predict.seen_by(loaded.model, path, how, loaded.size)
        except CourseError as error:
            text = html.escape(str(error), quote=False)  # a file's name may be anything
            raise gr.Error(text, duration=None, print_exception=False) from None
        large = Image.fromarray(seen.squeeze()).resize((224, 224), Image.Resampling.NEAREST)
        return dict(pairs), large

    names = loaded.class_names or ()
    known = ", ".join(names) if len(names) <= 20 else f"{len(names)} classes"
    about = f"{loaded.name} knows: {known}. It always names one of them, even where there is none."
    # Names may be a stranger's: as numbers, signs are neither Markdown nor HTML.
    about = "".join(c if c.isalnum() or c in " ,.-" else f"&#{ord(c)};" for c in about)
    image = gr.Image(type="filepath", label="Your image", height=320)
    # Gradio itself would open the file with all of Pillow's decoders.
    image.preprocess = lambda payload: payload and payload.path
    mirror = gr.Checkbox(label="Look at the mirror image too and take the mean")
    how = gr.Radio(list(predict.WAYS), value="crop", label="Fit an image of another shape by")
    seen = gr.Image(label="What the network sees", format="png", height=220, buttons=[])
    return gr.Interface(
        classify,
        [image, mirror, how],
        [gr.Label(num_top_classes=5, label="Answer"), seen],
        api_name="predict",
        live=True,
        title="What is in this image?",
        description=about,
        article=f"Images stay on this computer. They are deleted after {_KEEP_SECONDS // 60} "
        "minutes, and when the demo ends.",
        flagging_mode="never",
        delete_cache=(60, _KEEP_SECONDS),
    )


def serve(loaded: Any, port: int | None = None) -> None:
    """`serving` until Ctrl-C or the signal to end; then what was uploaded is removed."""
    end = threading.Event()
    for name in {"SIGINT", "SIGTERM", "SIGHUP"} & set(dir(signal)):  # Windows has not all
        signal.signal(getattr(signal, name), lambda *_: end.set())
    with serving(loaded, port) as url:
        print(f"demo: {url} (for this computer alone; Ctrl-C ends it)", flush=True)
        while not end.wait(0.5):  # a wait without end would not see the signal on Windows
            pass
    print("stopped", flush=True)


@contextlib.contextmanager
def serving(loaded: Any, port: int | None = None) -> Iterator[str]:
    """Serve the page on this computer, for this computer alone, while the block lasts.

    Args:
        loaded: what `model_files.load` returns.
        port: where to listen; by default any free one.

    Yields:
        The page's address.

    Raises:
        CourseError: Gradio is missing or old, the model cannot be used, or the port is taken.
    """
    blank = np.full((64, 64, 3), 255, np.uint8)
    predict.top_k(loaded.model, blank, **loaded.options)  # what does not fit is said at once
    gradio = importlib.metadata.distributions(name="gradio")
    version = next((one.version for one in gradio), "none")
    if version.partition(".")[0] != "6":
        raise CourseError(f'the demo needs Gradio 6, here is {version}: `pip install "gradio<7"`')
    try:
        listening = socket.create_server((HOST, port or 0))
    except (OSError, OverflowError):
        reason = "is taken or cannot be opened: use --port, 1024 to 65535"
        raise CourseError(f"port {port} {reason}") from None
    with listening, _own_folder() as folder:
        own = {"GRADIO_TEMP_DIR": str(folder), "GRADIO_ANALYTICS_ENABLED": "False"}
        with mock.patch.dict(os.environ, own):
            port = listening.getsockname()[1]
            server = _server(build(loaded), folder, port)
            run = threading.Thread(target=server.run, args=([listening],), daemon=True)
            run.start()
            while not server.started and run.is_alive():
                time.sleep(0.02)
            try:
                yield f"http://{HOST}:{port}/"
            finally:
                server.should_exit = True
                run.join(timeout=10)


def _server(page: Any, folder: Path, port: int):
    """The page behind its door as a `uvicorn.Server`."""
    import gradio as gr
    import uvicorn
    from fastapi import FastAPI

    app = gr.mount_gradio_app(
        FastAPI(),
        page,
        path="/",
        footer_links=[],
        show_error=False,
        max_file_size=MAX_UPLOAD_MB * 1_000_000,
        ssr_mode=False,
        theme=gr.themes.Default(font=[gr.themes.Font("sans-serif")]),  # none from outside
    )
    options = {"log_config": None, "access_log": False, "proxy_headers": False, "ws": "none"}
    config = uvicorn.Config(Door(app, folder, port), timeout_graceful_shutdown=1, **options)
    return uvicorn.Server(config)
