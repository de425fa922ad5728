"""Each output format held against its schema, or against what its reader does with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
from lxml import etree
from markdown_it import MarkdownIt

SCHEMAS = Path(__file__).parent / "formats" / "schemas"
WORKFLOW_COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
# GitHub's Markdown, as far as it matters here: CommonMark with tables and struck text.
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_JUNIT = etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))


def parsed_junit(content: bytes) -> Any:
    """The root element; raises where it is no XML or not valid."""
    root = etree.fromstring(content)
    _JUNIT.assertValid(root)
    return root


def parsed_sarif(content: bytes) -> dict[str, Any]:
    """The run; raises where the log is not valid."""
    log = json.loads(content)
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_bytes())
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log)
    (run,) = log["runs"]
    for result in run["results"]:
        # The schema can't say so: the number and the name of the rule must agree.
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run


def parsed_gitlab(content: bytes) -> list[dict[str, Any]]:
    report = json.loads(content)
    jsonschema.Draft202012Validator(json.loads((SCHEMAS / "gitlab-code-quality.json").read_bytes())).validate(report)
    fingerprints = [entry["fingerprint"] for entry in report]
    assert len(set(fingerprints)) == len(fingerprints)
    return report


def parsed_github(content: bytes) -> list[tuple[str, dict[str, str], str]]:
    """(type, properties, message) of each line, taken apart as the runner does it."""
    commands = []
    for line in content.decode().removesuffix("\n").split("\n"):
        found = WORKFLOW_COMMAND.fullmatch(line)
        assert found, line
        properties = dict(one.split("=", 1) for one in found[2].split(","))
        commands.append((found[1], {key: _unescaped(value) for key, value in properties.items()}, _unescaped(found[3])))
    return commands


def _unescaped(text: str) -> str:
    for code, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def parsed_markdown(content: bytes) -> dict[str, list[list[str]]]:
    """Heading → rows of cells of the table below it, as text that a reader sees; "" for the table at the top."""
    tables: dict[str, list[list[str]]] = {}
    heading, tokens = "", MARKDOWN.parse(content.decode())
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h3":
            heading = seen(tokens[place + 1])
        elif token.type == "tr_open":
            tables.setdefault(heading, []).append([])
        elif token.type in {"td_open", "th_open"}:
            tables[heading][-1].append(seen(tokens[place + 1]))
    for rows in tables.values():
        assert len({len(row) for row in rows}) == 1, rows
    return tables


def seen(inline: Any) -> str:
    """What is shown of an inline token: its text, without marks."""
    return "".join(child.content for child in inline.children or [])


def parsed_json(content: bytes) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(content)
    return summary


PARSERS = {
    "json": parsed_json,
    "junit": parsed_junit,
    "github": parsed_github,
    "gitlab": parsed_gitlab,
    "sarif": parsed_sarif,
    "markdown": parsed_markdown,
}
