"""Commands on subscriptions: who is told of events by webhook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from config.portal import ConfigError, choose
from worker.cli import output
from worker.cli.output import Json

subscriptions = typer.Typer(help="Who is told of events by webhook.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="As `subscriptions list` shows it.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(subscriptions, name="subscriptions")


@subscriptions.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where events are POSTed.")],
    kind: Annotated[
        list[str] | None, typer.Option("--kind", "--kinds", help="Only these kinds, e.g. report.new; again for more.")
    ] = None,
    portal: Annotated[
        list[str] | None, typer.Option("--portal", "--portals", help="Only of these portals; again for more.")
    ] = None,
    secret_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="A file with the secret, - for stdin; else one is made.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell a receiver of events from now on. The secret that signs them is shown this once."""
    from worker.deliver import check_receiver
    from worker.deps import open_deps
    from worker.ledger import subscriptions as room
    from worker.signing import key_of, new_secret

    settings = output.set_up(quiet=True)
    check_receiver(settings, url)
    kinds = _known(_split(kind))
    secret = new_secret() if secret_file is None else _read(secret_file)
    key_of(secret)
    deps = open_deps(settings)
    portals = [each.name for each in choose(dict(deps.portals), _split(portal))] if portal else []
    with deps.ledger.begin() as connection:
        made = room.add(connection, url, secret, kinds, portals)
    shown = secret.get_secret_value() if secret_file is None else None
    if json:
        output.line({**_fields(made), "secret": shown})
    else:
        output.say(f"{made.id}  {made.url}" + (f"\nsecret {shown}" if shown else ""))


@subscriptions.command("list")
def list_subscriptions(json: Json = False) -> None:
    """Every subscription, with what it has not acknowledged."""
    from worker.deps import open_deps
    from worker.ledger import subscriptions as room

    deps = open_deps(output.set_up(quiet=True))
    with deps.ledger.begin() as connection:
        known = [(each, room.backlog(connection, each.id)) for each in room.every(connection)]
    rows = []
    for each, backlog in known:
        if json:
            output.line({**_fields(each), **backlog.model_dump()})
        state = f"disabled: {each.disabled_for}" if each.disabled_at else "enabled"
        wants = ", ".join((*each.kinds, *each.portals)) or "everything"
        rows.append((each.id, each.url, wants, state, backlog.pending, backlog.dead, backlog.error or ""))
    if not json:
        output.table(None, ("id", "url", "wants", "state", "pending", "dead", "last error"), rows)


@subscriptions.command()
def remove(subscription_id: Id, json: Json = False) -> None:
    """Tell a receiver no more, and forget what it has not acknowledged."""
    from worker.deps import open_deps
    from worker.ledger import subscriptions as room

    deps = open_deps(output.set_up(quiet=True))
    with deps.ledger.begin() as connection:
        if not room.remove(connection, subscription_id):
            raise _unknown(subscription_id)
    output.line({"id": subscription_id, "removed": True}) if json else output.say(f"{subscription_id}: removed")


@subscriptions.command()
def redeliver(
    subscription_id: Id,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Also everything that happened on or after this day.")
    ] = None,
    json: Json = False,
) -> None:
    """Enable a subscription again and send its dead letters."""
    from worker.cli.reading import seconds_of
    from worker.deps import open_deps
    from worker.ledger import retention
    from worker.ledger import subscriptions as room

    deps = open_deps(output.set_up(quiet=True))
    with deps.ledger.begin() as connection:
        if subscription_id not in {each.id for each in room.every(connection)}:
            raise _unknown(subscription_id)
        first = seconds_of(since)
        count = room.send_again(connection, subscription_id, first)
        last = retention.forgotten(connection)  # asked behind it, for from then on nothing more is forgotten
        if first is not None and first <= last.occurred_at:
            raise ConfigError(f"events up to {output.utc(last.occurred_at)} are no longer kept; --since a later day")
    output.line({"id": subscription_id, "pending": count}) if json else output.say(f"{count} events will be sent")


def _split(given: list[str] | None) -> list[str]:
    """Options may be repeated, or hold several values with commas between them."""
    return [value.strip() for each in given or [] for value in each.split(",") if value.strip()]


def _known(kinds: list[str]) -> list[str]:
    """The kinds as they are; one that no event has is a mistake, for nothing would ever be sent."""
    from worker.ledger.outbox import KINDS

    for kind in kinds:
        if kind not in KINDS:
            raise ConfigError(f"no event is of kind {kind}; the kinds are {', '.join(KINDS)}")
    return kinds


def _fields(subscription: Any) -> dict[str, Any]:
    """A subscription without its secret."""
    times = {name: output.utc(getattr(subscription, name)) for name in ("created_at", "disabled_at")}
    return {**subscription.model_dump(mode="json", exclude={"secret"}), **times}


def _read(path: str) -> SecretStr:
    """A secret from a file or stdin, never from the command line, where every user of the machine could see it."""
    try:
        return SecretStr((sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")).strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the secret from {path}: {error}") from None


def _unknown(subscription_id: str) -> ConfigError:
    return ConfigError(f"no subscription is called {subscription_id}; see gongbao subscriptions list")
