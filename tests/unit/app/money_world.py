"""A small world of rights in a real house, and short words for what happens to its money."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from cantoria.app import earning, payday, training
from cantoria.app.earning import Revenue
from cantoria.app.payday import Payday
from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance.types import Row
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import ClaimId, LinkId, PartyId, RecordingId, WorkId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry import facts as registry
from cantoria.registry.types import PartyKind, Relation, Right, Role, Side
from cantoria.royalty import journal

PERIODS = {
    "2026-10": Period(parse_moment("2026-10-01"), parse_moment("2026-11-01")),
    "2026-11": Period(parse_moment("2026-11-01"), parse_moment("2026-12-01")),
}
R1, R2, R3 = "isrc:KRA381900121", "isrc:KRA381900122", "isrc:KRA381900123"


@dataclass
class MoneyWorld:
    """Two recordings and two works with complete holders, one recording that nobody completed, a model and a channel.

    Ana wrote and sings R1, Bo R2, the label produced both; R3 is registered, and nobody says who holds it.
    """

    house: WiredHouse
    society: Author
    label: Author
    lab: Author
    ids: dict[str, str] = field(default_factory=dict)
    claims: dict[tuple[str, Side], list[str]] = field(default_factory=dict)
    model: str = ""
    version: str = ""
    tariff: str = ""

    def record(self, *facts: Fact, author: Author | None = None) -> None:
        self.house.journal.record(facts, author=author or self.society)

    def new(self, name: str, prefix: str) -> str:
        self.ids[name] = self.house.ids.new(prefix)
        return self.ids[name]

    def build(self) -> None:
        for name in ("ana", "bo", "cy"):
            self.record(
                registry.PartyRegistered(party=PartyId(self.new(name, "party")), kind=PartyKind.PERSON),
                registry.PartyNamed(party=PartyId(self.ids[name]), name=name.title()),
            )
        self.ids["blue"] = self.label.party
        self.record(registry.PartyRegistered(party=self.label.party, kind=PartyKind.ORGANISATION))
        for number, (code, artist) in enumerate(((R1, "ana"), (R2, "bo"), (R3, "")), 1):
            work, recording = self.new(f"w{number}", "work"), self.new(f"r{number}", "recording")
            self.record(
                registry.WorkRegistered(work=WorkId(work), title=f"Song {number}"),
                registry.RecordingRegistered(recording=RecordingId(recording), title=f"Song {number}"),
                self._link(code, Relation.IDENTIFIES, recording),
                self._link(recording, Relation.EMBODIES, work),
            )
            if artist:
                self.share(f"w{number}", artist, Role.COMPOSER, right=Right.PERFORMING, share="1")
                self.share(f"r{number}", artist, Role.FEATURED_PERFORMER)
                self.share(f"r{number}", "blue", Role.PRODUCER, right=Right.NEIGHBOURING, share="1")
                self.complete(f"w{number}", Side.WORK)
                self.complete(f"r{number}", Side.RECORDING)
        self.model = training.register_model(self.house, "Compose", author=self.lab)
        self.version = training.register_version(self.house, self.model, label="1", author=self.lab)
        self.tariff = self.publish()

    def _link(self, left: str, relation: Relation, right: str) -> Fact:
        link = LinkId(self.house.ids.new("link"))
        return registry.LinkAsserted(
            link=link, left=left, relation=relation, right=right, asserted_by=self.society.party
        )

    def share(
        self, subject: str, party: str, role: Role, *, right: Right | None = None, share: str | None = None
    ) -> str:
        claim = self.house.ids.new("claim")
        fraction = None if share is None else Fraction(share)
        self.record(
            registry.ShareClaimed(
                claim=ClaimId(claim),
                subject=self.ids[subject],
                party=PartyId(self.ids[party]),
                role=role,
                right=right,
                share=fraction,
            )
        )
        self.claims.setdefault((subject, role.side), []).append(claim)
        return claim

    def complete(self, subject: str, side: Side) -> None:
        signer = self.society if side is Side.WORK else self.label
        claims = tuple(ClaimId(claim) for claim in self.claims[subject, side])
        self.record(
            registry.HoldersDeclaredComplete(
                subject=self.ids[subject], side=side, signed_by=signer.party, claims=claims
            ),
            author=signer,
        )

    def resplit(self, subject: str, shares: dict[str, str]) -> None:
        """Withdraw the claims on a work and register others."""
        for claim in self.claims.pop((subject, Side.WORK)):
            self.record(registry.ClaimWithdrawn(claim=ClaimId(claim), at=0))
        for party, share in shares.items():
            self.share(subject, party, Role.COMPOSER, right=Right.PERFORMING, share=share)
        self.complete(subject, Side.WORK)

    def publish(self, **change: Any) -> str:
        document = {
            "currency": "EUR",
            "pools": [
                {"name": "training", "basis": "equal_per_work", "fraction": "1/10"},
                {"name": "output", "basis": "attribution", "fraction": "1/5"},
            ],
            "work_fraction": "1/2",
            "territory": "0410",
            **change,
        }
        return earning.publish_tariff(self.house, json.dumps(document).encode(), author=self.society).tariff

    def train(self, *codes: str) -> str:
        rows = [Row(line, (code,)) for line, code in enumerate(codes, 1)]
        report = training.start(self.house, version=self.version, rows=rows, certificate=None, author=self.lab)
        assert report.receipt is not None
        return str(report.receipt.fact.subjects()[0])

    def revenue(self, euro: str, label: str = "2026-10", **change: Any) -> None:
        fields: dict[str, Any] = {
            "model": self.model,
            "tariff": self.tariff,
            "label": label,
            "period": PERIODS.get(label),
            "amount": Money.parse(euro, "EUR"),
            **change,
        }
        earning.declare_revenue(self.house, Revenue(**fields), author=self.lab)

    def generated(self, *events: tuple[str, str, Sequence[Any]], label: str = "2026-10") -> earning.Report:
        """Report events (id, day, [(player, weight[, error[, kind]])])."""
        lines = []
        for event, day, evidence in events:
            pieces = []
            for player, weight, *more in evidence:
                error, kind = (*more, *(0, "recording")[len(more) :])
                pieces.append({"kind": kind, "player": player, "weight_ppm": weight, "error_ppm": error})
            one = {
                "event_id": event,
                "version": self.version,
                "at": parse_moment(day) + 3_600_000_000,
                "evidence": pieces,
            }
            lines.append(json.dumps(one, sort_keys=True, separators=(",", ":")))
        data = ("\n".join(lines) + "\n").encode()
        return earning.report_generations(
            self.house, data, version=self.version, period=PERIODS[label], author=self.lab
        )

    def played(self, *plays: tuple[str, str, str, int], label: str = "2026-10") -> earning.Report:
        """Report plays (id, code, day, plays) of channel:radio."""
        lines = [
            {"event_id": event, "code": code, "territory": "KR", "date": day, "plays": count}
            for event, code, day, count in plays
        ]
        data = "".join(json.dumps(one, sort_keys=True, separators=(",", ":")) + "\n" for one in lines).encode()
        return earning.report_usage(
            self.house, data, channel="channel:radio", period=PERIODS[label], author=self.society
        )

    def request(self, label: str = "2026-10", **change: str) -> payday.Request:
        return payday.Request(**{"model": self.model, "tariff": self.tariff, "label": label, **change})

    def distribute(self, label: str = "2026-10", **change: str) -> Payday:
        return payday.distribute(self.house, self.request(label, **change), author=self.society)

    def afresh(self, label: str = "2026-10", **change: str) -> Payday:
        size = self.house.index.catch_up()
        return payday.compute(self.house, self.request(label, **change), size=size, afresh=True)

    def balances(self, label: str = "2026-10", **change: str) -> dict[str, int]:
        """Return what every holder has by all recorded postings of the period, in fine units; funding is negative."""
        asked = self.request(label, **change)
        accounts = payday.load_accounts(self.house, size=self.house.index.catch_up())
        names = {identity: name for name, identity in self.ids.items()}
        totals: dict[str, int] = {}
        for pool, of in sorted(accounts.runs):
            if of == label and pool.rpartition("/")[0] == asked.model:
                posted = journal.cumulate(payday.postings_of(self.house, accounts, pool=pool, label=label))
                for holder, fine in journal.by_holder(posted).items():
                    name = names.get(holder, holder.partition(":")[0] if ":model_" in holder else holder)
                    totals[name] = totals.get(name, 0) + fine
        assert sum(totals.values()) == 0, "money in is money out"
        return {name: fine for name, fine in sorted(totals.items()) if fine}
