"""Moved: see `qalita_ingest.connection`."""

from qalita_ingest.connection import Qalita, connect

__all__ = ["Qalita", "connect"]
