"""A small course in a temporary folder, which keeps every rule."""

import json

import pytest

from helpers.authoring import badges, canonical
from helpers.authoring.project import Project

ADDRESS = "https://github.com/someone/some-course"
SETUP = f'REPOSITORY = "{ADDRESS}"\nprint("ready")'
FIRST = """# {number} · A small lesson

{badge}

Why it is worth the time.

**After this notebook you can**

- *read* a short text;
- write | and quote.

**What you need:** nothing.

**Time:** one minute."""
EXERCISE = """## 2. Exercise

<details><summary>Hint</summary>

Think.

</details>

<details><summary>Solution</summary>

```python
answer = 2
```

</details>"""


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text, *tags):
    metadata = {"tags": list(tags)} if tags else {}
    return {"cell_type": "code", "metadata": metadata, "source": text, "outputs": []}


def notebook(cells):
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def lesson_cells(name="01_small"):
    """Thirty cells of a lesson that keeps every rule."""
    number = name[:2] if name[0].isdigit() else "NN"
    first = FIRST.format(number=number, badge=badges.badge(ADDRESS, f"{name}.ipynb"))
    return [
        markdown(first),
        code(SETUP, "setup"),
        *(cell for k in range(11) for cell in (markdown(f"Text {k}."), code(f"x = {k}"))),
        markdown(EXERCISE),
        code("answer = ...", "exercise"),
        code("checks.check_answer(answer)"),
        markdown("## 3. Quiz"),
        code(f'quiz.show("{name}")'),
        markdown("## Recap\n\n- done\n\n## What next?\n\n[this](01_small.ipynb)"),
    ]


def write(path, cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(canonical.dump(canonical.canonical(notebook(cells))), "utf-8")
    return path


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "x"\n[project.urls]\nRepository = "{ADDRESS}"\n', "utf-8"
    )
    write(project.notebooks / "01_small.ipynb", lesson_cells())
    write(project.template, lesson_cells("_template"))
    project.references.parent.mkdir()
    project.references.write_text(json.dumps({"runs": {}}), "utf-8")
    project.readme.write_text("# Course\n\n<!--notebooks-->\n<!--/notebooks-->\n", "utf-8")
    return project
