"""The demonstration's people: accounts that only a click on this very machine opens, and that have no password."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cantoria.app import licences
from cantoria.app.access.permissions import Role
from cantoria.app.access.representing import represented
from cantoria.app.sample.organisations import AGENCIES, AUTHORS, DEVELOPER, LABELS
from cantoria.bootstrap.access import Access, open_access
from cantoria.cli.console import table
from cantoria.cli.demo_stage import Stage, must
from cantoria.kernel.ids import PartyId
from cantoria.licensing.licence_facts import LicenceRequested
from cantoria.registry.facts import PartyKeyRegistered, PartyRegistered, ShareClaimed
from cantoria.registry.types import PartyKind

AT: Final = "sample.invalid"  # nobody's mail: the domain that never is (RFC 6761)
SEVERAL: Final = 3  # recordings of the artist
LOOKED_AT: Final = 40  # parties that were asked for a licence
STAFF: Final = (
    ("society", "Lim Chaeun", Role.RIGHTS, AUTHORS),
    ("reviewer", "Kang Taeo", Role.REVIEWER, AUTHORS),
    ("finance", "Oh Jimin", Role.FINANCE, AUTHORS),
    ("finance-two", "Bae Sunho", Role.FINANCE, AUTHORS),
    ("director", "Seo Garam", Role.OWNER, AUTHORS),
    ("deputy", "Moon Haerin", Role.OWNER, AUTHORS),
    ("auditor", "Clara Whitfield", Role.AUDITOR, AUTHORS),
    ("developer", "Jonas Weber", Role.DEVELOPER, DEVELOPER),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the demonstration: `party` where they act as a party and not as staff."""

    login: str
    name: str
    role: Role
    organisation: str
    party: str = ""


def open_doors(stage: Stage) -> None:
    """Open an account for each kind of user of the portal."""
    stage.heading("Who may enter the portal: one account for each kind of user")
    access = open_access(stage.home)
    try:
        people = list(_people(stage))
        for person in people:
            _open(access, person)
    finally:
        access.close()
    rows = [(one.login.partition("@")[0], one.role.value, one.organisation, one.name) for one in people]
    table(
        "Demonstration accounts, entered by one click on this machine",
        ("account", "role", "organisation", "name"),
        rows,
    )
    stage.tell("Accounts of the portal", f"{len(people)} to enter by one click")


def _open(access: Access, person: Person) -> None:
    now = access.now()
    account = access.accounts.create(person.login, name=person.name, now=now, demo=True)
    access.accounts.join(account.id, organisation=person.organisation, role=person.role, party=person.party, now=now)


def _people(stage: Stage) -> Iterator[Person]:
    artist, keeper = _artist(stage)
    agency, agents_keeper = _agency(stage)
    yield _person("artist", stage.house.index.name_of(artist), Role.PERSON, keeper, artist)
    yield _person("manager", stage.house.index.name_of(agency), Role.MANAGER, agents_keeper, agency)
    for login, name, role, organisation in STAFF:
        yield Person(login=f"{login}@{AT}", name=name, role=role, organisation=organisation.key)
    label = stage.builder.party(LABELS[0].key)
    yield Person(
        login=f"label@{AT}", name="Nam Isol", role=Role.RIGHTS, organisation=_keeper(stage, label), party=label
    )
    yield Person(
        login=f"register@{AT}", name="Yun Dasom", role=Role.REVIEWER, organisation=stage.builder.registrar.name
    )


def _person(login: str, whose: str, role: Role, organisation: str, party: str) -> Person:
    name = whose.removesuffix(f" [{party}]")
    return Person(login=f"{login}@{AT}", name=name, role=role, organisation=organisation, party=party)


def _artist(stage: Stage) -> tuple[PartyId, str]:
    """Return an artist with an account and several recordings, and the organisation that keeps the account: one with
    something in the inbox before others, the story's artist before those."""
    story = stage.builder.party(stage.world.story.artist)
    size = stage.house.index.catch_up()
    asked = Counter(
        name
        for said in stage.house.index.scan(tags=[LicenceRequested.TYPE.tag], size=size)
        for name in said.fact.subjects()
        if name.startswith("party_")
    )
    shelf = licences.load(stage.house)
    for party in (story, *(PartyId(name) for name, _ in asked.most_common(LOOKED_AT))):
        if _recordings(stage, party, size) >= SEVERAL and shelf.waiting_for(party, at=stage.clock.now()):
            return party, _keeper(stage, party)
    return story, _keeper(stage, story)


def _recordings(stage: Stage, party: str, size: int) -> int:
    """Return how many recordings a person with an account here has a share in."""
    if stage.house.vault.public_key(party) is None:
        return 0
    known = stage.house.index.about([party], tags=[PartyRegistered.TYPE.tag], size=size)
    if not any(one.fact.kind is PartyKind.PERSON for one in known):
        return 0
    claims = stage.house.index.about([party], tags=[ShareClaimed.TYPE.tag], size=size)
    return len({one.fact.subject for one in claims if one.fact.subject.startswith("recording_")})


def _agency(stage: Stage) -> tuple[PartyId, str]:
    """Return the agency that speaks for the most people, and the organisation that keeps its account."""
    size = stage.house.index.catch_up()
    found = []
    for company in AGENCIES:
        party = stage.builder.party(company.key)
        known = represented(stage.house.index, party, at=stage.clock.now(), size=size)
        found.append((len(known.persons), party))
    most, party = max(found)
    must(most > 0, "no agency of the sample world speaks for anybody")
    return party, _keeper(stage, party)


def _keeper(stage: Stage, party: str) -> str:
    """Return the name of the organisation that vouches for the party's key."""
    names = {str(author.party): author.name for author in stage.builder.authors.values()}
    keys = stage.house.index.about([party], tags=[PartyKeyRegistered.TYPE.tag])
    found = next((names[one.organisation] for one in reversed(keys) if one.organisation in names), "")
    must(bool(found), f"nobody keeps the account of {party}")
    return found
