import pytest

from helpers.authoring import exercises
from tests.authoring.conftest import EXERCISE, code, markdown, notebook


def test_every_exercise_is_tried_with_solution_and_with_stub():
    cells = [
        markdown(EXERCISE),
        code("answer = ...", "exercise"),
        code("check(answer)"),
        code("print(answer)"),
    ]
    tried = exercises.tried(notebook(cells))["cells"]
    assert [cell["source"] for cell in tried[1:]] == [
        "answer = ...",
        "check(answer)",
        "answer = 2\n",
        "check(answer)",
        "answer = ...",
        "print(answer)",
    ]
    identities = [cell["id"] for cell in tried if "id" in cell]
    assert len(set(identities)) == len(identities) == 3


def test_the_last_solution_before_the_stub_counts():
    two = EXERCISE + "\n\n" + EXERCISE.replace("answer = 2", "answer = 3")
    assert exercises.solution(two) == "answer = 3\n"


def test_an_exercise_without_solution_is_named():
    with pytest.raises(ValueError, match="cell 2"):
        exercises.tried(notebook([markdown("text"), code("answer = ...", "exercise")]))


def test_an_exercise_without_check_is_named():
    with pytest.raises(ValueError, match="cell 2"):
        exercises.tried(notebook([markdown(EXERCISE), code("answer = ...", "exercise")]))
