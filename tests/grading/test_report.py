"""Pages and tables: every text of a stranger is only a text, and who looks alike is found."""

import csv
import time
from html.parser import HTMLParser

import numpy as np
import pytest
from markupsafe import escape

from helpers import method
from helpers.grading import report
from helpers.grading.labs import Student
from tests.grading.small_lab import HOSTILE, record, results

OURS = {
    "status",
    "feedback",
    "lesson",
    "id",
    "normalized",
    "bug",
}  # texts that are never a student's


def filled(thing, text, key=""):
    """A copy with every text of a student's replaced."""
    if isinstance(thing, dict):
        return {k: v if k in OURS else filled(v, text, k) for k, v in thing.items()}
    if isinstance(thing, list):
        return [filled(item, text, key) for item in thing]
    return text if isinstance(thing, str) else thing


def everything(id, text):
    full = record(id, limits=["time", ""], repairs=[""], warnings=[""], reason="why")
    full["tasks"].append(full["tasks"][0] | {"id": "other", "status": "open"})
    full["output"][0]["error"] = "NameError"
    full["method"] = [{"cell": 1, "bug": "test", "reason": "why"}]
    return filled(full, text)


class Tags(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))

    def handle_data(self, data):
        self.texts.append(data)


def table(path):
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("text", [HOSTILE, "\"'><b>" * 20_000, "=1+1", "\t@x", "\r\n-2", "＝A1"])
def test_hostile_texts_are_only_texts(tmp_path, text):
    for folder, said in (("plain", "x"), ("hostile", text)):
        batch = results(everything("s1", said), everything("s2", said), versions={"keras": said})
        report.write(batch, tmp_path / folder, [Student("s1"), Student("s9", said)])
    pages = sorted((tmp_path / "hostile").rglob("*.html"))
    assert len(pages) == 3
    for page in pages:
        hostile, harmless = (
            [tag for tag in Tags(tmp_path / kind / page.relative_to(tmp_path / "hostile")).tags
             if tag[0] != "code"]  # which stands for a pair of backticks
            for kind in ("hostile", "plain")
        )  # fmt: skip
        assert hostile == harmless and "script" not in dict(hostile)
        names = {name for _, attrs in hostile for name, _ in attrs}
        assert names <= {"class", "href", "style", "lang", "charset", "name", "content",
                         "http-equiv", "aria-hidden"}  # fmt: skip
        assert not any(sign in page.read_text("utf-8") for sign in "\x00\x1b\u202e\ufffe\r")
        assert page.stat().st_size < 250_000
    for row in table(tmp_path / "hostile" / "grades.csv")[1:]:
        assert len(row) == 11
        for cell in row:
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "＝") and len(cell) < 400
            assert "\n" not in cell


def test_names_of_files_are_links_and_no_markup(tmp_path):
    report.write(results(record("a\"'<b>&#?x", feedback="feedback/a\"'<b>&#?x.html")), tmp_path)
    links = [
        dict(attrs)["href"] for tag, attrs in Tags(tmp_path / "summary.html").tags if tag == "a"
    ]
    assert "feedback/a%22%27%3Cb%3E%26%23%3Fx.html" in links
    assert (tmp_path / "feedback" / "a\"'<b>&#?x.html").exists()


def test_what_a_record_noticed_is_advice_for_both(tmp_path):
    noticed = [{"cell": 2, "bug": bug, "reason": f"seen: {bug}."} for bug in ("test", "no such")]
    report.write(results(record("s1", method=noticed), record("s2")), tmp_path)
    told, other, summary = (
        (tmp_path / name).read_text("utf-8")
        for name in ("feedback/s1.html", "feedback/s2.html", "summary.html")
    )
    entry = method.catalog().loc["test"]
    for text in ("Code cell 2", "seen: test.", "no mark depends on it", str(escape(entry["why"]))):
        assert text in told
    assert "seen: no such" not in told
    assert "How you trained and judged" not in other
    assert "How they trained and judged" in summary
    assert summary.count("feedback/s2.html") == 1  # among everybody


def test_grades_keep_numbers_and_name_who_is_missing(tmp_path):
    batch = results(record("s1", auto_score=-0.5), record("-s2"))
    report.write(batch, tmp_path, [Student("s1"), Student("s3", "Zoë")])
    rows = table(tmp_path / "grades.csv")
    assert rows[1][:7] == ["s1", "Ada", "graded", "-0.5", "3", "4", "1.5"]
    assert rows[2][0] == "'-s2"
    assert [rows[3][0], *rows[3][1:3], rows[3][3]] == ["s3", "Zoë", "not handed in", ""]


def test_a_student_reads_what_was_lost_and_why(tmp_path):
    poor = record("s1", limits=["time"], confined=False)
    poor["tasks"][0]["hint"] = "Multiply. Not `x + 1`."
    lost = record("s3", status="unreadable", reason="The file is empty.", tasks=[], auto_score=0)
    report.write(results(poor, record("s2", 3), lost, confined=False), tmp_path)
    page = " ".join(Tags(tmp_path / "feedback" / "s1.html").texts)
    for said in ("Automatic part:", "1.5", "2 of 4 hidden calls", "It adds one.", "Multiply.",
                 "x + 1", "lesson 03, augmentation", "◐", "partly right", "It doubles.", "mine",
                 "60 seconds", "Conclusions (4 points)", "without the closed room"):  # fmt: skip
        assert said in page, said
    assert "<code>x + 1</code>" in (tmp_path / "feedback" / "s1.html").read_text("utf-8")
    assert "well done" in (tmp_path / "feedback" / "s2.html").read_text("utf-8")
    assert "The file is empty." in (tmp_path / "feedback" / "s3.html").read_text("utf-8")
    summary = " ".join(Tags(tmp_path / "summary.html").texts)
    for said in ("NOT CONFINED", "Who needs a person (1)", "The file is empty.", "It adds one."):
        assert said in summary, said


# --- look-alikes --------------------------------------------------------------------------------

OWN = """
def augment(images, rng):
    # turn some of them
    flip = rng.random(len(images)) < 0.5
    images[flip] = images[flip, :, ::-1]
    noise = rng.normal(0, 3, images.shape)
    return (images + noise).clip(0, 255).astype("uint8")
"""
RENAMED = OWN.replace("images", "x").replace("flip", "mask").replace("# turn some", "# other words")
OTHER = """
def augment(images, rng):
    turned = []
    for image in images:
        if rng.integers(2):
            image = np.fliplr(image)
        turned.append(np.roll(image, rng.integers(-4, 5), axis=1))
    return np.stack(turned)
"""
GIVEN = "import keras\nimport numpy as np\nrng = np.random.default_rng(1)\n" * 10


def coded(id, *sources):
    return record(id, code=report.code_fingerprint(list(sources), [GIVEN]))


def test_code_that_was_passed_on_is_found(tmp_path):
    batch = [
        coded("a", GIVEN, OWN), coded("b", RENAMED, GIVEN), coded("c", GIVEN, OTHER),
        coded("d", OTHER + OWN), coded("e", GIVEN), coded("f", GIVEN),
        coded("g", "def ''' (%%\n\0"),
    ]  # fmt: skip
    report.write(results(*batch), tmp_path)
    head, *rows = table(tmp_path / "similar.csv")
    assert "no verdict" in head[-1]
    assert rows[0][:4] == ["code", "a", "b", "1.0"] and "the same code" in rows[0][4]
    assert {(row[1], row[2]) for row in rows} == {("a", "b"), ("a", "d"), ("b", "d"), ("c", "d")}


@pytest.mark.parametrize("source", ["'''" * 40_000, "((((" * 40_000, "\\\n" * 9, "\ud800 = 'x"])
def test_a_fingerprint_is_bounded_and_never_fails(source):
    start = time.perf_counter()
    found = report.code_fingerprint([source], [])
    assert len(found["shingles"]) <= 1_000 and time.perf_counter() - start < 5


def test_photos_that_were_passed_on_are_found(tmp_path):
    rng = np.random.default_rng(0)
    own = rng.integers(20, 200, (6, 3, 16, 16))
    own[1, :2] = np.clip(own[0, :2, :, ::-1] * 1.2 + 8 + rng.normal(0, 8, (2, 16, 16)), 0, 255)
    own[3, 0] = own[2, 0]  # one alone may be by chance
    own[4:] = 255  # and nothing is like nothing
    batch = [
        record(f"s{n}", photos=photos.reshape(3, 256).tolist()) for n, photos in enumerate(own)
    ]
    shared = report.shared_photos(batch)
    assert set(shared) == {"s0", "s1"} and "2 of the 3" in shared["s0"] and "s1" not in shared["s0"]
    report.write(results(*batch), tmp_path)
    assert [row[:3] for row in table(tmp_path / "similar.csv")[1:]] == [["photos", "s0", "s1"]]
    assert report.shared_photos([record()]) == {}


def test_look_alikes_of_a_large_class_take_seconds(tmp_path):
    rng = np.random.default_rng(0)
    hashes = [sorted(rng.integers(0, 2**32, 1_000).tolist()) for _ in range(300)]
    photos = rng.integers(0, 256, (300, 20, 256)).tolist()
    batch = [
        record(f"s{n}", code={"normalized": "", "shingles": h}, photos=p)
        for n, (h, p) in enumerate(zip(hashes, photos, strict=True))
    ]
    start = time.perf_counter()
    report.write(results(*batch), tmp_path)
    assert time.perf_counter() - start < 30
