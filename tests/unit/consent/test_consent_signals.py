"""Licences as signals: what is stated is read exactly, and nothing that is stated is a consent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.consent.signals import (
    TEXT_CHARS_MAX,
    CreativeCommons,
    SignalKind,
    creative_commons,
    licence_signal,
)

CC = "http://creativecommons.org/"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (CC + "licenses/by/4.0/", "CC BY 4.0"),
        (CC + "licenses/by-nc-nd/3.0/", "CC BY-NC-ND 3.0"),
        (CC + "licenses/by-nc-sa/3.0/de/", "CC BY-NC-SA 3.0 DE"),
        (CC + "licenses/by-nd-nc/1.0/fi/", "CC BY-NC-ND 1.0 FI"),
        (CC + "licenses/by-nc-nd/2.5/scotland/", "CC BY-NC-ND 2.5 SCOTLAND"),
        (CC + "licenses/by/3.0/igo/legalcode", "CC BY 3.0 IGO"),
        (CC + "licenses/nc-sampling+/1.0/", "CC NC-SAMPLING+ 1.0"),
        (CC + "licenses/sa/1.0", "CC SA 1.0"),
        ("https://www.creativecommons.org/licenses/by-sa/4.0/deed.ko", "CC BY-SA 4.0"),
        ("HTTPS://CreativeCommons.org/Licenses/BY-NC/2.0/UK/", "CC BY-NC 2.0 UK"),
        ("creativecommons.org/licenses/by/2.5/?lang=es#top", "CC BY 2.5"),
        ("CC-BY-NC-SA-4.0", "CC BY-NC-SA 4.0"),
        ("cc-by-3.0-de", "CC BY 3.0 DE"),
        ("CC BY-ND 4.0", "CC BY-ND 4.0"),
    ],
)
def test_creative_commons_licences_are_read(text: str, name: str) -> None:
    licence = creative_commons(text)
    assert licence is not None
    assert licence.name == name
    signal = licence_signal(text)
    assert signal is not None
    assert (signal.kind, signal.value) == (SignalKind.CC_LICENCE, name)
    assert signal.says.startswith(f"{name} is stated (")
    assert "not a holder's yes" in signal.says


def test_elements_are_told() -> None:
    licence = creative_commons(CC + "licenses/by-nc-nd/2.1/jp/")
    assert licence == CreativeCommons(("by", "nc", "nd"), "2.1", "jp")
    assert (licence.non_commercial, licence.no_derivatives, licence.share_alike) == (True, True, False)
    free = creative_commons("CC-BY-SA-4.0")
    assert free is not None
    assert (free.non_commercial, free.no_derivatives, free.share_alike) == (False, False, True)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (CC + "publicdomain/zero/1.0/", SignalKind.CC_ZERO, "CC0 1.0"),
        ("CC0-1.0", SignalKind.CC_ZERO, "CC0 1.0"),
        ("cc0", SignalKind.CC_ZERO, "CC0 1.0"),
        (CC + "publicdomain/mark/1.0/deed.en", SignalKind.PUBLIC_DOMAIN_MARK, "Public Domain Mark 1.0"),
        (CC + "licenses/publicdomain/", SignalKind.PUBLIC_DOMAIN_DEDICATION, "CC Public Domain Dedication"),
        ("http://freemusicarchive.org/FMA_License", SignalKind.OTHER, "http://freemusicarchive.org/FMA_License"),
        (CC + "licenses/by-nd-sa/3.0/", SignalKind.OTHER, CC + "licenses/by-nd-sa/3.0/"),  # never published
        (CC + "licenses/by/", SignalKind.OTHER, CC + "licenses/by/"),  # which version?
        (CC + "licenses/by/3.0/../../evil", SignalKind.OTHER, CC + "licenses/by/3.0/../../evil"),
        ("all rights reserved", SignalKind.OTHER, "all rights reserved"),
        ("http://example.org/creativecommons.org/licenses/by/4.0/", SignalKind.OTHER, None),
        ("http://creativecommons.org.example/licenses/by/4.0/", SignalKind.OTHER, None),
    ],
)
def test_other_statements_are_what_they_are(text: str, kind: SignalKind, value: str | None) -> None:
    signal = licence_signal(text)
    assert signal is not None
    assert (signal.kind, signal.value) == (kind, value or text)
    assert creative_commons(text) is None


def test_nothing_stated_is_no_signal() -> None:
    assert licence_signal("") is None
    assert licence_signal(" \t\n ") is None


@given(st.text(max_size=2_000))
def test_any_text_is_one_short_line_that_claims_no_consent(text: str) -> None:
    signal = licence_signal(text)
    assert (signal is None) == (not text.split())
    if signal is not None:
        assert len(signal.value) <= TEXT_CHARS_MAX + 1
        assert len(signal.says.splitlines()) == 1
        assert any(part in signal.says for part in ("not a holder's yes", "no consent", "not shown", "no evidence"))
