"""Bring the sample world into a house, as its organisations would: file by file, through the same one path in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cantoria.app import earning
from cantoria.app.code_book import CodeBook
from cantoria.app.earning import Report, Revenue
from cantoria.app.house import House
from cantoria.app.intake import Intake, take_in
from cantoria.app.ports import Author
from cantoria.app.sample import Delivery, World, more
from cantoria.formats import csvfamily, ern
from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Imported
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import LinkId, PartyId, TariffId
from cantoria.kernel.money import Currency, Money
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry.facts import LinkAsserted, PartyNamed, PartyRegistered
from cantoria.registry.types import PartyKind, Relation
from cantoria.royalty.facts import TariffPublished
from cantoria.royalty.tariff import Tariff

Watch = Callable[[int, Intake], None]  # files read so far, and what came of the last family
REGISTRAR_NAMES = ("Sample Rights Register", "견본권리등록원")  # who keeps the log of the sample world
CSV_KINDS = frozenset(table.name for table in csvfamily.FACT_TABLES)


@dataclass(slots=True, kw_only=True)
class Builder:
    """Records the world's files in the name of its organisations; `authors` by local key."""

    house: House
    world: World
    authors: Mapping[str, Author]
    registrar: Author
    entropy: bytes
    book: CodeBook = field(init=False)

    def __post_init__(self) -> None:
        self.book = CodeBook(self.house, preload=True)

    def houses(self) -> None:
        """Record the organisations themselves, under the ids by which the ledger knows them."""
        facts: list[Fact] = [
            PartyRegistered(party=self.registrar.party, kind=PartyKind.ORGANISATION),
            *(PartyNamed(party=self.registrar.party, name=name) for name in REGISTRAR_NAMES),
        ]
        for one in self.world.houses:
            party = self.authors[one.key].party
            facts.append(PartyRegistered(party=party, kind=PartyKind.ORGANISATION))
            codes = tuple(code for code in one.codes if not code.startswith("own:"))
            facts += [
                PartyNamed(party=party, name=name, codes=codes if place == 0 else ())
                for place, name in enumerate(one.names)
            ]
            facts += [
                LinkAsserted(
                    link=LinkId(self.house.ids.new("link")),
                    left=code,
                    relation=Relation.IDENTIFIES,
                    right=party,
                    asserted_by=self.registrar.party,
                )
                for code in one.codes
                if code.startswith("own:")
            ]
        self.house.journal.record(facts, author=self.registrar)
        self.house.index.catch_up()
        self.book.follow(facts, author=self.registrar)

    def rights(self, watch: Watch) -> None:
        """Bring in every file about rights, family by family; accounts get their keys once the parties are known."""
        accounts = dict(self.world.seeds(entropy=self.entropy))
        files = 0
        for organisation, family in self.world.families():
            kinds = {delivery.kind for delivery in family}
            if kinds <= CSV_KINDS:
                done = self._family(organisation, family, csvfamily.read_family)
            elif kinds == {"ern"}:
                done = self._family(organisation, family, _read_ern)
            elif kinds == {"more"}:
                done = self._family(organisation, family, self._read_more)
            else:
                continue
            files += len(family)
            watch(files, done)
            if kinds == {"parties"}:
                self._open_accounts(accounts)

    def tariffs(self) -> dict[str, str]:
        """Publish the tariffs; return their ids by local key."""
        found = {}
        for delivery in self.world.of_kind("tariff"):
            author = self.authors[delivery.organisation]
            value = canonical.parse(self.world.files[delivery.name])
            local = from_json(Tariff, value, path=delivery.name)
            deductions = tuple(replace(one, holder=self._holder(one.holder)) for one in local.deductions)
            fresh = TariffId(self.house.ids.new("tariff"))
            tariff = replace(local, tariff=fresh, publisher=author.party, deductions=deductions)
            self.house.journal.record([TariffPublished(tariff=tariff)], author=author)
            found[str(local.tariff)] = str(fresh)
        return found

    def revenue(self, kind: str, *, models: Mapping[str, str], tariffs: Mapping[str, str]) -> list[Revenue]:
        """Declare what the models earned (`revenue`), or its late correction (`correction`)."""
        declared = []
        for delivery in self.world.of_kind(kind):
            for row in csv.DictReader(io.StringIO(self.world.files[delivery.name].decode())):
                revenue = Revenue(
                    model=models.get(row["model"], channel_of(row["model"])),
                    tariff=tariffs[row["tariff"]],
                    label=row["label"],
                    period=Period(parse_moment(row["start"]), parse_moment(row["end"])),
                    amount=Money.parse(row["amount"], Currency(row["currency"])),
                    final=row["final"] == "yes",
                )
                earning.declare_revenue(self.house, revenue, author=self.authors[delivery.organisation])
                declared.append(revenue)
        return declared

    def generations(self, delivery: Delivery, *, versions: Mapping[str, str], period: Period) -> Report:
        """Report the generation events of a model, whose name the file holds in place of a version id."""
        data = self.world.files[delivery.name]
        for name, version in versions.items():
            data = data.replace(
                f'"version":{json.dumps(name, ensure_ascii=False)}'.encode(), f'"version":"{version}"'.encode()
            )
        version = next(one for one in versions.values() if one.encode() in data)
        author = self.authors[delivery.organisation]
        return earning.report_generations(self.house, data, version=version, period=period, author=author)

    def plays(self, delivery: Delivery, *, channel: str, period: Period) -> Report:
        """Report the plays of a channel."""
        data, _ = earning.plays_lines(self.world.files[delivery.name], name=delivery.name, now=self.house.clock.now())
        author = self.authors[delivery.organisation]
        return earning.report_usage(self.house, data, channel=channel, period=period, author=author)

    def party(self, key: str) -> PartyId:
        """Return the id of the party with this local key."""
        return PartyId(self.refer(key))

    def refer(self, key: str) -> str:
        """Return the id of what a local key or code key names."""
        code = key if ":" in key else f"own:{self.world.namespace}:{key}"
        found = self.book.lookup(code)
        if found is None:
            raise InputError(f"the sample world names nothing {code}", "generate it again")
        return found

    def _holder(self, key: str) -> str:
        return self.refer(key) if key in self.authors else key

    def _family(self, organisation: str, family: tuple[Delivery, ...], read: Any) -> Intake:
        files = {delivery.name: self.world.files[delivery.name] for delivery in family}
        author = self.authors[organisation]
        namespace = self.world.namespace
        return take_in(self.house, files, read=read, namespace=namespace, author=author, follower=self.book)

    def _open_accounts(self, accounts: dict[str, bytes]) -> None:
        ready = [(self.book.lookup(f"own:{self.world.namespace}:{key}"), key) for key in accounts]
        self.house.vault.add([(party, accounts.pop(key)) for party, key in ready if party is not None])

    def _read_more(self, files: Mapping[str, bytes], context: Context) -> Imported:
        resolver = more.Resolver(
            refer=self.refer, link_of=self._link_of, new_id=context.new_id, sender=str(context.sender)
        )
        return Imported(tuple(fact for data in files.values() for fact in more.read(data, resolver)))

    def _link_of(self, left: str, relation: str, right: str) -> str:
        ends = [self.refer(end) if ":" not in end or end.startswith("own:") else end for end in (left, right)]
        links = self.book.links_between(ends[0], Relation(relation), ends[1])
        if not links:
            raise InputError(f"no link {left} {relation} {right}", "generate the sample again")
        return links[0]


def channel_of(name: str) -> str:
    """Return the id of a channel of plays, such as `channel:maru-streams`."""
    return "channel:" + name.lower().replace(" ", "-")


def _read_ern(files: Mapping[str, bytes], context: Context) -> Imported:
    return ern.read_messages(files, context)
