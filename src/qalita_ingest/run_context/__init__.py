"""Where a run was made: what the flags, the CI and git say about it, and which words must never be repeated."""

from qalita_ingest.run_context.environment import run_environment
from qalita_ingest.run_context.installed import with_adapter_version
from qalita_ingest.run_context.providers import RunEnvironment
from qalita_ingest.run_context.secrets import hidden, secrets_in, without_secrets

__all__ = ["RunEnvironment", "hidden", "run_environment", "secrets_in", "with_adapter_version", "without_secrets"]
