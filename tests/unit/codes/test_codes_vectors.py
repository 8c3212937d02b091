"""Codes from the published record, in the spellings in which they come."""

import pytest

from cantoria import codes
from cantoria.codes import dpid, gtin, ipi_name, isrc, society, youtube
from cantoria.codes.types import Scheme
from cantoria.kernel.errors import InputError

GOOD = [
    (Scheme.ISWC, "T-034.524.680-1", "T0345246801", "T-034.524.680-1"),
    (Scheme.ISWC, "ISWC T-010.171.314-7", "T0101713147", "T-010.171.314-7"),
    (Scheme.ISWC, "t0000000010", "T0000000010", "T-000.000.001-0"),
    (Scheme.ISRC, "USUG12400910", "USUG12400910", "US-UG1-24-00910"),
    (Scheme.ISRC, "ISRC KR-A30-24-00001", "KRA302400001", "KR-A30-24-00001"),
    (Scheme.ISRC, "isrc: us-ug1-24-00910", "USUG12400910", "US-UG1-24-00910"),
    (Scheme.ISRC, "ＱＭ２４Ｓ２４０２５２８", "QM24S2402528", "QM-24S-24-02528"),
    (Scheme.ISRC, "US\u2010UG1\u201324\u201100910", "USUG12400910", "US-UG1-24-00910"),
    (Scheme.IPI_NAME, "00045620792", "00045620792", "00045620792"),
    (Scheme.IPI_NAME, "52210040", "00052210040", "00052210040"),
    (Scheme.IPI_NAME, "IPI 334284961", "00334284961", "00334284961"),
    (Scheme.IPI_BASE, "I-001068130-6", "I0010681306", "I-001068130-6"),
    (Scheme.IPI_BASE, "I1234567893", "I1234567893", "I-123456789-3"),
    (Scheme.IPN, "10234567", "10234567", "10234567"),
    (Scheme.ISNI, "0000 0001 2281 955x", "000000012281955X", "0000 0001 2281 955X"),
    (Scheme.UCI, "I804:44032-200000668457", "I804:44032-200000668457", "urn:uci:I804:44032-200000668457"),
    (Scheme.UCI, "urn:uci:I001+SBSi-B10000083052", "I001+SBSI-B10000083052", "urn:uci:I001+SBSI-B10000083052"),
    (Scheme.UCI, "I410-ECN-0102-2023-500-000819813", "I410-ECN-0102-2023-500-000819813",
     "urn:uci:I410-ECN-0102-2023-500-000819813"),
    (Scheme.UCI, "UCI:G700-1:Cmp3-R128", "G700-1:CMP3-R128", "urn:uci:G700-1:CMP3-R128"),
    (Scheme.YOUTUBE_ASSET, "A935917475088049", "A935917475088049", "A935917475088049"),
    (Scheme.DPID, "PA-DPIDA-2013020802-I", "PADPIDA2013020802I", "PA-DPIDA-2013020802-I"),
    (Scheme.DPID, "PADPIDA2020062405C", "PADPIDA2020062405C", "PA-DPIDA-2020062405-C"),
    (Scheme.GTIN, "5901234123457", "5901234123457", "5901234123457"),
    (Scheme.GTIN, "190295810726", "0190295810726", "190295810726"),
    (Scheme.GTIN, "00094631432057", "0094631432057", "094631432057"),
    (Scheme.GTIN, "1 590123412345 4", "15901234123454", "15901234123454"),
    (Scheme.GRID, "GRID:A1-2425G-ABC1234002-M", "A12425GABC1234002M", "A1-2425G-ABC1234002-M"),
    (Scheme.ISCC, "ISCC:AAAZXZ6OU74YAZIM", "AAAZXZ6OU74YAZIM", "ISCC:AAAZXZ6OU74YAZIM"),
    (Scheme.SOCIETY, "118", "118", "118"),
    (Scheme.SOCIETY, "10", "010", "010"),
    (Scheme.SOCIETY, "0052", "052", "052"),
    (Scheme.OWN, "komca:100000000001", "KOMCA:100000000001", "KOMCA:100000000001"),
    (Scheme.OWN, "PADPIDA2013020802I: Cat 17/ü", "PADPIDA2013020802I:Cat 17/ü", "PADPIDA2013020802I:Cat 17/ü"),
    (Scheme.OWN, "label:u\u0308", "LABEL:ü", "LABEL:ü"),
    (Scheme.OWN, "label:가수-1", "LABEL:가수-1", "LABEL:가수-1"),
]  # fmt: skip

WRONG = [
    (Scheme.ISWC, "T-034.524.680-2"),
    (Scheme.ISWC, "T-034.524.680"),
    (Scheme.ISWC, "A-034.524.680-1"),
    (Scheme.ISRC, "USUG1240091"),
    (Scheme.ISRC, "USUG124009100"),
    (Scheme.ISRC, "1SUG12400910"),
    (Scheme.ISRC, "USUG1240091O"),
    (Scheme.ISRC, "USÜG12400910"),
    (Scheme.IPI_NAME, "00000000000"),
    (Scheme.IPI_NAME, "000456207921"),
    (Scheme.IPI_BASE, "I-001068130-7"),
    (Scheme.IPN, "ABC"),
    (Scheme.ISNI, "0000000122819550"),
    (Scheme.ISNI, "00000001228195X5"),
    (Scheme.UCI, "I804"),
    (Scheme.UCI, "I804:1:2-3"),
    (Scheme.UCI, "I804-1:X9"),
    (Scheme.UCI, "I804-1:C1-C2-C3-C4"),
    (Scheme.UCI, "I804-%ZZ"),
    (Scheme.UCI, "I804-a/b"),
    (Scheme.YOUTUBE_ASSET, "A93591747508804"),
    (Scheme.YOUTUBE_ASSET, "B935917475088049"),
    (Scheme.DPID, "PADPIDA2013020802J"),
    (Scheme.DPID, "PADPIDB2013020802I"),
    (Scheme.GTIN, "5099907138458"),
    (Scheme.GTIN, "96385074"),
    (Scheme.GTIN, "123123123123"),
    (Scheme.GRID, "A1-2425G-ABC1234002-Q"),
    (Scheme.GRID, "B12425GABC1234002M"),
    (Scheme.ISCC, "ISCC:AAAZXZ6OU74YAZI"),
    (Scheme.SOCIETY, "1118"),
    (Scheme.SOCIETY, "KOMCA"),
    (Scheme.OWN, "no-namespace"),
    (Scheme.OWN, "ISRC:USUG12400910"),
    (Scheme.OWN, "PADPIDA2013020802J:1"),
    (Scheme.OWN, "X:" + "v" * 129),
    (Scheme.OWN, "N" * 33 + ":1"),
]


@pytest.mark.parametrize(("scheme", "text", "stored", "printed"), GOOD)
def test_good_code(scheme: Scheme, text: str, stored: str, printed: str) -> None:
    assert codes.check(scheme, text) == codes.Checked(stored)
    assert codes.module_for(scheme).format(text) == printed


@pytest.mark.parametrize(("scheme", "text"), WRONG)
def test_wrong_code(scheme: Scheme, text: str) -> None:
    with pytest.raises(InputError) as error:
        codes.check(scheme, text)
    assert error.value.remedy
    assert not codes.module_for(scheme).is_valid(text)


@pytest.mark.parametrize("text", ["04590782614", "04481201291"])
def test_real_ipi_name_numbers_that_fail_are_kept_with_a_warning(text: str) -> None:
    found = ipi_name.validate(text)
    assert found.value == text
    assert found.warning is not None
    assert not ipi_name.is_valid(text)


@pytest.mark.parametrize(("text", "year"), [("USUG18600001", 1986), ("USUG19900001", 1999), ("USUG18500001", 2085),
                                            ("USUG10000001", 2000), ("USUG12400001", 2024)])  # fmt: skip
def test_year_of_reference(text: str, year: int) -> None:
    assert isrc.year_of_reference(text) == year


def test_one_release_has_one_product_code() -> None:
    assert {gtin.compact(text) for text in ("094631432057", "0094631432057", "00094631432057")} == {"0094631432057"}
    assert {gtin.format(text) for text in ("094631432057", "0094631432057", "00094631432057")} == {"094631432057"}


def test_society_facts() -> None:
    komca = society.facts("118")
    assert komca == society.Society("118", "KOMCA", "KR", "Member")
    assert [(facts := society.facts(code)) and facts.name for code in ("10", "38", "52", "58")] == [
        "ASCAP", "JASRAC", "PRS", "SACEM",
    ]  # fmt: skip
    assert society.facts("997") is None
    assert society.validate("997").warning
    assert not society.is_valid("997")


def test_youtube_videos_and_channels() -> None:
    assert youtube.is_video_id("dQw4w9WgXcQ")
    assert not youtube.is_video_id("dQw4w9WgXc")
    assert not youtube.is_video_id("dQw4w9WgXcQ\n")
    assert youtube.is_channel_id("UC" + "a_-Z" * 5 + "09")
    assert not youtube.is_channel_id("UX" + "a_-Z" * 5 + "09")


def test_unknown_scheme_is_refused() -> None:
    for function in (codes.module_for, codes.scheme_of):
        with pytest.raises(InputError):
            function("isbn")
    assert codes.module_for("dpid") is dpid
