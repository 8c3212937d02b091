"""Write `vectors/governance/*.json`: attestations, packed items, and a council's whole story, byte for byte.

Run `python -m tools.make_governance_vectors` after a change of format, and never otherwise: the files are what other
implementations must reproduce. Every key and salt here is public: never use one of them.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria import ledger
from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.periods import DAY
from cantoria.ledger import Purpose, attestation, merkle
from cantoria.ledger.cosignatures import cosigner_key
from cantoria.ledger.governance import seal_record
from tools.make_envelope_vectors import ANY, CMO_ONLY, ENVELOPES, OPERATOR, ORIGIN, TIME, organisation, seal

FOLDER: Final = Path(__file__).parent.parent / "vectors" / "governance"
NAMES: Final = ("ara", "bel", "cor", "dun", "eli", "fen")
OTHER: Final = FactType(9003, "publisher-only", frozenset({Capacity.PUBLISHER}))
CONVENED: Final = {one.tag: one for one in (ANY, CMO_ONLY, ledger.BODY_ERASED)}
TYPES: Final = {one.tag: one for one in (ANY, CMO_ONLY, OTHER, ledger.BODY_ERASED)}


def seed(name: str) -> bytes:
    """Return the seed of the signing key of a made-up member."""
    return sha256(f"vectors: council {name}".encode()).digest()


def author(name: str, **changes: Any) -> ledger.Author:
    """Return a made-up member as an author."""
    return replace(ledger.Author(organisation(seed(name)), ledger.Ed25519Signer(seed(name)), ORIGIN), **changes)


def seat(name: str) -> ledger.Seat:
    """Return the seat of a made-up member: consensus and cosigner keys are those of derived seeds."""
    who = organisation(seed(name))
    keys = [
        ledger.Ed25519Signer(sha256(f"vectors: {use} {name}".encode()).digest()) for use in ("validator", "cosigner")
    ]
    proofs = [ledger.prove_possession(one, who, origin=ORIGIN) for one in keys]
    vkey = cosigner_key(f"{name}.example.org/cosigner", public_key=keys[1].public_key).vkey()
    return ledger.Seat(who, keys[0].public_key, vkey, *proofs)


def ballot(number: int) -> bytes:
    """Return the made-up id of a ballot: a UUIDv7."""
    return bytes.fromhex("01a1ed3d56007000") + (0x90 << 56 | number).to_bytes(8, "big")


def batch(first: int, count: int, name: str = "ara") -> ledger.Batch:
    """Return a batch by a member over the envelopes of the envelope vectors."""
    return replace(seal(ENVELOPES[first : first + count], author(name)), salts=(), bodies=())


def backed(sealed: ledger.Batch, *, endorsers: str = "", holders: str = "", at: int = TIME) -> ledger.Batch:
    """Return the batch with the attestations of these members, named by their first letters."""
    by_letter = {name[0]: name for name in NAMES}
    found = [
        ledger.attest(sealed.header, author(by_letter[letter]), purpose=purpose, claimed_at=at)
        for purpose, letters in ((Purpose.ENDORSEMENT, endorsers), (Purpose.HOLDING, holders))
        for letter in letters
    ]
    return replace(sealed, attestations=ledger.in_order(found))


@dataclass
class Story:
    """Offers items to one log and writes down what becomes of each."""

    machine: ledger.Machine = field(init=False)
    seen: set[bytes] = field(default_factory=set)
    entries: list[bytes] = field(default_factory=list)
    proposals: dict[bytes, bytes] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.machine = ledger.Machine(TYPES, seen=lambda ids: self.seen.intersection(ids))

    def _note(self, item: ledger.Batch | bytes) -> None:
        if isinstance(item, bytes) and isinstance(said := ledger.read_record(item).change, ledger.Propose):
            self.proposals[said.ballot] = merkle.leaf_hash(item)

    def operator(self, name: str, story: str, change: ledger.Change) -> None:
        """Offer what the operator signs."""
        number, signer = self.machine.state.governed, ledger.Ed25519Signer(OPERATOR)
        self.offer(name, story, seal_record(change, sequence=number, origin=ORIGIN, signer=signer))

    def member(self, name: str, story: str, change: ledger.Change, *, by: str, time: int = TIME, **who: Any) -> None:
        """Offer what a member signs."""
        self.offer(name, story, ledger.seal_member_record(change, author(by, **who)), time=time)

    def vote(self, number: int, yes: bool = True) -> ledger.Vote:
        """Return a vote on a ballot, as it was last proposed."""
        return ledger.Vote(ballot(number), yes, self.proposals[ballot(number)])

    def offer(self, name: str, story: str, item: ledger.Batch | bytes, *, time: int = TIME) -> None:
        """Offer an item at block time `time`."""
        packed = ledger.pack_item(item)
        applied = self.machine.apply(ledger.Block((item,), time))
        self.machine.adopt(applied)
        self.seen |= applied.fact_ids
        self.entries += applied.entries
        result = applied.results[0]
        if isinstance(result, ledger.Admitted):
            self._note(item)
            outcome: dict[str, Any] = {"admitted": True, "index": result.index}
        else:
            outcome = {"admitted": False, "reason": result.reason.value, "position": result.position}
        case = {"name": name, "story": story, "time": time, "item": packed.hex(), "result": outcome}
        self.cases.append({**case, "size": self.machine.size, "state": self.machine.state.digest().hex()})


def attestations() -> dict[str, Any]:
    """Return attestations with the inputs that make them."""
    sealed = batch(0, 3)
    cases = []
    for name, purpose in (("bel", Purpose.ENDORSEMENT), ("cor", Purpose.ENDORSEMENT), ("ara", Purpose.HOLDING)):
        data = ledger.attest(sealed.header, author(name), purpose=purpose, claimed_at=TIME)
        cases.append(
            {
                "purpose": int(purpose),
                "organisation": author(name).organisation.hex(),
                "seed": seed(name).hex(),
                "claimed_at": TIME,
                "signed": attestation.signed_bytes(data, ORIGIN).hex(),
                "attestation": data.hex(),
                "leaf": merkle.leaf_hash(data).hex(),
            }
        )
    return {
        "about": "Each input is signed to exactly this attestation of the batch with this header.",
        "origin": ORIGIN,
        "header": sealed.header.hex(),
        "subject": merkle.leaf_hash(sealed.header).hex(),
        "cases": cases,
    }


def items() -> dict[str, Any]:
    """Return packed items that are read back, and bytes that are not."""
    sealed = backed(batch(0, 2), endorsers="bc", holders="a")
    packed = ledger.pack_item(sealed)
    vote = ledger.seal_member_record(ledger.Vote(ballot(1), True, merkle.leaf_hash(b"proposal")), author("ara"))
    count = 3 * attestation.ATTESTATION_BYTES + 25
    bad = {
        "one byte short": packed[:-1],
        "one byte more": packed + b"\0",
        "an envelope short": packed[:-132],
        "attestations in another order": packed[130:260] + packed[:130] + packed[260:],
        "an attestation twice": packed[:130] + packed[:390] + packed[390:],
        "attestations alone": packed[:390],
        "no attestation's purpose": packed[:1] + b"\x03" + packed[2:],
        "counted otherwise": packed[:count] + b"\0\0\0\3" + packed[count + 4 :],
        "an unknown kind": b"\x05" + packed[1:],
        "nothing": b"",
    }
    good = [
        {"name": "record", "item": vote.hex(), "entries": [vote.hex()]},
        {
            "name": "batch",
            "item": packed.hex(),
            "entries": [one.hex() for one in (*sealed.attestations, sealed.header, *sealed.envelopes)],
        },
        {
            "name": "batch without attestations",
            "item": ledger.pack_item(replace(sealed, attestations=())).hex(),
            "entries": [one.hex() for one in (sealed.header, *sealed.envelopes)],
        },
    ]
    return {
        "about": "`good` are split into exactly these entries; each of `bad` is refused.",
        "good": good,
        "bad": [{"why": why, "item": data.hex()} for why, data in bad.items()],
    }


def council() -> dict[str, Any]:
    """Return the story of a council, item by item."""
    story = Story()
    _found(story)
    _keys(story)
    _ballots(story)
    _seats(story)
    _backing(story)
    _types(story)
    types = [[tag, one.name, sorted(map(int, one.capacities))] for tag, one in sorted(TYPES.items())]
    return {
        "about": "Offer each item in turn to an empty log, each at its block time; `state` is the digest behind it. "
        "Replaying `entries` without a clock leads to the last one.",
        "origin": ORIGIN,
        "types": types,
        "seeds": {name: seed(name).hex() for name in NAMES},
        "cases": story.cases,
        "entries": [one.hex() for one in story.entries],
        "root": merkle.root_of(merkle.leaf_hashes(story.entries)).hex(),
        "decisions": {
            one.hex(): [decision.outcome.value, decision.proposed_at, decision.decided_at, decision.reason]
            for one, decision in sorted(story.machine.state.decisions.items())
        },
    }


def _found(story: Story) -> None:
    story.operator("genesis", "The log begins.", ledger.Genesis(ORIGIN, ledger.Ed25519Signer(OPERATOR).public_key))
    for name in NAMES:
        who = author(name)
        held = frozenset({3}) if name == "fen" else frozenset({2, 3})
        story.operator(f"admit {name}", "A member is admitted.", ledger.AdmitMember(who.organisation, held))
        story.operator(f"key of {name}", "Its key is added.", ledger.AddKey(who.organisation, who.signer.public_key))
    propose = ledger.Propose(ballot(1), ledger.SetHolders(9001, 1), TIME + DAY)
    story.member("too early", "There is no council yet.", propose, by="ara")
    seats = tuple(seat(name) for name in NAMES[:4])
    alike = (seats[0], replace(seats[1], consensus_key=seats[0].consensus_key))
    story.operator("alike", "Two seats may not share a validator's key.", ledger.Convene(alike))
    story.operator("beyond", "Five cannot stand behind a fact where four sit.", ledger.Convene(seats, {9001: 5}))
    proof = seat("eli").cosigner_possession
    foreign = (*seats[:3], replace(seats[3], cosigner=seat("eli").cosigner, cosigner_possession=proof))
    story.operator("foreign", "A cosigner that signed for another.", ledger.Convene(foreign, types=CONVENED))
    story.operator("unerasable", "Bodies must stay erasable.", ledger.Convene(seats, types={9001: ANY}))
    story.operator("convene", "The operator hands over to four.", ledger.Convene(seats, types=CONVENED))
    story.operator("operator", "It decides nothing any more.", ledger.AdmitMember(b"o" * 16, frozenset({2})))


def _keys(story: Story) -> None:
    fresh, who = ledger.Ed25519Signer(seed("ara, second")), author("fen")
    story.member(
        "unproven",
        "A key is added by who shows that it has it.",
        ledger.AddKey(who.organisation, fresh.public_key),
        by="fen",
    )
    stolen = replace(ledger.own_key(author("eli"), fresh), organisation=who.organisation)
    story.member("stolen", "The key signed for another organisation.", stolen, by="fen")
    story.member("own key", "A member adds a key of its own.", ledger.own_key(author("fen"), fresh), by="fen")
    old = ledger.RevokeKey(ledger.key_id(who.signer.public_key))
    story.member("rotated", "With it, it revokes the old one.", old, by="fen", signer=fresh)
    story.member("revoked", "The old one signs nothing any more.", old, by="fen")
    theirs = ledger.AddKey(author("ara").organisation, bytes(32))
    story.member("not own", "Nobody adds a key to another.", theirs, by="bel")


def _ballots(story: Story) -> None:
    say = story.member
    expel = ledger.AdmitMember(author("eli").organisation, frozenset({2}))
    say("proposal", "One proposes, and says yes.", ledger.Propose(ballot(1), expel, TIME + DAY), by="ara")
    yes = story.vote(1)
    other = ledger.Vote(ballot(1), True, merkle.leaf_hash(b"another proposal"))
    say("other proposal", "A vote is on one record, not on an id.", other, by="bel")
    say("known", "Its id is taken.", ledger.Propose(ballot(1), expel, TIME + DAY), by="bel")
    say("no seat", "Who has no seat does not vote.", yes, by="eli")
    say("second yes", "Two of four: not enough.", yes, by="bel")
    say("again", "A vote stands.", story.vote(1, False), by="bel")
    say("late", "Votes are taken until it closes.", yes, by="cor", time=TIME + DAY + 1)
    say("third yes", "Three of four decide.", yes, by="cor", time=TIME + DAY)
    say("decided", "It is closed.", yes, by="dun")
    say("long", "At most 90 days.", ledger.Propose(ballot(2), expel, TIME + 90 * DAY + 1), by="ara")
    resolve = ledger.Propose(ballot(3), ledger.Resolve("Tarif 2027 €", sha256(b"tariff").digest()), TIME + DAY)
    say("resolution", "A text is put to a ballot.", resolve, by="dun")
    say("first no", "One no of four leaves three.", story.vote(3, False), by="ara")
    say("second no", "Two leave too few: it is rejected.", story.vote(3, False), by="bel")
    key = ledger.own_key(author("eli"), ledger.Ed25519Signer(seed("eli, second")))
    for number, by in ((4, "ara"), (5, "bel")):
        say(f"key {number}", "The same key, twice.", ledger.Propose(ballot(number), key, TIME + DAY), by=by)
    for number, voters in ((4, ("bel", "cor")), (5, ("cor", "dun"))):
        for by in voters:
            say(f"key {number} {by}", "Yes.", story.vote(number), by=by)
    say("dropped", "A proposal.", ledger.Propose(ballot(6), ledger.SetHolders(9001, 1), TIME + DAY), by="ara")
    say("not hers", "Another does not withdraw it.", ledger.WithdrawBallot(ballot(6)), by="bel")
    say("withdrawn", "Its proposer does.", ledger.WithdrawBallot(ballot(6)), by="ara")


def _seats(story: Story) -> None:
    say = story.member
    say(
        "left open",
        "Open while seats change.",
        ledger.Propose(ballot(7), ledger.SetHolders(9002, 1), TIME + DAY),
        by="dun",
    )
    say("left open yes", "Two of four.", story.vote(7), by="ara")
    change = ledger.UnseatMember(author("cor").organisation)
    say("unseat", "A seat is to go.", ledger.Propose(ballot(8), change, TIME + DAY), by="ara")
    for by in ("bel", "dun"):
        say(f"unseat {by}", "Yes.", story.vote(8), by=by)
    say("counted anew", "Of three seats three decide: the next yes.", story.vote(7), by="bel")
    taken = replace(seat("eli"), consensus_key=seat("cor").consensus_key)
    say(
        "past key", "A past validator's key.", ledger.Propose(ballot(9), ledger.SeatMember(taken), TIME + DAY), by="ara"
    )
    say("seat", "A new seat.", ledger.Propose(ballot(10), ledger.SeatMember(seat("eli")), TIME + DAY), by="ara")
    for by in ("bel", "dun"):
        say(f"seat {by}", "Yes.", story.vote(10), by=by)
    expel = ledger.AdmitMember(author("eli").organisation, frozenset())
    say("seated", "Who sits is not expelled.", ledger.Propose(ballot(11), expel, TIME + DAY), by="ara")


def _backing(story: Story) -> None:
    changes: list[ledger.BallotChange] = [
        ledger.SetEndorsers(9001, 2),
        ledger.SetHolders(9001, 2),
        ledger.SetHolders(9002, 0),
    ]
    for number, change in enumerate(changes, 12):
        story.member(f"ballot {number}", "A threshold.", ledger.Propose(ballot(number), change, TIME + DAY), by="ara")
        for by in ("bel", "dun"):
            story.member(f"ballot {number} {by}", "Yes.", story.vote(number), by=by)
    offer, sealed = story.offer, batch(0, 3)
    offer("alone", "Nobody stands behind it.", sealed)
    offer("not held", "One holder where two are asked.", backed(sealed, endorsers="b", holders="c"))
    offer("surplus", "Two endorsers where one suffices.", backed(sealed, endorsers="bc", holders="cd"))
    offer("surplus holding", "Three holders where two suffice.", backed(sealed, endorsers="b", holders="bcd"))
    offer("itself", "The author does not endorse itself.", backed(sealed, endorsers="a", holders="cd"))
    other = backed(batch(0, 2), endorsers="b", holders="cd")
    offer("another", "Attestations of another header.", replace(sealed, attestations=other.attestations))
    offer("gone key", "Signed with a key that was revoked.", backed(sealed, endorsers="f", holders="cd"))
    future = backed(sealed, endorsers="b", holders="cd", at=TIME + DAY + 1)
    offer("future", "Attested a microsecond more than a day ahead.", future)
    good = backed(sealed, endorsers="b", holders="ac")
    offer("backed", "One endorser and two holders, the author among them.", good)
    offer("replayed", "Its facts are recorded, whatever is said of them now.", sealed)
    restricted = batch(8, 1)
    offer("plain", "A type without thresholds needs nobody.", restricted)


def _types(story: Story) -> None:
    say, kept = story.member, CMO_ONLY.capacities
    for name, words, change in (
        ("renamed", "A tag keeps its name.", ledger.SetType(9002, "cmo-alone", kept)),
        ("doubled", "A name has one tag.", ledger.SetType(9003, "cmo-only", kept)),
        ("erasing", "Erasing is not switched off.", ledger.SetType(1, "body-erased", frozenset({2}))),
    ):
        say(name, words, ledger.Propose(ballot(15), change, TIME + DAY), by="ara")
    changes = (
        ("new type", "One that is new.", ledger.SetType(9003, "publisher-only", frozenset({3}))),
        ("ended type", "One of which there are to be no more.", ledger.SetType(9002, "cmo-only", frozenset())),
    )
    for number, (name, words, change) in enumerate(changes, 15):
        say(name, words, ledger.Propose(ballot(number), change, TIME + DAY), by="ara")
        for by in ("bel", "dun"):
            say(f"{name} {by}", "Yes.", story.vote(number), by=by)
    story.offer("ended", "No more of this type is admitted.", batch(8, 1))


def files() -> dict[str, Any]:
    """Return every file's content by name."""
    return {"attestations.json": attestations(), "items.json": items(), "council.json": council()}


def main() -> int:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (FOLDER / name).write_text(text + "\n", encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
