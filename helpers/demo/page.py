"""Where everything stands on the page, and what happens when something is chosen."""

from collections.abc import Callable, Mapping
from pathlib import Path

import gradio as gr
from PIL import Image

from helpers.demo import text
from helpers.demo.answers import answer, look_at
from helpers.demo.sources import ways
from helpers.demo.upload import picture_field
from helpers.errors import UserError
from helpers.model_files import Loaded

CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
_KEEP_SECONDS = 300
_WAYS = {
    "crop": "use the middle",
    "pad": "use all, with white edges",
    "garment": "cut out a piece of clothing, light on black",
}


def theme() -> gr.themes.Base:
    """Gradio's own look with the fonts of the computer: nothing is loaded from outside."""
    system = gr.themes.utils.fonts.Font("system-ui"), gr.themes.utils.fonts.Font("sans-serif")
    return gr.themes.Default(primary_hue="blue", font=system)


def build(served: Loaded, examples: Mapping[str, Image.Image], icons: Mapping[str, Path]):
    """The page, ready to be served: a `gradio.Blocks`.

    Args:
        served: the model and what is known about it.
        examples: pictures to choose from, by their class.
        icons: a file of each; copies are taken.
    """
    with gr.Blocks(
        title="What is in this picture?", analytics_enabled=False, delete_cache=(60, _KEEP_SECONDS)
    ) as page:
        gr.HTML(text.heading(served.name, served.class_names, served.notes))
        with gr.Row():
            with gr.Column():
                picture = picture_field(
                    label="Your picture",
                    sources=["upload", "webcam", "clipboard"],
                    format="png",
                    height=330,
                    buttons=[],
                    elem_classes="chosen",
                    alt_text="The picture that you chose",
                )
                how = gr.Radio(
                    [(_WAYS[name], name) for name in ways(served)],
                    value=ways(served)[0],
                    label="If the picture has another shape than the network's",
                )
                mirror = gr.Checkbox(
                    label="Look at the mirror image too, and take the mean of both answers"
                )
            with gr.Column():
                answered = gr.HTML(text.waiting(), elem_id="answer")
        inputs = [picture, mirror, how]
        gr.HTML("<h2>Or try one of these, from the course's data</h2>")
        with gr.Row(elem_classes="examples"):
            for name, example in examples.items():
                button = gr.Button(name, icon=icons[name], size="sm", min_width=90)
                button.click(_giving(example), None, picture, api_visibility="private")
        gr.HTML(
            "<p>Pictures go to the computer that runs this page, and to nobody else. They are "
            f"deleted after {_KEEP_SECONDS // 60} minutes, and when the demo ends.</p>"
        )
        gr.on(
            [picture.change, how.input, mirror.input],
            _showing(served),
            inputs,
            answered,
            show_progress="minimal",
            api_visibility="private",
        )
        _offer_to_programs(served, inputs)
    return page


def _offer_to_programs(served: Loaded, inputs: list) -> None:
    """The same for programs, as `/predict`: figures come back, and a refusal is an error."""
    figures = gr.JSON(visible=False)

    def predict(picture: Path | None, mirror: bool, how: str) -> dict:
        """Classify one picture: the five likeliest classes, superclasses, notes."""
        if picture is None:
            raise gr.Error("No picture came with the request.", print_exception=False)
        try:
            look = look_at(served, picture, mirror=mirror, how=how)
        except UserError as error:
            raise gr.Error(text.safe(error), print_exception=False) from None
        return {
            "top": look.top,
            "superclasses": look.top_superclasses,
            "notes": look.notes,
        }

    gr.Button(visible=False).click(predict, inputs, figures, api_name="predict")


def _showing(served: Loaded) -> Callable[..., str]:
    def show(picture: Path | None, mirror: bool, how: str) -> str:
        if picture is None:
            return text.waiting()
        try:
            return text.shown(answer(served, picture, mirror=mirror, how=how))
        except UserError as error:
            return text.refused(str(error))

    return show


def _giving(example: Image.Image) -> Callable[[], Image.Image]:
    return lambda: example
