"""The drawn images: the script makes those that lie beside it, under the same names."""

import sys

import numpy as np
from PIL import Image

from helpers.settings import DATA

sys.path.insert(0, str(DATA / "photos"))  # a script, and no part of the package

import draw as drawings

KEPT = drawings.FOLDER


def same(folder, kept):
    """Nearly: encoders and fonts differ a little between versions."""
    for path in folder.rglob("*.???"):
        drawn, there = (
            np.asarray(Image.open(file), int) for file in (path, kept / path.relative_to(folder))
        )
        assert np.abs(drawn - there).mean() < 1, path


def test_all_files_are_written_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(drawings, "FOLDER", tmp_path)
    monkeypatch.setattr(
        drawings, "photo", lambda *scene: Image.new("RGB", (240, 180))
    )  # in no time
    drawings.main()
    here, there = (
        # The import above may leave a __pycache__ beside the scripts.
        {p.relative_to(f) for p in f.glob("*/**/*.*") if p.parent.name != "__pycache__"}
        for f in (tmp_path, KEPT)
    )
    assert here == there
    same(tmp_path / "garments", KEPT / "garments")


def test_photos_and_odd_images_are_drawn_as_they_were(tmp_path):
    drawings.write_photos(tmp_path / "new", 6, drawings.SEED + 1)
    (tmp_path / "odd").mkdir()
    for name, image in drawings.odd_images().items():
        image.save(tmp_path / "odd" / f"{name}.png")
    same(tmp_path, KEPT)
