"""What a stranger may send as a proof: whatever it is, the verifier says no in one of two ways, and never yes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import make_answer_vectors

from cantoria.clearance.manifest_answer import check_answer, decode_answer
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.notes import parse_vkey
from cantoria.ledger.proof_text import FIRST_LINE, read_proof, verify_proof
from cantoria.sdk.verify import verify_bundle, verify_file
from cantoria.testing.memory_ledger import MemoryLedgerStore

REFUSED = (InputError, IntegrityError)


@pytest.fixture(scope="module")
def made(make_house: Any) -> tuple[list[bytes], str]:
    """Four bundles of one log, at two sizes, and its key."""
    house = make_house()
    engine = house.begin(MemoryLedgerStore())
    first = engine.append([house.batch(5)])[0].index
    early = [engine.bundle(first), engine.bundle(first + 3)]
    engine.append([house.batch(300)])
    return [*early, engine.bundle(first), engine.bundle(first + 100)], engine.vkey


def test_parts_of_two_true_proofs_never_make_a_third(made: tuple[list[bytes], str]) -> None:
    bundles, vkey = made
    values = [json.loads(data) for data in bundles]
    for number, ours in enumerate(values):
        for theirs in values[:number] + values[number + 1 :]:
            for name in ours:
                if ours[name] != theirs[name] and (name, ours["body"]) != ("checkpoint", theirs["body"]):
                    with pytest.raises(REFUSED):
                        verify_bundle(canonical.encode({**ours, name: theirs[name]}), vkey=vkey)
            for name in ours["batch"]:
                if ours["batch"][name] != theirs["batch"][name]:
                    changed = {**ours, "batch": {**ours["batch"], name: theirs["batch"][name]}}
                    with pytest.raises(REFUSED):
                        verify_bundle(canonical.encode(changed), vkey=vkey)


NOTES = {
    "a line more in the text": lambda note: note.replace("\n\n", "\nmore\n\n"),
    "a signature more": lambda note: note + note.split("\n\n")[1],
    "a malformed signature more": lambda note: note + "— other.example AAAA\n",
    "a signature by nobody": lambda note: note + "— " + note.rsplit(" ", 1)[1],
    "no signature": lambda note: note.split("\n\n")[0] + "\n\n",
    "CRLF": lambda note: note.replace("\n", "\r\n"),
    "a NUL": lambda note: note.replace("\n\n", "\0\n\n"),
    "a space after the size": lambda note: note.replace("\n\n", " \n\n"),
    "a look-alike of the origin": lambda note: note.replace("e", "\u0435"),
    "a zero-width space": lambda note: "\u200b" + note,
    "a byte order mark": lambda note: "\ufeff" + note,
    "the text twice": lambda note: note.split("\n\n")[0] + "\n\n" + note,
    "nothing": lambda note: "",
    "only line feeds": lambda note: "\n" * 60_000,
    "very long": lambda note: note * 10_000,
}


@pytest.mark.parametrize("change", NOTES.values(), ids=NOTES.keys())
def test_a_checkpoint_has_one_spelling(made: tuple[list[bytes], str], change: Any) -> None:
    bundles, vkey = made
    value = json.loads(bundles[0])
    with pytest.raises(REFUSED):
        verify_bundle(canonical.encode({**value, "checkpoint": change(value["checkpoint"])}), vkey=vkey)


def test_the_key_of_another_log_proves_nothing(made: tuple[list[bytes], str]) -> None:
    bundles, vkey = made
    name = parse_vkey(vkey).name
    for other in (vkey.replace(name, name + "x"), vkey[:-2], vkey + "=", "", "+", "++", "\ud800+00000000+AA=="):
        with pytest.raises(REFUSED):
            verify_bundle(bundles[0], vkey=other)


def test_text_that_is_no_json_of_ours_is_refused() -> None:
    vkey = make_answer_vectors.content()["vkey"]
    nested = [opened * depth + b"1" + closed * depth for opened, closed in ((b"[", b"]"), (b'{"a":', b"}"))
              for depth in (65, 500, *range(980, 1000), 100_000)]  # fmt: skip
    for data in (b"", b"\xff", b"\xef\xbb\xbf{}", b"null", b"[]", b'{"a":1,"a":1}', b"1e999", b"NaN", *nested):
        with pytest.raises(REFUSED):
            verify_file(data, vkey=vkey)


WORTHLESS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=8), st.just([]), st.just({}),
    st.sampled_from(["A" * 64, "00" * 32, "00" * 132, -1, 2**53 - 1, True, ["00" * 32] * 64, ["00" * 32] * 65]),
)  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, item in inner for place in _places(item, (*path, name)))]


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: _put(value[path[0]], path[1:], new)}
    return [_put(item, path[1:], new) if number == path[0] else item for number, item in enumerate(value)]


ANSWERS = make_answer_vectors.content()


@given(st.data())
def test_a_proof_with_any_part_replaced_is_refused(made: tuple[list[bytes], str], data: st.DataObject) -> None:
    bundles, vkey = made
    files = [(one, vkey) for one in bundles] + [(one["file"].encode(), ANSWERS["vkey"]) for one in ANSWERS["good"]]
    file, key = data.draw(st.sampled_from(files))
    value = json.loads(file)
    changed = _put(value, data.draw(st.sampled_from(_places(value))), data.draw(WORTHLESS))
    try:
        packed = canonical.encode(changed)
    except InputError:
        return
    if packed != file:
        with pytest.raises(REFUSED):
            verify_file(packed, vkey=key)


@pytest.mark.parametrize("body", [None, [], "x", {}, {"certificate": 1}, {"certificate": "c", "manifest": {}}])
def test_a_fact_that_publishes_no_manifest_answers_nothing(body: Any) -> None:
    proof, _ = decode_answer(json.loads(ANSWERS["good"][0]["file"]))
    with pytest.raises(REFUSED):
        check_answer(proof, kind="dataset-cleared", body=body)


@pytest.mark.parametrize("index", ["", "-1", "+1", "01", "1" * 20, "9" * 5_000, "١", "1 ", "1_0", "0x1"])
def test_the_index_of_a_proof_text_has_one_spelling(index: str) -> None:
    with pytest.raises(InputError):
        read_proof(f"{FIRST_LINE}\nindex {index}\n\nlog\n")


@given(st.text(max_size=200))
def test_a_proof_text_of_anything_is_refused(text: str) -> None:
    key = parse_vkey(ANSWERS["vkey"])
    for whole in (text, f"{FIRST_LINE}\n{text}", f"{FIRST_LINE}\nindex 1\n{text}", f"{FIRST_LINE}\nindex 1\n\n{text}"):
        with pytest.raises(REFUSED):
            verify_proof(whole, entry=b"entry", key=key)
