"""The sample world's ERN messages against the official schema of ERN 4.3. Skips where the shared data is absent."""

from pathlib import Path

import pytest
from lxml import etree

from cantoria.app import sample

SCHEMA = Path(__file__).parents[3] / "shared" / "data" / "ddex" / "xsd" / "ernv43" / "release-notification.xsd"

pytestmark = pytest.mark.skipif(not SCHEMA.is_file(), reason="needs ../shared/data")


def test_every_message_is_valid() -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    world = sample.generate(5, scale=0.1)
    delivered = world.of_kind("ern")
    assert len(delivered) >= 4
    for delivery in delivered:
        schema.assertValid(etree.fromstring(world.files[delivery.name]))
