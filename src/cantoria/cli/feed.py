"""`cantoria feed …`: who is told when a yes may be gone, and what waits to be told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from cantoria.adapters.feeding import Feeder
from cantoria.adapters.http.webhooks import check_target, public_key_text
from cantoria.adapters.sqlite.feed import FeedFile, Message, State, Subscription
from cantoria.bootstrap.house import WiredHouse
from cantoria.cli.console import emit, progress, say, table
from cantoria.cli.state import house
from cantoria.kernel.errors import UnavailableError
from cantoria.kernel.periods import format_moment

FEED_FILE = "feed.db"
app = typer.Typer(no_args_is_help=True, help="Revocations: the feed of what may take a yes away, and webhooks for it.")


@contextmanager
def feeder(opened: WiredHouse) -> Iterator[Feeder]:
    """Yield the feed of a house, to be filled and delivered; it is closed in the end."""
    file = FeedFile(opened.settings.home / FEED_FILE)
    signer = opened.keys.webhook_signer(lambda: opened.entropy.token(32))
    try:
        yield Feeder(
            file=file,
            origin=opened.settings.origin,
            signer=signer,
            clock=opened.clock.now,
            name=opened.ids.new,
        )
    finally:
        file.close()


@app.command()
def subscribe(
    url: Annotated[str, typer.Argument(help="Where messages are to be POSTed: https://host/path.")],
    loopback: Annotated[
        bool,
        typer.Option("--allow-loopback", help="Allow an address of this machine, to try it out."),
    ] = False,
) -> None:
    """Tell an address of every revocation from now on, signed, until it answers 410 or is unsubscribed.

    Example: cantoria feed subscribe https://models.example.com/hooks/cantoria
    """
    with house() as opened, feeder(opened) as feed:
        check_target(url, loopback=loopback)
        feed.catch_up(opened.index, size=opened.index.catch_up())
        made = feed.file.subscribe(opened.ids.new("subscription"), url=url, loopback=loopback, now=opened.clock.now())
        value = _subscription(made) | {"key": public_key_text(feed.signer)}

    def text() -> None:
        typer.echo(made.id)
        say(f"receivers verify messages by the key {value['key']}")

    emit(value, text=text)


@app.command()
def unsubscribe(name: Annotated[str, typer.Argument(help="The subscription's id.")]) -> None:
    """End a subscription; what waits for it is not delivered.

    Example: cantoria feed unsubscribe subscription_0190…
    """
    with house() as opened, feeder(opened) as feed:
        feed.file.end(name)
    emit({"ended": name}, text=lambda: say(f"{name} has ended"))


@app.command("list")
def list_all() -> None:
    """Show the subscriptions, and the messages that wait or are dead.

    Example: cantoria feed list
    """
    with house() as opened, feeder(opened) as feed:
        subscriptions = feed.file.subscriptions()
        messages = feed.file.messages(states=[State.WAITING, State.DEAD])

    def text() -> None:
        rows = [(one.id, one.state.value, one.url) for one in subscriptions]
        table("Subscriptions", ("id", "state", "address"), rows)
        waiting = [(one.id, one.state.value, one.attempts, format_moment(one.due_at), one.last) for one in messages]
        table("Messages", ("id", "state", "tries", "due", "what went wrong"), waiting, right=(2,))

    value = {
        "subscriptions": [_subscription(one) for one in subscriptions],
        "messages": [_message(one) for one in messages],
    }
    emit(value, text=text)


@app.command()
def deliver(
    watch: Annotated[bool, typer.Option("--watch", help="Go on until interrupted.")] = False,
    every: Annotated[int, typer.Option("--every", help="With --watch: pause, in seconds.", min=1, max=3_600)] = 10,
) -> None:
    """Add what the ledger says anew to the feed, and try every message that is due. `cantoria serve` does it as well.

    Exit 4 where a message was not taken: it is tried again later.

    Example: cantoria feed deliver
    """
    while True:
        with house() as opened, feeder(opened) as feed, progress("Delivering"):
            added = feed.catch_up(opened.index, size=opened.index.catch_up())
            done = feed.deliver()
        if not watch:
            break
        time.sleep(every)
    value = {"items": added, "delivered": done.delivered, "failed": done.failed, "dead": done.dead}
    emit(value, text=lambda: typer.echo(", ".join(f"{count} {name}" for name, count in value.items())))
    if done.failed or done.dead:
        raise UnavailableError(
            f"{done.failed + done.dead} messages were not taken", "see `cantoria feed list` for what went wrong"
        )


@app.command()
def test(name: Annotated[str, typer.Argument(help="The subscription's id.")]) -> None:
    """Send a subscription a message that says nothing, now and once.

    Example: cantoria feed test subscription_0190…
    """
    with house() as opened, feeder(opened) as feed:
        reply = feed.test(feed.file.subscription(name))
    if not reply.taken:
        raise UnavailableError(f"the message was not taken: {reply.why}", "look at the receiver")
    emit({"status": reply.status}, text=lambda: say(f"it answered {reply.status}"))


@app.command()
def retry(name: Annotated[str, typer.Argument(help="The message's id.")]) -> None:
    """Try a dead message anew.

    Example: cantoria feed retry msg_0190…
    """
    with house() as opened, feeder(opened) as feed:
        feed.file.retry(name, now=opened.clock.now())
    emit({"waiting": name}, text=lambda: say(f"{name} is tried with the next `cantoria feed deliver`"))


@app.command()
def key() -> None:
    """Print the key by which receivers verify messages.

    Example: cantoria feed key
    """
    with house() as opened, feeder(opened) as feed:
        text = public_key_text(feed.signer)
    emit({"key": text}, text=lambda: typer.echo(text))


def _subscription(one: Subscription) -> dict[str, Any]:
    return {"id": one.id, "url": one.url, "state": one.state.value, "told": one.place}


def _message(one: Message) -> dict[str, Any]:
    return {
        "id": one.id,
        "subscription": one.subscription,
        "state": one.state.value,
        "tries": one.attempts,
        "due": format_moment(one.due_at),
        "last": one.last,
    }
