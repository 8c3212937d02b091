"""Hostile files: whatever the bytes, the reader ends, loses none, and refuses only what is no CWR."""

import io

from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats.cwr.layout import VERSIONS
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.rule_names import RULES
from cantoria.formats.cwr.view import plain, view
from cantoria.formats.cwr.writer import write_items
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError
from cantoria.testing.cwr_files import file_bytes

VALID = {version: file_bytes(version, seed=9, count=1, full=True) for version in VERSIONS}
PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b"\x00", b"\xff", b"\x1b", b"9", b"NWR", b"TRL", b"GRH", b"I", "ß".encode()]
)


def _survives(data: bytes) -> None:
    try:
        items = list(read_transactions(io.BytesIO(data), file="f"))
    except InputError:
        return
    assert b"".join(write_items(items)) == data
    for item in items:
        assert all(
            isinstance(one, Finding) and one.message and one.file == "f" and one.rule in RULES for one in item.findings
        )
        assert all(plain(line).isprintable() for line in view(item))


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    _survives(data)
    _survives(b"HDRPB000000199THE SENDER".ljust(59) + b"01.10" + data)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a valid file with some places overwritten, cut out or repeated."""
    data = bytearray(VALID[draw(st.sampled_from(VERSIONS))])
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(0, len(data) - 1)))
        end = min(len(data), start + draw(st.integers(0, 300)))
        match draw(st.sampled_from(["put", "cut", "repeat"])):
            case "put":
                piece = draw(PIECES)
                data[start : start + len(piece)] = piece
            case "cut":
                del data[start:end]
            case _:
                data[end:end] = data[start:end]
    return bytes(data)


@given(mutated())
def test_broken_files(data: bytes) -> None:
    _survives(data)


@given(st.sampled_from(VERSIONS), st.randoms(use_true_random=False))
def test_lines_in_any_order(version: str, random) -> None:
    lines = VALID[version].split(b"\r\n")
    body = lines[1:60]
    random.shuffle(body)
    _survives(b"\r\n".join([lines[0], *body]))
