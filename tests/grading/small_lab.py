"""A lab of two tasks, and records of a batch, for tests that need no student."""

from pathlib import Path

import nbformat

from helpers.authoring import notebooks
from helpers.grading.labs import Lab, Mark, Task

SOLUTION = "return 2 * value + 0 * len(str(value))"
CELLS = (
    ("markdown", "given_text", {"locked": True}, "# A small lab\n\nDouble a number, for $n > 0$."),
    ("code", "given_code", {"locked": True}, 'STUDENT_CODE = "S1234567"'),
    (
        "code",
        "answer_double",
        {"solution": True},
        "def double(value):\n    '''Twice the value.'''\n    ### BEGIN SOLUTION\n"
        f"    {SOLUTION}\n    ### END SOLUTION",
    ),
    ("code", "double", {"grade": True, "locked": True, "points": 3}, "print(double(1))"),
    ("markdown", None, {}, "What did you learn?"),
    (
        "markdown",
        "conclusions",
        {"grade": True, "solution": True, "points": 4},
        "That doubling is repeated addition, the rubric says.",
    ),
)


def lab(folder: Path) -> Lab:
    """The lab, its master written into a folder."""
    cells = []
    for kind, name, marks, source in CELLS:
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        cell = make(source)
        if name:
            known = {"schema_version": 3, "grade": False, "locked": False, "solution": False}
            cell.metadata["nbgrader"] = known | {"grade_id": name, "task": False} | marks
        cells.append(cell)
    cells[3].outputs = [nbformat.v4.new_output("stream", text="6\n")]
    kernel = {"kernelspec": notebooks.KERNELSPEC}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    notebooks.write_text(folder / "small.ipynb", notebooks.dump(notebook))
    double = Task(
        "double", "Double a number", 3, mark=lambda answers, asked, who: Mark(0), lesson="03"
    )
    conclusions = Task("conclusions", "Conclusions", 4)
    write = lambda target: (target / "data.csv").write_text("image,label\n", "utf-8")  # noqa: E731
    return Lab("small", "A small lab", 1, [double, conclusions], files=write, folder=folder)


def record(id: str = "s1", points: float = 1.5, **more) -> dict:
    """What is known of one submission; `more` replaces whole entries."""
    task = {
        "id": "double", "title": "Double a number", "points": points, "max": 3,
        "status": "right" if points == 3 else "partly", "share": points / 3,
        "reason": "2 of 4 hidden calls gave the right answer.", "cause": "It adds one.",
        "hint": "Multiply.", "lesson": "03",
    }  # fmt: skip
    by_hand = task | {
        "id": "conclusions", "title": "Conclusions", "points": None, "max": 4, "status": "manual",
        "share": None, "reason": "", "cause": "", "hint": "",
    }  # fmt: skip
    code = "def double(value):\n    return value + 1"
    found = {
        "student": {"id": id, "name": "Ada"}, "source": f"{id}/small.ipynb", "sha256": f"1 {id}",
        "status": "graded", "reason": "", "auto_score": points, "auto_max": 3, "manual_max": 4,
        "manual": ["conclusions"], "tasks": [task, by_hand], "limits": [], "repairs": [],
        "warnings": [], "seconds": 2.0, "cpu_seconds": 1.0, "peak_mb": 400, "confined": True,
        "feedback": f"feedback/{id}.html", "code": {"normalized": "", "shingles": []}, "photos": [],
        "output": [{"source": code, "text": "", "error": ""},
                   {"source": "print('mine')", "text": "mine\n", "error": ""}],
        "answers": {"conclusions": "It doubles."}, "method": [],
    }  # fmt: skip
    return found | more


def results(*records: dict, **more) -> dict:
    """What results.json holds."""
    found = {
        "format": 1, "lab": "small", "title": "A small lab", "lab_version": 1, "commit": "abc",
        "seed": 123, "versions": {"keras": "3"}, "limits": {"time_s": 60, "memory_mb": 4096},
        "confined": True, "counts": {"graded": len(records)}, "submissions": list(records),
    }  # fmt: skip
    return found | more


# What a student may write to run a script, load from elsewhere, or break out of a page.
HOSTILE = (
    """<script>alert(1); window.owned = 1</script><img src=x onerror="alert(2)">
'"--></pre></textarea></details></style></title><svg onload='alert(3)'>
<a href="javascript:alert(4)">x</a>

</pre>

[x](javascript:alert(5)) ![i](https://evil.example/i.png) <https://evil.example/a>
$$\\href{javascript:alert(6)}{x}$$ \\(\\unicode{<img src=x onerror=alert(7)>}\\) `code` {{ 7 * 7 }}

```mermaid
</code></pre><iframe src="https://evil.example/f"></iframe>
```
    <link rel=stylesheet href=https://evil.example/s.css>\x1b[31m\x00\u202e\ud800\ufffe
"""
    + "very long words " * 100
)
