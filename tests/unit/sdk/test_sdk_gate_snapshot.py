"""A gate over a real snapshot: the answers of `decide`, compiled once, and nothing tampered with gets through."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sdk.gate_worlds import code_of, publish_catalogue

from cantoria.clearance import Reason, Request, Rights, Status, decide, explain_all
from cantoria.clearance.snapshot import build
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.sdk.gate import Gate, vectors
from cantoria.sdk.gate.marks import CLEARED, mark_of, status_of
from cantoria.sdk.gate.table import seal_table
from cantoria.testing.packs import KEY, publish_tables
from cantoria.testing.worlds import World, random_world

WORLDS = 8
VKEY = KEY.vkey()


def publish(world: World, folder: Path, *, at: int, size: int | None = None) -> Rights:
    """Publish the world's rights as a snapshot in a folder."""
    size = len(world.facts) if size is None else size
    rights = Rights.fold(world.facts, size=size)
    snapshot = build(rights, at=at, size=size)
    publish_tables(folder, snapshot.tables, at=snapshot.at, until=snapshot.until, size=snapshot.size)
    return rights


def open_gate(folder: Path, request: Request, *, media: str = "recording", key: str = VKEY, **options: object) -> Gate:
    """Return the gate over the snapshot in a folder for a clearance request."""
    return Gate(
        folder,
        use=request.use,
        licensee=request.licensee,
        territories=request.territories,
        training_place=request.training_place,
        establishment=request.establishment,
        markets=request.markets,
        profile=request.profile,
        model_version=request.model_version,
        offer=request.offer,
        licensee_classes=request.licensee_classes,
        attribution=request.attribution,
        label=request.label,
        campaign=request.campaign,
        persons=request.persons,
        tuned_on=request.tuned_on,
        used_input=request.used_input,
        media=media,
        key=key,
        cache=folder.parent / f"{folder.name}-cache",
        clock=lambda: request.at,
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("first", range(0, 2 * WORLDS, WORLDS))
def test_marks_are_the_answers_of_decide_on_random_worlds(first: int, tmp_path: Path) -> None:
    seen: Counter[Status] = Counter()
    several = 0
    for seed in range(first, first + WORLDS):
        world = random_world(seed)
        at = world.requests[0].at
        rights = publish(world, tmp_path / str(seed), at=at)
        for number, asked in enumerate(world.requests):
            use = list(Use)[(seed + number) % len(Use)]
            request = replace(asked, at=at, size=len(world.facts), use=use, campaign=asked.campaign or "campaign_0")
            for media in ("recording", "work"):
                rows = [replace(row, media=media, refused=frozenset()) for row in world.rows if row.codes]
                gate = open_gate(tmp_path / str(seed), request, media=media)
                codes = [tuple(sorted(set(row.codes))) for row in rows]
                marks = gate.marks([one if len(one) > 1 else one[0] for one in codes])
                for row, mark in zip(rows, marks, strict=True):
                    answer = decide(row, request, rights=rights)
                    first_reason = answer.reasons[0].code if not hasattr(answer, "because") else 0
                    assert mark == mark_of(answer.status, int(first_reason)), (seed, row, request)
                    seen[status_of(mark)] += 1
                    several += len(row.codes) > 1
    assert len(seen) >= 3
    assert several > 30


@pytest.fixture
def world() -> World:
    return random_world(3)


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    publish(world, tmp_path / "snapshot", at=world.requests[0].at)
    return tmp_path / "snapshot"


@pytest.fixture
def request_(world: World) -> Request:
    return replace(world.requests[0], use=Use.TRAIN_GENERATIVE, persons=())


def codes_of(world: World) -> list[str]:
    return sorted({code for row in world.rows for code in row.codes if code.startswith("isrc:")})


def table_file(folder: Path) -> Path:
    [path] = (folder.parent / f"{folder.name}-cache").rglob("*.table")
    return path


def test_a_request_is_compiled_once(folder: Path, request_: Request, world: World) -> None:
    first = open_gate(folder, request_)
    made = table_file(folder).stat()
    second = open_gate(folder, request_)
    assert table_file(folder).stat().st_mtime_ns == made.st_mtime_ns
    assert second.marks(codes_of(world)) == first.marks(codes_of(world))
    other = open_gate(folder, replace(request_, licensee=PartyId("party_other")))
    assert other.basis.request_digest != first.basis.request_digest


def test_the_snapshot_must_be_signed_by_the_pinned_log(folder: Path, request_: Request) -> None:
    with pytest.raises(InputError, match="no key is pinned"):
        open_gate(folder, request_, key="")
    stranger = "other.example/log+" + VKEY.split("+", 1)[1]
    with pytest.raises((InputError, IntegrityError)):
        open_gate(folder, request_, key=stranger)
    assert open_gate(folder, request_, key="", unsafe_unpinned=True).basis.origin == KEY.name


def test_the_key_may_be_pinned_in_the_environment(
    folder: Path, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANTORIA_LOG_KEY", VKEY)
    assert open_gate(folder, request_, key="").basis.size > 0


@pytest.mark.parametrize("name", ["snapshot.json", "snapshot.note", "checkpoint"])
def test_an_altered_head_is_refused(folder: Path, request_: Request, name: str) -> None:
    path = folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    for unpinned in (False, True) if name != "checkpoint" else (False,):
        with pytest.raises((InputError, IntegrityError)):
            open_gate(folder, request_, key="" if unpinned else VKEY, unsafe_unpinned=unpinned)


def test_an_altered_table_is_refused(folder: Path, request_: Request) -> None:
    [path] = (folder / "tables").glob("statement-*.parquet")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="statement"):
        open_gate(folder, request_)
    path.unlink()
    with pytest.raises(IntegrityError, match="missing"):
        open_gate(folder, request_)


def test_an_altered_cache_is_made_anew(folder: Path, request_: Request, world: World) -> None:
    before = open_gate(folder, request_).marks(codes_of(world))
    path = table_file(folder)
    whole = path.read_bytes()
    head, _, body = whole.partition(b"\n")
    for forged in (
        head + b"\n" + re.sub(rb"\t\d+", b"\t768", body, count=1),
        whole[: len(whole) // 2],
        b"",
        b"#cantoria-gate/v1 {}\n",
    ):
        assert forged != whole
        path.write_bytes(forged)
        assert open_gate(folder, request_).marks(codes_of(world)) == before
        assert path.read_bytes() == whole


@pytest.mark.parametrize("name", ["snapshot.json", "snapshot.note", "checkpoint", "tables/need-000001.parquet"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(folder: Path, request_: Request, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises((InputError, UnavailableError), match="no plain file"):
        open_gate(folder, request_)


def forged(table: Path) -> None:
    """Make every verdict of a table cleared, and seal it as whoever compiles it does."""
    head, _, body = table.read_bytes().partition(b"\n")
    told = {k: v for k, v in json.loads(head.split(b" ", 1)[1]).items() if k not in ("seal", "sha256", "bytes")}
    (table.parent / "body").write_bytes(re.sub(rb"\t[0-9]+\t", b"\t768\t", body))
    seal_table(table.parent / "body", table, about=told)
    (table.parent / "body").unlink()


@pytest.mark.parametrize("shared", ["table", "folder", "folder above", "owner", "link"])
def test_a_table_that_others_could_have_written_is_not_believed(
    shared: str, folder: Path, request_: Request, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = open_gate(folder, request_).marks(codes_of(world))
    table = table_file(folder)
    forged(table)
    assert open_gate(folder, request_).marks(codes_of(world)) != marks, "one's own files are believed"
    place = {"table": table, "folder": table.parent, "folder above": table.parent.parent}.get(shared)
    if shared == "owner":
        monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
        with pytest.raises(UnavailableError, match="somebody else"):
            open_gate(folder, request_)
    elif shared == "link":
        table.rename(table.with_name("elsewhere"))
        table.symlink_to("elsewhere")
        assert open_gate(folder, request_).marks(codes_of(world)) == marks
    else:
        assert place is not None
        place.chmod(place.stat().st_mode | 0o020)
        assert open_gate(folder, request_).marks(codes_of(world)) == marks
        assert not place.stat().st_mode & 0o022


def test_a_pickled_gate_takes_no_other_table(folder: Path, request_: Request, world: World) -> None:
    gate = open_gate(folder, request_)
    gate_without_clock = gate.anew()
    gate_without_clock._clock = None
    packed = pickle.dumps(gate_without_clock)
    assert pickle.loads(packed)._judge.marks(codes_of(world)) == gate.marks(codes_of(world))
    path = table_file(folder)
    path.write_bytes(path.read_bytes().replace(b"\t", b"\t ", 1))
    with pytest.raises(IntegrityError):
        pickle.loads(packed)


def test_a_gate_is_refused_outside_its_snapshot(folder: Path, request_: Request) -> None:
    gate = open_gate(folder, request_)
    assert gate.basis.at <= request_.at < gate.basis.until
    for moment in (gate.basis.until, gate.basis.at - 1):
        gate._clock = lambda moment=moment: moment  # type: ignore[misc]
        with pytest.raises(InputError, match="fresh snapshot"):
            gate.passes({"isrc": "KRA381900001"})
    for moment in (0, 2**52):
        with pytest.raises(InputError):
            open_gate(folder, replace(request_, at=moment))


def test_statements_that_begin_and_end_within_a_snapshot(tmp_path: Path) -> None:
    """Whatever the moment within a snapshot, a gate opened then agrees with the plain rule at that moment."""
    found = 0
    for seed in range(8):
        world = random_world(seed)
        at = world.requests[0].at
        rights = publish(world, tmp_path / str(seed), at=at)
        request = replace(world.requests[0], use=Use.TRAIN_GENERATIVE, persons=(), size=len(world.facts))
        gate = open_gate(tmp_path / str(seed), request)
        moments = {gate.basis.at, gate.basis.until - 1}
        later = replace(request, at=gate.basis.until)
        with suppress(InputError):  # the snapshot may end there, too
            moments.add(open_gate(tmp_path / str(seed), later).basis.at)
        for moment in sorted(moments):
            now = replace(request, at=moment)
            one = open_gate(tmp_path / str(seed), now)
            for row in world.rows:
                if len(set(row.codes)) == 1 and row.media == "recording":
                    assert (
                        status_of(one.marks([row.codes[0]])[0])
                        is decide(replace(row, refused=frozenset()), now, rights=rights).status
                    )
                    found += 1
    assert found > 20


COMPILE = """
import sys
from cantoria import Gate
gate = Gate(sys.argv[1], use="train_generative", licensee="party_ai", territories="KR", key=sys.argv[2],
            cache=sys.argv[3], clock=lambda: int(sys.argv[4]))
print(gate.basis.request_digest, gate.passes({"isrc": "KRA381900001"}))
"""


def test_two_processes_may_compile_at_once(folder: Path, request_: Request, tmp_path: Path) -> None:
    command = [sys.executable, "-c", COMPILE, str(folder), VKEY, str(tmp_path / "shared"), str(request_.at)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = {one.communicate(timeout=120)[0] for one in running}
    assert [one.returncode for one in running] == [0, 0, 0]
    assert len(told) == 1
    left = [path for path in (tmp_path / "shared").rglob("*") if path.is_file()]
    assert [path.suffix for path in left] == [".table"]


def test_a_row_is_explained_whole(tmp_path: Path) -> None:
    explained = 0
    for seed in range(6):
        world = random_world(seed)
        at = world.requests[0].at
        rights = publish(world, tmp_path / str(seed), at=at)
        request = replace(world.requests[0], use=Use.TRAIN_GENERATIVE, persons=(), size=len(world.facts))
        gate = open_gate(tmp_path / str(seed), request)
        for row in world.rows[:6]:
            plain = replace(row, refused=frozenset(), media="recording")
            answer = decide(plain, replace(request, at=gate.basis.at), rights=rights)
            verdict = gate.judge.verdict(tuple(sorted(set(row.codes))) or 100)
            if row.codes:
                assert verdict.status is answer.status
                assert verdict.why == explain_all(answer)
                assert verdict.reasons == tuple(dict.fromkeys(name_of(one) for one in getattr(answer, "reasons", ())))
                explained += len(verdict.reasons) > 1
    assert explained


def name_of(reason: Reason) -> str:
    return reason.code.name.lower()


def test_a_replaced_snapshot_leaves_the_first_reason(folder: Path, request_: Request, world: World) -> None:
    gate = open_gate(folder, request_)
    codes = codes_of(world)
    before = [gate.judge.verdict(code) for code in codes]
    publish_catalogue(folder, 3, at=10, until=20)
    after = [gate.judge.verdict(code) for code in codes]
    assert [one.status for one in after] == [one.status for one in before]
    assert [one.reasons[:1] for one in after] == [one.reasons[:1] for one in before]


def test_codes_that_look_like_lines_find_nothing(folder: Path, request_: Request) -> None:
    gate = open_gate(folder, request_)
    listed = dict(gate.judge.listing())  # type: ignore[attr-defined]
    assert listed
    for code in listed:
        for forged in (f"\n{code}", f"{code}\t768", code[1:], f"{code}\0", "", "~", "\t", code + "\n"):
            assert gate.judge.marks([forged]) == [1]


def test_large_tables_are_read_in_place(folder: Path, request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    from cantoria.sdk.gate import table

    held = open_gate(folder, request_)
    monkeypatch.setattr(table, "LOAD_BYTES_MAX", 0)
    for stretch in (1, 64, 2_048):
        monkeypatch.setattr(table, "STRETCH", stretch)
        mapped = open_gate(folder, request_)
        listing = dict(mapped.judge.listing())  # type: ignore[attr-defined]
        assert listing == dict(held.judge.listing())  # type: ignore[attr-defined]
        assert mapped.marks(list(listing)) == list(listing.values())
        assert mapped.judge.marks(["isrc:ZZZ999999999", "a", "~"]) == [1, 1, 1]


def test_row_of_no_codes_is_a_mark_already(folder: Path, request_: Request) -> None:
    gate = open_gate(folder, request_)
    assert gate({"isrc": [None, "x"]}) == [False, False]


CELLS = st.one_of(
    st.none(),
    st.integers(0, 70).map(code_of),
    st.integers(0, 70).map(lambda number: code_of(number).lower()),
    st.sampled_from(["", "x", "QZ-AAA-26-00001", "QZAAA2600001|QZAAA2600002", "QZAAA2600001|", "isrc:QZAAA2600001"]),
    st.text(max_size=14),
)


@pytest.fixture(scope="module")
def label(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    folder = tmp_path_factory.mktemp("label")
    publish_catalogue(folder / "snapshot", 60, refused=range(0, 61, 3), at=10, until=10**6)
    return Gate(
        folder / "snapshot",
        use="train_generative",
        licensee="party_ai",
        territories="KR",
        key=VKEY,
        cache=folder / "cache",
        clock=lambda: 20,
    )


@given(cells=st.lists(CELLS, max_size=80), named=st.booleans())
def test_columns_at_once_and_rows_one_by_one_agree(label: Gate, cells: list[str | None], named: bool) -> None:
    columns = {"isrc": pa.array(cells, pa.string()), "n": pa.array(range(len(cells)))}
    if named:
        columns["title"] = pa.array(["Arirang"] * len(cells), pa.string())
    at_once, one_by_one = label.anew(), label.anew()
    table = pa.table(columns)
    kept = at_once.table(table).column("n").to_pylist()
    mask = one_by_one.marks_of({name: column.to_pylist() for name, column in columns.items()})
    assert kept == [place for place, mark in enumerate(mask) if mark == CLEARED]
    assert at_once.report().marks == one_by_one.report().marks
    assert pl.DataFrame(table).pipe(label.anew().polars)["n"].to_list() == kept


def test_only_large_columns_of_isrcs_alone_go_at_once(label: Gate) -> None:
    codes = [code_of(number) for number in range(40)]
    alone = pa.table({"isrc": codes})
    assert vectors.marks_in(label.anew(), alone) is not None
    assert vectors.marks_in(label.anew(), alone.slice(0, 2)) is None
    assert vectors.marks_in(label.anew(), alone.append_column("iswc", pa.array([None] * 40, pa.string()))) is None
    assert vectors.marks_in(label.anew(), alone.append_column("media", pa.array(["work"] * 40))) is None
    assert vectors.marks_in(label.anew(), pa.table({"isrc": pa.array([[code] for code in codes])})) is None
    assert vectors.marks_in(label.with_revocations([f"isrc:{codes[1]}"]), alone) is None


def test_a_parquet_file_at_once_binds_the_same_rows(label: Gate, tmp_path: Path) -> None:
    codes = [*(code_of(number) for number in range(1, 61)), "QZ-AAA-26-00001", None]
    pq.write_table(pa.table({"isrc": codes}), tmp_path / "in.parquet")
    pq.write_table(pa.table({"isrc": codes, "iswc": pa.nulls(62, pa.string())}), tmp_path / "slow.parquet")
    told = []
    for name in ("in", "slow"):
        label.anew().parquet(tmp_path / f"{name}.parquet", tmp_path / f"out-{name}.parquet")
        told.append(json.loads((tmp_path / f"out-{name}.parquet.receipt.json").read_text()))
    assert told[0]["kept"] == told[1]["kept"]
    assert told[0]["kept"]["rows"] == 41
    assert told[0]["reasons"] == told[1]["reasons"]
