"""Exercises in notebooks: the stub, and the folded solution in the markdown before it."""

import re

HINT = re.compile(r"<details>\s*<summary>Hint[^<]*</summary>.*?</details>", re.DOTALL)
SOLUTION = re.compile(r"<details>\s*<summary>Solution[^<]*</summary>(.*?)</details>", re.DOTALL)
FENCE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def has_hint(markdown: str) -> bool:
    """Whether the text has a folded hint."""
    return HINT.search(markdown) is not None


def solution(markdown: str) -> str | None:
    """The code of the last folded solution in a markdown cell, None when there is none."""
    folded = SOLUTION.findall(markdown)
    fences = FENCE.findall(folded[-1]) if folded else []
    return "\n".join(fences) if fences else None


def tried(notebook: dict) -> dict:
    """Let every exercise be tried twice, in a parsed notebook, which is changed.

    Behind stub and check come the solution, the check again, and the stub once more: so one run
    shows that the solution passes, and that all later cells live with the stub.

    Raises:
        ValueError: an exercise has no solution before it, or no code cell behind it.
    """
    cells, text, stub = [], "", None
    for number, cell in enumerate(notebook["cells"], start=1):
        cells.append(cell)
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = source
        elif "exercise" in cell["metadata"].get("tags", []):
            stub = (number, cell)
            if solution(text) is None:
                raise ValueError(f"the exercise in cell {number} has no folded solution before it")
        elif stub is not None:
            extra = {
                "solution": solution(text),
                "check": source,
                "stub": "".join(stub[1]["source"]),
            }
            cells += [
                _copied(cell, f"{cell.get('id', number)}-{kind}", code)
                for kind, code in extra.items()
            ]
            stub = None
    if stub is not None:
        raise ValueError(f"the exercise in cell {stub[0]} has no check behind it")
    notebook["cells"] = cells
    return notebook


def _copied(cell: dict, identity: str, source: str) -> dict:
    metadata = {"tags": []}
    return cell | {"id": identity, "source": source, "outputs": [], "metadata": metadata}
