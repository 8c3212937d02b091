"""Proof bundles: they verify in an empty folder, and no byte of one can change."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria import ledger
from cantoria.kernel import canonical
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError
from cantoria.ledger import bundle
from cantoria.ledger.notes import parse_vkey
from cantoria.sdk.verify import fingerprint, verify_bundle, verify_file
from cantoria.testing.memory_ledger import MemoryLedgerStore

BODY = {"answer": "no", "names": ["Ada Núñez", "이수"], "amount": -12, "open": None, "all": True, "part": {}}


@pytest.fixture(scope="module")
def made(make_house) -> tuple[list[bytes], str]:
    """Bundles of several shapes: alone in its batch, in a ragged batch, in a large log; and the key."""
    house = make_house()
    engine = house.begin(MemoryLedgerStore())
    alone = engine.append([house.seal([house.draft(body=canonical.encode(BODY), supersedes=b"s" * 16)])])
    single = engine.bundle(alone[0].index)
    ragged = engine.append([house.batch(5)])[0].index
    engine.append([house.batch(300)])
    return [single, engine.bundle(alone[0].index), engine.bundle(ragged + 4), engine.bundle(ragged + 2)], engine.vkey


def test_every_flipped_bit_and_byte_makes_each_bundle_fail(made: tuple[list[bytes], str]) -> None:
    bundles, vkey = made
    key = parse_vkey(vkey)
    for data in bundles:
        bundle.verify(data, key=key)
        for place in range(len(data)):
            for mask in (0x01, 0x02, 0x20, 0x80, 0xFF):
                flipped = bytearray(data)
                flipped[place] ^= mask
                with pytest.raises(CantoriaError):
                    bundle.verify(bytes(flipped), key=key)


@given(st.integers(0, 3), st.data())
def test_no_byte_can_be_replaced_inserted_or_removed(
    made: tuple[list[bytes], str], number: int, data: st.DataObject
) -> None:
    bundles, vkey = made
    whole = bundles[number]
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = bytes([data.draw(st.integers(0, 255).filter(lambda one: one != whole[place]))])
    changed = [
        whole[:place] + byte + whole[place + 1 :],
        whole[:place] + byte + whole[place:],
        whole[:place] + whole[place + 1 :],
        whole[:place],
    ]
    for one in changed:
        with pytest.raises(CantoriaError):
            verify_bundle(one, vkey=vkey)


def test_what_is_proven_is_said_in_words(made: tuple[list[bytes], str], house) -> None:
    bundles, vkey = made
    proven = verify_bundle(bundles[1], vkey=vkey)
    assert proven.kind == "statement-made"
    assert proven.body == BODY
    assert proven.organisation == ledger.fact_id_text(house.organisation)
    assert proven.organisation_key == house.signer.public_key.hex()
    assert proven.supersedes == ledger.fact_id_text(b"s" * 16)
    assert (proven.index, proven.size, proven.origin) == (4, 312, house.origin)
    text = "\n".join(proven.explain())
    for part in ("entry 4", "312 entries", proven.root, proven.fact_id, "as cmo", "Not proven", "supersedes"):
        assert part in text
    assert "supersedes" not in "\n".join(verify_bundle(bundles[2], vkey=vkey).explain())
    assert len(fingerprint(vkey)) == 16


def test_another_key_another_log_and_other_files_are_refused(made: tuple[list[bytes], str]) -> None:
    bundles, vkey = made
    other = ledger.NoteKey("log.example.org/test", ledger.Ed25519Signer(b"\x01" * 32).public_key)
    with pytest.raises(IntegrityError):
        verify_bundle(bundles[0], vkey=other.vkey())
    same_key = ledger.NoteKey("log.example.org/other", parse_vkey(vkey).public_key)
    with pytest.raises(IntegrityError):
        verify_bundle(bundles[0], vkey=same_key.vkey())
    with pytest.raises(InputError):
        verify_bundle(bundles[0], vkey="nonsense")
    for data in (b"", b"{}", b"[]", b"null", b"\xff", bundles[0][:-1], bundles[0] + b"\n"):
        with pytest.raises(InputError):
            verify_bundle(data, vkey=vkey)


def change(data: bytes, **fields: object) -> bytes:
    return canonical.encode(canonical.decode(data) | fields)


def test_parts_of_different_facts_do_not_mix(made: tuple[list[bytes], str]) -> None:
    bundles, vkey = made
    first, second = canonical.decode(bundles[2]), canonical.decode(bundles[3])
    for name in ("body", "salt", "envelope", "batch", "index", "inclusion_proof"):
        assert first[name] != second[name]
        with pytest.raises(IntegrityError):
            verify_bundle(change(bundles[2], **{name: second[name]}), vkey=vkey)
    older = canonical.decode(bundles[0])["checkpoint"]
    with pytest.raises(IntegrityError):
        verify_bundle(change(bundles[1], checkpoint=older), vkey=vkey)


@pytest.mark.parametrize(
    "fields",
    [
        {"format": "cantoria-proof/v2"},
        {"more": 1},
        {"kind": 5},
        {"type": "301"},
        {"type": True},
        {"index": -1},
        {"salt": "00"},
        {"salt": "zz" * 32},
        {"envelope": "AB" * 132},
        {"inclusion_proof": "x"},
        {"inclusion_proof": ["00" * 31]},
        {"inclusion_proof": ["00" * 32] * 65},
        {"batch": []},
        {"batch": {}},
        {"checkpoint": 1},
    ],
)
def test_fields_of_another_shape_are_refused(made: tuple[list[bytes], str], fields: dict[str, object]) -> None:
    with pytest.raises(InputError):
        verify_bundle(change(made[0][0], **fields), vkey=made[1])


def test_headers_and_unknown_entries_have_no_bundle(house) -> None:
    engine = house.begin(MemoryLedgerStore())
    engine.append([house.batch(1)])
    for index in (0, 3):
        with pytest.raises(InputError):
            engine.bundle(index)
    with pytest.raises(InputError):
        engine.bundle(99)


def test_the_verifier_needs_no_server_part(made: tuple[list[bytes], str], tmp_path: Path) -> None:
    bundles, vkey = made
    (tmp_path / "proof.json").write_bytes(bundles[1])
    (tmp_path / "key").write_text(vkey)
    script = (
        "import sys; from pathlib import Path; from cantoria.sdk.verify import verify_bundle;"
        "print(verify_bundle(Path('proof.json').read_bytes(), vkey=Path('key').read_text()).kind);"
        "parts = ('cantoria.app', 'cantoria.adapters', 'sqlalchemy');"
        "print([one for one in sys.modules if one.startswith(parts)])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "statement-made\n[]\n"


def test_no_byte_of_an_attested_document_can_change(house) -> None:
    engine = house.begin(MemoryLedgerStore())
    document = {"party": "party_01", "lines": [["rec_1", 12], ["rec_2", -3]], "이름": "이수"}
    body = canonical.encode({"digest": sha256(canonical.encode(document)).hexdigest()})
    index = engine.append([house.seal([house.draft(body=body)])])[0].index
    proof = canonical.decode(engine.bundle(index))
    data = canonical.encode({"format": bundle.ATTESTED, "document": document, "proof": proof})
    assert verify_file(data, vkey=engine.vkey).index == index
    assert verify_file(canonical.encode(proof), vkey=engine.vkey).index == index
    for place in range(len(data)):
        for mask in (0x01, 0x20, 0xFF):
            flipped = bytearray(data)
            flipped[place] ^= mask
            with pytest.raises(CantoriaError):
                verify_file(bytes(flipped), vkey=engine.vkey)
