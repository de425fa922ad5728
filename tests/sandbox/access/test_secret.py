"""The secret that signs tokens."""

from __future__ import annotations

import multiprocessing
import stat
from typing import TYPE_CHECKING

import pytest

from qalita_ingest.errors import StoreError
from qalita_ingest.sandbox.access import signing_secret

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier
    from pathlib import Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    first, second = signing_secret(tmp_path), signing_secret(tmp_path)

    assert first == (second[0], True)
    assert second[1] is False
    assert [path.name for path in tmp_path.iterdir()] == ["token-secret"]


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    signing_secret(tmp_path)

    assert mode(tmp_path / "token-secret") == 0o600


def test_a_secret_that_others_may_read_is_closed(tmp_path: Path) -> None:
    secret, _ = signing_secret(tmp_path)
    (tmp_path / "token-secret").chmod(0o644)

    assert signing_secret(tmp_path) == (secret, False)
    assert mode(tmp_path / "token-secret") == 0o600


def test_two_stores_have_two_secrets(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()

    assert signing_secret(tmp_path / "a")[0] != signing_secret(tmp_path / "b")[0]


def make(folder: Path, starting: Barrier, found: Queue[tuple[str, bool]]) -> None:
    starting.wait(timeout=30)
    found.put(signing_secret(folder))


def test_servers_that_start_at_once_agree_on_one(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    starting, found = context.Barrier(4), context.Queue()
    processes = [context.Process(target=make, args=(tmp_path, starting, found)) for _ in range(4)]
    for process in processes:
        process.start()
    answers = [found.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(timeout=10)

    assert len({secret for secret, _ in answers}) == 1
    assert sum(is_new for _, is_new in answers) == 1


@pytest.mark.parametrize("content", ["", "short\n", "g" * 64, "ä" * 32])
def test_a_damaged_secret_is_one_line_that_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "token-secret").write_text(content, encoding="utf-8")

    with pytest.raises(StoreError, match=r"token-secret: expected 64 hexadecimal digits.*delete it") as caught:
        signing_secret(tmp_path)
    assert not content.strip() or content.strip() not in str(caught.value)


def test_a_secret_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "token-secret").mkdir()

    with pytest.raises(StoreError, match="the secret of the tokens can't be used"):
        signing_secret(tmp_path)
