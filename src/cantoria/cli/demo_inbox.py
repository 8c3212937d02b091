"""The demonstration's open requests: what the artist of the story finds in her inbox when the portal is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.app import licence_asking, search, terms_known
from cantoria.app.licence_asking import Wish
from cantoria.app.sample import story
from cantoria.clearance import Request, Row
from cantoria.cli.console import page
from cantoria.cli.demo_stage import Stage
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period, parse_moment
from cantoria.kernel.uses import Use
from cantoria.licensing.offers import Price
from cantoria.registry.facts import ShareClaimed

ASKED: Final = "2026-11-14"
# Far off, so that somebody who looks a good while later still finds what waits.
EXPIRES: Final = parse_moment("2027-12-31")
TERM: Final = Period(parse_moment("2026-12-01"), parse_moment("2029-12-01"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What one developer asks the artist for: rows `first` to before `last` of her recordings."""

    developer: str
    use: Use
    model: str
    version: str | None
    terms: str
    price: str
    first: int
    last: int


# Two of them on equal terms, so that they can be answered together.
ASKINGS: Final = (
    Asking(
        developer="dev-mirinae",
        use=Use.TRAIN_GENERATIVE,
        model="Mirinae Two",
        version="2.0",
        terms="one-version",
        price="3000",
        first=0,
        last=8,
    ),
    Asking(
        developer="dev-mirinae",
        use=Use.TRAIN_GENERATIVE,
        model="Mirinae Two",
        version="2.0",
        terms="one-version",
        price="3000",
        first=8,
        last=14,
    ),
    Asking(
        developer="dev-boreal",
        use=Use.INPUT,
        model="Boreal Studio",
        version=None,
        terms="all-models",
        price="450",
        first=10,
        last=16,
    ),
)


def leave_requests(stage: Stage) -> None:
    """Have both developers ask for recordings of the story's artist, and leave it to whoever looks."""
    stage.clock.set(parse_moment(ASKED))
    artist = stage.builder.party(story.ARTIST)
    codes = _codes(stage, artist)
    waiting = 0
    for place, asking in enumerate(ASKINGS):
        wish = _wish(stage, asking, codes, f"{asking.model} {asking.use.value} {place}")
        waiting += licence_asking.request(stage.house, wish, author=stage.builder.authors[asking.developer]).waiting
    page.print(f"\n{waiting} further requests for licences wait in the inboxes")


def _codes(stage: Stage, artist: PartyId) -> Sequence[str]:
    """Return the ISRCs of her recordings, in the order in which she claimed them."""
    said = stage.house.index.about([artist], tags=[ShareClaimed.TYPE.tag])
    mine = dict.fromkeys(one.fact.subject for one in said if one.fact.subject.startswith("recording_"))
    found = (search.first_code(stage.house.index.about, one) for one in mine)
    return [code for code in found if code.startswith("isrc:")]


def _wish(stage: Stage, asking: Asking, codes: Sequence[str], key: str) -> Wish:
    rows = [Row(line, (code,)) for line, code in enumerate(codes[asking.first : asking.last] or codes[:1], 1)]
    request = Request(
        use=asking.use,
        licensee=stage.builder.party(asking.developer),
        territories="KR ES US",
        at=stage.clock.now(),
        size=stage.house.engine.size,
        model_version=asking.version,
    )
    return Wish(
        key=key,
        rows=rows,
        request=request,
        terms=terms_known.named(stage.house, asking.terms),
        period=TERM,
        expires_at=EXPIRES,
        price=Price(Money.parse(asking.price, "KRW")),
        model=asking.model,
    )
