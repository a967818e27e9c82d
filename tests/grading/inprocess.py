"""Evidence without a sandbox, from code that we wrote ourselves: for tests of specifications."""

from pathlib import Path

from helpers.grading import evidence, worker
from helpers.grading.labs import Answer


def answers(requests, namespace):
    """What the sandbox would answer to these requests from these variables and functions."""
    return [_answer({"kind": type(r).__name__} | vars(r), namespace) for r in requests]


def _answer(request, namespace):
    if request["kind"] == "Photos":
        here = [path for path in Path(request["folder"]).rglob("*") if path.is_file()]
        content = worker.photos(request["folder"], {p.as_posix(): p.read_bytes() for p in here})
        return Answer(evidence.loads(worker.measure(request, content))["value"])
    letter, content = worker.collect(request, namespace)
    said = evidence.loads(worker.measure(request, content) if letter == b"M" else content)
    return Answer(said.get("value"), said.get("error", ""))
