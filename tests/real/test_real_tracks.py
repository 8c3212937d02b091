"""21,502 recordings of netlabels without a single code: looked up, never found, never cleared by their licence.

Each comes from a release for which a licence is stated (or none). The stated licence is carried to the results as a
signal. Skips without ../shared/data.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cantoria.app.intake import take_in
from cantoria.bootstrap.house import open_house
from cantoria.consent import SignalKind, licence_signal
from cantoria.formats import csvfamily
from cantoria.kernel.uses import Use
from cantoria.registry.facts import RecordingRegistered

DATA = Path(__file__).parents[3] / "shared" / "data"
ROWS, BLANK = 21_502, 286

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def releases(catalogue: Path) -> list[dict[str, str]]:
    return read(catalogue / "releases.csv")


@pytest.fixture(scope="module")
def recordings(catalogue: Path, releases: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the rows of the file of recordings, each with the licence that its release states."""
    stated = {row["id"]: row["licenseurl"] for row in releases}
    assert len(stated) == len(releases) == 2_289
    return [{**row, "licence": stated[row["id"]]} for row in read(catalogue / "tracks.csv")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cli: Any) -> Path:
    """Make a house in which one of them is registered by somebody, under a key and a code of its own."""
    folder = tmp_path_factory.mktemp("netlabels")
    cli(folder, "ledger", "init", "--origin", "real.example/netlabels")
    cli(folder, "organisation", "admit", "registrar", "--in", "registrar", "--in", "cmo")
    cli(folder, "organisation", "admit", "sonara", "--in", "ai-developer")
    (folder / "recordings.csv").write_text("recording,title,artist,isrc\nR1,Orange Horizon,(Val)liam,KRA381900123\n")
    cli(folder, "--as", "registrar", "import", "csv", str(folder / "recordings.csv"))
    return folder


def write_manifest(path: Path, recordings: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("Title", "Artist", "Rights"))
        writer.writeheader()
        for row in recordings:
            writer.writerow({"Title": row["title"], "Artist": row["trackartist"], "Rights": row["licence"]})


def test_every_stated_licence_is_read(releases: list[dict[str, str]]) -> None:
    signals = [licence_signal(row["licenseurl"]) for row in releases]
    assert sum(signal is None for signal in signals) == BLANK
    kinds = Counter(signal.kind for signal in signals if signal is not None)
    assert kinds == {
        SignalKind.CC_LICENCE: 1_985,
        SignalKind.PUBLIC_DOMAIN_DEDICATION: 8,
        SignalKind.CC_ZERO: 5,
        SignalKind.PUBLIC_DOMAIN_MARK: 1,
        SignalKind.OTHER: 4,  # another site's address
    }
    others = {signal.value for signal in signals if signal is not None and signal.kind is SignalKind.OTHER}
    assert all("creativecommons" not in value for value in others)


@pytest.mark.parametrize("use", [Use.TRAIN_GENERATIVE, Use.ANALYSE, Use.ADVERTISE])
def test_none_is_cleared_by_its_licence(
    use: Use, recordings: list[dict[str, str]], folder: Path, cli: Any, tmp_path: Path
) -> None:
    assert len(recordings) == ROWS
    write_manifest(tmp_path / "netlabels.csv", recordings)
    more = ("--campaign", "spring") if use is Use.ADVERTISE else ()
    shown = cli(
        folder, "--as", "registrar", "dataset", "clear", str(tmp_path / "netlabels.csv"), "--map", "licence=Rights",
        "--use", use.value, "--licensee", "sonara", "--in", "KR ES US", "--format", "csv",
        "--to", str(tmp_path / "out"), *more, expect=1,
    )  # fmt: skip
    licensed = sum(bool(row["licence"]) for row in recordings)
    assert {status: rows for status, rows in shown["counts"].items() if rows} == {"unknown": ROWS}
    assert shown["reasons"] == shown["all_reasons"] == {"not_found": ROWS}
    assert (shown["signals"], licensed) == (19_264, 19_264)
    results = read(tmp_path / "out" / "results.csv")
    assert [(row["status"], row["reason_codes"], row["subject"]) for row in results] == [
        ("unknown", "not_found", "")
    ] * ROWS
    for row, result in zip(recordings, results, strict=True):
        signal = licence_signal(row["licence"])
        assert result["signal"] == (signal.says if signal else "")
    assert (tmp_path / "out" / "cleared.csv").read_text("utf-8").count("\n") == 1  # the header alone


def test_names_survive_letter_by_letter(recordings: list[dict[str, str]], folder: Path) -> None:
    """Registered under keys of their own, all names are found on the ledger as they were written; blanks are told."""
    lines = ["recording,title,artist,duration_ms"]
    for number, row in enumerate(recordings, 1):
        cells = (f"N{number}", row["title"], row["trackartist"], str(1_000 * int(row["duration"] or 0)))
        lines.append(",".join('"' + cell.replace('"', '""') + '"' for cell in cells))
    data = "\n".join(lines).encode()
    house = open_house(folder / "house")
    try:
        author = house.author("registrar")
        files = {"recordings.csv": data}
        before = house.index.catch_up()
        done = take_in(house, files, read=csvfamily.read_family, namespace="NETLABELS", author=author)
        counts = done.imported.counts
        untitled = [number for number, row in enumerate(recordings, 1) if not row["title"].strip()]
        assert (counts.received, counts.refused) == (ROWS, len(untitled))
        assert sorted(one.line for one in done.imported.findings) == [number + 1 for number in untitled]
        facts = house.index.scan(tags=[RecordingRegistered.TYPE.tag])
        registered = [(one.fact.title, one.fact.display_artist) for one in facts if one.index >= before]
    finally:
        house.close()
    assert registered == [
        (row["title"].strip(), row["trackartist"].strip()) for row in recordings if row["title"].strip()
    ]
    beyond_ascii = [title for title, _ in registered if not title.isascii()]
    assert len(beyond_ascii) > 100
