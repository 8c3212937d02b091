"""Lines as a stream: the same sums and roots as at once, the path of every line, and nothing that is not whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.ledger import merkle
from cantoria.usage import lines as usage_lines
from cantoria.usage import streaming
from cantoria.usage.streaming import Sums, leaf_of, lines_of, sums_of
from cantoria.usage.types import GenerationEvent, UsageLine


def some(count: int) -> list[UsageLine]:
    return [UsageLine(f"e{n}", f"isrc:KRA38190{n % 10000:04}", "KR", "2026-11-20", n + 1) for n in range(count)]


@given(st.integers(0, 40), st.integers(1, 300))
def test_sums_are_those_of_all_lines_at_once_however_they_are_cut(count: int, size: int) -> None:
    lines = some(count)
    data = usage_lines.write_lines(lines)
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    wanted = Sums(count, usage_lines.sum_plays(lines), usage_lines.root_of(lines))
    assert sums_of(parts, UsageLine) == wanted


@given(st.integers(1, 40), st.data())
def test_the_path_of_every_line_leads_to_the_root(count: int, data: st.DataObject) -> None:
    lines = some(count)
    number = data.draw(st.integers(0, count - 1))
    found = leaf_of([usage_lines.write_lines(lines)], number, lines=count)
    assert found.line == usage_lines.encode_line(lines[number])
    root = bytes.fromhex(usage_lines.root_of(lines))
    assert found.root == root
    leaf = merkle.leaf_hash(found.line)
    assert merkle.verify_inclusion(leaf, number, size=count, proof=found.path, root=root)


def test_long_files_are_hashed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "_LEAVES", 3)
    lines = some(23)
    assert sums_of([usage_lines.write_lines(lines)], UsageLine).root == usage_lines.root_of(lines)
    for number in range(23):
        found = leaf_of([usage_lines.write_lines(lines)], number, lines=23)
        assert found.root.hex() == usage_lines.root_of(lines)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{}\n", "line 1"),
        (usage_lines.write_lines(some(2))[:-1], "cut off"),
        (usage_lines.write_lines(some(1)) + b"\n", "line 2"),
        (b'{"at":1,"event_id":"e","evidence":[],"version":"v"}\n', "line 1"),
        (b"x" * (streaming.LINE_BYTES_MAX + 1), "longer than"),
    ],
)
def test_a_line_that_is_none_is_named(data: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        sums_of([data], UsageLine)


def test_a_default_that_is_spelled_out_is_another_spelling() -> None:
    with pytest.raises(InputError, match="spells out"):
        sums_of([b'{"at":1,"event_id":"e","evidence":[],"version":"v"}\n'], GenerationEvent)
    assert sums_of([b'{"at":1,"event_id":"e","version":"v"}\n'], GenerationEvent).lines == 1


@pytest.mark.parametrize(("number", "lines"), [(5, 5), (-1, 5), (0, 4), (0, 6), (0, 0)])
def test_a_leaf_of_another_file_is_refused(number: int, lines: int) -> None:
    with pytest.raises(InputError):
        leaf_of([usage_lines.write_lines(some(5))], number, lines=lines)


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LINES_MAX", 3)
    with pytest.raises(InputError, match="more than 3"):
        sums_of([usage_lines.write_lines(some(4))], UsageLine)


def test_lines_come_whole_across_parts() -> None:
    assert list(lines_of([b"a", b"b\nc", b"", b"\n\n"])) == [b"ab", b"c", b""]
