"""Links lead somewhere."""

from __future__ import annotations

import pytest

from docs.pages import ALL, ENGLISH, FRENCH, NOTEBOOKS, TOP, NotebookPage, Page, anchor, own_files, page


def broken(one: Page, link: str) -> bool:
    path, _, fragment = link.partition("#")
    target = (one.path.parent / path).resolve() if path else one.path
    if not target.exists():
        return True
    return bool(fragment) and fragment not in page(target).anchors


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_relative_links_lead_to_files_and_headings_that_exist(one: Page) -> None:
    relative = [link for link in one.links if "://" not in link]
    assert [link for link in relative if broken(one, link)] == []


@pytest.mark.parametrize("one", NOTEBOOKS, ids=lambda one: one.name)
def test_relative_links_of_a_notebook_lead_to_files_and_headings_that_exist(one: NotebookPage) -> None:
    relative = [link for link in one.links if "://" not in link and not link.startswith("#")]
    assert [link for link in relative if broken(one, link)] == []


@pytest.mark.parametrize("one", [*ALL, *NOTEBOOKS], ids=lambda one: one.name)
def test_foreign_links_are_encrypted(one: Page) -> None:
    assert [link for link in one.links if link.startswith("http:")] == []


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_no_two_headings_of_a_page_share_an_anchor(one: Page) -> None:
    anchors = [anchor(title) for _, title in one.headings if one.name != "CHANGELOG.md"]
    assert len(anchors) == len(set(anchors))


def test_every_page_of_the_documentation_is_linked_from_the_readme() -> None:
    pages = {str(path.relative_to(TOP)) for path in own_files(TOP / "docs", ".md")}
    english = {name for name in pages if ".fr." not in name}
    assert english - set(page(ENGLISH).links) == set()
    in_french = {name.replace(".md", ".fr.md") if name.replace(".md", ".fr.md") in pages else name for name in english}
    assert in_french - set(page(FRENCH).links) == set()


def test_anchors_are_made_as_on_github() -> None:
    assert anchor("dbt-core 1.11, not 1.12") == "dbt-core-111-not-112"
    assert anchor("From dbt's words to QALITA's") == "from-dbts-words-to-qalitas"
