"""Whatever the bytes, the reader ends with a whole account or an `InputError`."""

from __future__ import annotations

from typing import Any

from fuzz import ern as fuzzed
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.formats import ern
from cantoria.kernel.errors import InputError

SEEDS = list(fuzzed.seeds())
PIECES = (
    b"",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"\xff",
    b"x",
    b"<a/>",
    b"</a>",
    b'"',
    b"9",
    b"<!--",
    b"-->",
    b"<?x?>",
    b"<![CDATA[",
    b"]]>",
    b"All",
    b"None",
    b"GenerativeAI",
    b"TestMessage",
    b"432",
    b"382",
)


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_formats_ern_mutated_messages_of_every_version(new_desk: Any, data: st.DataObject) -> None:
    mutated = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mutated)))
        until = data.draw(st.integers(at, min(len(mutated), at + data.draw(st.sampled_from([0, 1, 8, 60, 400])))))
        mutated = mutated[:at] + data.draw(st.sampled_from(PIECES)) + mutated[until:]
    desk = new_desk()
    try:
        imported = ern.read_message(mutated, file="m.xml", context=desk.context())
    except InputError:
        return
    desk.take(imported)
    for finding in imported.findings:
        str(finding).encode()
    for recording in desk.registry.recordings():
        assert not any(signal.uses == () for signal in desk.disclosures.signals(recording))


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=400))
def test_formats_ern_fuzz_target_passes_anything(data: bytes) -> None:
    fuzzed.one(data)


def test_formats_ern_seeds_are_read() -> None:
    for seed in SEEDS:
        fuzzed.one(seed)
    assert len(SEEDS) >= 5
