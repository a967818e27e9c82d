"""Draw every image of the course that no camera took, into the folder of this file.

    python data/photos/draw.py

- `drawn/` and `new/`: markers, pencils, and pens on tables, for lesson 10; in `drawn/` the
  troubles of a real folder are planted on purpose.
- `garments/`: clothes as somebody at home would lay them down, three of each kind, for lesson 07.
- `odd/`: what is none of CIFAR-10's classes, for lesson 11.

They are good for trying a method out, and no proof that it works on real photos.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from implements import DARK, MAKERS, PALE, as_image, colors, noise, photo, turned
from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageFont, ImageOps
from scipy.interpolate import CubicSpline

FOLDER, SEED = Path(__file__).resolve().parent, 1001
WIDTH, HEIGHT, FINE = 240, 320, 2  # of a garment, drawn larger and averaged, for smooth edges
SHEETS = "93 93 92, 88 84 76, 80 85 90, 84 78 80, 74 76 74, 90 88 80"  # to lay it on
CLOTHES = "13 14 17, 15 22 42, 55 12 14, 16 34 26, 42 28 18, 45 47 50, 30 45 62, 62 36 42, 72 52 20"


class Shape(NamedTuple):
    """One piece of a garment: an outline to fill, or with `line` a stroke of that width."""

    points: np.ndarray  # (k, 2)
    color: np.ndarray  # (3,) in 0..1
    line: float = 0.0
    shade: float = 0.0  # how much darker its left and right edges are, 0..1


def outline(text: str, mirror: bool = False) -> np.ndarray:
    """Points such as "0.2,-1 0.6,-0.9", (k, 2), y downward; with their mirror image at x = 0."""
    points = np.array([pair.split(",") for pair in text.split()], float)
    return np.concatenate([points, points[::-1] * (-1, 1)]) if mirror else points


def smooth(points: np.ndarray) -> np.ndarray:
    """A closed curve through some points, (120, 2)."""
    closed = np.concatenate([points, points[:1]])
    at = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T) ** 0.5)])
    return CubicSpline(at, closed, bc_type="periodic")(np.linspace(0, at[-1], 120))


def seams(color: np.ndarray, *lines: str, width: float = 0.018) -> list[Shape]:
    """Thin strokes along some lines."""
    return [Shape(outline(line), color, width) for line in lines]


def t_shirt(rng, color) -> list[Shape]:
    sleeve, half, hem = rng.uniform(0.82, 0.98), rng.uniform(0.54, 0.62), rng.uniform(1.1, 1.35)
    body = f"0.24,-0.98 0.6,-0.86 {sleeve},-0.34 {sleeve - 0.22},-0.18 {half + 0.02},-0.42"
    shapes = [Shape(outline(f"{body} {half - 0.03},0.3 {half},{hem}", mirror=True), color, 0, 0.18)]
    other = rng.uniform(0.65, 0.9, 3) if color.mean() < 0.45 else rng.uniform(0.1, 0.35, 3)
    if (decoration := rng.integers(3)) == 1:
        for y in np.arange(-0.3, hem - 0.1, 0.22):
            stripe = outline(f"{half - 0.04},{y} {half - 0.04},{y + 0.09}", mirror=True)
            shapes.append(Shape(stripe, other, 0, 0.18))
    elif decoration == 2:
        shapes.append(Shape(outline("0.25,-0.3 0.25,0.2", mirror=True), other))
    neck = outline("0.24,-0.98 0.17,-0.87 0.06,-0.82", mirror=True)
    sides = [f"{side * 0.6},-0.86 {side * (half + 0.02)},-0.42" for side in (-1, 1)]
    return [*shapes, Shape(neck, color * 0.72), *seams(color * 0.72, *sides)]


def trousers(rng, color) -> list[Shape]:
    ankle, length = rng.uniform(0.18, 0.3), rng.uniform(1.2, 1.45)
    body = (
        f"0.4,-1 0.5,-0.55 {0.3 + ankle / 2},0.4 {0.13 + ankle},{length} 0.12,{length} 0.015,-0.3"
    )
    pockets = [f"{side * 0.26},-0.88 {side * 0.43},-0.66" for side in (-1, 1)]
    lines = ("0,-0.95 0.03,-0.6 0,-0.32", "-0.41,-0.91 0.41,-0.91", *pockets)
    return [Shape(outline(body, mirror=True), color, 0, 0.2), *seams(color * 0.72, *lines)]


def skirt(rng, color) -> list[Shape]:
    hem, end = rng.uniform(0.5, 0.95), rng.uniform(-0.05, 0.95)
    body = f"0.38,-1 0.44,-0.75 {(0.44 + hem) / 2},{(end - 0.75) / 2} {hem},{end}"
    places = np.linspace(-0.7, 0.7, int(rng.integers(2, 7)))
    folds = [f"{place * 0.4},-0.7 {place * hem},{end - 0.02}" for place in places]
    lines = seams(color * 0.72, *folds, "-0.385,-0.88 0.385,-0.88")
    return [Shape(outline(body, mirror=True), color, 0, 0.22), *lines]


def dress(rng, color) -> list[Shape]:
    hem, end, waist = rng.uniform(0.42, 0.75), rng.uniform(1.0, 1.5), rng.uniform(0.26, 0.34)
    sleeves = "0.6,-0.75 0.47,-0.66" if rng.random() < 0.5 else ""
    body = f"0.2,-1.1 0.38,-1.06 {sleeves} 0.36,-0.72 {waist},-0.2 {waist + 0.12},0.15 {hem},{end}"
    neck = outline("0.2,-1.1 0.14,-0.95 0.05,-0.88", mirror=True)
    folds = [f"{side * 0.1},-0.15 {side * hem * 0.5},{end - 0.03}" for side in (-1, 1)]
    lines = seams(color * 0.72, f"{-waist},-0.2 {waist},-0.2", *folds)
    return [Shape(outline(body, mirror=True), color, 0, 0.2), Shape(neck, color * 0.72), *lines]


def bag(rng, color) -> list[Shape]:
    top, high = rng.uniform(0.75, 0.95), rng.uniform(1.0, 1.3)
    wide, rise = rng.uniform(0.35, 0.55), -0.2 - rng.uniform(0.4, 0.75)
    handle = outline(f"{-wide},-0.15 {-wide * 0.8},{rise} {wide * 0.8},{rise} {wide},-0.15")
    body = outline(f"{top},-0.2 0.97,{high - 0.3} 0.93,{high - 0.2}", mirror=True)
    flap = outline(f"{top},-0.2 {top * 0.95},0.2 0.2,0.32", mirror=True)
    shapes = [Shape(handle, color * 0.8, rng.uniform(0.06, 0.1)), Shape(body, color, 0, 0.15)]
    shapes += [Shape(flap, color * 0.86, 0, 0.1)] * (rng.random() < 0.6)
    buckle = outline("0.07,0.2 0.07,0.36", mirror=True)
    return [*shapes, Shape(buckle, np.array([0.78, 0.68, 0.42]))]


def shoe(rng, color) -> list[Shape]:
    top, toe, low = rng.uniform(-0.58, -0.44), rng.uniform(-0.02, 0.06), rng.uniform(0.34, 0.4)
    upper = f"-0.98,0.2 -0.9,{toe} -0.6,-0.08 -0.25,-0.26 0.08,{top} 0.22,{top + 0.02} 0.48,-0.3"
    upper += f" 0.78,{top + 0.06} 0.92,{top + 0.04} 0.95,-0.1 0.95,0.26 0,0.28"
    sole = f"-1,0.18 0.97,0.16 1,0.28 0.96,{low} -0.9,{low} -1.02,{low - 0.08}"
    light = PALE if color.mean() < 0.55 else color * 0.5
    laces = ("-0.36,-0.24 -0.21,-0.12", "-0.2,-0.33 -0.05,-0.21", "-0.05,-0.42 0.09,-0.3")
    return [
        Shape(smooth(outline(upper)), color, 0, 0.12),
        Shape(outline(sole), (PALE, color * 0.55)[rng.integers(2)]),
        *seams(light, "0.05,0.14 0.22,-0.02 0.42,-0.12", width=0.07),
        *seams(light, *laces, width=0.035),
        *seams(color * 0.7, "-0.62,-0.07 -0.6,0.18"),
    ]


def boot(rng, color) -> list[Shape]:
    top, heel = -rng.uniform(0.75, 1.3), rng.uniform(0.36, 0.5)
    upper = f"-0.98,0.2 -0.92,0.02 -0.62,-0.12 -0.26,-0.28 -0.08,-0.56 -0.1,{top} 0.78,{top - 0.02}"
    upper += " 0.76,-0.5 0.86,-0.15 0.88,0.24 0,0.24"
    sole = f"-1,0.18 0.92,0.18 0.9,{heel} 0.5,{heel} 0.42,0.27 -0.98,0.3"
    ankle = seams(color * 0.7, "-0.08,-0.5 0.1,-0.3 0.3,-0.2 0.82,-0.15")
    zipper = seams(color * 0.65, f"0.3,{top + 0.03} 0.34,-0.2 0.3,0.1", width=0.03)
    return [Shape(outline(upper), color, 0, 0.15), Shape(outline(sole), DARK), *ankle, *zipper]


MAKE = {"t_shirt": t_shirt, "trousers": trousers, "dress": dress, "skirt": skirt, "shoe": shoe}
MAKE |= {"pair_of_shoes": shoe, "boot": boot, "pair_of_boots": boot, "bag": bag}


def laid_down(rng, shapes: list[Shape]) -> list[Shape]:
    """The shapes turned by some angle, and their straight edges no longer straight."""
    angle, bend, phase = rng.uniform(-0.3, 0.3), rng.uniform(0.02, 0.05), rng.uniform(0, 6, 2)
    turn = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    laid = []
    for shape in shapes:
        corners = shape.points if shape.line else np.vstack([shape.points, shape.points[:1]])
        every = np.arange(0, len(corners) - 1 + 1e-6, 0.1)
        along = [np.interp(every, np.arange(len(corners)), column) for column in corners.T]
        points = np.column_stack(along)
        points += bend * np.sin(4 * points[:, ::-1] + phase)
        laid.append(shape._replace(points=points @ turn))
    return laid


def garment(name: str, index: int) -> Image.Image:
    """A garment on a sheet or a table: not straight, with wrinkles and a shadow, off the middle."""
    rng = np.random.default_rng([SEED, list(MAKE).index(name), index])
    color = np.clip(colors(CLOTHES)[rng.integers(9)] + rng.normal(0, 0.03, 3), 0.05, 0.85)
    shapes = MAKE[name](rng, color)
    if name.startswith("pair"):  # the same once more, higher, to the right and behind
        offset = np.array([rng.uniform(0.25, 0.6), -rng.uniform(0.3, 0.6)])
        behind = [s._replace(points=s.points * 0.94 + offset) for s in laid_down(rng, shapes)]
        shapes = behind + laid_down(rng, shapes)
    else:
        shapes = laid_down(rng, shapes)
    points = np.concatenate([shape.points for shape in shapes])
    low, high, room = points.min(axis=0), points.max(axis=0), FINE * np.array([WIDTH, HEIGHT])
    scale = (room / (high - low)).min() * rng.uniform(0.6, 0.84)
    free = room - scale * (high - low)
    middle = room / 2 + free * rng.uniform(-0.35, 0.35, 2) - scale * (low + high) / 2
    canvas = np.zeros((*room[::-1], 4))  # the color, and 1 where anything lies
    for shape in shapes:
        at = shape.points * scale + middle
        layer = Image.new("1", tuple(room))
        path, pen = [tuple(point) for point in at], ImageDraw.Draw(layer)
        if shape.line:
            pen.line(path, 1, max(round(shape.line * scale), 1), joint="curve")
        else:
            pen.polygon(path, 1)
        left, right, inside = at[:, 0].min(), at[:, 0].max(), np.array(layer)
        side = (2 * np.arange(room[0]) - left - right) / max(right - left, 1)
        shaded = shape.color * (1 - shape.shade * np.clip(side, -1, 1) ** 2)[:, None]
        canvas[inside, :3] = shaded[np.nonzero(inside)[1]]
        canvas[inside, 3] = 1
    canvas = canvas.reshape(HEIGHT, FINE, WIDTH, FINE, 4).mean(axis=(1, 3))
    canvas, covered = canvas[..., :3], canvas[..., 3:]
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    # A lamp somewhere: one side is lighter, and the shadow falls to the other.
    lamp = rng.uniform(0, 2 * np.pi)
    slope = (np.cos(lamp) * (x / WIDTH - 0.5) + np.sin(lamp) * (y / HEIGHT - 0.5))[..., None]
    sheet = colors(SHEETS)[rng.integers(6)] * (1 + rng.uniform(0.05, 0.25) * slope)
    away = np.rint(-rng.uniform(3, 9) * np.array([np.sin(lamp), np.cos(lamp)])).astype(int)
    shadow = as_image(np.roll(covered, away, axis=(0, 1)).repeat(3, 2))
    shadow = np.asarray(shadow.filter(ImageFilter.GaussianBlur(rng.uniform(2, 6)))) / 255
    scene = sheet * (1 - rng.uniform(0.2, 0.5) * shadow)
    along, across = turned(rng, x, y)
    wrinkles = 1 + rng.uniform(0.3, 0.7) * (noise(rng, along, across / 5, 16.0) - 0.5)
    wrinkles += 0.2 * slope[..., 0] + 0.1 * (noise(rng, x, y, 1.5) - 0.5)
    scene = scene * (1 - covered) + canvas * wrinkles[..., None]
    return as_image(scene + rng.normal(0, 0.008, scene.shape))


def odd_images() -> dict[str, Image.Image]:
    """One image each of flat colors, noise, patterns, text, a face, and the implements."""
    rng = np.random.default_rng(SEED)
    x, y = np.meshgrid(*[(np.arange(128) + 0.5) / 128 - 0.5] * 2)
    angle = rng.uniform(0, np.pi)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    patterns = {
        "stripes": np.floor(along * rng.uniform(4, 10)) % 2,
        "checkerboard": (np.floor(along * 6) + np.floor(across * 6)) % 2,
        "rings": np.floor(np.hypot(x, y) * rng.uniform(6, 12)) % 2,
        "gradient": (along - along.min()) / np.ptp(along),
    }
    images = {name: Image.new("RGB", (128, 128), name) for name in ("black", "white")}
    images["noise"] = as_image(rng.random((32, 32, 3)))
    for name, part in patterns.items():
        first = rng.random(3)
        second = (first + rng.uniform(0.35, 0.65, 3)) % 1  # far enough from the first to be seen
        images[name] = as_image(first + (second - first) * part[..., None])
    images["text"] = Image.new("RGB", (128, 128), "navy")
    font = ImageFont.load_default(54.4)
    ImageDraw.Draw(images["text"]).text((64, 64), "EXIT", "orange", font, anchor="mm")
    images["face_drawing"] = Image.new("RGB", (128, 128), "teal")
    pen = ImageDraw.Draw(images["face_drawing"])
    pen.ellipse((25.6, 17.92, 102.4, 112.64), "#cd9673")
    for left in (39.68, 70.4):  # the eyes
        pen.ellipse((left, 44.8, left + 17.92, 58.88), "white")
        pen.ellipse((left + 6.4, 46.08, left + 14.08, 57.6), "black")
    pen.line((64, 61.44, 64, 74.24), "black", 3)
    pen.arc((46.08, 66.56, 81.92, 94.72), 20, 160, "black", 4)
    for number, kind in enumerate(MAKERS):
        images[kind.removesuffix("s")] = photo(kind, [SEED, number + 6], 128, 128)
    return {name: image.resize((32, 32), Image.Resampling.BOX) for name, image in images.items()}


def write_photos(folder: Path, count: int, seed: int) -> None:
    """JPEG files as from a phone: a quarter upright, some stored turned with an EXIF note."""
    for index in range(count):
        kind = list(MAKERS)[index % len(MAKERS)]
        rng = np.random.default_rng([seed, index, 1])  # apart from the scene's own chance
        size = (180, 240) if rng.random() < 0.25 else (240, 180)
        orientation = 6 if size[0] < size[1] else int(rng.choice([1, 1, 1, 3]))
        pixels = np.asarray(photo(kind, [seed, index], *size))
        # The pixels turned by quarters against the clock; the note turns them back.
        stored = Image.fromarray(np.rot90(pixels, {1: 0, 6: 1, 3: 2}[orientation]))
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        path = folder / kind / f"drawn_{kind[:-1]}_{index:03d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        stored.save(path, quality=int(rng.integers(60, 90)), exif=exif)


def plant_troubles(folder: Path) -> None:
    """Nine things that turn up in real folders."""
    pens, pencils, markers = folder / "pens", folder / "pencils", folder / "markers"
    shutil.copy(pens / "drawn_pen_002.jpg", pens / "copy_of_a_pen.jpg")
    shutil.copy(pens / "drawn_pen_005.jpg", pencils / "surely_a_pencil.jpg")
    (pens / "broken.jpg").write_bytes((pens / "drawn_pen_008.jpg").read_bytes()[:1500])
    (pens / "empty.png").touch()
    (pens / "Thumbs.db").write_bytes(b"made by the system")
    # Mirrored as it lies there, and the note that turns it upright is lost.
    ImageOps.mirror(Image.open(pens / "drawn_pen_023.jpg")).save(pens / "mirrored.jpg")
    marker = Image.open(markers / "drawn_marker_000.jpg")
    marker.resize((20, 15)).save(markers / "preview.png")
    marker.convert("CMYK").save(markers / "drawn_marker_000.jpg")  # the colors of a printer
    saved_from_web = pencils / "drawn_pencil_013.jpg"
    saved_from_web.rename(saved_from_web.with_suffix(".jpg_large"))


def main() -> None:
    """Write all folders anew."""
    for name in ("drawn", "new", "garments", "odd"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        (FOLDER / name).mkdir(parents=True)
    write_photos(FOLDER / "drawn", 102, SEED)
    plant_troubles(FOLDER / "drawn")
    write_photos(FOLDER / "new", 30, SEED + 1)
    for name in MAKE:
        for index in range(3):
            garment(name, index).save(FOLDER / "garments" / f"{name}_{index}.jpg", quality=85)
    for name, image in odd_images().items():
        image.save(FOLDER / "odd" / f"{name}.png")


if __name__ == "__main__":
    main()
