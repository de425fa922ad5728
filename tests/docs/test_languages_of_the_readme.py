"""README.md and README.fr.md say the same."""

from __future__ import annotations

import re

from docs.pages import ENGLISH, FRENCH, page, spans

english, french = page(ENGLISH), page(FRENCH)
PLACEHOLDER = re.compile(r"<!-- bench:(\w+) -->(.*?)<!-- /bench -->")


def test_headings_have_the_same_levels_in_the_same_order() -> None:
    assert [level for level, _ in french.headings] == [level for level, _ in english.headings]


def test_code_blocks_are_identical() -> None:
    assert french.blocks == english.blocks


def test_tables_have_as_many_rows_and_columns() -> None:
    def sizes(tables: list[list[list[str]]]) -> list[list[int]]:
        return [[len(row) for row in table] for table in tables]

    assert sizes(french.tables) == sizes(english.tables)


def test_tables_name_the_same_code_in_their_first_column() -> None:
    def first_column(tables: list[list[list[str]]]) -> list[list[str]]:
        return [spans(row[0]) for table in tables for row in table]

    assert first_column(french.tables) == first_column(english.tables)


def test_links_and_pictures_are_the_same_but_for_the_other_language() -> None:
    def others(links: list[str]) -> list[str]:
        return [link for link in links if not link.startswith("README")]

    assert others(french.links) == others(english.links)


def test_lists_are_as_long() -> None:
    def items(text: str) -> int:
        return len(re.findall(r"^(?:- |\d\. )", text, re.MULTILINE))

    assert items(french.prose) == items(english.prose)


def test_measured_times_are_the_same() -> None:
    assert PLACEHOLDER.findall(french.text) == PLACEHOLDER.findall(english.text)
    assert [name for name, _ in PLACEHOLDER.findall(english.text)] == ["cold", "warm", "help", "test"]


def test_pictures_have_a_text_in_each_language() -> None:
    texts = [re.findall(r"!\[([^\]]+)\]", one.text) for one in (english, french)]
    assert len(texts[0]) == len(texts[1]) > 0
    assert not set(texts[0]) & set(texts[1])
