"""A pack is made from verified files alone, replaced whole, brought up to date by generations, and never scans."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cantoria.clearance import Cleared, Denied, Request, Row
from cantoria.clearance.analytics import Kind, Table
from cantoria.clearance.published import GONE, Head
from cantoria.clearance.snapshot_schema import GONE_SCHEMA, OPEN_END, OPEN_START, SCHEMAS
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import NoteKey
from cantoria.sdk import pack as packs
from cantoria.sdk.pack import Pack
from cantoria.sdk.pack_build import build_pack, read_meta
from cantoria.testing.packs import KEY, ORIGIN, publish_tables

AT = 1_000_000
EVERY = (1 << 24) - 1
ALL_USES = (1 << 9) - 1
YES, NO = 3, 1
RULES = 20_000


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    """Return a table; columns that a row leaves out hold 0, an empty text or no."""
    schema = GONE_SCHEMA if name == GONE else SCHEMAS[name]
    empty = {Kind.TEXT: "", Kind.BOOL: False}
    return Table(
        schema, {column: [row.get(column, empty.get(kind, 0)) for row in rows] for column, kind in schema.items()}
    )


def said(
    index: int, *, voice: int = 1, scope: int = 0, kind: int = 5, verdict: int = YES, **more: Any
) -> dict[str, Any]:
    whole = {"own": True, "uses": ALL_USES, "licensee_kind": 2, "place": 1, "since": OPEN_START, "until": OPEN_END}
    return {"voice": voice, "index": index, "scope": scope, "kind": kind, "verdict": verdict} | whole | more


def catalogue(recordings: int, statements: list[dict[str, Any]], *, reach: list[dict[str, Any]]) -> dict[str, Table]:
    """Return a snapshot in which one label alone has a say in so many recordings."""
    numbers = range(1, recordings + 1)
    rows: dict[str, list[dict[str, Any]]] = {
        "subject": [{"subject": n, "text": f"recording_{n}"} for n in numbers],
        "thing": [{"thing": n, "text": f"recording_{n}"} for n in numbers],
        "party": [{"party": 1, "text": "party_label"}],
        "voice": [{"voice": 1, "text": "party_label", "principal": 1, "party": 1}],
        "place": [{"place": 1, "countries": "0276 0410 0724 0840"}],
        "statement_name": [{"index": one["index"], "text": f"statement_{one['index']}"} for one in statements],
        "name": [{"code": code(n), "subject": n} for n in numbers],
        "lead": [{"code": code(n), "level": 1, "subject": n} for n in numbers],
        "part": [{"subject": n, "unit": n} for n in numbers],
        "need": [
            {"unit": n, "voice": 1, "about": n, "registered": 1, "reachable": True, "place": 1, "asked": EVERY}
            for n in numbers
        ],
        "statement": statements,
        "reach": reach,
    }
    return {name: table(name, rows.get(name, [])) for name in SCHEMAS}


def code(number: int) -> str:
    return f"isrc:QZAAA26{number:05}"


def request(**more: Any) -> Request:
    whole: dict[str, Any] = {"use": Use.TRAIN_GENERATIVE, "licensee": PartyId("party_lab"), "territories": "KR"}
    return Request(**whole | {"at": AT, "size": 10} | more)


def publish(folder: Path, tables: dict[str, Table], before: Head | None = None) -> Head:
    return publish_tables(folder, tables, at=AT, until=AT + 1_000, size=10, before=before)


def small(folder: Path) -> Head:
    return publish(folder, catalogue(3, [said(7)], reach=[]))


def statuses(target: Path, recordings: int, **more: Any) -> list[str]:
    with Pack(target) as pack:
        asked = pack.ask(request(**more))
        return [pack.answer(Row(n, (code(n),)), asked).status.value for n in range(1, recordings + 1)]


def test_a_pack_answers_and_says_what_it_rests_on(tmp_path: Path) -> None:
    small(tmp_path)
    opened = build_pack(tmp_path, target=tmp_path / "pack", keys=[KEY])
    with Pack(tmp_path / "pack", snapshot=opened.id) as pack:
        asked = pack.ask(request())
        assert pack.answer(Row(1, (code(1),)), asked) == Cleared(("statement_7",))
        assert pack.answer(Row(1, ("isrc:QZAAA2699999",)), asked).status.value == "unknown"
        assert pack.ask(request()) is asked


@pytest.mark.parametrize("moment", [AT - 1, AT + 1_000])
def test_a_moment_that_the_snapshot_does_not_speak_of_is_refused(moment: int, tmp_path: Path) -> None:
    small(tmp_path)
    build_pack(tmp_path, target=tmp_path / "pack", keys=[KEY])
    with Pack(tmp_path / "pack") as pack:
        with pytest.raises(InputError, match="refresh"):
            pack.ask(request(at=moment))
        with pytest.raises(InputError, match="size"):
            pack.ask(request(size=11))


@pytest.mark.parametrize("harm", ["flip", "cut", "longer", "missing", "swapped", "text"])
def test_a_snapshot_with_a_harmed_file_is_refused_and_the_old_pack_stays(harm: str, tmp_path: Path) -> None:
    head = small(tmp_path)
    target = tmp_path / "pack"
    before = build_pack(tmp_path, target=target, keys=[KEY]).id
    changed = catalogue(3, [said(7, verdict=NO)], reach=[])
    publish(tmp_path, {"statement": changed["statement"], GONE: table(GONE, [{"kind": 4, "key": "1"}])}, head)
    path = tmp_path / "tables" / "statement-000002.parquet"
    data = path.read_bytes()
    path.unlink()
    if harm != "missing":
        other = (tmp_path / "tables" / "statement-000001.parquet").read_bytes()
        path.write_bytes(
            {
                "flip": data[:40] + bytes([data[40] ^ 1]) + data[41:],
                "cut": data[:-1],
                "longer": data + b"\0",
                "swapped": other,
                "text": b"x" * len(data),
            }[harm]
        )
    with pytest.raises(IntegrityError):
        build_pack(tmp_path, target=target, keys=[KEY])
    assert read_meta(target).id == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    build_pack(tmp_path, target=target, keys=[KEY])
    assert statuses(target, 3) == ["denied"] * 3


def test_a_head_that_the_log_did_not_sign_is_refused(tmp_path: Path) -> None:
    small(tmp_path)
    stranger = NoteKey(ORIGIN, Ed25519Signer(bytes(32)).public_key)
    with pytest.raises(IntegrityError):
        build_pack(tmp_path, target=tmp_path / "pack", keys=[stranger])
    head = (tmp_path / "snapshot.json").read_bytes()
    (tmp_path / "snapshot.json").write_bytes(head.replace(b'"size":10', b'"size":11'))
    with pytest.raises(IntegrityError):
        build_pack(tmp_path, target=tmp_path / "pack", keys=[KEY])


def test_a_pack_of_another_snapshot_or_of_none_is_refused_and_made_anew(tmp_path: Path) -> None:
    small(tmp_path)
    target = tmp_path / "pack"
    opened = build_pack(tmp_path, target=target, keys=[KEY])
    with pytest.raises(InputError, match="not of snapshot_0"):
        Pack(target, snapshot="snapshot_" + "0" * 32)
    with closing(sqlite3.connect(target)) as connection, connection:
        connection.execute("UPDATE meta SET value = replace(value, '\"size\":10', '\"size\":12') WHERE key = 'head'")
    with pytest.raises(IntegrityError, match="names"):
        Pack(target)
    for garbage in (b"", b"nothing of the kind" * 1_000):
        target.write_bytes(garbage)
        with pytest.raises(InputError):
            Pack(target)
        assert build_pack(tmp_path, target=target, keys=[KEY]).id == opened.id
        assert statuses(target, 3) == ["cleared"] * 3


def test_generations_are_taken_in_and_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    head = small(tmp_path)
    target = tmp_path / "pack"
    build_pack(tmp_path, target=target, keys=[KEY])
    old = Pack(target)
    asked = old.ask(request())
    refused = said(9, scope=5, kind=1, verdict=NO)
    fresh = catalogue(4, [said(7), refused], reach=[{"scope": 5, "unit": 2, "since": -1}])
    added = {name: fresh[name] for name in ("reach", "statement")}
    added["statement_name"] = table("statement_name", [{"index": 9, "text": "statement_9"}])
    added["subject"] = table("subject", [{"subject": 4, "text": "recording_4"}])
    added["thing"] = table("thing", [{"thing": 4, "text": "recording_4"}])
    added["name"] = table("name", [{"code": code(4), "subject": 4}])
    added["part"] = table("part", [{"subject": 4, "unit": 1}])
    gone = [{"kind": 4, "key": "1"}, {"kind": 1, "key": code(3)}]
    head = publish(tmp_path, {**added, GONE: table(GONE, gone)}, head)
    build_pack(tmp_path, target=target, keys=[KEY])
    assert statuses(target, 4) == ["cleared", "denied", "unknown", "cleared"]
    assert old.answer(Row(1, (code(3),)), asked) == Cleared(("statement_7",))  # what was opened before stays as it was
    old.close()
    build_pack(tmp_path, target=tmp_path / "whole", keys=[KEY])
    assert rows_in(target) == rows_in(tmp_path / "whole")


def rows_in(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in sorted(names)}


def test_a_snapshot_of_the_same_files_at_a_later_moment_is_taken_up(tmp_path: Path) -> None:
    head = small(tmp_path)
    target = tmp_path / "pack"
    build_pack(tmp_path, target=target, keys=[KEY])
    publish_tables(tmp_path, {}, at=AT + 500, until=AT + 9_000, size=12, before=head, generation=1)
    build_pack(tmp_path, target=target, keys=[KEY])
    assert statuses(target, 3, at=AT + 8_000, size=12) == ["cleared"] * 3


def test_a_holder_with_very_many_rules_costs_no_more_than_one_with_few(tmp_path: Path) -> None:
    """A label that speaks of each of its recordings in particular, and answers each of many licensees by name."""
    numbers = range(1, RULES + 1)
    of_recordings = [said(n, scope=n, kind=1, verdict=NO if n % 2 else YES) for n in numbers]
    of_licensees = [said(RULES + n, verdict=YES, licensee_kind=0, licensee=n + 1) for n in numbers]
    tables = catalogue(
        RULES, [*of_recordings, *of_licensees], reach=[{"scope": n, "unit": n, "since": -1} for n in numbers]
    )
    tables["term"] = table("term", [{"term": n + 1, "text": f"licensee:party_{n}"} for n in numbers])
    publish(tmp_path, tables)
    build_pack(tmp_path, target=tmp_path / "pack", keys=[KEY])
    work = 0

    def count() -> None:
        nonlocal work
        work += 1

    with Pack(tmp_path / "pack") as pack:
        asked = pack.ask(request(licensee=PartyId("party_77")))
        pack._connection.set_progress_handler(count, 100)
        assert isinstance(pack.answer(Row(1, (code(1),)), asked), Denied)
        assert isinstance(pack.answer(Row(1, (code(2),)), asked), Cleared)
        for number in range(1_000, 1_100):
            pack.answer(Row(1, (code(number),)), asked)
    assert work < 102 * 10  # hundreds of steps of the database's machine for each look-up, not hundreds of thousands


def test_no_look_up_scans_a_table(tmp_path: Path) -> None:
    small(tmp_path)
    build_pack(tmp_path, target=tmp_path / "pack", keys=[KEY])
    with Pack(tmp_path / "pack") as pack:
        for query in (packs._NEEDS, packs._PROBLEMS, packs._NARROW, packs._WIDE, packs._PERSONA):
            text = query.replace("VALUES ?", "VALUES (2, 0), (0, 7)").replace(":subject", "1").replace("?", "1")
            plan = [row[3] for row in pack._connection.execute(f"EXPLAIN QUERY PLAN {text}")]
            scans = [
                step
                for step in plan
                if step.startswith("SCAN") and step not in ("SCAN v", "SCAN w", "SCAN 2 CONSTANT ROWS")
            ]
            assert scans == [], plan
