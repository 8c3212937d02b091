"""A part of the synthetic world as facts, so that the readable `decide` can be timed on it and compared with the plan.

The tables of the snapshot are read back: holders become claims, reaches become catalogues, rows of `statement` become
recorded statements, and the folds make the rights views from them as they do for any ledger.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from benchmarks.clearance_tables import AT, KOREA, Sizes
from cantoria.clearance import Request, Rights, Row
from cantoria.consent import NO_CONDITIONS, Conditions, LicenseeKind, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.consent.facts import StatementMade
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import CatalogueId, ClaimId, LinkId, PartyId, RecordingId, StatementId, WorkId
from cantoria.kernel.money import Money
from cantoria.kernel.uses import ALL_USES, Use
from cantoria.registry import PartyKind, Relation, Role, Side
from cantoria.registry import facts as registry

WORLD = "2136"
VERDICTS = (Verdict.STOP, Verdict.NO, Verdict.ASK, Verdict.YES)
REQUEST = Request(
    use=Use.TRAIN_GENERATIVE,
    licensee=PartyId("licensee_1"),
    licensee_classes=frozenset({"class_1"}),
    territories="0410 0724",
    at=AT,
    size=1 << 40,
)


class Sample:
    """The first `lines` rows of a world, with everything that they depend on, as facts."""

    def __init__(self, folder: Path, *, sizes: Sizes, lines: int) -> None:
        self._numbers = sizes.numbers()
        self._connection = duckdb.connect(config={"threads": 1})
        for path in sorted(folder.glob("*.parquet")):
            self._connection.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM '{path}'")
        self._connection.execute(
            f"""CREATE TABLE picked AS SELECT DISTINCT p.subject, p.unit, n.about, n.voice, n.reachable
                FROM part AS p JOIN need AS n USING (unit) WHERE p.subject <= {lines}"""
        )
        self._lines = lines
        self._facts: list[tuple[int, str, Any]] = []  # place in the ledger, organisation, fact

    def rows(self) -> list[Row]:
        """Return the manifest rows, in line order."""
        codes: dict[int, list[str]] = {}
        query = """SELECT line, code FROM (SELECT line, code FROM manifest WHERE code IS NOT NULL
                   UNION ALL SELECT line, code FROM manifest_code) AS codes WHERE line <= {} ORDER BY line, code"""
        for line, code in self._rows(query.format(self._lines)):
            codes.setdefault(line, []).append(code)
        return [Row(line, tuple(found)) for line, found in codes.items()]

    def rights(self) -> Rights:
        """Return the rights views of the sample."""
        self._say_parties()
        self._say_things()
        self._say_holders()
        self._say_catalogues()
        self._say_statements()
        ordered = sorted(enumerate(self._facts), key=lambda item: (item[1][0], item[0]))
        recorded = [
            Recorded(index, f"fact_{index}", said_by, Capacity.CMO, AT, fact)
            for index, (_, (_, said_by, fact)) in enumerate(ordered)
        ]
        return Rights.fold(recorded)

    def _rows(self, query: str) -> list[Any]:
        return self._connection.execute(query).fetchall()

    def _say(self, fact: Any, *, place: int = -1, by: str = "party_cmo") -> None:
        self._facts.append((place, by, fact))

    def _say_parties(self) -> None:
        for voice, reachable in self._rows("SELECT DISTINCT voice, reachable FROM picked ORDER BY voice"):
            self._say(registry.PartyRegistered(party=_party(voice), kind=PartyKind.ORGANISATION, reachable=reachable))

    def _say_things(self) -> None:
        """Register works and recordings where their numbers say, and link them."""
        for (about,) in self._rows("SELECT DISTINCT about FROM picked ORDER BY about"):
            name, place = self._name(about), about - (1 if self._is_recording(about) else self._numbers["work0"])
            if self._is_recording(about):
                fact: Any = registry.RecordingRegistered(recording=RecordingId(name), title=name)
                place += self._numbers["rows"]
            else:
                fact = registry.WorkRegistered(work=WorkId(name), title=name)
            self._say(fact, place=place)
        for subject, about in self._rows("SELECT DISTINCT subject, about FROM picked ORDER BY ALL"):
            if not self._is_recording(about):
                self._link(self._name(subject), Relation.EMBODIES, self._name(about))
        linked = """SELECT DISTINCT l.code, l.level, p.about FROM lead AS l JOIN picked AS p USING (subject)
                    WHERE (l.level = 1) = (p.about = p.subject) ORDER BY ALL"""
        for code, level, about in self._rows(linked):
            if level == 1 or code == f"iswc:T{about - self._numbers['work0']:09}0":
                self._link(code, Relation.IDENTIFIES, self._name(about))

    def _link(self, left: str, relation: Relation, right: str) -> None:
        link = LinkId(f"link_{len(self._facts)}")
        self._say(registry.LinkAsserted(link=link, left=left, relation=relation, right=right, asserted_by="party_cmo"))

    def _say_holders(self) -> None:
        incomplete = {about for (about,) in self._rows("SELECT DISTINCT about FROM unit_problem")}
        held: dict[int, list[int]] = {}
        for about, voice in self._rows("SELECT DISTINCT about, voice FROM picked ORDER BY about, voice"):
            held.setdefault(about, []).append(voice)
        for about, voices in held.items():
            name = self._name(about)
            claims = [ClaimId(f"claim_{about}_{voice}") for voice in voices]
            for claim, voice in zip(claims, voices, strict=True):
                role = self._role(voice)
                self._say(registry.ShareClaimed(claim=claim, subject=name, party=_party(voice), role=role))
            if about not in incomplete:
                side = Side.RECORDING if self._is_recording(about) else Side.WORK
                signer = _party(voices[-1]) if side is Side.RECORDING else PartyId("party_cmo")
                declared = registry.HoldersDeclaredComplete(
                    subject=name, side=side, signed_by=signer, claims=tuple(claims)
                )
                self._say(declared, by=signer)

    def _say_catalogues(self) -> None:
        members: dict[int, list[str]] = {}
        reached = f"""SELECT DISTINCT r.scope, p.about FROM reach AS r JOIN picked AS p USING (unit)
                      WHERE r.scope <= {self._numbers["catalogues"]} ORDER BY ALL"""
        for scope, about in self._rows(reached):
            members.setdefault(scope, []).append(self._name(about))
        for scope, names in members.items():
            catalogue = CatalogueId(f"catalogue_{scope}")
            owner = PartyId("party_cmo")
            self._say(registry.CatalogueDefined(catalogue=catalogue, owner=owner, members=tuple(names)))

    def _say_statements(self) -> None:
        query = """SELECT voice, index, scope, kind, verdict, uses, coalesce(text, ''), place, price,
                     attribution FROM statement LEFT JOIN term ON term = licensee
                   WHERE voice IN (SELECT voice FROM picked)"""
        for voice, index, scope, kind, verdict, uses, licensee, place, price, credit in self._rows(query):
            self._say(
                StatementMade(
                    statement=StatementId(f"statement_{index}"),
                    party=_party(voice),
                    speaker=_party(voice),
                    verdict=VERDICTS[verdict],
                    uses=ALL_USES if uses != 1 else frozenset({Use.ANALYSE}),
                    scope=self._scope(kind, scope),
                    licensee=_licensee(licensee),
                    territory=WORLD if place == 1 else KOREA,
                    conditions=_conditions(price, credit) if VERDICTS[verdict] is Verdict.YES else NO_CONDITIONS,
                ),
                place=index,
                by=_party(voice),
            )

    def _scope(self, kind: int, scope: int) -> Scope:
        match ScopeKind(kind):
            case ScopeKind.CATALOGUE:
                return Scope(ScopeKind.CATALOGUE, f"catalogue_{scope}")
            case ScopeKind.WORK:
                return Scope(ScopeKind.WORK, f"work_{scope - self._numbers['work_scope0']}")
            case ScopeKind.RECORDING:
                return Scope(ScopeKind.RECORDING, f"recording_{scope - self._numbers['recording_scope0']}")
            case other:
                return Scope(other)

    def _is_recording(self, about: int) -> bool:
        return about < self._numbers["work0"]

    def _name(self, about: int) -> str:
        return f"recording_{about - 1}" if self._is_recording(about) else f"work_{about - self._numbers['work0']}"

    def _role(self, voice: int) -> Role:
        bounds = self._numbers
        if voice < bounds["publisher0"]:
            return Role.COMPOSER
        if voice < bounds["performer0"]:
            return Role.PUBLISHER
        return Role.FEATURED_PERFORMER if voice < bounds["producer0"] else Role.PRODUCER


def _party(voice: int) -> PartyId:
    return PartyId(f"party_{voice:026}")


def _licensee(term: str) -> LicenseeTerm:
    scheme, _, name = term.partition(":")
    kinds = {"licensee": LicenseeKind.NAMED, "class": LicenseeKind.CLASS, "": LicenseeKind.ANY}
    return LicenseeTerm(kinds[scheme], name)


def _conditions(price: int, credit: bool) -> Conditions:
    return Conditions(min_price=Money(price, "EUR") if price else None, attribution=credit)
