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


def solved(notebook: dict) -> dict:
    """Put every solution in place of its stub, in a parsed notebook, which is changed.

    Raises:
        ValueError: an exercise has no solution.
    """
    text = ""
    for number, cell in enumerate(notebook["cells"], start=1):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = source
        elif "exercise" in cell["metadata"].get("tags", []):
            code = solution(text)
            if code is None:
                raise ValueError(f"the exercise in cell {number} has no folded solution before it")
            cell["source"] = code
    return notebook
