"""Generate the sample world: same seed, scale, moment and entropy, same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from cantoria.app.sample import bad, dataset, ern_files, more, organisations, records, settings, terms, usage
from cantoria.app.sample.catalogue import Draft
from cantoria.app.sample.dataset import Dataset, Line
from cantoria.app.sample.keys import ENTROPY_BYTES
from cantoria.app.sample.organisations import Organisation
from cantoria.app.sample.sheets import Bad, BadRow, Sheet
from cantoria.app.sample.tables import HOUSES, Tables
from cantoria.app.sample.world import REQUESTS, Delivery, House, World, house
from cantoria.kernel import canonical
from cantoria.kernel.codec import to_json

_SOCIETIES: Final = (organisations.AUTHORS.key, organisations.AUTHORS_TWO.key)
_LATE: Final = ("delegations", "statements")
_KNOWN: Final = {one.key: one for one in (*organisations.ORGANISATIONS, *organisations.DEVELOPERS)}


def generate(
    seed: int = 1, *, scale: float = 1.0, now: int = settings.NOW, entropy: bytes = bytes(ENTROPY_BYTES)
) -> World:
    """Return the world of `seed`. `scale` 1.0 is the shipped one; `now` its present (UTC microseconds); `entropy` 32
    bytes from which the accounts' keys come: fresh and secret where anything real hangs on them."""
    size = settings.Size.of(scale)
    draft = records.build(seed, size=size)
    data = dataset.build(draft, seed=seed, size=size)
    releases = ern_files.chosen(draft, scale=scale)
    packing = _Packing()
    elsewhere = ern_files.elsewhere(draft, releases)
    packing.rights(
        Tables(draft=draft, entropy=entropy, elsewhere=elsewhere),
        messages=ern_files.messages(draft, releases, sent_at=now),
        more_files=more.by_organisation(draft, elsewhere=elsewhere),
    )
    packing.terms()
    packing.manifests(data)
    first, second = usage.generations(draft, data, seed=seed, size=size)
    packing.add("mirinae/generations.jsonl", first, "generations", organisations.DEVELOPER.key)
    packing.add("boreal/generations.jsonl", second, "generations", organisations.DEVELOPER_TWO.key)
    packing.plays(usage.plays(draft, seed=seed, size=size))
    return World(
        seed=seed,
        scale=scale,
        now=now,
        files=packing.files,
        deliveries=tuple(packing.deliveries),
        houses=_houses(draft),
        people_keys=tuple(party.key for party in draft.records.parties if party.account),
        planted=draft.records.planted,
        bad_rows=tuple(packing.bad_rows),
        requests=REQUESTS,
    )


def _houses(draft: Draft) -> tuple[House, ...]:
    return tuple(
        house(_KNOWN[party.key], names=tuple(name.text for name in party.names), codes=party.codes)
        for party in draft.records.parties
        if party.key in HOUSES
    )


class _Packing:
    """Puts files in order; consecutive files of one organisation that belong together make a family."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.deliveries: list[Delivery] = []
        self.bad_rows: list[BadRow] = []
        self._family = 0

    def add(self, name: str, data: bytes, kind: str, organisation: str, *, together: bool = False) -> None:
        """Add a file; `together` puts it in the family of the one before."""
        self._family += 0 if together else 1
        capacity = _KNOWN[organisation].capacity
        self.files[name] = data
        self.deliveries.append(
            Delivery(name=name, kind=kind, organisation=organisation, capacity=capacity, family=self._family)
        )

    def rights(self, tables: Tables, *, messages: dict[str, bytes], more_files: dict[str, bytes]) -> None:
        """Add everybody's parties; works by society; ERN messages, recordings and what goes with them; statements."""
        sheets = list(tables.all())
        self._sheets([(key, sheet) for key, sheet in sheets if sheet.table == "parties"])
        for society in _SOCIETIES:
            self._sheets([one for one in sheets if one[0] == society and _is_early(one[1])])
        for number, (name, data) in enumerate(messages.items()):
            self.add(name, data, "ern", organisations.CONTENT.key, together=number > 0)
        for organisation in (organisations.PRODUCERS, organisations.CONTENT):
            self._sheets([one for one in sheets if one[0] == organisation.key and _is_early(one[1])])
        for key, data in more_files.items():
            self.add(f"{_folder(_KNOWN[key])}/more.jsonl", data, "more", key)
        for table in _LATE:
            self._sheets([one for one in sheets if one[1].table == table])

    def _sheets(self, sheets: Sequence[tuple[str, Sheet]]) -> None:
        before = ""
        for key, sheet in sheets:
            self._sheet(key, sheet, bad.ROWS.get((sheet.table, key), ()), together=key == before)
            before = key

    def _sheet(self, key: str, sheet: Sheet, rows: Sequence[Bad], *, together: bool = False) -> None:
        data, found = sheet.write(rows)
        self.bad_rows += found
        self.add(sheet.name, data, sheet.table, key, together=together)

    def terms(self) -> None:
        """Add tariffs and declarations of revenue."""
        for tariff in terms.tariffs():
            name = f"{_folder(_KNOWN[tariff.publisher])}/{tariff.tariff}.json"
            self.add(name, canonical.encode(to_json(tariff)) + b"\n", "tariff", tariff.publisher)
        for declared in terms.revenue():
            name = f"{_folder(_KNOWN[declared['debtor']])}/revenue.csv"
            self.add(name, _csv([declared]), "revenue", declared["debtor"])
        late = terms.correction()
        self.add(f"{_folder(_KNOWN[late['debtor']])}/revenue-late.csv", _csv([late]), "correction", late["debtor"])

    def manifests(self, data: Dataset) -> None:
        """Add the dataset, and the rows that the second developer's run holds beside its certificate's."""
        one, two = organisations.DEVELOPER, organisations.DEVELOPER_TWO
        self._sheet(one.key, _manifest(f"{_folder(one)}/manifest.csv", data.lines), bad.MANIFEST)
        self._sheet(two.key, _manifest(f"{_folder(two)}/manifest-slipped-in.csv", data.slipped_in), ())

    def plays(self, plays: Sequence[usage.Play]) -> None:
        """Add the plays that the content companies report."""
        sheet = Sheet(table="plays", name=f"{_folder(organisations.CONTENT)}/plays.csv")
        for one in plays:
            sheet.add(event=one.event_id, code=one.code, territory=one.territory, date=one.date, plays=str(one.plays))
        self._sheet(organisations.CONTENT.key, sheet, bad.PLAYS)


def _is_early(sheet: Sheet) -> bool:
    return sheet.table not in _LATE and sheet.table != "parties"


def _folder(organisation: Organisation) -> str:
    return organisation.key.partition("-")[2]


def _manifest(name: str, lines: Sequence[Line]) -> Sheet:
    sheet = Sheet(table="manifest", name=name)
    for line in lines:
        cells: dict[str, str] = {}
        for code in line.codes:
            scheme, _, value = code.partition(":")
            cells[scheme] = f"{cells[scheme]}|{value}" if scheme in cells else value
        sheet.add(media="" if line.media == "recording" else line.media, **cells)
    return sheet


def _csv(rows: Sequence[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
