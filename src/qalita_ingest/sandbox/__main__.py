"""`python -m qalita_ingest.sandbox`: serve the store over HTTP, and give out tokens for it."""

from __future__ import annotations

import os
import re
import socket
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from qalita_ingest.errors import InputError, QalitaIngestError
from qalita_ingest.sandbox.access import Role
from qalita_ingest.sandbox.reading import LARGEST_PAGE, Window, list_webhooks
from qalita_ingest.sandbox.server import application, listen, open_store, run
from qalita_ingest.sandbox.settings import Address, address_from, guard_from
from qalita_ingest.sandbox.webhooks import ISSUE_EVENTS, add_webhook, checked_url, remove_webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qalita_ingest.sandbox.access import Tokens
    from qalita_ingest.sandbox.server import Store
    from qalita_ingest.sandbox.settings import Guard

# The vendor's clients put it into an address as it is.
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
DAYS = 30
DAYS_AT_START = 1
EVERYWHERE = {"0.0.0.0": socket.AF_INET, "::": socket.AF_INET6}  # noqa: S104 (told apart, not listened on)
# Of the addresses that are kept for documentation.
SOMEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
LARGEST_NUMBER = 2**63 - 1


@click.group(invoke_without_command=True)
@click.pass_context
def sandbox(context: click.Context) -> None:
    """Serve the QALITA store of this folder (QALITA_STORE) over HTTP."""
    if context.invoked_subcommand is None:
        _serve()


@sandbox.command()
@click.option("--role", type=click.Choice([*map(str, Role)]), default=str(Role.DATAENGINEER), show_default=True)
@click.option("--name", default="local", show_default=True, help="Whose it is; issues and jobs name it.")
@click.option("--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True, help="How long it is good.")
@click.option("--list", "is_list", is_flag=True, help="List the tokens that were given out.")
@click.option("--revoke", metavar="ID", help="Take back the token with this id.")
def token(*, role: str, name: str, days: int, is_list: bool, revoke: str | None) -> None:
    """Print a new token, as lines for a shell: eval "$(make token)"."""
    tokens, now = open_store(os.environ).tokens, datetime.now(UTC)
    if revoke:
        _revoke(tokens, revoke, now)
    elif is_list:
        click.echo("\n".join(_listed(tokens, now)) or "no token was given out")
    else:
        if not NAME.fullmatch(name):
            raise InputError("--name: expected up to 64 letters, digits, dots, dashes and underscores")
        address = _told_address()
        click.echo(f"# for the sandbox at {url_of(address)}; QALITA_SANDBOX_HOST and QALITA_SANDBOX_PORT name another")
        click.echo(exports(tokens, address, name=name, role=Role(role), days=days))


@sandbox.group()
def webhook() -> None:
    """Tell programs of a project's issues and score."""


@webhook.command("add")
@click.option("--project", required=True, help="The project's name.")
@click.option("--url", required=True, help="Where messages go: http:// or https://.")
@click.option("--event", "events", type=click.Choice(ISSUE_EVENTS), multiple=True, help="[default: all three]")
@click.option("--score-below", type=click.FloatRange(0, 1, min_open=True), help="Also tell when the score falls below.")
def add(*, project: str, url: str, events: tuple[str, ...], score_below: float | None) -> None:
    """Print the secret that signs, once."""
    try:
        checked_url(url)
    except ValueError as error:
        raise InputError(f"--url: {error}") from None
    wanted = sorted(set(events or ISSUE_EVENTS))
    with open_store(os.environ).database.writing() as session:
        now = datetime.now(UTC)
        added = add_webhook(session, project, url, events=wanted, score_below=score_below, now=now)
        if added is None:
            raise InputError(f"--project: there is no project {project!r}; it comes with its first run")
        click.echo(f"webhook {added.id}, signed with {added.secret}")


@webhook.command("list")
def list_them() -> None:
    """List them, with the last message of each."""
    with open_store(os.environ).database.reading() as session:
        shown = list_webhooks(session, window=Window(LARGEST_PAGE)).items
    for one in shown:
        threshold = [] if one.score_below is None else [f"score below {one.score_below:g}"]
        state = one.last_delivery.status if one.last_delivery else "nothing sent yet"
        told = ", ".join([*one.events, *threshold])
        click.echo(f"{one.id}  {one.project}  {one.url}  {told}  {'disabled' if one.disabled_at else state}")
    if not shown:
        click.echo("there is no webhook")


@webhook.command()
@click.argument("number", type=click.IntRange(1, LARGEST_NUMBER))
def remove(number: int) -> None:
    """Tell it nothing more; what waits goes with it."""
    with open_store(os.environ).database.writing() as session:
        if not remove_webhook(session, number):
            raise InputError(f"there is no webhook {number}; `webhook list` shows them")
    click.echo(f"removed webhook {number}")


def _told_address() -> Address:
    """Where the sandbox is by the settings: whether one runs there, and whether it is this one, nobody says."""
    address = address_from(os.environ)
    if not address.port:
        raise InputError(
            "QALITA_SANDBOX_PORT: with 0 the system chooses one at each start; set it to the one that the sandbox told"
        )
    return address


def _revoke(tokens: Tokens, jti: str, now: datetime) -> None:
    if not tokens.revoke(jti, now):
        raise InputError(f"--revoke: no token {jti!r} is good any more; --list shows the ids")
    click.echo(f"revoked {jti}")


def _listed(tokens: Tokens, now: datetime) -> Iterator[str]:
    for row in tokens.listed():
        state = f"revoked on {row.revoked_at:%Y-%m-%d}" if row.revoked_at else f"good until {row.expires_at:%Y-%m-%d}"
        if row.expires_at <= now:
            state = f"expired on {row.expires_at:%Y-%m-%d}"
        used = f"last used about {row.used_at:%Y-%m-%d %H:%M} UTC" if row.used_at else "never used"
        yield f"{row.jti}  {row.role:12}  {row.subject}  {state}, {used}"


def exports(tokens: Tokens, address: Address, *, name: str, role: Role, days: int) -> str:
    """Lines for a shell: the variables of old clients (AGENT) and of new ones (WORKER)."""
    issued = tokens.issue(name, role, now=datetime.now(UTC), days=days)
    return "\n".join(
        [
            f"# a token of role {role} for {name}, good until {issued.expires_at:%Y-%m-%d %H:%M} UTC, id {issued.jti}",
            *(
                f"export QALITA_{kind}_ENDPOINT={url_of(address)} QALITA_{kind}_TOKEN={issued.token}\n"
                f"export QALITA_{kind}_NAME={name} QALITA_{kind}_MODE=job"
                for kind in ("AGENT", "WORKER")
            ),
        ]
    )


def url_of(address: Address) -> str:
    """As people on this machine reach it. Never `0.0.0.0`, which is no place to go to."""
    host = "localhost" if address.host in {"127.0.0.1", *EVERYWHERE} else address.host
    return f"http://{f'[{host}]' if ':' in host else host}:{address.port}"


def urls_for_others(address: Address, guard: Guard) -> list[str]:
    """As people on other machines reach it, where it listens on all addresses of this one."""
    family = EVERYWHERE.get(address.host)
    if family is None:
        return []
    own = _own_address(family)
    hosts = [*([own] if own else []), *sorted(guard.allowed_hosts)]
    return [url_of(Address(host, address.port)) for host in hosts]


def _own_address(family: socket.AddressFamily) -> str | None:
    """The one from which this machine would speak to others; None without a network. Nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect((SOMEWHERE[family], 9))
        except OSError:
            return None
        return str(asked.getsockname()[0])


def _serve() -> None:
    asked = address_from(os.environ)
    guard = guard_from(os.environ, asked)
    with listen(asked) as listener:
        # A port of 0 is chosen by the system.
        address = Address(asked.host, listener.getsockname()[1])
        store = open_store(os.environ)
        try:
            click.echo(f"qalita sandbox: {greeting(store, address, guard)}", err=True)
            click.echo(exports(store.tokens, address, name="local", role=Role.DATAENGINEER, days=DAYS_AT_START))
            run(application(store, guard), listener)
        finally:
            store.database.close()


def greeting(store: Store, address: Address, guard: Guard) -> str:
    url = url_of(address)
    ended = f"{store.ended_tokens} earlier token(s) ended with the lost secret; " if store.ended_tokens else ""
    needs = "every request needs a token" if guard.is_token_required else "on this machine no token is needed"
    others = " and ".join(urls_for_others(address, guard))
    reached = f"{url}, from other machines at {others}" if others else url
    return f"{ended}serving {store.settings.place} at {reached}; {needs}; its documentation is at {url}/docs"


def main() -> None:
    try:
        sandbox(prog_name="python -m qalita_ingest.sandbox")
    except QalitaIngestError as error:
        sys.stderr.write(f"qalita sandbox: {error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
