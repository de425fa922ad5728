from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from script_modules import load_script
from seed_files import ROOT

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    return load_script(ROOT / "scripts" / "build_seed.py")
