"""What clients uploaded is handed out as files, never as pages of ours."""

from __future__ import annotations

import pytest

from qalita_ingest.sandbox.access import as_attachment


def test_a_page_that_was_uploaded_is_a_file_in_a_sandbox() -> None:
    response = as_attachment("report.html", "text/html", b"<script>alert(1)</script>")

    assert response.body == b"<script>alert(1)</script>"
    assert response.headers["content-disposition"].startswith('attachment; filename="report.html"')
    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "allow" not in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("../../etc/passwd", "passwd", "passwd"),
        ("..\\evil.bat", "evil.bat", "evil.bat"),
        ('a"; filename=b.html', "a___filename_b.html", "a%22%3B%20filename%3Db.html"),
        ("a\r\nSet-Cookie: x", "a__Set-Cookie__x", "aSet-Cookie%3A%20x"),
        ("été.png", "_t_.png", "%C3%A9t%C3%A9.png"),
        (".htaccess", "htaccess", "htaccess"),
        ("", "file", "file"),
        ("..", "file", "file"),
        ("\udcff", "_", "%3F"),
    ],
)
def test_a_name_is_a_file_s_name_and_nothing_more(name: str, plain: str, full: str) -> None:
    header = as_attachment(name, "image/png", b"").headers["content-disposition"]

    assert header == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"


@pytest.mark.parametrize("kind", ["", "text/html; charset=x", "text/html\r\nX: y", "nothing"])
def test_a_type_that_is_none_is_bytes(kind: str) -> None:
    assert as_attachment("a", kind, b"").headers["content-type"] == "application/octet-stream"
