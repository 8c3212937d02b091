"""titles.csv, collections.csv and chains.csv: what they state, and what is refused."""

from fractions import Fraction
from typing import Any

from cantoria.formats import csvfamily
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry.trade_facts import ChainAsserted, ChainKind, CollectionClaimed, TitleGiven, TitleKind

THINGS = {
    "parties.csv": b"party,name\nP1,Kim\nP2,Blue Songs\n",
    "works.csv": "work,title\nW1,봄비\n".encode(),
    "recordings.csv": "recording,title\nR1,봄비\n".encode(),
}


def facts(house: Any, name: str, text: str) -> tuple[list[Any], Any]:
    read = csvfamily.read_family({**THINGS, name: text.encode()}, house.context())
    kinds = (TitleGiven, CollectionClaimed, ChainAsserted)
    return [fact for fact in read.facts if isinstance(fact, kinds)], read


def test_titles(house: Any) -> None:
    text = "subject,title,kind,language\nW1,Spring Rain,translated,en\nR1,'=1+1,,\nW9,None,,\nW1,,,\nW1,X,other,\n"
    found, read = facts(house, "titles.csv", text)
    assert [(fact.title, fact.kind, fact.language) for fact in found] == [
        ("Spring Rain", TitleKind.TRANSLATED, "en"),
        ("=1+1", TitleKind.ALTERNATIVE, ""),
    ]
    assert (read.counts.registered, read.counts.refused) == (6, 3)


def test_collections(house: Any) -> None:
    text = (
        "subject,party,role,right,share,territory\n"
        "W1,P2,publisher,mechanical,1/3,KR\n"
        "W1,P2,producer,mechanical,50,\n"
        "W1,P2,publisher,mechanical,,\n"
        "R1,P2,publisher,mechanical,50,\n"
    )
    found, read = facts(house, "collections.csv", text)
    (fact,) = found
    assert (fact.share, fact.territory) == (Fraction(1, 3), "0410")
    assert read.counts.refused == 3


def test_chains(house: Any) -> None:
    text = (
        "subject,grantor,acquirer,kind,from,to,agreement\n"
        "W1,P1,P2,sub_publication,2020-01-01,2021-01-01,A7\n"
        "W1,,P2,,,,\n"
        "W1,P1,P9,,,,\n"
    )
    found, read = facts(house, "chains.csv", text)
    first, second = found
    assert (first.kind, first.agreement) == (ChainKind.SUB_PUBLICATION, "A7")
    assert first.period == Period(parse_moment("2020-01-01"), parse_moment("2021-01-01"))
    assert (second.grantor, second.kind) == ("", ChainKind.ORIGINAL)
    assert read.counts.refused == 1


def test_the_same_rows_again_speak_of_the_same_claims(house: Any) -> None:
    text = "subject,party,role,right,share\nW1,P2,publisher,mechanical,50\nW1,P2,publisher,mechanical,40\n"
    first, read = facts(house, "collections.csv", text)
    house.take(read)
    again, _ = facts(house, "collections.csv", text)
    assert [fact.claim for fact in again] == [fact.claim for fact in first]
    assert len({fact.claim for fact in first}) == 2
