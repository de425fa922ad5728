"""What jobs and assets are given: QALITA, as its own client sees it."""

from resources.qalita_resource import PackRun, QalitaResource

__all__ = ["PackRun", "QalitaResource"]
