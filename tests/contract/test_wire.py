import json

import msgspec
import pytest

from factories import report
from qalita_ingest.contract import decode_report, encode


def test_a_report_survives_the_way_there_and_back() -> None:
    run = report(1, {"a": "failed"}, steps={"model.opendata.stg_airquality": "success"})

    assert decode_report(encode(run)) == run


def test_fields_that_a_newer_client_adds_are_ignored() -> None:
    body = json.loads(encode(report(1, {"a": "passed"}))) | {"news": [1]}

    assert decode_report(json.dumps(body).encode()) == report(1, {"a": "passed"})


def test_a_missing_field_is_named() -> None:
    body = json.loads(encode(report(1, {"a": "passed"})))
    del body["context"]["run_id"]

    with pytest.raises(msgspec.ValidationError, match=r"run_id.*\$\.context"):
        decode_report(json.dumps(body).encode())
