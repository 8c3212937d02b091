"""The records of the sample world as tables of the CSV family, one sheet per table and organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from cantoria.app.sample import keys, organisations
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.model import Claim, Party, Recording, Statement, Work
from cantoria.app.sample.sheets import Sheet
from cantoria.consent.types import LicenseeKind
from cantoria.kernel.money import Money
from cantoria.kernel.periods import ALWAYS, TIME_MIN, Period, format_moment
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import FAMILIES, Use
from cantoria.registry.types import PartyKind, Tier

HOUSES = frozenset(one.key for one in (*organisations.ORGANISATIONS, *organisations.DEVELOPERS))


@dataclass(slots=True, kw_only=True)
class Tables:
    """Makes the sheets. Recordings in `elsewhere` (and releases) come in by other messages, so they have no row of
    their own here and are referred to by their code, which the mapping holds."""

    draft: Draft
    entropy: bytes
    elsewhere: dict[str, str] = field(default_factory=dict)
    _sheets: dict[tuple[str, str], Sheet] = field(default_factory=dict)

    def all(self) -> Iterator[tuple[str, Sheet]]:
        """Give (organisation, sheet) in the order in which they have to be read."""
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("parties", self._parties),
            ("works", self._works),
            ("recordings", self._recordings),
            ("releases", self._releases),
            ("catalogues", self._catalogues),
            ("links", self._links),
            ("shares", self._shares),
            ("public_domain", self._public_domain),
            ("complete", self._complete),
            ("delegations", self._delegations),
            ("statements", self._statements),
        )
        for table, step in steps:
            step()
            for one in organisations.ORGANISATIONS:
                if (table, one.key) in self._sheets:
                    yield one.key, self._sheets[table, one.key]

    def _sheet(self, table: str, organisation: str) -> Sheet:
        known = self._sheets.get((table, organisation))
        if known is None:
            name = f"{organisation.removeprefix('org-')}/{table}.csv"
            known = self._sheets[table, organisation] = Sheet(table=table, name=name)
        return known

    def ref(self, key: str) -> str:
        """Return how other files refer to a thing."""
        return self.elsewhere.get(key, key)

    def _parties(self) -> None:
        for party in self.draft.records.parties:
            if party.key not in HOUSES:
                codes: dict[str, str] = {}
                for code in party.codes:
                    scheme, _, value = code.partition(":")
                    codes[scheme] = value
                self._sheet("parties", party.recorder).add(**self._party(party), **codes)

    def _party(self, party: Party) -> dict[str, str]:
        return {
            "party": party.key,
            "kind": party.kind.value if party.kind is not PartyKind.PERSON else "",
            "name": party.names[0].text,
            "script": party.names[0].script,
            "other_names": "|".join(name.text for name in party.names[1:]),
            "reachable": "" if party.reachable else "no",
            "signing_key": keys.public_key_of(party.key, entropy=self.entropy) if party.account else "",
        }

    def _works(self) -> None:
        for work in self.draft.records.works:
            self._sheet("works", work.recorder).add(**_work(work))

    def _recordings(self) -> None:
        names = {party.key: party.names[0].text for party in self.draft.records.parties}
        for recording in self.draft.records.recordings:
            if recording.key not in self.elsewhere:
                row = _recording(recording)
                row["artist"] = names[recording.artist]
                row["samples"] = "|".join(self.ref(key) for key in recording.samples)
                self._sheet("recordings", recording.recorder).add(**row)

    def _releases(self) -> None:
        for release in self.draft.records.releases:
            if release.key not in self.elsewhere:
                self._sheet("releases", release.recorder).add(
                    release=release.key,
                    title=release.title,
                    recordings="|".join(self.ref(key) for key in release.recordings),
                    gtin=release.gtin,
                )

    def _catalogues(self) -> None:
        for one in self.draft.records.catalogues:
            sheet = self._sheet("catalogues", one.recorder)
            for member in one.members:
                sheet.add(catalogue=one.key, owner=one.owner, member=self.ref(member))

    def _links(self) -> None:
        for link in self.draft.records.links:
            if not link.implied or link.left in self.elsewhere:
                self._sheet("links", link.asserted_by).add(
                    left=self.ref(link.left),
                    relation=link.relation.value,
                    right=self.ref(link.right),
                    tier="" if link.tier is Tier.DOCUMENTED else link.tier.name.lower(),
                )

    def _shares(self) -> None:
        for claim in self.draft.records.claims:
            self._sheet("shares", claim.recorder).add(subject=self.ref(claim.subject), **_claim(claim))

    def _public_domain(self) -> None:
        for one in self.draft.records.public_domain:
            row = {"basis": one.basis.value, "territory": one.territory, "from": one.start, "evidence": one.evidence}
            self._sheet("public_domain", one.recorder).add(subject=self.ref(one.subject), **row)

    def _complete(self) -> None:
        for one in self.draft.records.completeness:
            signer = "" if one.signed_by == one.recorder else one.signed_by
            self._sheet("complete", one.recorder).add(subject=self.ref(one.subject), signed_by=signer)

    def _delegations(self) -> None:
        for one in self.draft.records.delegations:
            self._sheet("delegations", one.recorder).add(
                delegation=one.key,
                principal=one.principal,
                delegate=one.delegate,
                kind=one.kind.value,
                uses=_uses(one.uses),
                scope="|".join(self.ref(key) for key in one.scope),
                territory="" if one.territory == WORLD else one.territory,
                **_period(one.period),
            )

    def _statements(self) -> None:
        for one in self.draft.records.statements:
            row = _statement(one)
            row["scope_of"] = self.ref(one.scope) if one.scope else ""
            self._sheet("statements", one.recorder).add(**row)


def _work(work: Work) -> dict[str, str]:
    return {
        "work": work.key,
        "title": work.title,
        "kind": work.kind.value if work.parts or not work.parts_complete else "",
        "parts": "|".join(work.parts),
        "parts_complete": "" if work.parts_complete else "no",
        "iswc": work.iswc,
        "codes": "|".join(work.codes),
    }


def _recording(recording: Recording) -> dict[str, str]:
    return {
        "recording": recording.key,
        "title": recording.title,
        "version": recording.version,
        "duration_ms": str(recording.duration_ms),
        "works": "|".join(recording.works),
        "samples_complete": "" if recording.samples_complete else "no",
        "isrc": recording.isrc,
    }


def _claim(claim: Claim) -> dict[str, str]:
    return {
        "party": claim.party,
        "role": claim.role.value,
        "right": claim.right.value if claim.right else "",
        "share": "" if claim.share is None else percent(claim.share),
        "territory": "" if claim.territory == WORLD else claim.territory,
        "tier": "" if claim.tier is Tier.DOCUMENTED else claim.tier.name.lower(),
    }


def _statement(one: Statement) -> dict[str, str]:
    terms = one.conditions
    return {
        "party": one.party,
        "speaker": "" if one.speaker == one.party else one.speaker,
        "says": one.verdict.value,
        "uses": _uses(one.uses),
        "scope": one.kind.name.lower(),
        "licensee": one.licensee.id if one.licensee.kind is LicenseeKind.NAMED else "",
        "licensee_class": one.licensee.id if one.licensee.kind is LicenseeKind.CLASS else "",
        "territory": "" if one.territory == WORLD else one.territory,
        **_period(one.period),
        "model_version": terms.model_version or "",
        "min_price": price(terms.min_price) if terms.min_price else "",
        "attribution": "yes" if terms.attribution else "",
        "label": "yes" if terms.label else "",
        "campaign": terms.campaign or "",
        "other": "|".join(terms.other),
        "delegation": one.delegation,
    }


def percent(share: Fraction) -> str:
    """Return a share as percent where four decimals say it exactly, otherwise as a fraction."""
    units = share * 1_000_000
    if units.denominator != 1:
        return str(share)
    whole, part = divmod(units.numerator, 10_000)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".")


def price(amount: Money) -> str:
    """Return an amount with its currency, `0.05 EUR`."""
    return f"{amount.format()} {amount.currency}"


def _uses(uses: frozenset[Use]) -> str:
    """Return the uses; a refusal of everything as the family that it is."""
    return "all" if uses == FAMILIES["all"] else "|".join(sorted(use.value for use in uses))


def _period(period: Period) -> dict[str, str]:
    if period == ALWAYS:
        return {}
    start = "" if period.start == TIME_MIN else format_moment(period.start)
    return {"from": start, "to": "" if period.end is None else format_moment(period.end)}
