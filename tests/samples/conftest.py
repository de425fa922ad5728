"""One shop, built once: dbt takes some seconds for it. Each file of tests has a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from made_once import made_once
from shops import Sampled, Shop, build_shop

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shop(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """To look at; whoever changes something takes `own_shop`."""
    built = made_once(shared_folder, "built_failing_shop", build_shop)
    return Shop(built).copied_to(tmp_path_factory.mktemp("shops") / "shop")


@pytest.fixture
def own_shop(shop: Shop, tmp_path: Path) -> Shop:
    return shop.copied_to(tmp_path / "own")


@pytest.fixture(scope="module")
def sampled(shop: Shop) -> Sampled:
    """All failing rows, without patterns: read once."""
    return shop.sampled()
