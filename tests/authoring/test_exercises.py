import pytest

from helpers.authoring import exercises
from tests.authoring.conftest import EXERCISE, code, markdown, notebook


def test_the_solution_takes_the_place_of_the_stub():
    cells = [markdown(EXERCISE), code("answer = ...", "exercise"), code("check(answer)")]
    solved = exercises.solved(notebook(cells))
    assert [cell["source"] for cell in solved["cells"][1:]] == ["answer = 2\n", "check(answer)"]


def test_the_last_solution_before_the_stub_counts():
    two = EXERCISE + "\n\n" + EXERCISE.replace("answer = 2", "answer = 3")
    assert exercises.solution(two) == "answer = 3\n"


def test_an_exercise_without_solution_is_named():
    with pytest.raises(ValueError, match="cell 2"):
        exercises.solved(notebook([markdown("text"), code("answer = ...", "exercise")]))
