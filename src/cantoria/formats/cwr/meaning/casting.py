"""The holders of a work as records: SPU, SPT, SWR, SWT, PWR and their like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cantoria.codes import Scheme
from cantoria.formats.cwr.meaning.collecting import covered, spoken
from cantoria.formats.cwr.meaning.composing import Page, first_code, person_name
from cantoria.formats.cwr.meaning.numbers import is_unknown
from cantoria.formats.cwr.meaning.owning import Layer, Owner, collected_by, owned_by
from cantoria.formats.cwr.meaning.publishing import SEQUENCES_MAX, Place, Sequences
from cantoria.formats.cwr.meaning.roman import keeps, printed, roman
from cantoria.formats.cwr.meaning.values import split_name
from cantoria.formats.cwr.meaning.words import HOLDING, RIGHTS, WRITER_CODES
from cantoria.formats.entries import Chain, Party, Work
from cantoria.kernel import territories
from cantoria.kernel.territories import WORLD
from cantoria.registry.trade_facts import ChainKind
from cantoria.registry.types import WRITER_ROLES, PartyKind, Right, Role

_HUNDREDTHS: Final = 10_000


@dataclass(slots=True)
class Casting:
    """Adds the holders of one work to its page. `at` is the moment at which territories are resolved."""

    page: Page
    work: Work
    at: int
    _owned: dict[Owner, dict[Right, int]] = field(default_factory=dict)
    _layers: dict[Owner, list[Layer]] = field(default_factory=dict)
    _nameless: set[str] = field(default_factory=set)  # unknown parties that can go without a number

    def add(self) -> None:
        """Add all of them; raises `InputError` when the work cannot be told in CWR."""
        self._owned = owned_by(self.page, self.work)
        self._layers = collected_by(self.page, self.work, at=self.at)
        chains = [link for link in self.work.chains if link.kind is ChainKind.ORIGINAL]
        writers = [party for party, role in self._owned if role in WRITER_ROLES]
        granted = {link.grantor for link in chains}
        publishers = list(
            dict.fromkeys(party for party, role in (*self._owned, *self._layers) if role is Role.PUBLISHER)
        )
        sequences = Sequences(self.page.lost, self.page.thing).make(publishers, self.work.chains)
        collecting = {party for party, _ in self._layers}
        linked = {party for link in chains for party in (link.grantor, link.acquirer)}
        for party in dict.fromkeys(party for party, _ in (*self._owned, *self._layers)):
            told = self.page.major == "3" or party not in collecting
            if is_unknown(self._party(party)) and told and (self._by_sequence or party not in linked):
                self._nameless.add(party)
        acquiring = {link.acquirer for link in self.work.chains}
        controlled = collecting | acquiring | granted
        numbers = self._publishers(sequences, controlled)
        for owner in dict.fromkeys((*self._owned, *self._layers)):
            if owner[1] in WRITER_ROLES:
                # A writer of the submitter's is linked to a publisher, if there is one (PWR).
                told = owner[0] in granted or (owner in self._layers and not self.page.has("OWT"))
                self._writer(owner, chains, numbers, own=told or not publishers)
        if not writers and not any(role in WRITER_ROLES for _, role in self._layers):
            self.page.lose("a work without a writer is sent with an unknown one", "name its writers")
            self.page.add("OWR", {"writer_unknown_indicator": "Y", "role": "CA"})

    @property
    def _by_sequence(self) -> bool:
        """Tell whether a PWR can name a publisher by its chain alone."""
        return self.page.has("PWR", "publisher_sequence_number")

    def _number(self, party: Party) -> str:
        return "" if party.key in self._nameless else self.page.numbers.party(party)

    def _publishers(self, sequences: list[list[Place]], controlled: set[str]) -> dict[str, int]:
        """Add the chains of publishers; return in which chain each stands first."""
        first: dict[str, int] = {}
        seen: dict[str, int] = {}
        for number, sequence in enumerate(sequences, start=1):
            for position, place in enumerate(sequence):
                party = self._party(place.party)
                before = seen.get(place.party, 0)
                repeated = position < len(sequence) - 1 and place.party in first and place.code in ("E", "AM", "AQ")
                ours = not controlled or place.party in controlled
                if place.code not in HOLDING and self._owned.get((place.party, Role.PUBLISHER)) == {}:
                    what = "a publisher that holds rights without a share is told as one that only acts for another"
                    self.page.lose(what, "give its share")
                self._publisher(place, party, number, ours=ours, owns=place.party not in first)
                first.setdefault(place.party, number)
                layer = self._layer((place.party, Role.PUBLISHER), before) if not repeated else []
                seen[place.party] = before + (not repeated)
                self._terms(party, layer, place.link, kind="SPT" if ours and party.names else "OPT")
        self._beyond(seen, len(sequences))
        return first

    def _beyond(self, seen: Mapping[str, int], used: int) -> None:
        """Add a publisher again, in a chain of its own, for each layer of collection that its chains leave over."""
        for (key, role), found in self._layers.items():
            for layer in found[seen.get(key, 0) :] if role is Role.PUBLISHER else ():
                used += 1
                if used > SEQUENCES_MAX:
                    self.page.lose("CWR takes at most 99 chains of publishers", "tell collection in fewer parts")
                    return
                party = self._party(key)
                self._publisher(Place(key, "E", None), party, used, ours=True, owns=False)
                self._terms(party, layer, None, kind="SPT" if party.names else "OPT")

    def _layer(self, owner: Owner, place: int) -> Layer:
        found = self._layers.get(owner, [])
        return found[place] if place < len(found) else []

    def _publisher(self, place: Place, party: Party, number: int, *, ours: bool, owns: bool) -> None:
        page = self.page
        names = [one.text for one in party.names if keeps(one.text)] or [one.text for one in party.names]
        owned = self._owned.get((place.party, Role.PUBLISHER), {}) if owns else {}
        if not names and not is_unknown(party):
            page.lose("a publisher without a name is sent as unknown", "give its name")
        values: dict[str, str | int] = {
            "publisher_sequence_number": number,
            "interested_party_number": self._number(party),
            "publisher_name": roman(names[0]) if names else "",
            "publisher_unknown_indicator": "Y" if not names else "N" if page.major == "3" else "",
            "role": place.code,
            "publisher_ipi_name_number": first_code(page, party.codes, Scheme.IPI_NAME),
            "publisher_ipi_base_number": _base(first_code(page, party.codes, Scheme.IPI_BASE)),
            "submitter_agreement_number": place.link.agreement if place.link else "",
            **_ownership(owned),
        }
        if names:
            self._missing_ipi(party)
        page.add("SPU" if ours and names else "OPU", values)
        self._no_room(page.has("SPU", "pr_ownership_share"), owned)
        self._other_script(party, number)

    def _no_room(self, room: bool, owned: Mapping[Right, int]) -> None:
        if owned and not room:
            self.page.lose("CWR 3 has no room for what publishers own", "send 2.2, or keep it here")

    def _missing_ipi(self, party: Party) -> None:
        if not any(scheme == Scheme.IPI_NAME.value for scheme, _ in party.codes):
            self.page.lose("a party goes without an IPI name number", "find its number")

    def _other_script(self, party: Party, number: int) -> None:
        """Add the first name that is in another script."""
        name = next((one for one in party.names if not keeps(one.text)), None)
        if name is None:
            return
        values: dict[str, str | int] = {"interested_party_number": self._number(party)}
        if number:
            values |= {"publisher_sequence_number": number, "publisher_name": printed(name.text)}
        else:
            last, first = split_name(name.text) if " " in name.text else (name.text, "")
            values |= {"writer_last_name": printed(last), "writer_first_name": printed(first)}
        if len(name.script) == 4 and name.script.isascii():
            values["script_code"] = name.script
        self.page.add("NPN" if number else "NWN", values)

    def _terms(self, party: Party, layer: Layer, link: Chain | None, *, kind: str) -> None:
        page = self.page
        reach = link.territory if link is not None else WORLD
        if layer and link is not None and covered(layer, at=self.at) != territories.resolve(reach, at=self.at):
            page.lose("a chain of title is told for where its acquirer collects", "keep its territory here")
        said = spoken(layer, reach=reach, at=self.at)
        if said and not page.has(kind):
            page.lose(f"CWR {page.layout.version} has no {kind} records", "send another version")
            return
        for number, (sign, code, shares) in enumerate(said, start=1):
            values: dict[str, str | int] = {
                "interested_party_number": self._number(party),
                "inclusion_exclusion_indicator": sign,
                "territory": code,
                "sequence_number": number,
                "recipient_code": "0000",
            }
            if sign == "I":
                for (prefix, _), share in zip(RIGHTS, shares, strict=True):
                    values[f"{prefix}_collection_share"] = int(share * _HUNDREDTHS)
            if link is not None and kind.endswith("PT"):
                values["submitter_agreement_number"] = link.agreement
            page.add(kind, values)

    def _writer(self, owner: Owner, chains: list[Chain], numbers: Mapping[str, int], *, own: bool) -> None:
        page = self.page
        key, role = owner
        party = self._party(key)
        last, first = person_name(party)
        unknown = not last
        own = own and not unknown
        if unknown and not is_unknown(party):
            page.lose("a writer without a name is sent as unknown", "give the name")
        owned = self._owned.get(owner, {})
        layered = self._layers.get(owner, [])
        kind = "SWR" if own else "OWR"
        values: dict[str, str | int] = {
            "interested_party_number": self._number(party),
            "writer_last_name": last
            if party.kind is PartyKind.PERSON
            else roman(party.names[0].text)
            if party.names
            else "",
            "writer_first_name": first if party.kind is PartyKind.PERSON else "",
            "writer_unknown_indicator": "Y" if unknown else "N" if page.major == "3" else "",
            "role": WRITER_CODES[role],
            "writer_ipi_name_number": first_code(page, party.codes, Scheme.IPI_NAME),
            "writer_ipi_base_number": _base(first_code(page, party.codes, Scheme.IPI_BASE)),
            **_ownership(owned),
        }
        if not unknown:
            self._missing_ipi(party)
        page.add(kind, values)
        self._other_script(party, 0)
        for position, layer in enumerate(layered or [[]]):
            if position:
                page.add(kind, {**values, **_ownership({})})
            self._terms(party, layer, None, kind=f"{kind[0]}WT")
        self._manuscript(party, owned, own=own)
        self._links(key, party, chains, numbers)

    def _manuscript(self, party: Party, owned: Mapping[Right, int], *, own: bool) -> None:
        """Add what a writer owns in 3.x, where no publisher owns anything: then it is what the writer began with."""
        page = self.page
        if not owned or page.has("SWR", "pr_ownership_share"):
            return
        published = any(shares for (_, role), shares in self._owned.items() if role is Role.PUBLISHER)
        if published or not own or not page.has("MAN"):
            page.lose("CWR 3 has no room for what writers own beside publishers", "send 2.2, or keep it here")
            return
        values: dict[str, str | int] = {"writer_ip_number": self._number(party)}
        page.add("MAN", {**values, **{f"{prefix}_manuscript_share": owned.get(right, 0) for prefix, right in RIGHTS}})

    def _links(self, key: str, party: Party, chains: list[Chain], numbers: Mapping[str, int]) -> None:
        for link in chains:
            if link.grantor != key or link.acquirer not in numbers:
                continue
            if link.territory != WORLD:
                self.page.lose("what a writer grants to a publisher is told for the world", "keep the territory here")
            publisher = self._party(link.acquirer)
            if not (publisher.names or self._by_sequence):
                self.page.lose("CWR 2.1 cannot say that a writer grants to an unknown publisher", "send 2.2")
                continue
            self.page.add(
                "PWR",
                {
                    "publisher_ip_number": self._number(publisher),
                    "publisher_name": roman(publisher.names[0].text) if publisher.names else "",
                    "submitter_agreement_number": link.agreement,
                    "writer_ip_number": self._number(party),
                    "publisher_sequence_number": numbers[link.acquirer],
                },
            )

    def _party(self, key: str) -> Party:
        return self.page.parties.get(key) or Party(key=key)


def _ownership(owned: Mapping[Right, int]) -> dict[str, str | int]:
    return {f"{prefix}_ownership_share": owned.get(right, 0) for prefix, right in RIGHTS}


def _base(code: str) -> str:
    """Return an IPI base number as CWR prints it, I-123456789-3."""
    return f"{code[0]}-{code[1:10]}-{code[10]}" if len(code) == 11 else code
