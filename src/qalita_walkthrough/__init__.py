"""What the notebooks import: a folder to work in, tables, pictures, a QALITA to ask, and exercises' checks.

    from qalita_walkthrough import check, open_workspace, query, show

    open_workspace("01_open_data")

It belongs to the workspace and is not part of the library: it may import the library, and nothing imports it.
"""

from qalita_walkthrough.asking import ask
from qalita_walkthrough.exercises import check
from qalita_walkthrough.pictures import Picture, show
from qalita_walkthrough.scratch import open_workspace
from qalita_walkthrough.serving import SandboxServer
from qalita_walkthrough.tables import Table, query

__all__ = ["Picture", "SandboxServer", "Table", "ask", "check", "open_workspace", "query", "show"]
