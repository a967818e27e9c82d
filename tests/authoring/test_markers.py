import pytest

from helpers.authoring import markers
from helpers.errors import UserError


def summary(*values, unit="", std=0.0):
    mean = sum(values) / len(values)
    return {"mean": mean, "std": std, "n": len(values), "unit": unit, "values": list(values)}


RUNS = {
    "02_net": {
        "quick": {
            "results": {
                "accuracy": summary(0.40, 0.42, unit="%", std=0.0141),
                "parameters": summary(552362.0, 552362.0),
                "loss": summary(1.6123, 1.6323, std=0.0141),
            },
            "seconds": summary(31.2, 33.0, unit="s", std=1.27),
            "hardware": "a laptop",
            "date": "2026-01-02",
        }
    }
}


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        ("02_net.quick.accuracy", "41.0 ± 1.4 %"),
        ("02_net.quick.accuracy %", "41.0 ± 1.4 %"),
        ("02_net.quick.accuracy % --decimals 0", "41 ± 1 %"),
        ("02_net.quick.parameters", "552,362"),
        ("02_net.quick.parameters weights", "552,362 weights"),
        ("02_net.quick.loss", "1.62 ± 0.01"),
        ("02_net.quick.loss --decimals 3", "1.622 ± 0.014"),
        ("02_net.quick.seconds", "32 ± 1 s"),
        ("02_net.quick.hardware", "a laptop"),
        ("02_net.quick.date", "2026-01-02"),
    ],
)
def test_numbers_have_sensible_digits(what, shown):
    assert markers.render(what, RUNS) == shown
    text = f"It is <!--ref {what}-->{shown}<!--/ref-->."
    assert list(markers.problems(text, RUNS)) == []
    assert markers.rewrite(text, RUNS) == text


def test_a_single_run_has_no_spread():
    assert markers.number(summary(0.4131), "%") == "41.3 %"
    assert markers.number(summary(1234.5), "images/s") == "1,234 images/s"
    assert markers.number(summary(0.0), "") == "0"


def test_an_old_number_is_noticed_and_rewritten():
    text = "a <!--ref 02_net.quick.accuracy-->39 %<!--/ref--> b"
    [problem] = markers.problems(text, RUNS)
    assert "39 %" in problem.text and "41.0 ± 1.4 %" in problem.text
    assert "-->41.0 ± 1.4 %<!--/ref--> b" in markers.rewrite(text, RUNS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!--ref 02_net.quick.precision-->1<!--/ref-->", "precision"),
        ("<!--ref 02_net.full.accuracy-->1<!--/ref-->", "no run of 02_net"),
        ("<!--ref nonsense-->1<!--/ref-->", "no reference"),
        ("<!--ref 02_net.quick.accuracy-->1", "not closed"),
    ],
)
def test_a_marker_that_cannot_be_filled_is_noticed_and_kept(text, words):
    [problem] = markers.problems(text, RUNS)
    assert words in problem.text
    assert markers.rewrite(text, RUNS) == text


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "reference_runs.json"
    assert markers.load_runs(path) == {}
    for text in ("{", "[]", '{"runs": []}'):
        path.write_text(text, "utf-8")
        with pytest.raises(UserError, match=r"reference_runs\.json"):
            markers.load_runs(path)
