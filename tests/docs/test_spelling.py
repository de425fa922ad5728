"""Every word of the documentation is in a dictionary, or in words.en.txt and words.fr.txt beside this file.

hunspell checks: the checker of Firefox and LibreOffice, which works offline, with the dictionaries that these use
(Debian: hunspell, hunspell-en-gb, hunspell-fr).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs.pages import PAGES, TOP, is_french

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).resolve().parent
DICTIONARIES = {"en": "en_GB", "fr": "fr"}
NOTEBOOKS = sorted(TOP.glob("notebooks/source/*.py"))
CELL = re.compile(r"^# %%(?P<kind> \[markdown\])?(?P<metadata>.*)$")
# What no dictionary should judge, on one line: code, where a link leads, addresses, HTML, names of files and columns.
NOT_PROSE = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+|<[^>]*>|\w+_[\w.]+|[\w/-]+(?:\.[\w/-]+)+")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
BESIDE_A_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Word:
    """A word, and where it stands."""

    place: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}: {self.text}"


def words_in(place: str, lines: Iterable[tuple[int, str]]) -> Iterator[Word]:
    for number, line in lines:
        prose = NOT_PROSE.sub(" ", line)
        for found in WORD.finditer(prose):
            before, after = prose[max(found.start() - 1, 0) : found.start()], prose[found.end() : found.end() + 1]
            # pm10, 3a, UTC: not words that a dictionary holds.
            if not BESIDE_A_DIGIT.search(before + after) and not found[0].isupper():
                yield Word(place, number, found[0].replace("’", "'").removesuffix("'s"))


def lines_of_a_page(path: Path) -> Iterator[tuple[int, str]]:
    """Without code blocks, fenced or indented."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield number, line


def lines_of_a_notebook(path: Path, language: str) -> Iterator[tuple[int, str]]:
    """Of the Markdown cells in one language."""
    reading = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if cell := CELL.match(line):
            reading = bool(cell["kind"]) and ('lang="fr"' in cell["metadata"]) == (language == "fr")
        elif reading and line.startswith("#"):
            yield number, line.removeprefix("#")


def all_words(language: str) -> list[Word]:
    pages = [path for path in PAGES if is_french(path) == (language == "fr")]
    found = [word for path in pages for word in words_in(str(path.relative_to(TOP)), lines_of_a_page(path))]
    for path in NOTEBOOKS:
        found += words_in(str(path.relative_to(TOP)), lines_of_a_notebook(path, language))
    return found


@cache
def allowed(language: str) -> frozenset[str]:
    lines = (HERE / f"words.{language}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.lower() for line in lines if line and not line.startswith("#"))


def unknown(words: Iterable[str], language: str) -> set[str]:
    """Those that neither the dictionary nor the list of this project holds."""
    if not shutil.which("hunspell"):
        pytest.skip("hunspell is not installed (apt install hunspell hunspell-en-gb hunspell-fr)")
    asked = sorted({word for word in words if word.lower() not in allowed(language)})
    command = ["hunspell", "-d", DICTIONARIES[language], "-i", "utf-8", "-l"]
    done = subprocess.run(command, input="\n".join(asked), capture_output=True, text=True, encoding="utf-8", check=True)
    assert "Can't open" not in done.stderr, f"{done.stderr} (apt install hunspell-en-gb hunspell-fr)"
    refused = set(done.stdout.split())
    # hunspell cuts words as it likes: one is unknown where a part of it is.
    return {word for word in asked if word in refused or refused & set(re.split("['-]", word))}


@pytest.mark.parametrize("language", DICTIONARIES)
def test_every_word_is_spelt_as_in_the_dictionary(language: str) -> None:
    words = all_words(language)
    misspelt = unknown({word.text for word in words}, language)
    assert [str(word) for word in words if word.text in misspelt] == []


@pytest.mark.parametrize("language", DICTIONARIES)
def test_the_list_of_words_is_sorted_and_holds_nothing_that_is_not_used(language: str) -> None:
    listed = [
        line for line in (HERE / f"words.{language}.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"
    ]
    assert listed == sorted(set(listed), key=lambda word: (word.lower(), word))
    assert {word.lower() for word in listed} - {word.text.lower() for word in all_words(language)} == set()


@pytest.mark.parametrize(("language", "wrong"), [("en", "recieve"), ("fr", "vérificasion")])
def test_a_misspelt_word_is_found_with_its_place(language: str, wrong: str) -> None:
    words = list(words_in("page.md", [(7, f"`{wrong}` {wrong} [table]({wrong}.md)")]))
    assert [str(word) for word in words if word.text in unknown([wrong, "table"], language)] == [f"page.md:7: {wrong}"]


def test_cells_of_a_notebook_are_read_in_their_language_and_code_is_not(tmp_path: Path) -> None:
    source = tmp_path / "00_any.py"
    source.write_text(
        '# %% [markdown] id="a"\n# Air\n\n# %% [markdown] id="a" lang="fr"\n# Pluie\n\n# %% id="b"\n# code\n'
    )
    assert list(lines_of_a_notebook(source, "en")) == [(2, " Air")]
    assert list(lines_of_a_notebook(source, "fr")) == [(5, " Pluie")]


def test_code_blocks_are_not_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("one\n```sh\nqalita ingset\n```\n\n    typed\ntwo\n")
    assert [line for line in lines_of_a_page(page) if line[1]] == [(1, "one"), (7, "two")]
