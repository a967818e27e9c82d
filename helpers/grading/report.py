"""What comes of a batch for people: a page for each student, one for the instructor, two tables.

Names, answers, printed texts and reasons are a stranger's. Every expression of a template passes
`plain` and is escaped; every cell of a table passes `_cell`.
"""

import csv
import functools
import hashlib
import itertools
import keyword
import re
import statistics
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape
from scipy import ndimage, sparse

from helpers import method
from helpers.grading.labs import Student
from helpers.settings import NOTEBOOKS

# Sign and word, for color alone says nothing in print or to who can't tell the colors apart.
_LOOKS = {
    "right": ("✓", "right", "good"),
    "partly": ("◐", "partly right", "some"),
    "wrong": ("✗", "not right yet", "bad"),
    "no_evidence": ("?", "could not be tried", "bad"),
    "open": ("○", "a person decides", "some"),
    "manual": ("○", "a person reads it", "some"),
}
_LIMITS = {
    "time": "Your cells had run for {time_s} seconds, the longest they may, and were stopped.",
    "ended": "Your cells ended the whole program that ran them; what stands behind was not run.",
    "output": "What came back was too much, or could not be read.",
    "memory": "Your cells asked for more than {memory_mb} MB of memory and were stopped.",
}
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff]"
)


def write(results: dict, out: Path, class_list: Sequence[Student] = ()) -> None:
    """Write grades.csv, similar.csv, summary.html, and a page for each student into a folder.

    Args:
        results: what results.json holds.
        out: the batch's folder.
        class_list: who should have handed in; who has not, gets a line in grades.csv.
    """
    records, pages = results["submissions"], _pages()
    for record in records:
        path = out / record["feedback"]
        path.parent.mkdir(parents=True, exist_ok=True)
        known = _feedback(record, record.get("bounds", results["limits"]))
        path.write_text(pages.get_template("feedback.html").render(known, batch=results), "utf-8")
    handed_in = {record["student"]["id"] for record in records}
    missing = [student for student in class_list if student.id not in handed_in]
    _write_csv(out / "grades.csv", _grades(records, missing))
    alike = _look_alikes(records)
    _write_csv(out / "similar.csv", [_ALIKE, *alike])
    known = _summary(records) | {"missing": missing, "pairs": len(alike), "batch": results}
    known["listed"] = bool(class_list)
    summary = pages.get_template("summary.html").render(known)
    (out / "summary.html").write_text(summary, "utf-8")


def plain(text: object, longest: int = 500) -> str:
    """A text without what a page, a table or a terminal could take for an order, and not too long.

    Control characters, lone surrogates and signs that turn the direction of writing become "�".
    """
    text = str(text)
    left_out = len(text) - longest
    text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text[:longest].replace("\r\n", "\n"))
    return f"{text} … ({left_out:,} more characters)" if left_out > 0 else text


# --- tables -------------------------------------------------------------------------------------


def _grades(records: list[dict], missing: Iterable[Student]) -> list[list]:
    tasks = list(dict.fromkeys(task["id"] for record in records for task in record["tasks"]))
    facts = ["status", "auto_score", "auto_max", "manual_max"]
    rows = [["student", "name", *facts, *tasks, "reason", "warnings"]]
    for record in records:
        points = {task["id"]: task["points"] for task in record["tasks"]}
        notes = "; ".join(record["limits"] + record["repairs"] + record["warnings"])
        cells = [record[fact] for fact in facts] + [points.get(task) for task in tasks]
        rows.append([*record["student"].values(), *cells, record["reason"], notes])
    empty = [None] * (len(tasks) + 5)
    return rows + [[student.id, student.name, "not handed in", *empty] for student in missing]


def _write_csv(path: Path, rows: Iterable[Sequence]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([list(map(_cell, row)) for row in rows])


def _cell(value: object) -> object:
    """Our numbers as they are; a text on one line, which no spreadsheet takes for a formula."""
    if value is None or isinstance(value, int | float):
        return value
    text = " ".join(plain(value, 300).split())
    # Some spreadsheets take wide forms of these signs for the signs themselves.
    return "'" + text if unicodedata.normalize("NFKC", text)[:1] in ("=", "+", "-", "@") else text


# --- pages --------------------------------------------------------------------------------------


def _pages() -> Environment:
    """The templates, with nothing in them but escaped texts that passed `plain`."""

    def tidy(value: object) -> object:
        return value if isinstance(value, Markup) or value is None else plain(value)

    folder = FileSystemLoader(Path(__file__).with_name("templates"))
    pages = Environment(
        loader=folder, autoescape=True, finalize=tidy, trim_blocks=True, lstrip_blocks=True
    )
    pages.globals["looks"] = _LOOKS
    pages.filters |= {
        "upto": lambda text, longest: escape(plain(text, longest)),
        "rich": _rich,
        "points": lambda number: f"{round(number, 2):g}",
        "lesson": _lesson,
        "address": lambda path: quote(path, errors="surrogateescape"),
    }
    return pages


def _rich(text: str) -> Markup:
    """What stands between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(plain(text, 1_000)))))


def _lesson(number: str) -> str:
    """Lesson 03 with its name, if there is such a lesson; "" for none."""
    names = {path.stem[:2]: path.stem[3:] for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")}
    named = f", {names[number]}".replace("_", " ") if number in names else ""
    return number and f"lesson {number}{named}"


def _feedback(record: dict, limits: dict) -> dict:
    """What a student's page is made of: the record, and what is seen in it."""
    titles = {task["id"]: task["title"] for task in record["tasks"]}
    told = [
        _LIMITS[name].format(**limits) if name in _LIMITS else f"A limit was reached: {name}."
        for name in record["limits"]
    ]
    printed = []
    for number, cell in enumerate(record["output"], 1):
        said = "\n".join(filter(None, (cell["text"], cell["error"])))
        if said and len(printed) < 20:
            printed.append((number, cell["source"].strip().partition("\n")[0], said))
    known = _catalog()
    return record | {
        "advice": [
            (one, known[one["bug"]]) for one in record["method"][:20] if one["bug"] in known
        ],
        "lost": [t for t in record["tasks"] if _lost(t) and record["status"] != "unreadable"],
        "notes": told
        + [f"Mended while reading: {text}" for text in record["repairs"]]
        + record["warnings"],
        "answers": [(titles.get(name, name), text) for name, text in record["answers"].items()],
        "printed": printed,
    }


def _lost(task: dict) -> bool:
    return task["points"] is not None and task["points"] < task["max"]


def _summary(records: list[dict]) -> dict:
    """What the instructor's page is made of."""
    waiting, by_task, causes = [], defaultdict(list), Counter()
    for record in records:
        why, needed = [record["reason"]], record["status"] != "graded"
        untried = record["status"] in ("partial", "failed")
        for task in record["tasks"]:
            if task["status"] == "open" or (untried and task["status"] == "no_evidence"):
                why.append(f"{task['title']}: {task['reason']}")
            if task["status"] != "manual":
                by_task[task["id"]].append(task)
            if task["cause"] and _lost(task):
                causes[task["title"], task["cause"], task["lesson"]] += 1
        if needed or len(why) > 1:
            waiting.append((record, " ".join(plain(text, 200) for text in why)))
    shares = [r["auto_score"] / r["auto_max"] for r in records if r["auto_max"]]
    tenths = Counter(min(int(share * 10 + 1e-9), 9) for share in shares)
    return {
        "records": sorted(records, key=lambda record: record["student"]["id"]),
        "confined": all(record["confined"] for record in records),
        "waiting": waiting,
        "stopped": [(record, record["limits"]) for record in records if any(record["limits"])],
        "shares": shares,
        "tenths": [tenths[tenth] for tenth in range(10)],
        "by_task": [_found(tasks) for tasks in by_task.values()],
        "causes": causes.most_common(15),
        "bugs": _bugs(records),
    }


def _bugs(records: list[dict]) -> list[tuple[dict, list[dict]]]:
    """What the records of method noticed: catalog entries with students, the commonest first."""
    by_bug = defaultdict(list)
    for record in records:
        for bug in {found["bug"] for found in record["method"]}:
            by_bug[bug].append(record)
    known = _catalog()
    listed = [(known[bug], found) for bug, found in by_bug.items() if bug in known]
    return sorted(listed, key=lambda pair: (-len(pair[1]), pair[0]["name"]))


@functools.cache  # asked for by the page of each student
def _catalog() -> dict[str, dict]:
    """Entries of the catalog of bugs, by id."""
    return method.catalog().to_dict("index")


def _found(tasks: list[dict]) -> tuple[str, float, float, list[tuple[str, float]]]:
    """Of one task's results: title, mean and most points, and the share of each status."""
    number = Counter(task["status"] for task in tasks)
    shares = [(status, number[status] / len(tasks)) for status in _LOOKS if number[status]]
    mean = statistics.mean(task["points"] or 0 for task in tasks)
    return tasks[0]["title"], mean, tasks[0]["max"], shares


# --- look-alikes --------------------------------------------------------------------------------

_ALIKE = ["kind", "student_a", "student_b", "likeness", "what (an aid for a person, no verdict)"]
_TOKEN = re.compile(
    r"(?P<comment>#[^\n]*)|(?P<string>('''|\"\"\").*?\3|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\")"
    r"|(?P<name>\.?[^\W\d]\w*)|\d[\w.]*|\\.|\S",
    re.DOTALL,
)
_KEPT = 1_000  # shingles of one submission; the smallest hashes are a fair sample of all
_ENOUGH = 40  # shingles: below that, two people write the same by chance
_CODE_LIKE, _PHOTO_LIKE = 0.6, 0.96


def code_fingerprint(sources: Sequence[str], given: Sequence[str]) -> dict:
    """What two submissions with the same code share, whatever they call their variables.

    Args:
        sources: the student's code cells; they need not be valid Python.
        given: the code cells of the student's copy, which everybody has.

    Returns:
        "shingles": sorted 32-bit hashes of five neighboring tokens, 1,000 at most, without those
        of `given`; "normalized": a digest of all of them, in any order, "" when there are none.
    """
    own = _shingles(sources) - _shingles(given)
    digest = hashlib.sha256(str(sorted(own)).encode()).hexdigest() if own else ""
    return {"normalized": digest, "shingles": sorted(own)[:_KEPT]}


def _shingles(sources: list[str]) -> set[int]:
    found = set()
    for source in sources:
        tokens = [_normal(match) for match in _TOKEN.finditer(source[:100_000])]
        tokens = list(filter(None, tokens))
        found |= {
            zlib.crc32(" ".join(tokens[i : i + 5]).encode("utf-8", "replace"))
            for i in range(len(tokens) - 4)
        }
    return found


def _normal(match: re.Match) -> str:
    """A token without what is easily changed; attributes are mostly a library's, and stay."""
    kind, text = match.lastgroup, match[0]
    if kind == "name":
        return text if text[0] == "." or keyword.iskeyword(text) else "n"
    return {"comment": "", "string": "s"}.get(kind, text)


def _look_alikes(records: list[dict]) -> list[list]:
    """Rows for similar.csv, the most alike first."""
    people = [record["student"]["id"] for record in records]
    rows = []
    for a, b, share in _alike_code(records):
        same = records[a]["code"]["normalized"] == records[b]["code"]["normalized"]
        what = "the same code but for names and comments" if same else f"{share:.0%} of the code"
        rows.append(["code", people[a], people[b], round(share, 3), what])
    for (a, b), count in _alike_photos(records).items():
        share = count / min(len(records[a]["photos"]), len(records[b]["photos"]))
        rows.append(["photos", people[a], people[b], round(min(share, 1), 3), f"{count} photos"])
    return sorted(rows, key=lambda row: (-row[3], *row[:3]))


def _alike_code(records: list[dict]) -> list[tuple[int, int, float]]:
    """Pairs of rows, and the share of the shorter code that stands in the other as well.

    What many have written in the same way is the task's doing, and does not count.
    """
    everything = [set(record["code"]["shingles"]) for record in records]
    number = Counter(itertools.chain.from_iterable(everything))
    common = {shingle for shingle, n in number.items() if n > max(4, len(records) / 5)}
    own = [shingles - common for shingles in everything]
    column = {shingle: place for place, shingle in enumerate(set().union(*own))}
    rows = [row for row, shingles in enumerate(own) for _ in shingles]
    columns = [column[shingle] for shingles in own for shingle in shingles]
    shape = len(own), max(1, len(column))
    table = sparse.csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape)
    shared = sparse.triu(table @ table.T, 1).tocoo()
    pairs = []
    for a, b, both in zip(shared.row, shared.col, shared.data, strict=True):
        shorter = min(len(own[a]), len(own[b]))
        if shorter >= _ENOUGH and both >= _CODE_LIKE * shorter:
            pairs.append((int(a), int(b), float(both / shorter)))
    return pairs


def detail(thumbnails: Sequence) -> np.ndarray:
    """Gray thumbnails (n, 16, 16) without brightness and large areas, each of length 1."""
    gray = np.asarray(thumbnails, np.float32).reshape(-1, 16, 16)
    gray = gray - ndimage.gaussian_filter(gray, (0, 2, 2), mode="nearest")
    gray -= gray.mean(axis=(1, 2), keepdims=True)
    return gray / np.linalg.norm(gray, axis=(1, 2), keepdims=True).clip(16)


def likeness(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, m) correlations of details, of the best of eight ways to turn and mirror the others."""
    turned = [np.rot90(others, k, axes=(1, 2)) for k in range(4)]
    views = [*turned, *(view[:, :, ::-1] for view in turned)]
    flat = some.reshape(-1, 256)
    return np.max([flat @ view.reshape(-1, 256).T for view in views], axis=0)


def _alike_photos(records: list[dict]) -> dict[tuple[int, int], int]:
    """Of pairs of rows, how many photos of the first are near-copies of one of the second.

    One photo alone may be alike by chance.
    """
    owner = np.array([row for row, record in enumerate(records) for _ in record["photos"]], int)
    photos = [photo for record in records for photo in record["photos"]]
    details, matches = detail(photos), set()
    for start in range(0, len(details), 1_000):  # a class may have ten thousand
        block = details[start : start + 1_000]
        for photo, other in np.argwhere(likeness(block, details) > _PHOTO_LIKE):
            a, b = owner[start + photo], owner[other]
            if a < b:
                matches.add((int(a), int(b), int(start + photo)))
    counts = Counter((a, b) for a, b, _ in matches)
    sizes = Counter(owner.tolist())
    return {(a, b): n for (a, b), n in counts.items() if n >= min(2, sizes[a], sizes[b])}


def shared_photos(records: list[dict]) -> dict[str, str]:
    """For each student whose photos somebody else has handed in as well, one sentence.

    It names nobody, for the student reads it; similar.csv does.
    """
    most = Counter()
    for pair, count in _alike_photos(records).items():
        for row in pair:
            most[row] = max(most[row], count)
    return {
        records[row]["student"]["id"]: f"{count} of the {len(records[row]['photos'])} photos look "
        "like photos that another student handed in; a person looks at them."
        for row, count in most.items()
    }
