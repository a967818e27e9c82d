"""`python -m helpers data …`."""

import pytest

from helpers import data_command
from helpers.cli import main
from helpers.sources import store
from tests.sources import conftest as fixtures
from tests.sources import hostile as web

own_folders, server, tiny = fixtures.own_folders, fixtures.server, fixtures.tiny


@pytest.fixture
def small(tiny, monkeypatch):
    """The command knows only the tiny data set."""
    monkeypatch.setattr(data_command, "CATALOG", tiny.catalog)
    return tiny


def test_list_of_an_empty_cache(capsys):
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    assert "cifar100" in out
    assert "data fetch fashion_mnist" in out


def test_import_list_verify(small, tmp_path, capsys):
    path = web.write(tmp_path / "cifar-10-python.tar.gz", small.archive)
    assert main(["data", "import", "cifar10", str(path)]) == 0
    assert "200 + 40 images" in capsys.readouterr().out
    main(["data", "list"])
    assert "yes" in capsys.readouterr().out
    assert main(["data", "verify"]) == 0
    arrays = store.folder(tmp_path / "cache", small.spec) / "train_images.npy"
    arrays.write_bytes(web.flipped(arrays.read_bytes()))
    assert main(["data", "verify", "cifar10"]) == 1
    assert "train_images.npy differs from its hash" in capsys.readouterr().out


def test_fetch(small, server, capsys):
    server.add("cifar-10-python.tar.gz", web.good(small.archive))
    assert main(["data", "fetch", "cifar10", "--mirror", server.address]) == 0
    assert "official archive" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fetch", "cifar10", "--mirror", "ftp://x"], "https://"),
        (["fetch", "cifar10", "--mirror", "http://127.0.0.1:9"], "data import cifar10 PATH"),
        (["fetch", "cifar11"], "cifar10"),
        (["import", "cifar10", "/nowhere"], "does not exist"),
        (["verify", "cifar11"], "cifar10"),
    ],
)
def test_mistakes_end_with_code_2_and_one_line(arguments, message, capsys):
    assert main(["data", *arguments]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ")
    assert message in error


def test_help_tells_how_to_replace_mirrors(capsys):
    with pytest.raises(SystemExit) as end:
        main(["data", "--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    for word in ("COURSE_MIRRORS", "--mirror", "COURSE_DATA", "examples:"):
        assert word in out
