"""`python -m qalita_ingest.sandbox`: serve the store over HTTP."""

from __future__ import annotations

import os
import sys

from qalita_ingest.errors import QalitaIngestError, SettingsError
from qalita_ingest.sandbox.server import app
from qalita_ingest.sandbox.settings import address_from


def main() -> None:
    try:
        _serve()
    except QalitaIngestError as error:
        sys.stderr.write(f"qalita sandbox: {error}\n")
        sys.exit(error.exit_code)


def _serve() -> None:
    address = address_from(os.environ)
    try:
        import uvicorn  # noqa: PLC0415 (an extra, which only this needs)
    except ImportError:
        raise SettingsError("uvicorn is not installed; pip install 'qalita-ingest[server]'") from None
    uvicorn.run(app(), host=address.host, port=address.port)


if __name__ == "__main__":
    main()
