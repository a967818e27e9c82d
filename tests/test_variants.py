"""Variants: the same for ever, however the code is typed; class lists as people bring them."""

from collections import Counter

import numpy as np
import pytest

from helpers import variants
from helpers.settings import CourseError

# Written down once: these may never change while a course is running. Code, test size in lab
# fashion; there grouping, architectures, seed, first images and sum of the images; in lab
# cifar100 seed and sum of the images.
KNOWN = [
    ('S1234567', 10_000, 3, (1, 5, 8), 3676, (6839, 5451, 2138, 2016), 78964, 6221, 69456),
    ('s-7654321', 9450, 6, (2, 5, 7), 2990, (8131, 3896, 9265, 6311), 75930, 3500, 84451),
    ('20231234', 10_000, 7, (1, 4, 6), 7023, (9799, 9029, 4337, 575), 102798, 3362, 81475),
    ('Zoë 2', 9450, 6, (6, 7, 8), 3541, (8585, 2131, 3687, 8328), 94334, 6490, 67495),
    ('STRASSE 9', 9450, 8, (5, 8, 10), 2931, (503, 590, 7929, 4604), 67460, 3127, 66619),
    ("nr17@school.example", 9450, 3, (3, 4, 9), 3560, (4710, 4220, 1248, 4770), 61508, 1990, 85942),
    ('İx', 10_000, 7, (1, 7, 10), 9175, (8468, 4462, 421, 2866), 81748, 8402, 94907),
    ('a.b', 9450, 4, (6, 8, 10), 6075, (7370, 9214, 7307, 8489), 84452, 4594, 71570),
    ('ﬁ 2', 9450, 3, (2, 4, 10), 7041, (6708, 3692, 902, 5914), 73679, 9413, 80355),
    ('mif-2024-0042', 9450, 5, (2, 5, 9), 2797, (1324, 944, 4129, 5175), 55260, 8876, 73731),
    ('李雷 7', 10_000, 1, (3, 6, 8), 4516, (4049, 4242, 1719, 3665), 81615, 1903, 69923),
]  # fmt: skip


@pytest.mark.parametrize("row", KNOWN, ids=[row[0] for row in KNOWN])
def test_known_variants_stay(row):
    code, size, grouping, architectures, seed, first, total, other_seed, other_total = row
    given = variants.for_student(code, "fashion", test_size=size)
    assert given.grouping.number == grouping
    assert (given.architectures, given.seed) == (architectures, seed)
    assert given.images[:4] == first and sum(given.images) == total
    other = variants.for_student(code, "cifar100")
    assert (other.seed, sum(other.images)) == (other_seed, other_total)
    assert other.grouping is None and other.architectures == ()


@pytest.mark.parametrize("style", ["S{}", "Ona {}"])
def test_even_over_a_class(style):
    """Chi-square, 9 degrees of freedom: 27.9 is passed once in a thousand."""
    codes = [style.format(1000 + n) for n in range(300)]
    given = [variants.for_student(code, "fashion", test_size=50) for code in codes]
    groupings = Counter(variant.grouping.number for variant in given)
    architectures = Counter(number for variant in given for number in variant.architectures)
    for counts, expected in ((groupings, 30), (architectures, 90)):
        assert sorted(counts) == list(range(1, 11))
        assert sum((n - expected) ** 2 / expected for n in counts.values()) < 27.9
    assert len({variant.images for variant in given}) == 300
    for variant in given:
        assert len(set(variant.images)) == 16 and set(variant.images) <= set(range(50))
        assert len(set(variant.architectures)) == 3 and 1_000 <= variant.seed < 10_000


TYPED = " AB 1234\n|Ab-12-34|ab–12—34|ab−1234|ＡＢ１２３４|ab\u00a01234|\ufeffab1234|ab\u00ad1234"
ONE_CODE = [("ab1234", typed) for typed in TYPED.split("|")]
ONE_CODE += [("Zoë", "Zoe\u0308"), ("STRASSE", "straße"), ("7", 7), (7, np.int64(7))]


@pytest.mark.parametrize(("one", "two"), ONE_CODE)
def test_one_code_typed_in_two_ways(one, two):
    assert variants.normalize(one) == variants.normalize(two)


@pytest.mark.parametrize(("one", "two"), [("1", "01"), ("ab", "ba"), ("a.b", "ab"), ("a_b", "ab")])
def test_other_codes_stay_apart(one, two):
    assert variants.normalize(one) != variants.normalize(two)


REFUSED = ["", "-", "…", "\u200b", ..., None, True, 3.5, b"ab", -5, "=1+1", "＝1", "a|b", "a\0b"]


@pytest.mark.parametrize("code", [*REFUSED, "x" * 65])
def test_codes_that_are_refused(code):
    with pytest.raises(CourseError, match="student code") as caught:
        variants.for_student(code, "fashion")
    assert "\n" not in str(caught.value)


def test_a_variant_shows_itself_without_the_code():
    given = variants.for_student("Secret77", "fashion")
    text = repr(given)
    assert all(word in text for word in (given.grouping.title, *given.grouping.groups))
    assert str(given.seed) in text and "secret" not in text.casefold()


def test_each_grouping_joins_ten_classes_to_three_uneven_ones():
    found = variants.groupings()["fashion"]
    assert [grouping.number for grouping in found] == list(range(1, 11))
    for grouping in found:
        names = [name for group in grouping.groups.values() for name in group]
        assert len({*names, *grouping.drop}) == len(names) + len(grouping.drop) == 10
        sizes = [len(group) for group in grouping.groups.values()]
        assert len(sizes) == 3 and max(sizes) >= 2 * min(sizes) and len(grouping.drop) <= 1
        assert ["Trouser"] not in grouping.groups.values()  # S5's own, the lesson's example


def listed(tmp_path, content, **options):
    path = tmp_path / "class.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return variants.table(path, **options)


@pytest.mark.parametrize(
    "content",
    [
        "student_id\ns1\nZoë 2\n",
        "\ufeffstudent_id,name\r\ns1,A\r\nZoë 2,B\r\n",
        'name;Student ID\n"A; b";s1\nB; Zoë 2 \n;\n\n',
        "name\tSTUDENT_ID\rA\ts1\rB\tZoë 2\r",
        "sep=;\r\nstudent_id;name\r\ns1;A, b\r\nZoë 2;B\r\n",
    ],
    ids=["plain", "mark", "semicolons", "tabs", "sep line"],
)
def test_lists_as_spreadsheets_save_them(tmp_path, content):
    table = listed(tmp_path, content, test_size=500)
    assert list(table["student_id"]) == ["s1", "Zoë 2"] and not any(table["problem"])
    for row in table.itertuples():
        given = variants.for_student(row.student_id, "fashion", test_size=500)
        assert row.grouping == str(given.grouping.number) and row.seed == str(given.seed)
        assert row.images == " ".join(map(str, given.images))
        assert row.architectures == " ".join(map(str, given.architectures))


MOODLE = "First name,Surname,ID number,Email\nAda,Bo,20231,a@b.c\nEve,Fu,20232,e@f.g\n"


def test_a_list_without_the_column_is_refused_with_its_headings(tmp_path):
    with pytest.raises(CourseError, match=r"'First name', 'Surname', 'ID number'.*--column"):
        listed(tmp_path, MOODLE)
    with pytest.raises(CourseError, match="no column 'student_id' but 's1'"):
        listed(tmp_path, "s1\ns2\n")
    assert list(listed(tmp_path, MOODLE, column="id number")["student_id"]) == ["20231", "20232"]


@pytest.mark.parametrize(
    ("line", "words", "usable"),
    [
        ("123456.0,A", "number of a spreadsheet", False),
        ("Total,A", "a total", False),
        (",A", "student code ''", False),
        ("=1+1,A", "student code '=1+1'", False),
        ("S-1,A", "in line 2", True),
    ],
)
def test_what_is_no_student_is_named(tmp_path, line, words, usable):
    table = listed(tmp_path, f"student_id,name\ns1,A\ns2,B\ns3,C\n{line}\n")
    assert len(table) == 4 and not any(table["problem"][:3])
    last = table.iloc[3]
    assert words in last["problem"] and last["line"] == 5
    assert bool(last["images"]) == usable


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("", {}, "no column"),
        ("student_id;name\n;\n", {}, "names no student"),
        (b"student_id\n\xe9\xe8\n", {}, "UTF-8"),
        ('student_id\n"s1\ns2\n', {}, "open quote"),
        ("student_id,name\ns1,A\ns2,Fu, Eve\n", {}, "line 3"),
        ("student_id\ns1\n", {"lab": "mnist"}, "no lab 'mnist'"),
        ("student_id\ns1\n", {"test_size": 3}, "test_size is 3"),
    ],
)
def test_a_list_that_is_none_is_one_line(tmp_path, content, options, words):
    with pytest.raises(CourseError, match=words) as caught:
        listed(tmp_path, content, **options)
    assert "\n" not in str(caught.value)
