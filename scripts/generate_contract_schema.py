"""Write docs/run-report.schema.json from the contract's types; --check writes nothing and fails on drift."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from qalita_ingest.contract import IngestAnswer, RunReport

TOP = Path(__file__).resolve().parent.parent
SCHEMA = TOP / "docs" / "run-report.schema.json"


def schema() -> bytes:
    """JSON Schema 2020-12 of the report; the answer stands among its definitions."""
    (report, _answer), definitions = msgspec.json.schema_components(
        [RunReport, IngestAnswer], ref_template="#/$defs/{name}"
    )
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **report, "$defs": definitions}
    return msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=2) + b"\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/run-report.schema.json from the contract's types.")
    parser.add_argument("--check", action="store_true", help="compare only")
    if not parser.parse_args().check:
        SCHEMA.write_bytes(schema())
    elif not SCHEMA.exists() or SCHEMA.read_bytes() != schema():
        print(
            "docs/run-report.schema.json is not what src/qalita_ingest/contract says; "
            "run `.venv/bin/python scripts/generate_contract_schema.py`",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
