"""An error that a notebook shows as one line: what happened, and what to do."""

from __future__ import annotations


class WalkthroughError(Exception):
    def _render_traceback_(self) -> list[str]:
        """IPython prints these lines in place of a traceback."""
        return [str(self)]
