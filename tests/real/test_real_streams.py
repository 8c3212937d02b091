"""4,600 recordings of a real chart, from codes to a cleared dataset to an exact payout. Skips without ../shared/data.

The chart says nothing of works, writers, line-ups or consent. Whatever is said of them below is a SYNTHETIC OVERLAY:
seeded inventions for this test about works and holders that do not exist.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cantoria.app import accounts, clearing, earning, payday
from cantoria.app.clearing import Order
from cantoria.app.code_book import CodeBook
from cantoria.app.earning import Revenue
from cantoria.app.intake import take_in
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.bootstrap.naming import find_party
from cantoria.clearance import Cleared, Request, Row, Status, decide
from cantoria.clearance.dataset import clear_rows
from cantoria.clearance.reasons import ReasonCode
from cantoria.codes import isrc
from cantoria.formats import csvfamily
from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Counts, Severity
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period, parse_moment
from cantoria.kernel.uses import Use
from cantoria.royalty import journal
from cantoria.royalty.types import SUSPENSES
from cantoria.sdk.verify import verify_bundle

DATA = Path(__file__).parents[3] / "shared" / "data"
STREAMS = DATA / "catalogue" / "streams_2024.csv"
MAPPING = {"title": "Track", "artist": "Artist", "release": "Album Name", "isrc": "ISRC"}
MAPPED = [word for ours, theirs in MAPPING.items() for word in ("--map", f"{ours}={theirs}")]
WISH = ("--use", "train_generative", "--licensee", "sonara", "--in", "KR ES US", "--format", "csv")
# Lines of the file on which an ISRC stands a second time, and where it stood first.
DOUBLED = {2452: 2451, 3452: 3449}
ROWS = 4600

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")


def streams() -> list[dict[str, str]]:
    with STREAMS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Bare:
    """A house with the chart and nothing else: its folder, what the import printed, its size then."""

    folder: Path
    imported: dict[str, Any]
    size: int


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, cli: Any) -> Bare:
    folder = tmp_path_factory.mktemp("streams")
    cli(folder, "ledger", "init", "--origin", "real.example/streams")
    cli(folder, "organisation", "admit", "registrar", "--in", "registrar")
    cli(folder, "organisation", "admit", "authors", "--in", "cmo", "--in", "registrar")
    cli(folder, "organisation", "admit", "sonara", "--in", "ai-developer")
    findings = ("--findings", str(folder / "findings.csv"))
    imported = cli(folder, "--as", "registrar", "import", "table", str(STREAMS), *MAPPED, *findings)
    return Bare(folder, imported, cli(folder, "ledger", "status")["size"])


@pytest.fixture
def house(bare: Bare) -> Iterator[WiredHouse]:
    opened = open_house(bare.folder / "house")
    yield opened
    opened.close()


def request(house: WiredHouse, *, size: int) -> Request:
    return Request(
        use=Use.TRAIN_GENERATIVE,
        licensee=find_party(house, "sonara"),
        territories="KR ES US",
        at=house.clock.now(),
        size=size,
    )


def manifest() -> tuple[Row, ...]:
    read = csvfamily.read_manifest(STREAMS.read_bytes(), file="s.csv", namespace="SONARA", renamed={"isrc": "ISRC"})
    assert read.findings == ()
    return read.rows


def test_the_chart_becomes_a_catalogue(bare: Bare, house: WiredHouse) -> None:
    counts = {name: bare.imported[name] for name in ("received", "registered", "refused", "duplicate", "passed_over")}
    assert counts == {"received": ROWS, "registered": 4598, "refused": 0, "duplicate": 2, "passed_over": 0}
    assert counts["received"] == sum(counts.values()) - counts["received"]
    assert bare.imported["facts"]["recording-registered"] == 4598
    with (bare.folder / "findings.csv").open(encoding="utf-8", newline="") as file:
        findings = list(csv.DictReader(file))
    assert {int(one["line"]): one["message"] for one in findings} == {
        line: f"the same row stands on line {first}; it counts once" for line, first in DOUBLED.items()
    }
    rows = streams()
    assert [one["value"] for one in findings] == [rows[line - 2]["ISRC"] for line in DOUBLED]
    # Every row is found again by its code, under its title and artist, letter by letter.
    registry = house.rights.load(size=bare.size).registry
    for row in rows:
        (named,) = registry.named_by(f"isrc:{isrc.compact(row['ISRC'])}")
        view = registry.recording(named)
        assert view is not None
        assert view.title == row["Track"].strip()


def test_bad_rows_of_the_chart_are_reported_by_line(bare: Bare, house: WiredHouse) -> None:
    lines = STREAMS.read_bytes().splitlines(keepends=True)[:501]
    damage = {  # line → what it becomes
        10: lines[9].replace(lines[9].split(b",")[0], b"\xff\xfe", 1),
        50: b'"' + lines[49],
        77: lines[76].rstrip() + b",one cell too many\r\n",
        120: b"No Code,Album,Nobody,1/1/2024,," + b",".join(lines[119].split(b",")[5:]),
        300: b"Wrong Code,Album,Nobody,1/1/2024,XX-12," + b",".join(lines[299].split(b",")[5:]),
        400: lines[398],
    }
    for line, content in damage.items():
        lines[line - 1] = content
    book = CodeBook(house)
    author = house.author("registrar")
    context = Context(
        sender=author.party, namespace="OTHER", now=house.clock.now(), new_id=house.ids.new, lookup=book.lookup
    )
    imported = csvfamily.read_mapped(b"".join(lines), file="damaged.csv", columns=MAPPING, context=context)
    found = {one.line: one.severity for one in imported.findings}
    assert found == {
        **dict.fromkeys((10, 50, 77, 120, 300), Severity.ERROR),
        400: Severity.WARNING,
    }
    assert imported.counts == Counts(received=500, registered=494, refused=5, duplicate=1)


@pytest.fixture(scope="module")
def unsaid(bare: Bare, cli: Any) -> dict[str, Any]:
    """Clear the chart as a dataset before anything else is said of it; return what the command printed."""
    shown: dict[str, Any] = cli(
        bare.folder, "--as", "registrar", "dataset", "clear", str(STREAMS), "--map", "isrc=ISRC", *WISH, expect=1
    )
    return shown


def test_without_further_facts_no_row_is_cleared(bare: Bare, unsaid: dict[str, Any]) -> None:
    """No holder is named and no work linked, so each row says both; that holders are incomplete comes first."""
    assert {status: rows for status, rows in unsaid["counts"].items() if rows} == {"unknown": ROWS}
    assert unsaid["reasons"] == {"holders_incomplete": ROWS}
    assert unsaid["all_reasons"] == {"no_linked_work": ROWS, "holders_incomplete": ROWS}
    assert unsaid["signals"] == 0
    with (bare.folder / "out" / "results.csv").open(encoding="utf-8", newline="") as file:
        results = list(csv.DictReader(file))
    assert len(results) == ROWS
    for row, result in zip(streams(), results, strict=True):
        assert result["codes"] == f"isrc:{isrc.compact(row['ISRC'])}"
        assert result["status"] == "unknown"
        assert "holders_incomplete" in result["reason_codes"].split("; ")
    assert (bare.folder / "out" / "cleared.csv").read_text("utf-8").count("\n") == 1  # the header alone


def test_the_certificate_verifies_offline_in_an_empty_folder(
    bare: Bare, unsaid: dict[str, Any], cli: Any, tmp_path: Path
) -> None:
    bundle = (bare.folder / "out" / "certificate.json").read_bytes()
    vkey = (bare.folder / "house" / "log.vkey").read_bytes()
    (tmp_path / "certificate.json").write_bytes(bundle)
    (tmp_path / "log.vkey").write_bytes(vkey)
    cli(tmp_path, "proof", "verify", "certificate.json", "--key", "log.vkey")
    assert not (tmp_path / "house").exists()
    body = json.loads(bundle)["body"]
    assert body["certificate"] == unsaid["certificate"]
    assert body["manifest"]["rows"] == ROWS
    forged = bundle.replace(b'"rows":4600', b'"rows":4601')
    assert forged != bundle
    (tmp_path / "certificate.json").write_bytes(forged)
    cli(tmp_path, "proof", "verify", "certificate.json", "--key", "log.vkey", expect=3)
    for position in Random(7).sample(range(len(bundle)), 40):
        flipped = bundle[:position] + bytes([bundle[position] ^ 1]) + bundle[position + 1 :]
        with pytest.raises((InputError, IntegrityError)):
            verify_bundle(flipped, vkey=vkey.decode().strip())


class Overlay:
    """SYNTHETIC: invented works, holders, completeness statements and decisions about the chart's recordings.

    Tables of the CSV family. Everything depends on the seed alone; nothing in it is true of anybody.
    """

    def __init__(self, rows: list[dict[str, str]], *, seed: int) -> None:
        self.random = Random(seed)
        self.tables: dict[str, list[dict[str, str]]] = {}
        self.parties: dict[str, None] = {}
        self.labels = [self.party(f"L{number}", "organisation") for number in range(40)]
        self.publishers = [self.party(f"P{number}", "organisation") for number in range(60)]
        self.writers = [self.party(f"W{number}", "person") for number in range(900)]
        self.artists = {
            name: self.party(f"A{number}", "group")
            for number, name in enumerate(dict.fromkeys(row["Artist"] for row in rows if row["Artist"]))
        }
        first: dict[str, dict[str, str]] = {}
        for row in rows:
            first.setdefault(row["ISRC"], row)
        for number, (code, row) in enumerate(first.items()):
            self.recording(f"isrc:{code}", row["Artist"], number)
        for party in self.parties:
            self.decision(party)

    def add(self, table: str, **cells: str) -> None:
        self.tables.setdefault(table, []).append(cells)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def party(self, key: str, kind: str) -> str:
        self.parties[key] = None
        self.add("parties", party=key, kind=kind, name=f"Synthetic {key}")
        return key

    def recording(self, code: str, artist: str, number: int) -> None:
        if not self.chance(3):
            self.add("links", left=code, relation="embodies", right=self.work(number))
        label = self.random.choice(self.labels)
        self.claim(code, label, "producer", "neighbouring", "100")
        if artist:
            self.claim(code, self.artists[artist], "featured_performer", "", "")
        if self.chance(94):
            self.add("complete", subject=code, side="recording", signed_by=label)
        if artist and self.chance(2):
            self.say(self.artists[artist], "no", scope="recording", of=code)

    def work(self, number: int) -> str:
        if number and self.chance(5):  # a second recording of a work that is there already
            return f"S{self.random.choice(self.works)}"
        self.works = [*getattr(self, "works", []), number]
        key = f"S{number}"
        self.add("works", work=key, title=f"Synthetic work {number}")
        writers = self.random.sample(self.writers, self.random.choice((1, 1, 2, 3)))
        short = self.chance(2)  # shares below the whole
        for share, writer in zip(
            {1: ("75",), 2: ("1/2", "25"), 3: ("1/4", "1/4", "25")}[len(writers)], writers, strict=True
        ):
            self.claim(key, writer, "composer", "performing", share)
        self.claim(key, self.random.choice(self.publishers), "publisher", "performing", "20" if short else "25")
        if self.chance(95):
            self.add("complete", subject=key, side="work", signed_by="")
        return key

    def claim(self, subject: str, party: str, role: str, right: str, share: str) -> None:
        self.add("shares", subject=subject, party=party, role=role, right=right, share=share)

    def decision(self, party: str) -> None:
        drawn = self.random.randrange(100)
        if drawn < 82:
            self.say(party, "yes", scope="present_works")
        elif drawn < 88:
            self.say(party, "yes", scope="present_works", price="0.05 EUR")
        elif drawn < 93:
            self.say(party, "ask", scope="present_works")
        elif drawn < 95:
            self.say(party, "stop", scope="present_works")

    def say(self, party: str, says: str, *, scope: str, of: str = "", price: str = "") -> None:
        self.add(
            "statements", party=party, says=says, uses="train_generative", scope=scope, scope_of=of, min_price=price
        )

    def files(self, *tables: str) -> dict[str, bytes]:
        found = {}
        for table in tables:
            out = io.StringIO()
            writer = csv.DictWriter(out, list(self.tables[table][0]))
            writer.writeheader()
            writer.writerows(self.tables[table])
            found[f"{table}.csv"] = out.getvalue().encode()
        return found


@dataclass(frozen=True)
class Known:
    """The chart's house with the overlay: the overlay, and the ledger's size with it."""

    overlay: Overlay
    size: int


@pytest.fixture(scope="module")
def known(bare: Bare) -> Known:
    overlay = Overlay(streams(), seed=2024)
    house = open_house(bare.folder / "house")
    try:
        authors = house.author("authors")

        def take(*tables: str) -> None:
            done = take_in(
                house, overlay.files(*tables), read=csvfamily.read_family, namespace="SYNTHETIC", author=authors
            )
            assert done.imported.counts.refused == 0, done.imported.findings[:3]

        take("parties")
        book = CodeBook(house, preload=True)
        parties = [book.lookup(f"own:SYNTHETIC:{key}") or "" for key in overlay.parties]
        accounts.open_accounts(house, parties, author=authors)
        take("works", "links", "shares", "complete")
        take("statements")
        return Known(overlay, house.index.catch_up())
    finally:
        house.close()


def test_with_an_overlay_the_whole_chart_is_cleared_as_a_dataset(
    bare: Bare, known: Known, house: WiredHouse, tmp_path: Path
) -> None:
    rows = manifest()
    assert len(rows) == ROWS
    asked = request(house, size=known.size)
    rights = house.rights.load(size=known.size)
    with house.analytics() as engine:
        result = clear_rows(rows, request=asked, rights=rights, analytics=engine, evidence=True)
        planned = dict(result.answers())
    assert planned == {row.line: decide(row, asked, rights=rights) for row in rows}
    statuses = Counter(answer.status for answer in planned.values())
    assert all(statuses[status] >= 50 for status in Status), statuses
    reasons = {
        reason.code for answer in planned.values() if not isinstance(answer, Cleared) for reason in answer.reasons
    }
    assert reasons >= {
        ReasonCode.NO_LINKED_WORK, ReasonCode.HOLDERS_INCOMPLETE, ReasonCode.SILENT, ReasonCode.STOPPED,
        ReasonCode.SAID_NO, ReasonCode.ASKS, ReasonCode.PRICE_OPEN,
    }  # fmt: skip
    # As of the size before the overlay, the same rows are what they were.
    before = house.rights.load(size=bare.size)
    asked_then = request(house, size=bare.size)
    assert {decide(row, asked_then, rights=before).status for row in rows[::50]} == {Status.UNKNOWN}
    # The certificate says the same.
    order = Order(title="Chart of 2024", rows=rows, request=asked)
    done = clearing.clear(house, order, author=house.author("registrar"), folder=tmp_path, suffix=".jsonl")
    assert {one.status: one.rows for one in done.certificate.counts if one.rows} == dict(statuses)
    vkey = (bare.folder / "house" / "log.vkey").read_text("utf-8").strip()
    proven = verify_bundle((tmp_path / "certificate.json").read_bytes(), vkey=vkey)
    assert proven.body["certificate"] == done.certificate.certificate
    cleared = csvfamily.read_manifest((tmp_path / "cleared.csv").read_bytes(), file="cleared.csv", namespace="SONARA")
    assert [row.line for row in cleared.rows] == [
        line for line, answer in planned.items() if isinstance(answer, Cleared)
    ]


TARIFF = {
    "currency": "USD",
    "pools": [{"name": "streams", "basis": "usage", "fraction": "7/10"}],
    "work_fraction": "1/5",
    "territory": "0840",
    "performers_fraction": "1/10",
    "deductions": [{"name": "fund", "holder": "joint_fund", "leg": "work", "fraction": "1/100"}],
}
PERIOD = Period(parse_moment("2024-10-01"), parse_moment("2024-11-01"))
CHANNELS = {"Spotify Streams": "channel:spotify", "SiriusXM Spins": "channel:radio"}


def test_its_stream_counts_are_distributed_to_the_unit(known: Known, house: WiredHouse) -> None:
    author = house.author("authors")
    tariff = earning.publish_tariff(house, json.dumps(TARIFF).encode(), author=author).tariff
    rows = streams()
    for column, channel in CHANNELS.items():
        mapping = {"event": "ISRC", "code": "ISRC", "plays": column, "date": "=2024-10-31"}
        data, findings = earning.plays_lines(
            STREAMS.read_bytes(), name=STREAMS.name, now=house.clock.now(), columns=mapping
        )
        empty = sum(not row[column] for row in rows)
        assert [one.severity for one in findings] == [Severity.INFO]
        assert findings[0].message.endswith(f"passed over: {empty:,}")
        report = earning.report_usage(house, data, channel=channel, period=PERIOD, author=author)
        assert (report.lines, report.rejected) == (ROWS - empty, ())
        assert earning.report_usage(house, data, channel=channel, period=PERIOD, author=author).receipt is None
        amount = Money.parse("1234567.89", "USD")
        revenue = Revenue(model=channel, tariff=tariff, label="2024-10", period=PERIOD, amount=amount, final=True)
        earning.declare_revenue(house, revenue, author=author)
        asked = payday.Request(model=channel, tariff=tariff, label="2024-10")
        done = payday.distribute(house, asked, author=author)
        run = done.runs["streams"]
        # Every play counts once: an ISRC that stands twice is one line.
        plays = {isrc.compact(row["ISRC"]): int(row[column].replace(",", "")) for row in rows if row[column]}
        assert run.pool_units == sum(plays.values())
        assert len(plays) == len({one.subject for one in run.amounts})
        # Money in = money out, to the unit.
        assert run.controls.total_in == Fraction(amount.fine * 7, 10)
        assert run.controls.total_in == run.controls.holders + run.controls.suspense + run.controls.residue
        assert run.controls.debits == run.controls.credits
        paid = {key: total for key, total in run.totals.items() if key.subject != "funding"}
        assert sum(paid.values()) == run.controls.total_in == -(sum(run.totals.values()) - sum(paid.values()))
        assert min(paid.values()) > 0
        held = {key.holder for key in paid}
        assert any(holder.startswith("party_") for holder in held)
        assert held & set(SUSPENSES)  # a leg whose holders nobody vouched for waits in the open
        # Most played, most paid: each recording's amount is its part of the pool, to within one unit.
        for one in run.amounts[::97]:
            exact = Fraction(run.pool_amount * one.units, run.pool_units)
            assert abs(one.amount - exact) <= run.pool_amount // 10**9 + 1
        # The same run again posts nothing and comes to the same.
        again = payday.distribute(house, asked, author=author).runs["streams"]
        assert (again.postings, again.totals) == ((), run.totals)
    # A full rerun of the last, as if nothing had been posted, posts the same bytes again.
    afresh = payday.compute(house, asked, size=house.index.catch_up(), afresh=True).runs["streams"]
    assert afresh.totals == run.totals
    assert journal.write_postings(afresh.postings) == journal.write_postings(run.postings)
