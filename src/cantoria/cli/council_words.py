"""What `cantoria council` reads and shows: ballots, seats, organisations and types by the names that people use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cantoria import ledger
from cantoria.app.fact_types import CONVENED_TYPES
from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import typed_id, uuid_of
from cantoria.kernel.periods import format_moment
from cantoria.ledger import ed25519
from cantoria.ledger.govern import govern
from cantoria.ledger.state import EMPTY, State
from cantoria.node.card import Card, read_card


@dataclass(frozen=True, slots=True)
class Names:
    """Organisations as this house knows them: by the name of their key file, else by party id."""

    known: dict[bytes, str]

    def of(self, organisation: bytes) -> str:
        """Return what to call an organisation."""
        return self.known.get(organisation) or typed_id("party", organisation)

    def find(self, text: str) -> bytes:
        """Return the organisation called `text`: a name, a party id, or 32 hex digits."""
        for organisation, name in self.known.items():
            if name == text:
                return organisation
        if text.startswith("party_"):
            return uuid_of(text, prefix="party")
        try:
            found = bytes.fromhex(text)
        except ValueError:
            found = b""
        if len(found) != 16:
            raise InputError(f"no organisation {text!r:.60} here", "give a party id or the name of a key file")
        return found


def names_of(opened: WiredHouse) -> Names:
    """Return the names that this house knows."""
    return Names({uuid_of(party, prefix="party"): name for name, party, _ in opened.keys.organisations()})


def signing(opened: WiredHouse, who: Author) -> ledger.Author:
    """Return an organisation as it signs for this ledger."""
    return ledger.Author(uuid_of(who.party, prefix="party"), who.signer, opened.engine.origin)


def submit(opened: WiredHouse, entry: bytes, *, dry_run: bool) -> int | None:
    """Record a signed governance record; in a dry run only look whether it is admissible. `InputError` if it is not."""
    if not dry_run:
        return opened.engine.submit_record(entry)
    record, now = ledger.read_record(entry), opened.clock.now()
    after = govern(opened.engine.state, record, index=opened.engine.size, verify=ed25519.verify, time=now)
    if isinstance(after, ledger.Reason):
        raise InputError(f"the record would not be admitted: {after.value}", ledger.REMEDY[after])
    return None


def card_at(text: str) -> Card | None:
    """Return the member's card in the file called `text`, or None where there is no such file."""
    path = Path(text)
    return read_card(path) if path.is_file() else None


def type_tag(text: str, state: State = EMPTY) -> int:
    """Return the tag of a fact type that the council admitted or this code knows, given by name or number."""
    known = state.known_types(CONVENED_TYPES)
    for tag, one in known.items():
        if text in (one.name, str(tag)):
            return tag
    raise InputError(f"{text!r:.60} is not a fact type", "see `cantoria council types` and docs/reference/facts.md")


def new_type(tag: int, name: str, capacities: frozenset[int]) -> ledger.SetType:
    """Return the change that admits a type; one that contradicts what this code knows by the tag or name is refused."""
    for known in CONVENED_TYPES.values():
        if (known.tag == tag) != (known.name == name):
            raise InputError(
                f"this version knows tag {known.tag} as {known.name}", "name the type by its own tag and name"
            )
    return ledger.SetType(tag, name, capacities)


def types_value(state: State) -> list[dict[str, Any]]:
    """Return the fact types of the log and of this code as JSON: in which capacities each may be recorded now, and how
    this code stands to it ("known", "unknown", or "otherwise": it uses the tag, or the name, for another type)."""
    governed = state.types if state.seats else CONVENED_TYPES
    tags = {one.name: one.tag for one in CONVENED_TYPES.values()}
    rows = []
    for tag, one in sorted(state.known_types(CONVENED_TYPES).items()):
        known = CONVENED_TYPES.get(tag)
        same = known is not None and known.name == one.name
        here = "known" if same else "unknown" if known is None and one.name not in tags else "otherwise"
        admitted = sorted(governed[tag].capacities) if tag in governed else []
        rows.append({"tag": tag, "name": one.name, "admitted": [_capacity(n) for n in admitted], "here": here})
    return rows


def thresholds(texts: list[str]) -> dict[int, int]:
    """Return thresholds by type tag from `type=count`."""
    found = {}
    for text in texts:
        name, _, count = text.partition("=")
        if not count.isascii() or not count.isdigit():
            raise InputError(f"{text!r:.60} is no threshold", "write TYPE=COUNT, such as statement-made=2")
        found[type_tag(name)] = int(count)
    return found


def ballot_id(state: State, text: str) -> bytes:
    """Return the id of the open ballot that `text`, its id or an unmistakable beginning, names."""
    start = text.replace("-", "").lower()
    found = [one for one in state.ballots if start and one.hex().startswith(start)]
    if len(found) != 1:
        how = "several open ballots begin" if found else "no open ballot begins"
        raise InputError(f"{how} with {text!r:.60}", "see `cantoria council ballots`")
    return found[0]


def type_name(tag: int, state: State) -> str:
    """Return the name of a fact type, or its tag where neither the council nor this code knows it."""
    known = state.known_types(CONVENED_TYPES).get(tag)
    return known.name if known else str(tag)


def describe(change: ledger.BallotChange, names: Names, state: State) -> str:
    """Say in words what a change does."""
    match change:
        case ledger.AdmitMember():
            if not change.capacities:
                return f"expel {names.of(change.organisation)}"
            held = ", ".join(_capacity(one) for one in sorted(change.capacities))
            return f"admit {names.of(change.organisation)} as {held}"
        case ledger.AddKey():
            return f"add key {ledger.key_id(change.public_key).hex()} of {names.of(change.organisation)}"
        case ledger.RevokeKey():
            key = state.keys.get(change.key_id)
            whose = f" of {names.of(key.organisation)}" if key else ""
            return f"revoke key {change.key_id.hex()}{whose}"
        case ledger.SeatMember():
            return f"seat {names.of(change.seat.organisation)}"
        case ledger.UnseatMember():
            return f"unseat {names.of(change.organisation)}"
        case ledger.SetEndorsers():
            who = "its author alone" if change.count == 1 else f"{change.count} organisations"
            return f"{type_name(change.type_tag, state)} needs {who} behind it"
        case ledger.SetHolders():
            holders = "1 member who holds" if change.count == 1 else f"{change.count or 'no'} members who hold"
            return f"{type_name(change.type_tag, state)} needs {holders} it"
        case ledger.SetType():
            held = ", ".join(_capacity(one) for one in sorted(change.capacities))
            what = f"admit facts of type {change.type_tag}, {change.name},"
            return f"{what} as {held}" if held else f"admit no more facts of type {change.type_tag}, {change.name}"
        case ledger.Resolve():
            return f"resolve on {change.topic}: {change.digest.hex()}"


def ballot_value(number: bytes, ballot: ledger.Ballot, names: Names, state: State) -> dict[str, Any]:
    """Return an open ballot as JSON."""
    return {
        "ballot": ledger.fact_id_text(number),
        "change": describe(ballot.change, names, state),
        "proposed_by": names.of(ballot.proposer),
        "proposed_at": ballot.proposed_at,
        "proposal": ballot.proposal.hex(),
        "closes_at": format_moment(ballot.closes_at),
        "yes": [names.of(one) for one, yes in ballot.votes.items() if yes and one in state.seats],
        "no": [names.of(one) for one, yes in ballot.votes.items() if not yes and one in state.seats],
        "silent": [names.of(one) for one in state.seats if one not in ballot.votes],
        "needed": state.quorum,
        "seats": len(state.seats),
    }


def decision_value(opened: WiredHouse, number: bytes, decision: ledger.Decision, names: Names) -> dict[str, Any]:
    """Return a ballot that ended as JSON; what it was about is read from the log."""
    entry = next(opened.engine.entries(decision.proposed_at, stop=decision.proposed_at + 1))
    said = ledger.read_record(entry).change
    about = describe(said.change, names, opened.engine.state) if isinstance(said, ledger.Propose) else ""
    return {
        "ballot": ledger.fact_id_text(number),
        "change": about,
        "proposed_by": names.of(decision.proposer),
        "proposed_at": decision.proposed_at,
        "decided_at": decision.decided_at,
        "outcome": decision.outcome.value,
        "reason": decision.reason.value if decision.reason else None,
    }


def seats_value(opened: WiredHouse) -> dict[str, Any]:
    """Return the council as JSON: its seats, its quorum, what facts need beyond their author, what it resolved."""
    state, names = opened.engine.state, names_of(opened)
    able = {one.organisation for one in state.keys.values() if one.valid_at(opened.engine.size)}
    return {
        "seats": [
            {
                "organisation": names.of(one.organisation),
                "party": typed_id("party", one.organisation),
                "consensus_key": one.consensus_key.hex(),
                "cosigner": one.cosigner,
                "can_sign": one.organisation in able,
            }
            for one in state.seats.values()
        ],
        "quorum": state.quorum if state.seats else 0,
        "endorsers": {type_name(tag, state): count for tag, count in sorted(state.endorsers.items())},
        "holders": {type_name(tag, state): count for tag, count in sorted(state.holders.items())},
        "resolutions": {topic: one.digest.hex() for topic, one in sorted(state.resolutions.items())},
    }


def outcome_of(state: State, number: bytes) -> str:
    """Return what became of a ballot: open, or how it ended."""
    decision = state.decisions.get(number)
    return "open" if decision is None else decision.outcome.value


def _capacity(number: int) -> str:
    known = {int(one): one.name.lower().replace("_", "-") for one in Capacity}
    return known.get(number, str(number))
