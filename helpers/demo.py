"""A web page on this computer that says what an image shows: `python -m helpers demo`."""

import html
import signal
from typing import Any

from PIL import Image

from helpers import predict
from helpers.model_files import Loaded
from helpers.settings import CourseError

MAX_UPLOAD = 20_000_000  # bytes


def page(loaded: Loaded) -> Any:
    """The page, a `gradio.Interface`; a CourseError if Gradio 6 is missing."""
    try:
        import gradio as gr
    except ImportError:
        gr = None
    if gr is None or not gr.__version__.startswith("6."):
        raise CourseError('the demo needs Gradio 6: `pip install "gradio>=6,<7"`')

    def classify(path: str | None, how: str):
        if path is None:
            return None, None
        try:
            pairs = predict.top_k(loaded.model, path, how=how, **loaded.options)
            seen = predict.seen_by(loaded.model, path, how, loaded.size)
        except CourseError as error:
            text = html.escape(str(error), quote=False)  # a file's name may be anything
            raise gr.Error(text, duration=None, print_exception=False) from None
        return dict(pairs), Image.fromarray(seen.squeeze()).resize((224, 224), Image.NEAREST)

    image = gr.Image(type="filepath", label="Your image", height=320)
    # As it is: Gradio would open the file with all of Pillow's decoders, and may compress it again.
    image.preprocess = lambda upload: upload and upload.path
    names = loaded.class_names or ()
    known = ", ".join(names) if len(names) <= 20 else f"{len(names)} classes"
    about = f"This is {loaded.name}. It knows: {known}. It names one of them for every image."
    return gr.Interface(
        classify,
        [image, gr.Radio(list(predict.WAYS), value="crop", label="Fit another shape by")],
        [gr.Label(label="Answer"), gr.Image(label="What the network sees", format="png")],
        live=True,
        title="What is in this image?",
        # Names may be a stranger's: as numbers, signs are neither Markdown nor HTML.
        description="".join(c if c.isalnum() or c in " ,.-" else f"&#{ord(c)};" for c in about),
        article="Images stay on this computer and are deleted within minutes.",
        flagging_mode="never",
        analytics_enabled=False,
        delete_cache=(60, 300),  # look every minute, keep for five
    )


def serve(loaded: Loaded, port: int | None = None) -> None:
    """Serve the page to this computer alone until Ctrl-C or a signal; then uploads are removed.

    Args:
        loaded: what `model_files.load` returns.
        port: where to listen; by default the first free one from 7860 on.

    Raises:
        CourseError: as for `page`, or the port is taken.
    """
    interface = page(loaded)
    launch = {"server_name": "127.0.0.1", "server_port": port, "share": False, "quiet": True}
    try:
        _, url, _ = interface.launch(
            max_file_size=MAX_UPLOAD, prevent_thread_lock=True, footer_links=[], **launch
        )
    except (OSError, OverflowError):
        reason = "is taken or cannot be opened: use --port, 1024 to 65535"
        raise CourseError(f"port {port} {reason}") from None
    for name in {"SIGINT", "SIGTERM", "SIGHUP"} & set(dir(signal)):  # Windows has not all
        signal.signal(getattr(signal, name), signal.default_int_handler)
    print(f"demo: {url} (for this computer alone; Ctrl-C ends it)", flush=True)
    interface.block_thread()
