"""What augmentation does, under sliders, or as a still picture where there are none."""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from helpers.errors import UserError
from helpers.widgets.live import bundle, has_widgets
from helpers.widgets.pictures import image_tag, sheet


@dataclass(frozen=True)
class Strength:
    """A slider from 0 to `high`; `start` is where it stands at first."""

    high: float
    start: float


# Report S1's numbers, as arguments of Keras' layers.
S1_STRENGTHS = {
    "rotation": Strength(0.5, 0.2),
    "zoom": Strength(0.5, 0.2),
    "translation": Strength(0.5, 0.1),
    "contrast": Strength(1.0, 0.2),
}


def augmentation_explorer(images: np.ndarray, build: Callable, *, seed: int = 1001) -> None:
    """Show sliders for flip, rotation, zoom, translation and contrast, and what they do.

    Args:
        images: (n, height, width, 3) uint8; six to ten of them read well.
        build: `build(flip, rotation, zoom, translation, contrast)` gives a `keras.Sequential` of
            augmentation layers for pixels 0..255; flip is a truth value, the others are factors.
        seed: of the draws; moving a slider keeps them, so that only its own effect is seen.

    Raises:
        UserError: the images are no batch of uint8 color pictures.
    """
    from IPython.display import display  # prints one line outside a notebook

    display(AugmentationExplorer(images, build, seed=seed))


class AugmentationExplorer:
    """See `augmentation_explorer`, which displays one of these."""

    def __init__(self, images: np.ndarray, build: Callable, *, seed: int = 1001) -> None:
        images = np.asarray(images)
        if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8 or not len(images):
            raise UserError(
                f"an array of shape {images.shape} and dtype {images.dtype}: "
                "pass color pictures (n, height, width, 3), uint8"
            )
        self.images, self.build, self.seed = images, build, seed
        self._view = None  # the live sliders, made when first shown

    def draw(self, settings: Mapping[str, float], draw: int = 0, copies: int = 1) -> np.ndarray:
        """The images through the layers, (copies, n, height, width, 3) uint8.

        Args:
            settings: arguments of `build`.
            draw: number of the draw; the same number gives the same pictures.
            copies: how often each image goes through, each time changed in another way.
        """
        from helpers.training.batches import seed_layers

        layers = self.build(**settings)
        batch = np.tile(self.images, (copies, 1, 1, 1)).astype("float32")
        layers.build((None, *batch.shape[1:]))
        seed_layers(layers, self.seed, draw)
        changed = np.clip(np.rint(layers(batch, training=True)), 0, 255).astype("uint8")
        return changed.reshape(copies, *self.images.shape)

    def still(self) -> str:
        """HTML of the picture without sliders: S1's numbers, weaker and stronger."""
        rows = {"as they are": self.images}
        for label, factor in {"half of S1's": 0.5, "S1's numbers": 1, "twice S1's": 2}.items():
            settings = {name: factor * slider.start for name, slider in S1_STRENGTHS.items()}
            (rows[label],) = self.draw({"flip": True, **settings})
        return _table(rows)

    def live(self, settings: Mapping[str, float], draw: int = 0) -> str:
        """HTML of the picture under the sliders: the images, and three draws."""
        rows = {"as they are": self.images}
        for number, pictures in enumerate(self.draw(settings, draw, copies=3), 1):
            rows[f"changed, {number}"] = pictures
        return _table(rows)

    def __repr__(self) -> str:
        return f"<augmentation of {len(self.images)} pictures: open the notebook to see it>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        if has_widgets():
            self._view = self._view or self._sliders()
        return bundle(repr(self), self.still, self._view)

    def _sliders(self):
        """The box of controls and picture. Tab and arrow keys reach and move each of them."""
        import ipywidgets

        flip = ipywidgets.Checkbox(value=True, description="flip left and right")
        sliders = {
            name: ipywidgets.FloatSlider(
                value=slider.start,
                min=0,
                max=slider.high,
                step=slider.high / 20,
                description=name,
                readout_format=".3g",
                continuous_update=False,  # one drawing a step, not a queue of them
            )
            for name, slider in S1_STRENGTHS.items()
        }
        again = ipywidgets.IntSlider(min=1, max=20, description="draw no.", continuous_update=False)
        picture = ipywidgets.HTML()

        def redraw(change=None) -> None:
            settings = {name: slider.value for name, slider in sliders.items()}
            picture.value = self.live({"flip": flip.value, **settings}, again.value - 1)

        for control in (flip, *sliders.values(), again):
            control.observe(redraw, names="value")
        redraw()
        return ipywidgets.VBox([flip, *sliders.values(), again, picture])


def _table(rows: Mapping[str, np.ndarray]) -> str:
    """HTML table with one row of pictures a label, for readers who can't see it with a text."""
    lines = []
    for label, images in rows.items():
        picture = image_tag(sheet(images, len(images), 2), f"{len(images)} pictures: {label}")
        lines.append(
            '<tr><th scope="row" style="text-align:right;padding-right:10px;font-weight:normal">'
            f'{html.escape(label)}</th><td style="padding:1px">{picture}</td></tr>'
        )
    return f'<table style="border-collapse:collapse">{"".join(lines)}</table>'
