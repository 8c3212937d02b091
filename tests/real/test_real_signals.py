"""Real licences and real deals as outside signals: all are shown, none clears or refuses a row by its name alone.

The licences are those stated for 2,289 releases of netlabels. The official samples of ERN 4.3 name no use by AI, so
their deals are given AI use types here: a SYNTHETIC OVERLAY. Skips without ../shared/data.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cantoria.app import signals
from cantoria.bootstrap.house import open_house
from cantoria.consent import creative_commons, licence_signal
from cantoria.consent.signals import Stance, Standard, Weight, weigh
from cantoria.formats.signals.rows import read_cells
from cantoria.kernel.uses import Use
from cantoria.registry.disclosure_facts import DealSignalled

DATA = Path(__file__).parents[3] / "shared" / "data"
SAMPLES = sorted((DATA / "ddex" / "ern43").glob("*.xml"))
AI_USES = ("UseForTrainingGenerativeAI", "UseForTrainingNonGenerativeAI", "UseForDataMining")
NOW = 1_790_000_000_000_000

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")


@pytest.fixture(scope="module")
def stated(catalogue: Path) -> list[str]:
    with (catalogue / "releases.csv").open(encoding="utf-8", newline="") as file:
        return [row["licenseurl"] for row in csv.DictReader(file)]


def test_real_licences_are_shown_in_full_and_refuse_nothing(stated: list[str]) -> None:
    said: Counter[str] = Counter()
    for address in stated:
        beside = read_cells({"licence": address}, file="releases.csv")
        assert beside.refused == frozenset()
        assert beside.findings == ()
        shown = licence_signal(address)
        assert beside.says == (shown.says if shown else "")
        for signal in beside.signals:
            assert signal.standard is Standard.LICENCE
            assert {one.stance for one in signal.said} == {Stance.CONSTRAINED}
            said.update(one.category for one in signal.said)
        for use in Use:
            weighed = weigh(beside.signals, use=use, at=NOW)
            assert (weighed.verdict, weighed.because) == (Weight.NOT_REFUSED, ())
    licences = [licence for address in stated if (licence := creative_commons(address))]
    assert len(licences) == 1_985
    elements = Counter(f"cc:{element}" for licence in licences for element in licence.elements)
    assert {name: count for name, count in said.items() if name.startswith("cc:")} == elements
    assert elements["cc:nc"] > 1_500
    assert (said["cc0"], said["public-domain-dedication"], said["public-domain-mark"], said["other"]) == (5, 8, 1, 4)


def test_a_reservation_beside_real_licences_refuses_its_rows(stated: list[str]) -> None:
    for address in stated[:200]:
        beside = read_cells({"licence": address, "tdm_reservation": "1"}, file="releases.csv")
        assert beside.refused == {Use.ANALYSE, Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE}


@pytest.fixture(scope="module")
def dealt(tmp_path_factory: pytest.TempPathFactory, cli: Any) -> Path:
    """A house into which a label took the samples, once as they are and once with AI use types in their deals."""
    made = tmp_path_factory.mktemp("deals")
    cli(made, "ledger", "init", "--origin", "real.example/deals")
    cli(made, "organisation", "admit", "label", "--in", "producer")
    cli(made, "--as", "label", "import", "ern", *map(str, SAMPLES))
    house = open_house(made / "house")
    try:
        house.index.catch_up()
        assert not list(house.index.scan(tags=[DealSignalled.TYPE.tag]))
    finally:
        house.close()
    changed = made / "changed"
    changed.mkdir()
    for path in SAMPLES:
        text = path.read_text("utf-8")
        used = "".join(f"<UseType>{use}</UseType>" for use in AI_USES)
        text = re.sub(r"<UseType>", used + "<UseType>", text, count=1)
        text = re.sub(r"<MessageId>", "<MessageId>AI-", text, count=1)
        text = re.sub(r"(<MessageCreatedDateTime>)[^<]*", r"\g<1>2026-01-01T00:00:00Z", text, count=1)
        (changed / path.name).write_text(text, "utf-8")
    cli(made, "--as", "label", "import", "ern", *map(str, sorted(changed.glob("*.xml"))))
    return made


@pytest.mark.skipif(not SAMPLES, reason="needs ../shared/data/ddex")
def test_real_deals_with_ai_use_types_are_offers_of_the_recording(dealt: Path, cli: Any) -> None:
    house = open_house(dealt / "house")
    try:
        house.index.catch_up()
        facts = [one.fact for one in house.index.scan(tags=[DealSignalled.TYPE.tag])]
        assert len(facts) >= 5
        assert {use for fact in facts for use in fact.uses} == set(AI_USES)
        recordings = sorted({thing for fact in facts for thing in fact.recordings})
        assert len(recordings) >= 10
        offered = {Use.TRAIN_GENERATIVE, Use.TRAIN_NONGENERATIVE, Use.ANALYSE}
        held = 0
        for thing in recordings[:40]:
            found = signals.on_record(house, thing).deals
            held += bool(found)
            for use in Use if found else ():
                weighed = weigh(found, use=use, at=found[0].period.start)
                assert weighed.verdict is Weight.NOT_REFUSED
                assert bool(weighed.offers) is (use in offered)
        assert held >= 10
    finally:
        house.close()
    shown = cli(dealt, "signal", "show", recordings[0])
    assert shown["signals"] == []
    assert {deal["standard"] for deal in shown["deals"]} <= {"ddex"}
