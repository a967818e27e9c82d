"""What every test of a check needs: the verdict, and all it said, in one string."""

import pytest


@pytest.fixture
def judged(capsys):
    """Run a check; return its verdict's status and everything that was printed."""

    def run(check, *args, **kwargs):
        verdict = check(*args, **kwargs)
        return verdict.status, capsys.readouterr().out

    return run
