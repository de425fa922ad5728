"""The pages: server-rendered, usable without JavaScript; each has a `.json` twin, tables also a `.csv`."""

from qalita_ingest.sandbox.dashboard.rendering import login_page
from qalita_ingest.sandbox.dashboard.routes import include_dashboard

__all__ = ["include_dashboard", "login_page"]
