"""Where QALITA is and who this worker is: from the environment of the step, where the resource does not say."""

import os
from collections.abc import Mapping
from typing import Any

import dagster as dg

from qalita_ingest import Endpoint, SettingsError, find_endpoint

NAME, MODE = "dagster-agent", "job"
# The first that is set; with both set, they agree.
NAMES = ("QALITA_AGENT_NAME", "QALITA_WORKER_NAME")
MODES = ("QALITA_AGENT_MODE", "QALITA_WORKER_MODE")
TOKENS = ("QALITA_AGENT_TOKEN", "QALITA_WORKER_TOKEN")


def endpoint_of(url: str | None, token: str | None) -> Endpoint:
    """Both are known. Raises `dagster.Failure` where they lack or contradict each other."""
    environment = os.environ if token is None else {TOKENS[0]: token, **_without(os.environ, TOKENS)}
    try:
        found = find_endpoint(url, environment)
    except SettingsError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    if found is None or not found.token:
        missing = "QALITA_AGENT_ENDPOINT" if found is None else "QALITA_AGENT_TOKEN"
        raise dg.Failure(f"{missing} is not set: `make token` prints the sandbox's", allow_retries=False)
    return found


def agreed(names: tuple[str, ...], default: str) -> str:
    found = {name: os.environ[name] for name in names if os.environ.get(name)}
    if len(set(found.values())) > 1:
        raise dg.Failure(f"{' and '.join(found)} differ; keep one of them", allow_retries=False)
    return next(iter(found.values()), default)


def secrets_known(token: str | None) -> list[str]:
    """What must show nowhere."""
    return [value for value in (*(os.environ.get(name) for name in TOKENS), token) if value]


def texts_in(config: Any) -> set[str]:
    """Every text in a run config."""
    if isinstance(config, Mapping):
        return {text for value in config.values() for text in texts_in(value)}
    return {config} if isinstance(config, str) else set()


def _without(environment: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in names}
