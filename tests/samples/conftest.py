"""One shop for a file of tests: building it takes dbt some seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shops import Sampled, Shop, build_shop

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """To look at; whoever changes something takes `own_shop`."""
    return build_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def own_shop(shop: Shop, tmp_path: Path) -> Shop:
    return shop.copied_to(tmp_path / "own")


@pytest.fixture(scope="module")
def sampled(shop: Shop) -> Sampled:
    """All failing rows, without patterns: read once."""
    return shop.sampled()
