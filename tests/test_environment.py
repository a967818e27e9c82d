"""environment.yml and pyproject.toml ask for the same packages in the same versions."""

import re
import tomllib

from helpers.paths import ROOT

LINE = re.compile(r"^  - ([a-z0-9-]+)(\S*) *(#.*)?$", re.M)


def split(requirement):
    name, versions = re.match(r"([A-Za-z0-9-]+)([^;\[]*)", requirement).groups()
    return name.lower(), versions.strip()


def wanted():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    lists = [project["dependencies"]]
    lists += [extras[name] for name in ("lessons", "lab", "test", "grade")]
    lists.append([line for line in extras["cpu"] if "tensorflow-cpu" in line])
    return {split(requirement) for requirements in lists for requirement in requirements}


def test_same_packages_and_ranges():
    dependencies = (ROOT / "environment.yml").read_text().partition("dependencies:")[2]
    have = {(name, versions) for name, versions, _ in LINE.findall(dependencies)}
    have.remove(("python", ">=3.11"))
    assert have == wanted()


def test_every_package_says_what_needs_it():
    dependencies = (ROOT / "environment.yml").read_text().partition("dependencies:")[2]
    silent = [name for name, _, comment in LINE.findall(dependencies) if not comment]
    assert silent == ["python"]


def test_ranges_not_pins():
    assert not [name for name, versions in wanted() if "==" in versions or not versions]
