"""`python -m helpers`: the course's one command line.

This file must be readable by any Python 3, for its first job is to say kindly that it is too old.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "error: the course needs Python 3.11 or newer, and this is %d.%d: install a newer one, "
        "or name it, as in 'make course PYTHON=python3.12'" % sys.version_info[:2]
    )

from helpers.commands import main  # noqa: E402  (only after the version is known to do)

if __name__ == "__main__":
    sys.exit(main())
