"""What people read of issues."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING, Any

from qalita_ingest.cli.issue_report import print_issue, print_issues

if TYPE_CHECKING:
    import pytest

TITLE = "[QALITA] stg_airquality: " + "a_check_with_a_long_name_" * 8
ISSUE: dict[str, Any] = {
    "id": 7,
    "title": TITLE,
    "project": "air",
    "environment": "dev",
    "kind": "check",
    "severity": "high",
    "status": "open",
    "owner": None,
    "message": "Got 3 results",
    "first_seen_at": "2026-11-20T06:35:29Z",
    "last_seen_at": "2026-11-22T06:35:29Z",
    "occurrences": 3,
}
EVENTS = [
    {"kind": "opened", "occurred_at": "2026-11-20T06:35:29.5Z", "actor": "qalita", "run": 1, "detail": "high"},
    {
        "kind": "muted",
        "occurred_at": "2026-11-21T07:00:00+01:00",
        "actor": "lead",
        "run": None,
        "detail": "2026-12-01T23:59:59+00:00",
    },
]
EVIDENCE = {"failures": 3, "relation": None, "sample": {"columns": ["id"], "rows": [["1"], [None]]}}


def printed(issue: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_issue(issue)
    return capsys.readouterr().out.splitlines()


def on_terminal(columns: int) -> list[str]:
    """The list as a terminal of that width gets it."""
    code = f"from qalita_ingest.cli.issue_report import print_issues; print_issues([{ISSUE!r}], None)"
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | {"TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-c", code],
        stdin=theirs,
        stdout=theirs,
        env=variables | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        timeout=60,
    )
    os.close(theirs)
    written = os.read(ours, 65536).decode()
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", written).splitlines()


def test_a_log_has_each_issue_on_one_line_without_trailing_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    print_issues([ISSUE, ISSUE | {"owner": "data team", "title": "short"}], "http://localhost:3091")

    lines = capsys.readouterr().out.splitlines()
    assert [TITLE in line for line in lines] == [False, True, False, False]
    assert [line for line in lines if line != line.rstrip()] == []
    assert lines[-1].endswith("ingest issue NUMBER --endpoint http://localhost:3091 tells more of one")


def test_a_narrow_terminal_gets_two_lines_for_each_issue() -> None:
    lines = on_terminal(80)

    assert lines[:2] == ["#7  high    open  seen 3 ×, since 2026-11-20", f"    {TITLE}"]


def test_a_wide_terminal_gets_a_table() -> None:
    assert on_terminal(140)[0].split()[:3] == ["#", "Severity", "Status"]


def test_times_are_in_utc_and_a_mute_ends_with_a_day_or_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    with_time = EVENTS[1] | {"detail": "2026-12-02T18:00:00+01:00"}

    lines = printed(ISSUE | {"events": [*EVENTS, with_time], "evidence": None}, capsys)

    assert lines[-3:] == [
        "2026-11-20 06:35:29 UTC  opened: high (by qalita, run 1)",
        "2026-11-21 06:00:00 UTC  muted: until the end of 2026-12-01 (by lead)",
        "2026-11-21 06:00:00 UTC  muted: until 2026-12-02 17:00:00 UTC (by lead)",
    ]


def test_an_issue_says_what_its_check_means_and_of_which_run_the_rows_are(capsys: pytest.CaptureFixture[str]) -> None:
    sampled = EVIDENCE | {"sampled_run": 3, "sampled_at": "2026-11-22T06:35:29Z"}
    meaning = {"description": "Every row has an id", "column": "id", "dimension": "completeness"}

    lines = printed(ISSUE | meaning | {"events": EVENTS[:1], "evidence": sampled}, capsys)

    assert lines[2:9] == [
        "Meaning    Every row has an id",
        "Where      project air, environment dev",
        "Column     id",
        "Dimension  completeness",
        "Owner      nobody: name one in the dataset's meta (owner), or in its dbt group",
        "Seen       3 ×, last 2026-11-22",
        "Found      Got 3 results",
    ]
    assert lines[12:] == ["", "Rows of run 3, 2026-11-22", "id", "1", "∅"]


def test_what_people_did_stands_among_the_facts_and_in_the_story(capsys: pytest.CaptureFixture[str]) -> None:
    act = {"occurred_at": "2026-11-21T07:00:00Z", "actor": "lead", "run": None, "detail": None, "comment": None}
    acts = [
        act | {"kind": "commented", "comment": "The supplier knows.\nBack on Monday."},
        act | {"kind": "assigned", "detail": "Ada"},
        act | {"kind": "due_set", "detail": "2026-12-01"},
        act | {"kind": "due_removed"},
    ]
    of_people = {"assignee": "Ada", "due_on": "2026-11-21", "is_overdue": True}

    lines = printed(ISSUE | of_people | {"events": acts, "evidence": None}, capsys)

    assert [lines[1], *lines[4:6]] == ["Status    open, overdue, high, check", "Assigned  Ada", "Due       2026-11-21"]
    assert lines[9:] == [
        "2026-11-21 07:00:00 UTC  commented: The supplier knows.",
        "                         Back on Monday. (by lead)",
        "2026-11-21 07:00:00 UTC  assigned: Ada (by lead)",
        "2026-11-21 07:00:00 UTC  due set: 2026-12-01 (by lead)",
        "2026-11-21 07:00:00 UTC  due removed (by lead)",
    ]


def test_the_list_says_what_is_overdue(capsys: pytest.CaptureFixture[str]) -> None:
    print_issues([ISSUE | {"is_overdue": True}], None)

    assert "  open, overdue  " in capsys.readouterr().out


def test_an_issue_of_a_server_that_says_less_is_printed_too(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(ISSUE | {"events": EVENTS[:1], "evidence": EVIDENCE}, capsys)

    assert [line.split()[0] for line in lines[1:7]] == ["Status", "Where", "Owner", "Seen", "Found", "Rows"]
    assert lines[9:] == ["", "id", "1", "∅"]
