"""Questions to the notebook's QALITA, as any program may ask them (docs/api.md), without a server that runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from qalita_walkthrough.plain_errors import WalkthroughError


def ask(path: str, **parameters: object) -> Any:
    """The answer to `GET path?parameters`, such as `ask("/api/v2/runs", project="opendata_dbt")`."""
    # A web framework and a database: only who asks needs them.
    from qalita_ingest.sandbox.embedded import embedded_sandbox  # noqa: PLC0415

    with embedded_sandbox(Path(os.environ["QALITA_STORE"])) as sandbox:
        answer = sandbox.client.get(path, params={name: str(value) for name, value in parameters.items()})
    if answer.is_error:
        raise WalkthroughError(f"QALITA: {answer.json()['detail']}")
    return answer.json()
