"""The revocation feed kept up with the ledger, and its messages brought to those who subscribed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cantoria.adapters.http.webhooks import Reply, Target, check_target, send, signature_headers
from cantoria.adapters.sqlite.feed import FeedFile, Message, State, Subscription
from cantoria.app.ports import FactIndex
from cantoria.app.revocations import TAGS, Revocation, revocations
from cantoria.formats import json_feed
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.periods import format_moment
from cantoria.ledger.ed25519 import Signer

SECOND: Final = 1_000_000
# When a message that was not taken is tried again, in seconds after each try; after the last one it is dead.
BACKOFF_SECONDS: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
_CLAIMED_SECONDS: Final = 60
MESSAGES_PER_ROUND: Final = 1_000
Sender = Callable[[Target, bytes, dict[str, str]], Reply]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of deliveries came to."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


def _send(target: Target, body: bytes, headers: dict[str, str]) -> Reply:
    return send(target, body, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeder:
    """Fills the feed of the log `origin` and delivers it; `signer` signs messages, `clock` tells UTC microseconds,
    `name` makes a fresh id from a prefix."""

    file: FeedFile
    origin: str
    signer: Signer
    clock: Callable[[], int]
    name: Callable[[str], str]
    sender: Sender = _send
    target: Callable[[Subscription], Target] = lambda one: check_target(one.url, loopback=one.loopback)

    def catch_up(self, index: FactIndex, *, size: int) -> int:
        """Add what the ledger says below `size` and the feed does not; return how many items that is."""
        _, _, turns = index.mark(tags=TAGS, size=size)
        read = self.file.number("size")
        # A body that came late, or was erased, may stand anywhere: read it all again, what is there is not added twice.
        start = read if turns == self.file.number("turns") else 0
        found = ((one.index, self.item(one)) for one in revocations(index, start=start, size=size))
        return self.file.take(found, size=max(size, read), turns=turns)

    def item(self, one: Revocation) -> json_feed.Item:
        """Return an item of the feed."""
        return json_feed.item(
            origin=self.origin,
            index=one.index,
            kind=one.kind.value,
            fact=one.fact,
            recorded_at=one.recorded_at,
            effective_at=one.effective_at,
            statement=one.statement,
            uses=one.uses,
            things=one.reach.things,
            codes=one.reach.codes,
            whole=one.reach.whole,
        )

    def queue(self) -> None:
        """Make the messages that active subscriptions are to get; from then on they survive any crash."""
        for subscription in self.file.subscriptions():
            current = subscription
            while current.state is State.ACTIVE and (items := self.file.next_items(current)):
                place = items[-1][0]
                body = self.body("revocation.published", {"items": [item for _, item in items], "cursor": str(place)})
                self.file.queue(self.name("msg"), subscription=current, body=body, place=place, now=self.clock())
                current = self.file.subscription(current.id)

    def body(self, kind: str, data: dict[str, object]) -> bytes:
        """Return the body of a message."""
        value = {"type": kind, "timestamp": format_moment(self.clock()), "data": {"origin": self.origin, **data}}
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def deliver(self) -> Round:
        """Queue what is new and try every message that is due, once."""
        self.queue()
        delivered = failed = dead = 0
        for _ in range(MESSAGES_PER_ROUND):
            now = self.clock()
            message = self.file.claim(now=now, until=now + _CLAIMED_SECONDS * SECOND)
            if message is None:
                break
            state = self._try(message)
            delivered += state is State.DELIVERED
            failed += state is State.WAITING
            dead += state is State.DEAD
        return Round(delivered, failed, dead)

    def test(self, subscription: Subscription) -> Reply:
        """Send a message that says nothing, now and once."""
        return self._post(subscription, self.name("msg"), self.body("feed.test", {"items": [], "cursor": "0"}))

    def _try(self, message: Message) -> State:
        subscription = self.file.subscription(message.subscription)
        reply = self._post(subscription, message.id, message.body)
        now, tried = self.clock(), message.attempts
        if reply.taken:
            state, due = State.DELIVERED, now
        elif reply.ended or subscription.state is State.ENDED or tried >= len(BACKOFF_SECONDS):
            state, due = State.DEAD, now
        else:
            state, due = State.WAITING, now + BACKOFF_SECONDS[tried] * SECOND
        self.file.settle(message, state=state, due_at=due, last=reply.why)
        if reply.ended:
            self.file.end(subscription.id)
        return state

    def _post(self, subscription: Subscription, name: str, body: bytes) -> Reply:
        """Send a body to where the address leads now: it is checked anew each time."""
        try:
            target = self.target(subscription)
        except (InputError, UnavailableError) as error:
            return Reply(0, error.message)
        headers = signature_headers(name, body, signer=self.signer, at=self.clock() // SECOND)
        return self.sender(target, body, headers)
