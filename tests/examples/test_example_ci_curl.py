"""The script that sends a run with plain curl runs: here it does, on the sandbox and on servers that make trouble."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci_jobs import EXAMPLES, QALITA_TOKEN, SHA, Job, rows, served_sandbox
from servers import Answer, Call, saying, serving

if TYPE_CHECKING:
    from workspaces import Done

CURL = EXAMPLES / "curl" / "send_run.sh"
ORDERS = "order_id,customer_id,amount\n1,7,10.5\n2,,3.0\n3,,8.2\n4,9,1.0\n"


def curl_job(folder: Path, endpoint: str, content: str = ORDERS, **more: str) -> Job:
    (folder / "orders.csv").write_text(content)
    variables = {"QALITA_AGENT_ENDPOINT": endpoint, "QALITA_PROJECT": "shop", "QALITA_ENV": "prod"}
    return Job(folder, variables | more)


def answers(done: Done) -> tuple[Any, Any]:
    """What the server said to the run, and its open issues."""
    run, issues = done.stdout.strip().splitlines()
    return json.loads(run), json.loads(issues)


def test_curl_sends_a_run_that_the_server_scores_and_opens_an_issue_for(tmp_path: Path) -> None:
    with served_sandbox(tmp_path / "server") as address:
        done = curl_job(tmp_path, address, GIT_SHA=SHA).script(CURL, "orders.csv", "customer_id")

    run, issues = answers(done)
    assert done.status == 0, done.output
    assert (run["outcome"], run["new_results"]) == ("accepted", 1)
    assert [issue["title"] for issue in issues] == ["[QALITA] orders: not_null_orders_customer_id"]
    assert rows("select status, failures from results", tmp_path / "server") == [("failed", 2)]
    assert rows("select git_sha, tool from runs", tmp_path / "server") == [(SHA, "curl")]


def test_curl_sends_the_same_file_twice_and_it_counts_once(tmp_path: Path) -> None:
    with served_sandbox(tmp_path / "server") as address:
        job = curl_job(tmp_path, address)
        first, second = (answers(job.script(CURL, "orders.csv", "customer_id"))[0] for _ in range(2))

    assert second["run"] == first["run"]
    assert rows("select count(*) from results", tmp_path / "server") == [(1,)]


def test_a_mended_file_resolves_the_issue_of_curl(tmp_path: Path) -> None:
    with served_sandbox(tmp_path / "server") as address:
        curl_job(tmp_path, address).script(CURL, "orders.csv", "customer_id")
        time.sleep(1.1)  # the run's time has whole seconds
        done = curl_job(tmp_path, address, ORDERS.replace(",,", ",8,")).script(CURL, "orders.csv", "customer_id")

    run, issues = answers(done)
    assert [change["title"] for change in run["resolved"]] == ["[QALITA] orders: not_null_orders_customer_id"]
    assert issues == []


def test_the_token_of_curl_is_sent_and_in_no_process_list(tmp_path: Path) -> None:
    seen: list[str] = []

    def look_around(_call: Call) -> Answer:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                seen.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        return 201, b"{}"

    with serving(look_around) as server:
        done = curl_job(tmp_path, server.url, QALITA_AGENT_TOKEN=QALITA_TOKEN).script(CURL, "orders.csv", "customer_id")

    assert done.status == 0, done.output
    assert [call.headers["authorization"] for call in server.calls] == [f"Bearer {QALITA_TOKEN}"] * 2
    assert any("curl --config -" in line for line in seen)
    assert [line for line in seen if QALITA_TOKEN in line] == []


def test_curl_tries_again_when_the_server_is_busy(tmp_path: Path) -> None:
    with serving(saying(503, 201)) as server:
        done = curl_job(tmp_path, server.url).script(CURL, "orders.csv", "customer_id")

    posts = [call for call in server.calls if call.method == "POST"]
    assert done.status == 0, done.output
    assert len(posts) == 2
    assert len({call.headers["idempotency-key"] for call in posts}) == 1


def test_a_refusal_is_printed_and_ends_with_an_error(tmp_path: Path) -> None:
    with serving(lambda _call: (401, b'{"detail": "token expired"}')) as server:
        done = curl_job(tmp_path, server.url).script(CURL, "orders.csv", "customer_id")

    assert done.status == 22
    assert "token expired" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        (("orders.csv", "nowhere"), {}, "orders.csv: has no column nowhere"),
        (("orders.csv", "customer_id"), {"QALITA_PROJECT": 'a"b'}, 'a"b: letters, digits'),
        (
            ("orders.csv", "customer_id"),
            {"QALITA_AGENT_TOKEN": 'x"\nurl = "http://other'},
            "characters that no token has",
        ),
        ((), {}, "usage: send_run.sh FILE.csv COLUMN"),
        (("orders.csv",), {}, "usage: send_run.sh FILE.csv COLUMN"),
        (("nowhere.csv", "customer_id"), {}, "send_run: nowhere.csv: no such file, or not readable; usage: "),
    ],
)
def test_what_curl_can_not_send_is_said_before_anything_is_sent(
    tmp_path: Path, arguments: tuple[str, ...], more: dict[str, str], message: str
) -> None:
    with serving(lambda _call: (201, b"{}")) as server:
        done = curl_job(tmp_path, server.url, **more).script(CURL, *arguments)

    assert done.status == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert server.calls == []
