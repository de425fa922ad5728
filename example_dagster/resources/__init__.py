"""What jobs and assets are given: QALITA, as its own client sees it."""

from resources.pack_run import PackRun
from resources.qalita_resource import QalitaResource

__all__ = ["PackRun", "QalitaResource"]
