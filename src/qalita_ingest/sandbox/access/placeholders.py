"""Tokens that are no tokens: what documentation writes where yours belongs."""

from __future__ import annotations

import re

# <YOUR_TOKEN>, <your_api_token>, your-token, replace-with-your-token, TOKEN, $QALITA_AGENT_TOKEN, changeme
WORDS = re.compile(
    r"(my|the|an?|your|replace|with|paste|here|insert|qalita|agent|worker|api|jwt|access|token|changeme)+"
)
FILLING = re.compile(r"(.)\1*|\.{3}")


def is_placeholder(token: str) -> bool:
    """Only words that ask for a token, or one character over and over (`xxxxxxxx`, `…`)."""
    letters = re.sub(r"[^a-z]", "", token.lower())
    return bool(WORDS.fullmatch(letters) or FILLING.fullmatch(token))
