"""Tokens: give them out and take them back."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from qalita_ingest.sandbox.access import Role, Tokens
from qalita_ingest.sandbox.reading import Page, TokenView, find_token, list_tokens
from qalita_ingest.sandbox.requests import DatabaseOf, NowOf
from qalita_ingest.sandbox.responses import json_response
from qalita_ingest.sandbox.routers.v2.openapi import answers, problems
from qalita_ingest.sandbox.routers.v2.parameters import WindowOf

router = APIRouter(prefix="/tokens", tags=["tokens"])

# The vendor's clients put it into an address as it is.
NAME = r"^[A-Za-z0-9._-]{1,64}$"
DAYS = 30
MOST_DAYS = 3650


class TokenWithText(TokenView, frozen=True, kw_only=True):
    """`token` is what goes with requests. It is shown this once: the store does not keep it."""

    token: str


class NewToken(BaseModel):
    """`name` is whose it is; issues and jobs name it. `days` is how long it is good."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=NAME)
    role: Role = Role.DATAENGINEER
    days: int = Field(DAYS, ge=1, le=MOST_DAYS)


def tokens(request: Request) -> Tokens:
    """Raises 409 where nobody is asked for a token."""
    found: Tokens | None = request.app.state.tokens
    if found is None:
        raise HTTPException(
            409, "this sandbox serves the process that it is in, without tokens; `make sandbox` has some"
        )
    return found


TokensOf = Annotated[Tokens, Depends(tokens)]


@router.get("", responses=answers(Page[TokenView], 400))
def read_tokens(database: DatabaseOf, window: WindowOf) -> Response:
    """Tokens that were given out, the oldest first, without the tokens themselves."""
    with database.reading() as session:
        return json_response(list_tokens(session, window))


@router.post("", status_code=201, responses=answers(TokenWithText, 400, 409, successes=(201,)))
def create_token(wish: NewToken, tokens: TokensOf, database: DatabaseOf, now: NowOf) -> Response:
    """Give one out. The answer shows it, and nothing else ever does."""
    issued = tokens.issue(wish.name, wish.role, now=now, days=wish.days)
    with database.reading() as session:
        view = find_token(session, issued.jti)
    return json_response(TokenWithText(token=issued.token, **msgspec.structs.asdict(view)), 201)


@router.delete("/{token_id}", status_code=204, responses=problems(404, 409))
def revoke_token(token_id: Annotated[str, Path(max_length=64)], tokens: TokensOf, now: NowOf) -> Response:
    """Take it back, from the next request on."""
    if "\x00" in token_id or not tokens.revoke(token_id, now):
        raise HTTPException(404, "no token with this id is good any more")
    return Response(status_code=204)
