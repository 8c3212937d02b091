"""Random streams of what organisations send to a log: batches, governance, ballots, rotated keys, and much that is not
admissible. The same plan always gives the same bytes, so several engines can be fed with it and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from cantoria import ledger
from cantoria.kernel.periods import DAY
from cantoria.ledger.batch import sign_header
from cantoria.ledger.ed25519 import key_id
from cantoria.ledger.merkle import leaf_hash
from cantoria.testing.consortium import Consortium, Organisation, signer_of

ACTS: Final = (
    *("batch", "batch", "batch", "rotate", "propose", "vote", "vote", "vote", "withdraw"),
    *("replay", "stranger", "stale_key", "bad_signature", "wrong_root", "future", "operator", "junk", "endorsers"),
)

Item = ledger.Batch | bytes


@dataclass(frozen=True, slots=True)
class Act:
    """What organisation `who` (taken modulo their number) does next; `number` varies it."""

    what: str
    who: int
    number: int


class Stream:
    """Turns acts into items, one after another."""

    def __init__(self, consortium: Consortium) -> None:
        self._consortium = consortium
        self._ballots: list[bytes] = []
        self._proposals: dict[bytes, bytes] = {}
        self._sent: list[Item] = []
        self._rotated = 0

    def items(self, acts: Sequence[Act]) -> list[Item]:
        """Return what these acts send."""
        return [item for act in acts for item in self.item(act)]

    def item(self, act: Act) -> list[Item]:
        """Return what one act sends: one item, or two that belong together."""
        organisations = self._consortium.organisations
        who = organisations[act.who % len(organisations)]
        found = self._governance(act, who) or self._batches(act, who)
        self._sent += found
        return found

    def _governance(self, act: Act, who: Organisation) -> list[Item]:
        match act.what:
            case "rotate":
                return self._rotate(who)
            case "propose" | "endorsers":
                self._ballots.append(who.ballot())
                change = self._change(act) if act.what == "propose" else ledger.SetEndorsers(302, act.number % 4)
                record = who.says(ledger.Propose(self._ballots[-1], change, who.now + (act.number % 50) * DAY))
                self._proposals[self._ballots[-1]] = leaf_hash(record)
                return [record]
            case "vote" if self._ballots:
                ballot = self._ballots[-1 - act.number % min(2, len(self._ballots))]
                proposal = self._proposals[ballot] if act.number % 11 else bytes(32)
                return [who.says(ledger.Vote(ballot, act.number % 5 > 0, proposal))]
            case "withdraw" if self._ballots:
                return [who.says(ledger.WithdrawBallot(self._ballots[-1]))]
            case "operator":
                change = ledger.AdmitMember(who.identifier, frozenset({3}))
                author = ledger.Author(who.identifier, self._consortium.operator, who.origin)
                return [
                    ledger.seal_member_record(ledger.RevokeKey(key_id(author.signer.public_key)), author),
                    who.says(ledger.Propose(who.ballot(), change, who.now + DAY)),
                ]
            case _:
                return []

    def _rotate(self, who: Organisation) -> list[Item]:
        self._rotated += 1
        fresh = signer_of(f"{who.name}/rotated{self._rotated}")
        added = who.adds(fresh)
        old, who.signer = who.signer, fresh
        return [added, who.says(ledger.RevokeKey(key_id(old.public_key)))]

    def _change(self, act: Act) -> ledger.BallotChange:
        organisations = self._consortium.organisations
        whom = organisations[act.number % len(organisations)]
        choices: list[ledger.BallotChange] = [
            ledger.SeatMember(whom.seat),
            ledger.UnseatMember(whom.identifier),
            ledger.Resolve(f"topic {act.number % 3}", bytes([act.number % 256]) * 32),
            ledger.AdmitMember(whom.identifier, frozenset({2, 3, 4})),
            ledger.SetHolders(301, act.number % 2),
            ledger.SetType(302 + act.number % 3, "cmo-only", frozenset({2, act.number % 4})),
        ]
        return choices[act.number % len(choices)]

    def _batches(self, act: Act, who: Organisation) -> list[Item]:
        count = 1 + act.number % 4
        match act.what:
            case "replay" if self._sent:
                return [self._sent[act.number % len(self._sent)]]
            case "stranger":
                return [Organisation("stranger", now=who.now).batch(count)]
            case "stale_key":
                author = replace(who.author, signer=signer_of(f"{who.name}/author"))
                drafts = [who.draft(act.number)]
                return [ledger.seal(drafts, author, ids=who.ids, entropy=who.noise, claimed_at=who.now)]
            case "bad_signature":
                batch = who.batch(count)
                return [replace(batch, header=batch.header[:-1] + bytes([batch.header[-1] ^ 1]))]
            case "wrong_root":
                batch, other = who.batch(count), who.batch(count)
                return [replace(batch, header=sign_header(other.envelopes, who.author, claimed_at=who.now))]
            case "future":
                drafts = [replace(who.draft(act.number), claimed_at=who.now + 2 * DAY)]
                return [ledger.seal(drafts, who.author, ids=who.ids, entropy=who.noise, claimed_at=who.now)]
            case "junk":
                return [b"\x03" + who.noise(act.number % 60)]
            case _:
                return [who.batch(count, first=act.number)]
