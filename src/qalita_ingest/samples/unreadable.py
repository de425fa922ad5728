"""Why rows are not read."""


class UnreadableError(Exception):
    """Never leaves this package: its message becomes a remark, and the run goes on."""
