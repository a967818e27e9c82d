"""The groupings that `helpers.variants` hands out: ten classes joined to three."""

from dataclasses import dataclass

from helpers.labels import FASHION_MNIST


@dataclass(frozen=True)
class Grouping:
    """Ten classes joined to three, for `labels.regroup`.

    Attributes:
        number: from 1, as on the task sheet.
        title: the question that the new classes answer.
        members: pairs of a new class' name and the names of its original classes.
        drop: names of the original classes left out; at most one.
    """

    number: int
    title: str
    members: tuple[tuple[str, tuple[str, ...]], ...]
    drop: tuple[str, ...]

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Names of the original classes by the name of the new class."""
        return dict(self.members)


def _grouping(number: int, title: str, drop: str = "", **groups: str) -> Grouping:
    """A row of the table below: classes are written as digits, their numbers in Fashion-MNIST."""

    def names(digits: str) -> tuple[str, ...]:
        return tuple(FASHION_MNIST[int(digit)] for digit in digits)

    members = tuple((name.replace("_", " "), names(digits)) for name, digits in groups.items())
    return Grouping(number, title, members, names(drop))


# In each of them the largest class has at least twice the images of the smallest: that is what
# the lab is about. The grouping of the report behind the lab (upper clothes, lower clothes, shoes)
# is the lesson's example and is not handed out.
FASHION = (
    _grouping(1, "What kind of thing is it?", Clothes="012346", Shoes="579", Bags="8"),
    _grouping(
        2, "Which part of the body?", "8", Tops="0246", Trousers_and_dresses="13", Shoes="579"
    ),
    _grouping(
        3, "Which layer?", Over_other_clothes="24", On_the_skin="0136", Shoes_and_bags="5789"
    ),
    _grouping(4, "Is it a dress?", "1", Tops="0246", Dresses="3", Shoes_and_bags="5789"),
    _grouping(5, "How high is the shoe?", "8", Clothes="012346", Low_shoes="57", Boots="9"),
    _grouping(6, "For which weather?", Hot_days="05", Cold_days="249", Any_day="13678"),
    _grouping(7, "Where is it kept?", "8", On_a_hanger="34", Folded="0126", Shoe_rack="579"),
    _grouping(8, "What is left without trousers?", "1", Clothes="02346", Shoes="579", Bags="8"),
    _grouping(9, "How warm is the top?", "8", Light_tops="06", Warm_tops="24", No_tops="13579"),
    _grouping(
        10, "Where does it end?", "8", At_the_hip="026", At_the_knee="34", At_the_foot="1579"
    ),
)
