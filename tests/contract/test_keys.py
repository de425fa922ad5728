import hashlib
import json

import msgspec
import pytest

from factories import MIDNIGHT, report
from qalita_ingest.contract import body_digest, idempotency_key, run_id_of


def test_key_is_the_sha256_of_the_canonical_json() -> None:
    run = report(1, {"a": "passed"}, git_sha="abc")

    canonical = json.dumps(["dbt", "opendata_dbt", "dev", "abc", "invocation-01"], separators=(",", ":"))

    assert idempotency_key(run) == hashlib.sha256(canonical.encode()).hexdigest()


def test_run_id_of_one_invocation_is_the_invocation() -> None:
    assert run_id_of(["b", "b"]) == "b"


def test_run_id_of_several_does_not_depend_on_their_order() -> None:
    assert run_id_of(["a", "b"]) == run_id_of(["b", "a"]) != run_id_of(["a", "c"])


@pytest.mark.parametrize(
    "changed", [{"project": "other"}, {"environment": "prod"}, {"git_sha": "def"}, {"invocation": "invocation-x"}]
)
def test_each_part_of_the_identity_changes_the_key(changed: dict[str, str]) -> None:
    assert idempotency_key(report(1, {"a": "passed"}, **changed)) != idempotency_key(report(1, {"a": "passed"}))


def test_neither_key_nor_digest_depends_on_the_clock() -> None:
    run = report(1, {"a": "passed"})
    later = msgspec.structs.replace(
        run, context=msgspec.structs.replace(run.context, finished_at=MIDNIGHT, tool_version="9.9", client_version="2")
    )

    assert (idempotency_key(later), body_digest(later)) == (idempotency_key(run), body_digest(run))


def test_another_outcome_is_another_digest() -> None:
    assert body_digest(report(1, {"a": "passed"})) != body_digest(report(1, {"a": "failed"}))


def test_a_manifest_that_was_written_after_the_results_makes_no_other_content() -> None:
    assert body_digest(report(1, {"a": "passed"})) == body_digest(report(1, {"a": "passed"}, defined=("a", "b")))
