"""The card of a variant holds all of it."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from helpers import plots, variants


@pytest.mark.parametrize("lab", variants.LABS)
def test_everything_stands_on_the_card(lab):
    variant = variants.for_student("S1234567", lab)
    figure, ax = plt.subplots(figsize=(9, 3))
    plots.variant_card(ax, variant)
    text = " ".join(
        part.get_text().replace("\n", " ").replace("\xa0", " ")
        for part in ax.texts
        if part.get_text()
    )
    assert str(variant.seed) in text and ", ".join(map(str, variant.images)) in text
    if variant.grouping:
        assert len(ax.patches) == 3
        for name, old in variant.grouping.members:
            assert name in text and ", ".join(old) in text
        assert variant.grouping.title in ax.get_title(loc="left") + ax.get_title()
    else:
        assert not ax.patches
    plt.close(figure)
