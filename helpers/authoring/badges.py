"""Write the repository's address into badges, the setup cell and the README's table.

The address stands in pyproject.toml, under [project.urls]. Change it there, then run this:

  python -m helpers badges            rewrite the notebooks and README.md
  python -m helpers badges --check    only say what would change; exit code 1 when something would
"""

import argparse
import re

from helpers.authoring import canonical, catalog, markers
from helpers.authoring.files import write_text
from helpers.authoring.project import Project
from helpers.errors import UserError

IMAGE = "https://colab.research.google.com/assets/colab-badge.svg"
BADGE = re.compile(rf"\[!\[(?P<alt>[^\]]*)\]\({re.escape(IMAGE)}\)\]\((?P<url>[^)]*)\)")
COLAB_LINK = re.compile(
    r"https://colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/blob/[\w.-]+/"
)
GITHUB = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+?(?=\.git\b|[\"'\s/)]|$)")
TABLE = re.compile(r"(<!--notebooks-->\n).*?(<!--/notebooks-->)", re.DOTALL)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--check", action="store_true", help="change nothing")


def run(args: argparse.Namespace) -> int:
    """Rewrite what is out of date, or with --check only name it."""
    project = Project()
    changes = changed_files(project)
    for path, text in changes.items():
        if not args.check:
            write_text(path, text)
        verb = "is out of date" if args.check else "rewritten"
        print(f"{path.relative_to(project.root)}: {verb}")
    if not changes:
        print(f"all badges lead to {project.address()}")
    return int(args.check and bool(changes))


def changed_files(project: Project) -> dict:
    """New text of every file whose badges or addresses are out of date, by path."""
    texts = {}
    for path in project.all_notebooks():
        before = path.read_text("utf-8")
        notebook = with_address(canonical.parse(before, path.name), project.address(), path.name)
        after = canonical.dump(canonical.canonical(notebook))
        if after != canonical.format(before, path.name):
            texts[path] = after
    if project.readme.exists():
        before = project.readme.read_text("utf-8")
        after = readme(before, project)
        if after != before:
            texts[project.readme] = after
    return texts


def colab_url(address: str, name: str) -> str:
    """Where Colab opens a notebook of a repository."""
    owner_and_repo = address.removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{owner_and_repo}/blob/main/notebooks/{name}"


def badge(address: str, name: str) -> str:
    """Markdown of the Colab badge of one notebook."""
    return f"[![Open In Colab]({IMAGE})]({colab_url(address, name)})"


def with_address(notebook: dict, address: str, name: str) -> dict:
    """A notebook whose badge, setup cell and links carry the address; the input is unchanged."""
    cells = [dict(cell, source=canonical.source(cell)) for cell in notebook["cells"]]
    if cells and cells[0]["cell_type"] == "markdown":
        cells[0]["source"] = _with_badge(cells[0]["source"], badge(address, name))
    old = _old_addresses("\n".join(canonical.source(cell) for cell in notebook["cells"]))
    for cell in cells:
        if "setup" in canonical.tags(cell):
            cell["source"] = GITHUB.sub(address, cell["source"])
        elif cell["cell_type"] == "markdown":
            cell["source"] = moved(cell["source"], old, address)
    return notebook | {"cells": cells}


def readme(text: str, project: Project) -> str:
    """README.md with its table of notebooks, its addresses and its reference numbers renewed."""
    text = moved(text, _old_addresses(text), project.address())
    text = TABLE.sub(lambda match: match[1] + table(project) + match[2], text)
    return markers.rewrite(text, markers.load_runs(project.references))


def table(project: Project) -> str:
    """The README's table: one row a lesson, made from the notebooks and the recorded runs."""
    runs = markers.load_runs(project.references)
    rows = [
        "| open | notebook | what you learn | CPU, quick | CPU, full | GPU, full |",
        "|---|---|---|---|---|---|",
    ]
    for path in project.lessons():
        try:
            entry = catalog.entry(path, runs.get(path.stem, {}))
        except UserError:
            continue  # a broken notebook is the linter's business
        link = f"[{entry.title}](notebooks/{path.name})"
        cells = [badge(project.address(), path.name), link, entry.learn, *entry.times]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def moved(text: str, old: set[str], address: str) -> str:
    """Replace links to the repository's old places by links to the new one."""
    for place in old:
        text = re.sub(
            rf"https://github\.com/{re.escape(place)}(?=\.git\b|[\"'\s/)]|$)", address, text
        )
    owner_and_repo = address.removeprefix("https://github.com/")
    return COLAB_LINK.sub(
        f"https://colab.research.google.com/github/{owner_and_repo}/blob/main/", text
    )


def _old_addresses(text: str) -> set[str]:
    return set(COLAB_LINK.findall(text))


def _with_badge(text: str, new: str) -> str:
    """The first cell with its badge replaced, or put below the title."""
    if BADGE.search(text):
        return BADGE.sub(lambda _match: new, text, count=1)
    first, _, rest = text.partition("\n")
    return f"{first}\n\n{new}\n\n{rest.lstrip()}".rstrip()
