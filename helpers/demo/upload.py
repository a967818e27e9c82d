"""The field that takes a picture."""

from pathlib import Path

import gradio as gr

from helpers.errors import UserError


def picture_field(**settings) -> gr.Image:
    """Gradio's picture field, which hands the uploaded file on unopened: a `Path` or None.

    By itself it would decode the file with every decoder that Pillow has, and fetch addresses.
    Here only `helpers.pictures` decodes, and it knows which files to refuse.
    """
    image = gr.Image(type="filepath", **settings)
    fetch = image.async_move_resource_to_block_cache

    async def only_files(source):
        if source is not None and "://" in str(source):
            raise gr.Error(
                "An address was sent instead of a picture: upload the file.",
                print_exception=False,
            )
        return await fetch(source)

    image.async_move_resource_to_block_cache = only_files
    image.preprocess = _path
    return image


def _path(payload) -> Path | None:
    if payload is None:
        return None
    if payload.path is None:
        raise UserError("no file came with the request: upload a picture")
    return Path(payload.path)
