"""Entries to write and messages to read, for the tests of ERN."""

from __future__ import annotations

from typing import Final

from cantoria.formats.entries.types import Entry, Name, Party, Recording, Release, Share, Title, Work
from cantoria.formats.ern import Envelope
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, AiPart, DealSignalled
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import PartyKind, Role

SENDER: Final = "PADPIDA2013020802I"
RECIPIENT: Final = "PADPIDA2014120301R"
CREATED: Final = parse_moment("2024-01-02T03:04:05Z")
ENVELOPE: Final = Envelope(
    message="M", thread="T", sender=(SENDER, "Blue Records"), recipient=(RECIPIENT, "A Service"), created=CREATED
)
PARTIES: Final = (
    Party(key="minji", names=(Name("Kim Minji"), Name("김민지", "Hang")), codes=(("isni", "000000012281955X"),)),
    Party(key="writer", names=(Name("Bo <Writer> & Sons"),), codes=(("ipi_name", "00014107338"),)),
    Party(key="choir", names=(Name("City Choir"),), kind=PartyKind.GROUP, codes=(("own", f"{SENDER}:art-4"),)),
    Party(key="label", names=(Name("Blue Records"),), kind=PartyKind.ORGANISATION, codes=(("own", f"{SENDER}:l"),)),
)
RECORDING: Final = Recording(
    key="rain",
    title='Spring "Rain"',
    titles=(Title(text="봄비", kind=TitleKind.FORMAL, language="ko"),),
    artist="Minji",
    duration_ms=214_500,
    version="LiveVersion, Kitchen take",
    codes=(("isrc", "KRA381900123"), ("own", f"{SENDER}:rec-1")),
    works=("song",),
    shares=(
        Share(party="minji", role=Role.FEATURED_PERFORMER),
        Share(party="choir", role=Role.NON_FEATURED_PERFORMER),
        Share(party="label", role=Role.PRODUCER),
    ),
)
SAMPLED: Final = Recording(
    key="snow",
    title="Snow",
    artist="Minji",
    duration_ms=60_000,
    codes=(("isrc", "KRA381900124"),),
    samples=("rain",),
    shares=(Share(party="minji", role=Role.FEATURED_PERFORMER), Share(party="label", role=Role.PRODUCER)),
)
SONG: Final = Work(
    key="song",
    title="Spring Rain",
    codes=(("iswc", "T0345246801"),),
    shares=(Share(party="writer", role=Role.COMPOSER), Share(party="writer", role=Role.LYRICIST)),
)
RELEASE: Final = Release(key="first", title="First", codes=(("gtin", "4006381333931"),), recordings=("rain", "snow"))
DISCLOSED: Final = AiDisclosed(
    subject="rain",
    extent=AiExtent.PARTLY,
    parts=(
        AiPart(("BackgroundVocalist",), "", AiExtent.ALL),
        AiPart(("Composer",), "writer", AiExtent.PARTLY),
        AiPart(("Lyricist",), "writer", AiExtent.NONE),
    ),
)
DEAL: Final = DealSignalled(
    release="first",
    recordings=("rain", "snow"),
    uses=("UseForTrainingGenerativeAI", "UseForDataMining"),
    territories=("KR", "JP"),
    period=Period(parse_moment("2024-02-01"), parse_moment("2026-02-01")),
    commercial_models=("SubscriptionModel",),
    said_by=SENDER,
    recipients=(RECIPIENT,),
)
ENTRIES: Final = (
    Entry(line=1, kind="work", parties=PARTIES, works=(SONG,), recordings=(Recording(key="rain", works=("song",)),)),
    Entry(line=2, kind="recording", recordings=(RECORDING,), facts=(DISCLOSED,)),
    Entry(line=3, kind="recording", recordings=(SAMPLED,)),
    Entry(
        line=4,
        kind="release",
        releases=(RELEASE,),
        facts=(AiDisclosed(subject="first", extent=AiExtent.PARTLY), DEAL),
    ),
)
