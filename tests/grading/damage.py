"""Damaged and odd ways to hand in one good notebook.

    for name, files, what in damaged(notebook, "lab1", {"lab1.weights.h5": b"…"}): …

`files` are paths below SUBMISSIONS with their bytes, a name that ends with "/" being an empty
folder; all are of one student. `what` is "same" where the marks must be those of the good notebook,
"unreadable" where no notebook can be told, and "less" where something is lost for good, so that
nothing more is asked than a record.
"""

import ast
import copy
import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator

MOODLE = "Ada Lovelace_12345_assignsubmission_"
CANVAS = "lovelaceada_{}12345_67890_"


def damaged(
    notebook: dict, lab: str, beside: dict[str, bytes] | None = None
) -> Iterator[tuple[str, dict[str, bytes], str]]:
    """See the module. `beside` are good files that belong beside the notebook."""
    beside = beside or {}
    good = _bytes(notebook)
    home = {f"ada/{name}": data for name, data in beside.items()}
    for name, data in _files(notebook, good):
        yield name, home | {f"ada/{lab}.ipynb": data}, "same"
    for name, change in _CHANGES.items():
        changed = copy.deepcopy(notebook)
        changed["cells"] = change(changed["cells"])
        yield name, home | {f"ada/{lab}.ipynb": _bytes(changed)}, "same"
    for name, files in _layouts(notebook, good, lab, beside):
        yield name, files, "same"
    for name, data in _broken(notebook, good):
        yield name, {f"ada/{lab}.ipynb": data}, "unreadable"
    for name, files in _hopeless(notebook, good, lab):
        yield name, files, "unreadable"
    cells = notebook["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    lost = {
        "no cell": [],
        "empty cells": [{"cell_type": "code"}] * 20_000,
        "one endless cell": [_code("x = 1\n" * 200_000)],
        "no answers": [cell for cell in cells if not _is_answer(cell)],
        "code as one cell": [_code("\n".join(map(_source, code)))],
        "code in reverse": cells[::-1],
        "zero bytes in code": [_code("a = '\0'"), *cells[1:]],
        "30,000 cells": [_code(f"a{i} = {i}") for i in range(30_000)],
        "deep code": [_code("(" * 5_000), _code("-" * 50_000 + "1"), *cells[2:]],
        "another notebook": [_code("print('hello')"), _text("# Shopping list")],
    }
    for name, cells in lost.items():
        yield name, home | {f"ada/{lab}.ipynb": _bytes(notebook | {"cells": cells})}, "less"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _bytes(notebook: object) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _source(cell: dict) -> str:
    return "".join(cell["source"])


def _code(source: str, **more) -> dict:
    empty = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "source": source} | empty | more


def _text(source: str, **more) -> dict:
    return {"cell_type": "markdown", "source": source, "metadata": {}} | more


def _grader(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


def _is_answer(cell: dict) -> bool:
    return bool(_grader(cell).get("solution"))


def _is_test(cell: dict) -> bool:
    return bool(_grader(cell).get("grade")) and not _is_answer(cell)


def _is_manual(cell: dict) -> bool:
    return _is_answer(cell) and bool(_grader(cell).get("grade"))


# --- the same notebook in another file ----------------------------------------------------------


def _files(notebook: dict, good: bytes) -> Iterator[tuple[str, bytes]]:
    text = good.decode()
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield f"in {encoding}", text.encode(encoding)
    yield "escaped to ASCII", json.dumps(notebook, indent=4).encode()
    yield (
        "Windows line ends in the file",
        json.dumps(notebook, indent=1).replace("\n", "\r\n").encode(),
    )
    latin = notebook | {"cells": [_text("Stra\N{LATIN SMALL LETTER SHARP S}e"), *notebook["cells"]]}
    yield "a letter in Latin 1", json.dumps(latin).replace("\\u00df", "\xdf").encode("latin-1")
    sheet = copy.deepcopy(notebook["cells"])
    for cell in sheet:
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "prompt_number": 1}
    heading = {"cell_type": "heading", "level": 1, "source": "Lab", "metadata": {}}
    third = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}}
    yield "format 3", _bytes(third | {"worksheets": [{"cells": [heading, *sheet]}]})
    metadata = {
        "Colab": {
            "colab": {"provenance": []},
            "accelerator": "GPU",
            "kernelspec": {"name": "python3"},
        },
        "VS Code": {"language_info": {"name": "python", "version": "3.12"}, "vscode": {}},
        "a kernel of Conda": {"kernelspec": {"name": "conda-env-tf", "display_name": "TF"}},
        "a kernel of R": {"kernelspec": {"name": "ir", "language": "R"}},
        "a kernel of Julia": {"language_info": {"name": "julia"}},
        "a list as metadata": [1, 2],
        "no metadata": None,
    }
    for name, value in metadata.items():
        yield f"metadata: {name}", _bytes(notebook | {"metadata": value})
    yield "no version", _bytes({"cells": notebook["cells"]})
    yield "a version of the future", _bytes(notebook | {"nbformat": 9, "nbformat_minor": 99})
    odd = b'{"odd": [NaN, Infinity, -1e999, %s, "\x01\t"], ' % (b"9" * 6_000)
    yield "odd numbers and control characters", odd + good[1:]
    yield "a key twice", b'{"cells": 1, ' + good[1:]
    yield (
        "unknown keys everywhere",
        _bytes(
            notebook
            | {"x": {}, "cells": [cell | {"y": None, "id": 7} for cell in notebook["cells"]]}
        ),
    )


# --- other cells --------------------------------------------------------------------------------


def _each(change: Callable[[dict], object]) -> Callable[[list], list]:
    """A change of every cell in place, or by the cell or cells that `change` gives."""

    def apply(cells: list) -> list:
        found = []
        for cell in cells:
            new = change(cell)
            found += new if isinstance(new, list) else [new if isinstance(new, dict) else cell]
        return found

    return apply


def _no_id(cell: dict) -> None:
    cell.pop("id", None)
    cell["metadata"].pop("nbgrader", None)


def _split(cell: dict) -> list[dict]:
    """Code cells in two at a statement, as JupyterLab does it: both keep the metadata."""
    source = _source(cell)
    if cell["cell_type"] != "code" or _is_test(cell) or len(body := ast.parse(source).body) < 2:
        return [cell]
    lines = source.split("\n")
    cut = body[-1].lineno - 1
    return [cell | {"source": "\n".join(lines[:cut])}, cell | {"source": "\n".join(lines[cut:])}]


def _merged(cells: list) -> list:
    """Every test moved to the end of the cell before it."""
    found = []
    for cell in cells:
        if found and _is_test(cell) and found[-1]["cell_type"] == "code":
            found[-1]["source"] = _source(found[-1]) + "\n\n" + _source(cell)
        else:
            found.append(cell)
    return found


def _manual_split(cell: dict) -> list[dict]:
    if not _is_manual(cell):
        return [cell]
    return [cell | {"source": "YOUR ANSWER HERE"}, _text(_source(cell))]


def _retyped(test: Callable[[dict], bool], kind: str) -> Callable[[dict], None]:
    def change(cell: dict) -> None:
        if test(cell):
            cell["cell_type"] = kind
            for key in ("outputs", "execution_count"):
                cell.pop(key, None)

    return change


def _outputs(cell: dict) -> None:
    if cell["cell_type"] == "code":
        error = {"output_type": "error", "ename": 1, "evalue": None, "traceback": "x"}
        image = {"output_type": "display_data", "data": {"image/png": "AAAA" * 9_000}}
        cell["outputs"] = [None, 3, {"output_type": []}, error, image, [[]]]
        cell["execution_count"] = "seven"


def _is_code_answer(cell: dict) -> bool:
    return _is_answer(cell) and cell["cell_type"] == "code"


def _is_given(cell: dict) -> bool:
    return cell["cell_type"] == "code" and not _grader(cell).get("grade") and not _is_answer(cell)


_NOISE = [_text("My notes"), _code("# a note"), _code(""), {"cell_type": "raw", "source": "---"}]
_CHANGES: dict[str, Callable[[list], list]] = {
    "no ids of cells": _each(lambda cell: cell.pop("id", None)),
    "the same id in all cells": _each(lambda cell: cell.update(id="a")),
    "no metadata of nbgrader": _each(_no_id),
    "sources as lists": _each(lambda c: c.update(source=_source(c).splitlines(keepends=True))),
    "lists without line ends": _each(lambda c: c.update(source=_source(c).split("\n"))),
    "odd things in sources": _each(lambda c: c.update(source=[None, _source(c), 3, {}])),
    "Windows line ends": _each(lambda c: c.update(source=_source(c).replace("\n", "\r\n"))),
    "spaces at line ends": _each(
        lambda c: c.update(source=_source(c).replace("\n", "  \n") + "\n")
    ),
    "a mark of order in each cell": _each(lambda c: c.update(source="\ufeff" + _source(c))),
    "half a letter": lambda cells: [_text("\ud83d"), _code("half = '\ud83d'"), *cells],
    "read-only": _each(lambda c: c["metadata"].update(editable=False, deletable=False)),
    "cells of Colab": _each(lambda c: c["metadata"].update(id="Xy", colab={"height": 3})),
    "cells of VS Code": _each(lambda c: c["metadata"].update(vscode={"languageId": "python"})),
    "attachments": _each(lambda c: c.update(attachments={"a.png": {"image/png": "AAAA"}})),
    "odd outputs": _each(_outputs),
    "no kinds of code cells": _each(
        lambda c: c.pop("cell_type") if c["cell_type"] == "code" else None
    ),
    "noise between": _each(lambda c: [c] if _is_manual(c) else [c, *copy.deepcopy(_NOISE[1:])]),
    "things that are no cells": lambda cells: [None, 3, "x", [], *cells, {}, {"source": {}}],
    "magics": lambda cells: [_code("%matplotlib inline"), _code("!pip list"), *cells],
    "errors between": _each(lambda c: [_code("this is no python"), _code("1 / 0"), c]),
    "code cells split": _each(_split),
    "tests merged with answers": _merged,
    "tests gone": lambda cells: [cell for cell in cells if not _is_test(cell)],
    "tests at the end": lambda cells: sorted(cells, key=_is_test),
    "tests twice": _each(lambda c: [c, copy.deepcopy(c)] if _is_test(c) else [c]),
    "tests as text": _each(_retyped(_is_test, "markdown")),
    "all cells twice": _each(lambda c: [c] if _is_manual(c) else [c, copy.deepcopy(c)]),
    "given cells gone": lambda cells: [cell for cell in cells if not _is_given(cell)],
    "given cells raw": _each(_retyped(_is_given, "raw")),
    "texts gone": lambda cells: [c for c in cells if c["cell_type"] == "code" or _is_manual(c)],
    "answers as text": _each(_retyped(_is_code_answer, "markdown")),
    "answers raw": _each(_retyped(_is_code_answer, "raw")),
    "functions as text, no metadata": lambda cells: _each(_no_id)(
        _each(_retyped(lambda c: _is_code_answer(c) and "def " in _source(c), "markdown"))(cells)
    ),
    "hand-marked texts as code": _each(
        lambda c: (
            c.update(_code(_source(c), metadata=c["metadata"]))
            if _is_manual(c) and c["cell_type"] == "markdown"
            else None
        )
    ),
    "hand-marked texts in new cells": _each(_manual_split),
}


# --- other places -------------------------------------------------------------------------------


def _layouts(
    notebook: dict, good: bytes, lab: str, beside: dict[str, bytes]
) -> Iterator[tuple[str, dict[str, bytes]]]:
    def at(folder: str, name: str = f"{lab}.ipynb") -> dict[str, bytes]:
        return {folder + file: data for file, data in (beside | {name: good}).items()}

    blank = copy.deepcopy(notebook)
    for cell in blank["cells"]:
        if _is_answer(cell):
            cell["source"] = "..."
    blank, cut = _bytes(blank), good[: len(good) // 2]
    for name in (
        "my work.ipynb",
        f"{lab.upper()}.IPYNB",
        f"{lab} (1).ipynb",
        f"{lab}.ipynb.txt",
        f"{lab}.ipynb.json",
        f"{lab}.json",
        "Übung\n=1+2\u202e.ipynb",
        "a" * 200 + ".ipynb",
    ):
        yield f"named {name[:20]!r}", at("ada/", name)
    yield "nbgrader", at(f"ada/{lab}/") | {f"ada/{lab}/timestamp.txt": b"2026-01-01"}
    yield "nbgrader's course", at(f"submitted/ada/{lab}/") | {"source/lab/lab.ipynb": blank}
    yield "a deep folder", at("ada/a/b c/d/")
    yield "a checkpoint", at("ada/") | {"ada/.ipynb_checkpoints/x-checkpoint.ipynb": blank}
    yield "system files", at("ada/") | {".DS_Store": b"x", "Thumbs.db": b"", "ada/.DS_Store": b""}
    yield "a copy beside", at("ada/") | {"ada/copy.ipynb": good}
    yield "the empty copy beside", at("ada/", "mine.ipynb") | {f"ada/{lab}.ipynb": blank}
    yield (
        "a cut copy beside",
        at("ada/") | {"ada/a.ipynb": cut, "ada/b.ipynb": b"", "ada/c.zip": cut},
    )
    other = _bytes({"cells": [_code("a = 1")] * 90, "nbformat": 4, "nbformat_minor": 5})
    yield "another lab beside", at(f"ada/{lab}/") | {"ada/lab9/lab9.ipynb": other}
    yield "much beside", at("ada/") | {f"ada/x/{i}.txt": b"x" for i in range(2_500)}
    for kind in ("file_", "file"):
        yield f"Moodle's folder {kind}", at(f"{MOODLE}{kind}/")
    text = {f"{MOODLE}onlinetext_/onlinetext.html": b"<p>Hello</p>"}
    yield "Moodle's folder and text", at(f"{MOODLE}file_/") | text
    yield "Moodle's folder with a zip", {f"{MOODLE}file_/Work.ZIP": zipped(at("x/"))}
    if not any("/" in name for name in beside):
        yield "Moodle's loose files", at(f"{MOODLE}file_")
        yield "Canvas", at(CANVAS.format(""))
        yield "Canvas, late and again", at(CANVAS.format("LATE_"), f"{lab}-2.ipynb")
    yield "Canvas, a zip", {CANVAS.format("") + "work-1.zip": zipped(at(""))}
    if not beside:
        yield "a loose notebook", {"ada.ipynb": good}
    yield "a zip", {"ada.zip": zipped(at(""))}
    yield "a zip with a folder", {"ada.zip": zipped(at("ada/"))}
    yield "a zip in a zip", {"ada.zip": zipped({"inner.zip": zipped(at("x/"))})}
    yield "a zip of a Mac", {"ada.zip": zipped(at("x/") | {"__MACOSX/x/._lab.ipynb": b"\0"})}
    yield "a zip of Windows", {"ada.zip": zipped(at("x\\y\\"))}
    hostile = {"../../etc/up.ipynb": blank, "/etc/passwd.ipynb": blank, "C:\\x\\..\\y": b""}
    yield "a zip that leads elsewhere", {"ada.zip": zipped(hostile | at(""))}
    bomb = zipped({"bomb.bin": bytes(150_000_000)})
    yield "a bomb beside", at("ada/") | {"ada/bomb.zip": zipped({"a.zip": bomb, "b.zip": bomb})}
    yield "the class in a zip", {"class.zip": zipped(at(f"class/{MOODLE}file/"))}


# --- nothing to read ----------------------------------------------------------------------------


def _broken(notebook: dict, good: bytes) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "cut in two", good[: len(good) // 2]
    yield "zeros", bytes(5_000)
    yield "noise", random.Random(1).randbytes(5_000)
    yield "a page", b"<!DOCTYPE html><html><body>lab1.ipynb</body></html>"
    yield "a conflict of git", b"<<<<<<< HEAD\n" + good
    yield "twice in one file", good + good
    yield "packed", gzip.compress(good)
    yield "deep lists", b"[" * 100_000
    yield "deep cells", b'{"cells": ' + b'[{"a":' * 50_000 + b"1" + b"}]" * 50_000 + b"}"
    for value in ([], 3, None, "x", {}, {"cells": 3}, {"cells": {}}, {"worksheets": [3]}):
        yield f"JSON: {json.dumps(value)}", _bytes(value)
    yield "21 MB", _bytes(notebook | {"cells": [*notebook["cells"], _text("x" * 21_000_000)]})


def _hopeless(notebook: dict, good: bytes, lab: str) -> Iterator[tuple[str, dict[str, bytes]]]:
    yield "an empty folder", {"ada/": b""}
    yield "a folder of system files", {"ada/.DS_Store": b"x", "ada/__MACOSX/x.ipynb": good}
    yield "only a page", {"ada/lab1.html": b"<html></html>", "ada/lab1.py": b"x = 1"}
    yield "only a loose document", {"ada.pdf": b"%PDF"}
    yield "Moodle's text alone", {f"{MOODLE}onlinetext_/onlinetext.html": b"<p>Sorry</p>"}
    yield "another archive", {"ada/lab1.rar": b"Rar!"}
    whole = zipped({f"{lab}.ipynb": good})
    yield "a cut zip", {"ada.zip": whole[: len(whole) // 2]}
    yield "an empty zip", {"ada.zip": zipped({})}
    yield "no zip", {"ada.zip": b"PK\3\4" + bytes(99)}
    place = whole.index(b"PK\1\2")  # bit 0 of the flags in both headers says "encrypted"
    locked = bytearray(whole)
    locked[6] |= 1
    locked[place + 8] |= 1
    yield "an encrypted zip", {"ada.zip": bytes(locked)}
    rare = bytearray(whole)
    rare[8:10] = rare[place + 10 : place + 12] = struct.pack("<H", 14)  # LZMA
    yield "a zip packed in another way", {"ada.zip": bytes(rare)}
    spaces = b" " * 300_000_000
    yield "a bomb", {"ada.zip": zipped({f"{lab}.ipynb": spaces})}
    yield "only what leads elsewhere", {"ada.zip": zipped({"../x.ipynb": good, "/y.ipynb": good})}
    other = _bytes(notebook | {"cells": [*notebook["cells"][:-1], _code("another = 1")]})
    less = _bytes(notebook | {"cells": [*notebook["cells"][:-1], _code("a_third = 1")]})
    yield "two that fit equally well", {"ada/a.ipynb": other, "ada/b.ipynb": less}
