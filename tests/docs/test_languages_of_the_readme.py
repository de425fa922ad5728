"""A page and its French twin (page.fr.md) say the same: README, and what the workshop hands out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from docs.pages import ENGLISH, FRENCH, PAGES, Page, anchor, in_english, page, spans

if TYPE_CHECKING:
    from pathlib import Path

PLACEHOLDER = re.compile(r"<!-- bench:(\w+) -->(.*?)<!-- /bench -->")


PAIRS = [(page(in_english(path)), page(path)) for path in PAGES if ".fr." in path.name]
both = pytest.mark.parametrize(("english", "french"), PAIRS, ids=[french.name for _, french in PAIRS])


def test_readme_and_the_pages_of_the_workshop_are_in_both_languages() -> None:
    english = {one.name for one, _ in PAIRS}
    assert "README.md" in english
    assert {page(path).name for path in PAGES if path.parent.name == "workshop" and ".fr." not in path.name} <= english


@both
def test_headings_have_the_same_levels_in_the_same_order(english: Page, french: Page) -> None:
    assert [level for level, _ in french.headings] == [level for level, _ in english.headings]


@both
def test_code_blocks_are_identical(english: Page, french: Page) -> None:
    assert french.blocks == english.blocks


@both
def test_the_same_code_stands_in_the_sentences(english: Page, french: Page) -> None:
    in_folders_of_english = {span.replace("/fr/", "/") for span in french.spans}
    assert sorted(in_folders_of_english) == sorted(set(english.spans))


@both
def test_tables_have_as_many_rows_and_columns(english: Page, french: Page) -> None:
    def sizes(tables: list[list[list[str]]]) -> list[list[int]]:
        return [[len(row) for row in table] for table in tables]

    assert sizes(french.tables) == sizes(english.tables)


@both
def test_tables_name_the_same_code_in_their_first_column(english: Page, french: Page) -> None:
    def first_column(tables: list[list[list[str]]]) -> list[list[str]]:
        return [spans(row[0]) for table in tables for row in table]

    assert first_column(french.tables) == first_column(english.tables)


def leads_to(one: Page, link: str) -> tuple[Path | str, int | None]:
    """File (of either language: the English one) and which of its headings."""
    if "://" in link:
        return link, None
    path, _, fragment = link.partition("#")
    target = (one.path.parent / path).resolve() if path else one.path
    anchors = [anchor(title) for _, title in page(target).headings] if fragment else []
    return in_english(target), anchors.index(fragment) if fragment else None


@both
def test_links_and_pictures_lead_to_the_same(english: Page, french: Page) -> None:
    assert [leads_to(french, link) for link in french.links] == [leads_to(english, link) for link in english.links]


@both
def test_a_french_page_leads_to_french_ones_where_there_are_some(english: Page, french: Page) -> None:
    translated = {english.path for english, _ in PAIRS}
    targets = [(french.path.parent / link.partition("#")[0]).resolve() for link in french.links if "://" not in link]
    # Only the line at the top, which changes the language.
    assert translated & set(targets) <= {english.path}


@both
def test_lists_are_as_long(english: Page, french: Page) -> None:
    def items(text: str) -> int:
        return len(re.findall(r"^(?:- |\d\. )", text, re.MULTILINE))

    assert items(french.prose) == items(english.prose)


@both
def test_pictures_have_a_text_in_each_language(english: Page, french: Page) -> None:
    texts = [re.findall(r"!\[([^\]]+)\]", one.text) for one in (english, french)]
    assert len(texts[0]) == len(texts[1])
    assert not set(texts[0]) & set(texts[1])


def test_measured_times_are_the_same() -> None:
    english, french = page(ENGLISH), page(FRENCH)
    assert PLACEHOLDER.findall(french.text) == PLACEHOLDER.findall(english.text)
    assert [name for name, _ in PLACEHOLDER.findall(english.text)] == ["cold", "warm", "help", "test"]
