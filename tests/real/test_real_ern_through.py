"""The official samples in through the command line, and out again as valid messages of 4.3 and 4.3.2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "ddex"
FILES = sorted((FOLDER / "ern43").glob("*.xml"))
PARTIES = ("--sender", "PADPIDA2013020802I=Blue", "--recipient", "PADPIDA2009101501Y=Shop")

pytestmark = pytest.mark.skipif(not FILES, reason="needs ../shared/data/ddex")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cli: Any) -> Path:
    """A house into which a label took all samples."""
    made = tmp_path_factory.mktemp("ern")
    cli(made, "ledger", "init", "--origin", "real.example/ern")
    cli(made, "organisation", "admit", "label", "--in", "producer")
    cli(made, "--as", "label", "import", "ern", *map(str, FILES))
    return made


@pytest.mark.parametrize("version", ["4.3", "4.3.2"])
def test_real_ern_through_the_registry_is_valid_again(folder: Path, cli: Any, version: str) -> None:
    target = folder / version
    cli(folder, "export", "ern", "--to", str(target), "--version", version, *PARTIES)
    written = sorted(target.rglob("*.xml"))
    assert len(written) >= 7  # the samples' releases that hold sound recordings
    schema = etree.XMLSchema(
        etree.parse(FOLDER / "xsd" / f"ernv{version.replace('.', '')}" / "release-notification.xsd")
    )
    recordings: set[str] = set()
    for path in written:
        tree = etree.parse(path)
        schema.assertValid(tree)
        recordings |= set(tree.xpath("//SoundRecording//ISRC/text()"))
    official = {text for path in FILES for text in etree.parse(path).xpath("//SoundRecordingEdition//ISRC/text()")}
    assert len(recordings & official) >= 50
