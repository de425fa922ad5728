"""An endpoint that ends in a slash makes clients ask for `//api/…`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class SingleSlashes:
    """Several slashes are one. It stands before whatever looks at the path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "//" in scope["path"]:
            raw = re.sub(rb"/{2,}", b"/", scope.get("raw_path") or b"")
            scope = {**scope, "path": re.sub(r"/{2,}", "/", scope["path"]), "raw_path": raw}
        await self._app(scope, receive, send)
