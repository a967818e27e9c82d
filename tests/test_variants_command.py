"""`python -m helpers variants CLASSLIST.csv`."""

import csv
import io

import pytest

from helpers import cli, variants
from helpers.errors import UserError


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Runs the command on a class list with this content; returns the exit code."""
    entry = ("helpers.variants_command", "list the variants of a whole class")
    monkeypatch.setitem(cli.COMMANDS, "variants", entry)

    def run(content, *options):
        path = tmp_path / "class.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return cli.main(["variants", str(path), *options])

    return run


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    "content",
    [
        "student_id\ns1\nZoë 2\n",
        "\ufeffstudent_id,name\r\ns1,A\r\nZoë 2,B\r\n",
        'name;Student ID\n"A; b";s1\nB; Zoë 2 \n;\n\n',
        "name\tSTUDENT_ID\rA\ts1\rB\tZoë 2\r",
        "code,name\ns1,A\nZoë 2,B",
    ],
    ids=["plain", "mark and commas", "semicolons", "tabs", "first column"],
)
def test_lists_as_spreadsheets_save_them(command, capsys, content):
    assert command(content) == 0
    out, err = capsys.readouterr()
    table = rows(out)
    assert [row["student_id"] for row in table] == ["s1", "Zoë 2"] and not err
    for row in table:
        given = variants.for_student(row["student_id"], "fashion")
        assert int(row["grouping"]) == given.grouping.number and int(row["seed"]) == given.seed
        assert row["images"] == " ".join(map(str, given.images))
        assert row["architectures"] == " ".join(map(str, given.architectures))
        assert row["dropped"] == ", ".join(given.grouping.drop)


def test_a_list_without_heading(command, capsys):
    assert command("s1\ns2\n") == 2
    assert "--no-heading" in capsys.readouterr().err
    assert command("s1\ns2\n", "--no-heading") == 0
    assert len(rows(capsys.readouterr().out)) == 2


def test_the_other_lab_and_another_test_set(command, capsys):
    assert command("student_id\ns1\n", "--lab", "cifar100", "--test-size", "500") == 0
    (row,) = rows(capsys.readouterr().out)
    given = variants.for_student("s1", "cifar100", test_size=500)
    assert row["images"] == " ".join(map(str, given.images))
    assert row["grouping"] == row["architectures"] == ""


def test_codes_twice_and_bad_codes_are_named_and_the_rest_is_listed(command, capsys):
    assert command("student_id,x\ns-1,\nS1,\n=1+1,\n,a\ns2,\ns2,\n") == 1
    out, err = capsys.readouterr()
    assert [row["student_id"] for row in rows(out)] == ["s-1", "S1", "s2", "s2"]
    said = err.splitlines()
    assert len(said) == 4
    assert said[0] == "line 3: 'S1' is the same code as 's-1' in line 2"
    assert said[1] == "line 7: 's2' stands in line 6 already"
    assert "line 4" in said[2] and "'=1+1'" in said[2]
    assert "line 5" in said[3] and "no letter" in said[3]


def test_distribution_of_300_codes(command, capsys):
    assert command("student_id\n" + "\n".join(map(str, range(300))), "--distribution") == 0
    out = capsys.readouterr().out
    assert "300 codes" in out and "groupings: 30.0 each" in out and "architectures: 90.0" in out
    counts = [int(line.split()[1]) for line in out.splitlines() if line.startswith("  ")]
    assert sum(counts[:10]) == 300 and sum(counts[10:]) == 900
    assert "student_id" not in out


def test_the_list_goes_to_a_file(command, capsys, tmp_path):
    out = tmp_path / "out.csv"
    assert command("student_id\ns1\nŽ2\n", "--out", str(out), "--distribution") == 0
    assert "2 variants" in capsys.readouterr().out
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [row["student_id"] for row in rows(out.read_text("utf-8-sig"))] == ["s1", "Ž2"]


def test_the_class_list_is_not_overwritten(command, capsys, tmp_path):
    assert command("student_id\ns1\n", "--out", str(tmp_path / "." / "class.csv")) == 2
    assert (tmp_path / "class.csv").read_text() == "student_id\ns1\n"
    assert "the class list itself" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("", [], "names no student"),
        ("student_id\n\n", [], "names no student"),
        ("student_id\n=1\n", [], "can be used"),
        (b"student_id\n\xe9\xe8\n", [], "UTF-8"),
        ("student_id\ns1\n".encode("utf-16"), [], "UTF-8"),
        (b"PK\x03\x04\0\0", [], "UTF-8"),
        ('student_id\n"s1\n', [], "line"),
        ("student_id\n" + "x" * 200_000 + "\n", [], "limit"),
        ("student_id,student_id\ns1,s2\n", [], "several columns"),
        ("student_id\ns1\n", ["--lab", "mnist"], "no lab 'mnist'"),
        ("student_id\ns1\n", ["--test-size", "3"], "test_size is 3"),
        ("student_id\ns1\n", ["--out", "nowhere/x/out.csv"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_line(command, capsys, content, options, words):
    assert command(content, *options) == 2
    out, err = capsys.readouterr()
    assert words in err and err.count("\n") == 1 and not out


def test_no_file_and_a_folder(command, capsys, tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        assert cli.main(["variants", str(path)]) == 2
        assert "cannot be read" in capsys.readouterr().err


def test_a_huge_file_is_not_read(monkeypatch, tmp_path):
    from helpers import class_list

    monkeypatch.setattr(class_list, "_LARGEST_FILE", 100)
    (tmp_path / "a.csv").write_text("student_id\n" + "a1\n" * 50)
    with pytest.raises(UserError, match="is it a class list"):
        class_list.read_codes(tmp_path / "a.csv")
