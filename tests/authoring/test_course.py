"""The course runner: whatever a notebook does becomes a line of the summary."""

import json
import re

import nbformat
import pytest

from helpers import cli
from helpers.authoring import course, pages, runner
from helpers.authoring.outputs import store_outputs


def write(path, *sources, title="A title"):
    cells = [nbformat.v4.new_markdown_cell(f"# {title}")]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Five notebooks, run once for all tests here."""
    folder = tmp_path_factory.mktemp("notebooks")
    broken = folder / "05_broken.ipynb"
    broken.write_text("{nope", "utf-8")
    lessons = [
        write(folder / "01_fails.ipynb", "print('before')", "1 / 0", "print('never')"),
        write(folder / "02_dies.ipynb", "print('before')", "import os; os._exit(3)"),
        write(folder / "03_hangs.ipynb", "import time; time.sleep(60)"),
        write(
            folder / "04_good.ipynb",
            "import os, sys; print(os.environ['COURSE_PROFILE'], os.getcwd(), sys.executable)",
            "import os; print(os.environ['MARK'], 'PYTHONSTARTUP_SEEN' in globals())",
            title="04 · Good <news>",
        ),
        broken,
    ]
    output = folder / "pages"
    outcomes = course.build(lessons, output, timeout=3, environment={"MARK": "seen"})
    summary = json.loads((output / "summary.json").read_text("utf-8"))
    return output, outcomes, {entry["notebook"]: entry for entry in summary}


def test_every_notebook_is_in_the_summary(built):
    _, outcomes, summary = built
    assert [outcome.status for outcome in outcomes] == ["failed"] * 3 + ["passed", "failed"]
    assert list(summary) == ["01_fails", "02_dies", "03_hangs", "04_good", "05_broken"]
    assert set(summary["04_good"]) == {"notebook", "seconds", "status"}
    assert summary["04_good"]["seconds"] > 0


def test_errors_say_what_happened(built):
    summary = built[2]
    assert summary["01_fails"]["error"] == "cell 3: ZeroDivisionError: division by zero"
    assert "the kernel died" in summary["02_dies"]["error"]
    assert "longer than 3 s" in summary["03_hangs"]["error"]
    assert "05_broken.ipynb" in summary["05_broken"]["error"]


def test_pages_of_failed_notebooks_show_how_far_they_got(built):
    output = built[0]
    for name, words in [
        ("01_fails", "ZeroDivisionError"),
        ("02_dies", "kernel died"),
        ("03_hangs", "longer than 3 s"),
        ("05_broken", "no valid JSON"),
    ]:
        page = (output / f"{name}.html").read_text("utf-8")
        assert 'role="alert"' in page and words in page
    assert "before" in (output / "02_dies.html").read_text("utf-8")


def test_the_kernel_is_this_python_in_the_notebooks_folder(built):
    output = built[0]
    executed = nbformat.read(output / "04_good.ipynb", as_version=4)
    first, second = (cell.outputs[0].text for cell in executed.cells[1:])
    assert first.split()[:2] == ["quick", str(output.parent)]
    assert first.split()[2] == runner.sys.executable
    assert second.split() == ["seen", "False"]


def test_index_leads_to_the_pages(built):
    page = (built[0] / "index.html").read_text("utf-8")
    assert 'href="04_good.html"' in page and "04 · Good &lt;news&gt;" in page


def test_command_line_exit_codes(tmp_path, capsys):
    good = write(tmp_path / "01_good.ipynb", "1")
    bad = write(tmp_path / "02_bad.ipynb", "1 / 0")
    output = ["--output", str(tmp_path / "out")]
    assert cli.main(["course", str(good), *output]) == 0
    assert cli.main(["course", str(bad), str(good), *output]) == 1
    printed = capsys.readouterr().out
    assert "02_bad" in printed and "passed" in printed and "index.html" in printed
    assert cli.main(["course", "no_such", *output]) == 2
    assert cli.main(["course", "--timeout", "0", *output]) == 2
    blocked = tmp_path / "file"
    blocked.write_text("in the way", "utf-8")
    assert cli.main(["course", str(good), "--output", str(blocked)]) == 2
    for line in capsys.readouterr().err.splitlines():
        assert line.startswith("error: ")


def test_checked_outputs_are_stored(tmp_path):
    path = write(tmp_path / "01_x.ipynb", "# NBVAL_CHECK_OUTPUT\nprint(6 * 7)", "print('no')")
    outcome = runner.execute(path)
    assert store_outputs(path, outcome.notebook)
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert cells[1]["outputs"][0]["text"] == ["42\n"]
    assert cells[2]["outputs"] == []
    assert not store_outputs(path, outcome.notebook)


PICTURE = """
import matplotlib.pyplot as plt
from IPython.display import display

fig, ax = plt.subplots(figsize=(1, 1))
display(fig, metadata={"image/png": {"alt": 'A "box" <empty> & bare'}})
plt.close(fig)
"""
TEXT = """# 07 · Page

[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/x)

Half is $\\frac{1}{2}$. [next](08_more.ipynb#top) ![dot](dot.png)

<details><summary>Hint</summary>

**Folded** text

```python
x = 1
```

</details>

After."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "dot.png").write_bytes(b"\x89PNG")
    cells = [
        nbformat.v4.new_markdown_cell(TEXT),
        nbformat.v4.new_code_cell(PICTURE),
        nbformat.v4.new_code_cell("import ipywidgets\nipywidgets.Button()"),
    ]
    path = folder / "07_page.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    [outcome] = course.build([path], folder / "out")
    assert outcome.error == ""
    return (folder / "out" / "07_page.html").read_text("utf-8")


def test_page_has_title_language_and_one_width(page):
    assert "<title>07 · Page</title>" in page
    assert '<html lang="en">' in page
    assert "max-width: 62rem" in page


def test_pictures_carry_their_alternative_text(page):
    from bs4 import BeautifulSoup  # nbconvert brings it

    alts = [image.get("alt") for image in BeautifulSoup(page, "html.parser").find_all("img")]
    assert alts == ["dot", 'A "box" <empty> & bare']
    assert page.count('src="data:image/png;base64,') == 2


def test_page_asks_for_nothing_from_the_network(page):
    assert not re.search(r"""(src|href)=["']https?://(?!colab)""", page)
    assert not re.search(r"<script[^>]*src=|@import|url\(['\"]?https?:", page)
    assert "Open in Colab" in page


def test_folded_text_is_inside_its_details(page):
    folded = re.search(r"<details>(.*?)</details>", page, re.DOTALL)[1]
    assert "<strong>Folded</strong>" in folded and "<pre>" in folded
    assert "After." not in folded


def test_links_lead_to_pages_and_widgets_become_a_note(page):
    assert 'href="08_more.html"' in page or 'href="08_more.html#top"' in page
    assert "Something to click" in page
    assert "widget-view+json" not in page


def test_formulas_need_no_script(page):
    if pages.to_mathml is None:
        assert r"$\frac{1}{2}$" in page
    else:
        assert "<mfrac>" in page


def test_a_formula_that_cannot_be_converted_stays_tex(monkeypatch):
    def fails(tex, display):
        raise IndexError(tex)

    monkeypatch.setattr(pages, "to_mathml", fails)
    assert pages.formula("x", "inline") == ""
