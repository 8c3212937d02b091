"""Take in what money is made of: tariffs, declared revenue, plays and generation events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cantoria.app import lineage_views, payday
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.formats import csvfamily
from cantoria.formats.types import Finding
from cantoria.kernel import canonical, territories
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Fact
from cantoria.kernel.ids import ModelId, TariffId, VersionId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period
from cantoria.royalty.accounts import Accounts
from cantoria.royalty.facts import RevenueDeclared, TariffPublished
from cantoria.royalty.tariff import Basis, Tariff
from cantoria.usage import lines as usage_lines
from cantoria.usage.facts import GenerationsReported, UsageReported
from cantoria.usage.lines import Rejected


@dataclass(frozen=True, slots=True)
class Report:
    """A batch that was taken in: its receipt (None when it was known before), its lines, and the unreadable ones."""

    receipt: Receipt | None
    lines: int
    rejected: tuple[Rejected, ...]


def publish_tariff(house: House, document: bytes, *, author: Author, dry_run: bool = False) -> Tariff:
    """Record a tariff from its JSON document (docs/reference/tariff.md); the publisher is who records it."""
    value = canonical.parse(document)
    if not isinstance(value, dict) or "publisher" in value:
        raise InputError("a tariff document is a JSON object without publisher", "see docs/reference/tariff.md")
    value.setdefault("tariff", house.ids.new("tariff"))
    tariff: Tariff = from_json(Tariff, {**value, "publisher": author.party}, path="tariff")
    if tariff.tariff in payday.load_accounts(house, size=house.index.catch_up()).tariffs:
        raise InputError(
            f"tariff {tariff.tariff} is published and never changes", "leave out its id: a new one is made"
        )
    if len(territories.resolve(tariff.territory, at=house.clock.now())) != 1:
        raise InputError(f"{tariff.territory} is not one country", "name the country whose shares count, such as 0410")
    tariff = replace(tariff, territory=territories.canonical(tariff.territory))
    if tariff.attribution.analogy_pool and tariff.pool(tariff.attribution.analogy_pool).basis is Basis.ATTRIBUTION:
        raise InputError("the analogy pool is itself by attribution", "name another pool")
    if not dry_run:
        house.journal.record([TariffPublished(tariff=tariff)], author=author)
    return tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """What a model (or channel) earned in a period: `label` names the period, `final` closes it."""

    model: str
    tariff: str
    label: str
    period: Period
    amount: Money
    final: bool = False


def declare_revenue(house: House, revenue: Revenue, *, author: Author) -> Receipt:
    """Record what a model earned; declaring the same model, tariff and period again corrects it as a whole."""
    return house.journal.record([check_revenue(house, revenue, author=author)], author=author)[0]


def check_revenue(house: House, revenue: Revenue, *, author: Author) -> RevenueDeclared:
    """Return the fact of a declaration, or raise `InputError` where it cannot be so or would have no effect."""
    size = house.index.catch_up()
    accounts = payday.load_accounts(house, size=size)
    tariff = accounts.tariff(revenue.tariff)
    if revenue.amount.currency != tariff.currency:
        raise InputError(f"{revenue.amount.currency} is not the tariff's currency", f"declare it in {tariff.currency}")
    if revenue.amount.fine < 0:
        raise InputError(f"revenue of {revenue.amount.format()} is negative", "declare the whole, not a difference")
    if revenue.period.end is None:
        raise InputError(f"the period {revenue.label} has no end", "give the day after its last")
    declaration = f"{revenue.model}/{revenue.tariff}/{revenue.label}"
    _check_whose(house, accounts, revenue, declaration=declaration, author=author, size=size)
    return RevenueDeclared(
        declaration=declaration,
        debtor=author.party,
        model=ModelId(revenue.model),
        tariff=TariffId(revenue.tariff),
        label=revenue.label,
        period=revenue.period,
        amount=revenue.amount,
        final=revenue.final,
    )


def _check_whose(
    house: House, accounts: Accounts, revenue: Revenue, *, declaration: str, author: Author, size: int
) -> None:
    """Raise `InputError` for another's model or declaration, and for a period that overlaps one of another label:
    what was used on the common days would be paid twice."""
    model = lineage_views.load(house, size=size).models.get(ModelId(revenue.model))
    if model is not None and model.fact.developer != author.party:
        raise InputError(f"{revenue.model} is a model of {model.fact.developer}", "declare your own models' revenue")
    priced = any(pool.unit_price is not None for pool in accounts.tariff(revenue.tariff).pools)
    for name, recorded in sorted(accounts.revenues.items()):
        fact = recorded.fact
        if name == declaration and recorded.organisation != author.party:
            raise InputError(f"{recorded.organisation} declares {revenue.label} of {revenue.model}", "let them correct")
        same = (fact.model, fact.tariff) == (revenue.model, revenue.tariff) and fact.label != revenue.label
        if not fact.amount.fine and not priced:
            continue  # declared by mistake and corrected to nothing: it takes part in nothing
        if same and fact.period.intersect(revenue.period) is not None:
            raise InputError(
                f"the period {revenue.label} overlaps {fact.label} of {revenue.model}", "choose periods apart"
            )


def report_generations(
    house: House, data: bytes, *, version: str, period: Period, author: Author, dry_run: bool = False
) -> Report:
    """Record a batch of generation events (JSON lines); unreadable lines are reported, never silently dropped."""
    batch = usage_lines.read_generations(data)
    others = sorted({line.version for line in batch.lines} - {version})
    if others:
        raise InputError(
            f"the batch for {version} holds events of {', '.join(others[:3])}", "report each version on its own"
        )
    _check_reporter(house, version, author)
    canonical_lines = usage_lines.write_lines(batch.lines)
    known = house.index.about([version], tags=[GenerationsReported.TYPE.tag])
    digest = hashlib.sha256(canonical_lines).hexdigest()
    if dry_run or any(recorded.fact.attachment == digest for recorded in known):
        return Report(None, len(batch.lines), batch.rejected)
    fact = GenerationsReported(
        producer=author.party,
        version=VersionId(version),
        sequence=1 + sum(recorded.fact.producer == author.party for recorded in known),
        period=period,
        attachment=house.attachments.put(canonical_lines),
        events=len(batch.lines),
        root=usage_lines.root_of(batch.lines),
    )
    return Report(_record(house, fact, author), len(batch.lines), batch.rejected)


def _check_reporter(house: House, version: str, author: Author) -> None:
    """Raise `InputError` for a version that is not there, and for a report that would not count."""
    history = lineage_views.load(house, size=house.index.catch_up())
    known = history.versions.get(VersionId(version))
    if known is None:
        raise InputError(f"there is no version {version}", "register the model's version first")
    developer = history.models[known.fact.model].fact.developer
    if developer != author.party and author.capacity is not Capacity.ATTRIBUTOR:
        raise InputError(f"{version} is a version of {developer}", "report as its developer or as an attributor")


def report_usage(
    house: House, data: bytes, *, channel: str, period: Period, author: Author, dry_run: bool = False
) -> Report:
    """Record a batch of plays (JSON lines as `formats.csvfamily` makes them from plays.csv) of a channel."""
    batch = usage_lines.read_usage(data)
    canonical_lines = usage_lines.write_lines(batch.lines)
    house.index.catch_up()
    known = [
        recorded
        for recorded in house.index.about([author.party], tags=[UsageReported.TYPE.tag])
        if recorded.fact.channel == channel
    ]
    digest = hashlib.sha256(canonical_lines).hexdigest()
    if dry_run or any(recorded.fact.attachment == digest for recorded in known):
        return Report(None, len(batch.lines), batch.rejected)
    fact = UsageReported(
        producer=author.party,
        channel=channel,
        sequence=1 + len(known),
        period=period,
        file_sha256=hashlib.sha256(data).hexdigest(),
        attachment=house.attachments.put(canonical_lines),
        lines=len(batch.lines),
        plays=usage_lines.sum_plays(batch.lines),
        root=usage_lines.root_of(batch.lines),
    )
    return Report(_record(house, fact, author), len(batch.lines), batch.rejected)


def plays_lines(
    data: bytes, *, name: str, now: int, columns: Mapping[str, str] | None = None
) -> tuple[bytes, tuple[Finding, ...]]:
    """Return plays as JSON lines with the findings; a `.csv` file is converted first: of the CSV family, or, where
    `columns` maps those of plays.csv to its own, of somebody else."""
    if not name.lower().endswith(".csv"):
        if columns:
            raise InputError(f"{name} is no CSV file, so no columns can be mapped", "leave out --map")
        return data, ()
    read = csvfamily.read_plays(data, file=name, now=now, renamed=columns)
    return usage_lines.write_lines(read.lines), read.findings


def _record(house: House, fact: Fact, author: Author) -> Receipt:
    return house.journal.record([fact], author=author)[0]
