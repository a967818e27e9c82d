"""The one exception that means: the user can mend this."""


class UserError(Exception):
    """A mistake or a condition that the user can mend.

    The message is one line: what is wrong, then what to do. The command line prints it without
    a traceback and ends with exit code 2.
    """
