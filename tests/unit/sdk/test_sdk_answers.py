"""Answers to "was I in it?" verify from one file and one key, and only unchanged (spec/manifest.md)."""

import json
from pathlib import Path
from typing import Any

import pytest
from tools import make_answer_vectors

from cantoria.clearance.manifest_proof import ABSENCE_SPEAKS_OF
from cantoria.kernel.errors import CantoriaError
from cantoria.sdk.verify import verify_file

VECTORS: Any = json.loads(
    (Path(__file__).parents[3] / "vectors" / "manifest" / "answers.json").read_text(encoding="utf-8")
)
VKEY = VECTORS["vkey"]


def test_the_vectors_are_what_the_code_writes() -> None:
    assert make_answer_vectors.content() == VECTORS


SAID = (
    "isrc:ESA011900456 stands in the dataset of certificate_01h2xcejqtf2nbrexx3vqjhp41.",
    "isrc:ESA011900456 does not stand in the cleared rows of certificate_01h2xcejqtf2nbrexx3vqjhp41.",
    "iswc:T0345246801 stands in the rows of run_01h2xcejqtf2nbrexx3vqjhp42.",
    "isrc:USUG12400910 does not stand in the dataset of certificate_01h2xcejqtf2nbrexx3vqjhp41.",
)


@pytest.mark.parametrize(
    ("case", "said"), list(zip(VECTORS["good"], SAID, strict=True)), ids=["present", "not cleared", "run", "absent"]
)
def test_an_answer_is_read_with_the_key_alone_and_no_byte_can_change(case: dict[str, str], said: str) -> None:
    data = case["file"].encode()
    verified = verify_file(data, vkey=VKEY)
    assert verified.found is not None
    assert verified.explain()[0] == said
    assert (ABSENCE_SPEAKS_OF in verified.explain()) != verified.found.present
    for at in range(len(data)):
        for flip in (1, 0x20):
            with pytest.raises(CantoriaError):
                verify_file(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :], vkey=VKEY)


@pytest.mark.parametrize("case", VECTORS["broken"], ids=lambda case: case["why"])
def test_a_broken_answer_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(CantoriaError):
        verify_file(case["file"].encode(), vkey=VKEY)


def test_another_log_answers_nothing() -> None:
    other = json.loads((Path(__file__).parents[3] / "vectors" / "envelope" / "bundles.json").read_text("utf-8"))
    assert verify_file(other["good"][0]["file"].encode(), vkey=VKEY).found is None, "a plain bundle is no answer"
    with pytest.raises(CantoriaError):
        verify_file(VECTORS["good"][0]["file"].encode(), vkey=VKEY.replace("log.", "lag."))
