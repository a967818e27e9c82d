"""environment.yml and pyproject.toml ask for the same packages in the same versions."""

import re
import tomllib

from helpers.settings import ROOT

LINE = re.compile(r"^  - ([a-z0-9-]+)(\S+) *# \S", re.M)  # each says what needs it


def split(requirement):
    name, versions = re.match(r"([A-Za-z0-9-]+)([^;\[]*)", requirement).groups()
    return name.lower(), versions.strip()


def test_same_packages_and_ranges():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    lists = [project["dependencies"]]
    lists += [extras[name] for name in ("lessons", "site", "lab", "test")]
    lists.append([line for line in extras["cpu"] if "tensorflow-cpu" in line])
    wanted = {split(requirement) for requirements in lists for requirement in requirements}
    dependencies = (ROOT / "environment.yml").read_text().partition("dependencies:")[2]
    assert set(LINE.findall(dependencies)) == wanted
    assert not [name for name, versions in wanted if "==" in versions or not versions]
