"""What the CSV family has no table for: guardians, estates, disputes, reviews of links. JSON, one fact to a line.

References are local keys; the reader is given what turns them into ids.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.settings import NOW
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import CaseId, LinkId, PartyId
from cantoria.kernel.periods import DAY
from cantoria.mandates.facts import EstateOpened, GuardianAppointed
from cantoria.registry.facts import DisputeOpened, LinkReviewed
from cantoria.registry.types import Side, Tier

CLOCK_DAYS: Final = 60  # until which a dispute has to be answered
Json = dict[str, Any]


def by_organisation(draft: Draft, *, elsewhere: dict[str, str]) -> dict[str, bytes]:
    """Return each organisation's file, by its key; `elsewhere` as in `Tables`."""
    lines: dict[str, list[Json]] = {}
    records = draft.records
    for guardian in records.guardians:
        lines.setdefault(guardian.recorder, []).append(
            {
                "fact": "guardian-appointed",
                "minor": guardian.minor,
                "guardian": guardian.guardian,
                "majority_at": guardian.majority_at,
            }
        )
    for estate in records.estates:
        lines.setdefault(estate.recorder, []).append(
            {
                "fact": "estate-opened",
                "deceased": estate.deceased,
                "died_at": estate.died_at,
                "heirs": list(estate.heirs),
                "heirs_complete": estate.heirs_complete,
            }
        )
    for dispute in records.disputes:
        lines.setdefault(dispute.opened_by, []).append(
            {
                "fact": "dispute-opened",
                "subject": elsewhere.get(dispute.subject, dispute.subject),
                "side": dispute.side.value,
                "tier": int(dispute.tier),
                "reason": dispute.reason,
                "next_actor": dispute.next_actor,
                "due_at": NOW + CLOCK_DAYS * DAY,
            }
        )
    for link in records.links:
        if link.disputed_by:
            lines.setdefault(link.disputed_by, []).append(
                {
                    "fact": "link-reviewed",
                    "left": elsewhere.get(link.left, link.left),
                    "relation": link.relation.value,
                    "right": elsewhere.get(link.right, link.right),
                    "reason": "our own delivery names another one",
                }
            )
    return {key: _write(lines[key]) for key in sorted(lines)}


def _write(lines: Iterable[Json]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """What a reader needs: `refer` gives the id of a local key, `link_of` the id of the link (left, relation, right)
    as local keys or code keys, `new_id` a fresh id with a prefix; `sender` is the party id of the organisation."""

    refer: Callable[[str], str]
    link_of: Callable[[str, str, str], str]
    new_id: Callable[[str], str]
    sender: str


def read(data: bytes, resolver: Resolver) -> tuple[Fact, ...]:
    """Return the facts of one organisation's file. A line that cannot be used is an `InputError` naming it: these
    files are the sample's own."""
    found: list[Fact] = []
    for number, line in enumerate(data.decode().splitlines(), 1):
        try:
            found.append(_fact(json.loads(line), resolver))
        except (KeyError, ValueError) as error:
            raise InputError(f"line {number} cannot be used: {error}", "generate the sample again") from error
    return tuple(found)


def _fact(line: Json, resolver: Resolver) -> Fact:
    refer = resolver.refer
    match line["fact"]:
        case "guardian-appointed":
            minor, guardian = PartyId(refer(line["minor"])), PartyId(refer(line["guardian"]))
            return GuardianAppointed(minor=minor, guardian=guardian, majority_at=line["majority_at"])
        case "estate-opened":
            return EstateOpened(
                deceased=PartyId(refer(line["deceased"])),
                died_at=line["died_at"],
                heirs=tuple(PartyId(refer(heir)) for heir in line["heirs"]),
                heirs_complete=line["heirs_complete"],
            )
        case "dispute-opened":
            return DisputeOpened(
                case=CaseId(resolver.new_id("case")),
                subject=refer(line["subject"]),
                side=Side(line["side"]),
                opened_by=PartyId(resolver.sender),
                tier=Tier(line["tier"]),
                reason=line["reason"],
                next_actor=refer(line["next_actor"]),
                due_at=line["due_at"],
            )
        case "link-reviewed":
            link = resolver.link_of(line["left"], line["relation"], line["right"])
            return LinkReviewed(
                link=LinkId(link), agreed=False, reviewed_by=PartyId(resolver.sender), reason=line["reason"]
            )
        case kind:
            raise InputError(f"{kind!r} is no fact of this file", "generate the sample again")
