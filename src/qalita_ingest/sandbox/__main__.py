"""`python -m qalita_ingest.sandbox`: serve the store over HTTP."""

from __future__ import annotations

import os
import sys

from qalita_ingest.errors import QalitaIngestError, SettingsError
from qalita_ingest.sandbox.server import app
from qalita_ingest.sandbox.settings import Address, Settings, address_from, settings_from


def main() -> None:
    try:
        _serve()
    except QalitaIngestError as error:
        sys.stderr.write(f"qalita sandbox: {error}\n")
        sys.exit(error.exit_code)


def greeting(settings: Settings, address: Address) -> str:
    """A port of 0 is chosen by the system: uvicorn says which, in a line of its own."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    url = f"http://{host}:{address.port}" if address.port else ""
    return f"serving {settings.database_path}{f' at {url}' if url else ''}; its documentation is at {url}/docs"


def _serve() -> None:
    address = address_from(os.environ)
    try:
        import uvicorn  # noqa: PLC0415 (an extra, which only this needs)
    except ImportError:
        raise SettingsError("uvicorn is not installed; pip install 'qalita-ingest[server]'") from None
    application = app()
    sys.stderr.write(f"qalita sandbox: {greeting(settings_from(os.environ), address)}\n")
    uvicorn.run(application, host=address.host, port=address.port)


if __name__ == "__main__":
    main()
