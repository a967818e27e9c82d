"""The page's sentences and answers as HTML. Class names come from strangers' files, so every
text is escaped."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from helpers.demo.answers import Answer

_NAMED = 20  # class names that stand in the sentence; more are folded


def heading(title: str, class_names: Sequence[str], notes: Sequence[str]) -> str:
    """What the page is for, and which answers the model has at all."""
    names = ", ".join(safe(name) for name in class_names)
    count = len(class_names)
    lines = ["<h1>What is in this picture?</h1>"]
    known = f"Model: <b>{safe(title)}</b>. It knows {count} classes"
    if count <= _NAMED:
        lines.append(f"<p>{known}: {names}.</p>")
    else:
        lines.append(
            f"<p>{known}.</p><details><summary>All {count} classes</summary>{names}</details>"
        )
    lines.append("<p>It always names one of them, even where the picture shows none of them.</p>")
    lines += [f"<p>{safe(note)}</p>" for note in notes]
    return "".join(lines)


def waiting() -> str:
    """What stands in place of an answer before a picture came."""
    return '<div role="status"><p>Choose a picture, and the answer stands here.</p></div>'


def refused(reason: str) -> str:
    """Why a file cannot be used."""
    return f'<div role="alert" class="refused"><b>No answer:</b> {safe(reason)}</div>'


def shown(answer: Answer) -> str:
    """The whole answer: in words, as bars, as pictures, and what was done to the picture."""
    look = answer.look
    name, probability = look.top[0]
    words = f"Most likely: <b>{safe(name)}</b>, {percent(probability)}."
    if look.top_superclasses:
        group, share = look.top_superclasses[0]
        words += f" Likeliest superclass: <b>{safe(group)}</b>, {percent(share)}."
    height, width = look.seen.shape[:2]
    pictures = _figure(
        look.seen,
        f"What the network sees: {width}\u202f×\u202f{height} pixels",
        "Your picture at the size that the network takes.",
    )
    if answer.heat is not None:
        pictures += _figure(
            answer.heat,
            f"Where it looked for “{name}” (Grad-CAM): bright parts count most",
            f"The same picture in gray. The parts that speak for {name} shine.",
        )
    return (
        f'<div role="status"><p>{words}</p></div>{_bars(look.top)}'
        f'<div class="pictures">{pictures}</div>{_done(look.notes)}'
    )


def _bars(top: Sequence[tuple[str, float]]) -> str:
    """A list with a bar for each class; the bars say nothing that the text does not."""
    bars = "".join(
        f'<li class="bar"><span>{safe(name)}</span><span>{percent(share)}</span>'
        f'<i aria-hidden="true"><i style="width: {100 * share:.2f}%"></i></i></li>'
        for name, share in top
    )
    return f'<ol class="bars" aria-label="The {len(top)} likeliest classes">{bars}</ol>'


def _figure(picture: np.ndarray, caption: str, alt: str) -> str:
    """A small picture with each of its pixels as a block; it travels inside the page."""
    file = io.BytesIO()
    pixels = picture[..., 0] if picture.shape[-1] == 1 else picture
    Image.fromarray(pixels).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{safe(alt)}">'
        f"<figcaption>{safe(caption)}</figcaption></figure>"
    )


def _done(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    return (
        "<p>About your picture:</p><ul>" + "".join(f"<li>{safe(n)}</li>" for n in notes) + "</ul>"
    )


def percent(probability: float) -> str:
    """A probability in percent, never rounded to certainty."""
    if probability > 0.999:
        return "over 99.9 %"
    if probability < 0.001:
        return "under 0.1 %"
    return f"{100 * probability:.1f} %"


def safe(text: object) -> str:
    """Text that a browser and Gradio's templates leave alone."""
    return escape(str(text)).replace("{", "&#123;").replace("$", "&#36;")
