"""Rows planted to be found: wrong check digits, malformed codes, absurd shares and dates, references to nothing."""

from __future__ import annotations

from typing import Final

from cantoria.app.sample import coins, organisations
from cantoria.app.sample.sheets import Bad

_AUTHORS, _PRODUCERS = organisations.AUTHORS.key, organisations.PRODUCERS.key
_PERFORMERS, _CONTENT = organisations.PERFORMERS.key, organisations.CONTENT.key


def _row(column: str, what: str, *, refused: bool = True, **cells: str) -> Bad:
    return Bad(
        cells={name.rstrip("_"): text for name, text in cells.items()}, column=column, what=what, refused=refused
    )


_PARTIES: Final = (
    _row("party", "no key", party="", name="Nobody Known", ipn="99000001"),
    _row("isni", "wrong check character", party="bad-1", name="Wrong Isni", isni="0000009000000019"),
    _row("kind", "no such kind", party="bad-2", name="Odd Kind", kind="orchestra"),
    _row("ipi_name", "check fails: a warning", refused=False, party="bad-3", name="Odd Number", ipi_name="99000000199"),
    _row("reachable", "neither yes nor no", party="bad-4", name="Odd Answer", reachable="perhaps"),
    _row("signing_key", "not a key", party="bad-5", name="Odd Key", signing_key="00ff"),
)
_WORKS: Final = (
    _row("iswc", "wrong check digit", work="bad-work-1", title="Wrong Digit One", iswc="T9990000010"),
    _row("iswc", "wrong check digit", work="bad-work-2", title="Wrong Digit Two", iswc="T9990000021"),
    _row("iswc", "wrong check digit", work="bad-work-3", title="Wrong Digit Three", iswc="T9990000032"),
    _row("iswc", "not the form of one", work="bad-work-4", title="Too Short", iswc="T12345"),
    _row("title", "no title", work="bad-work-5", title="", iswc=coins.work_code(90_000_005)),
    _row(
        "parts", "reference to nothing", work="bad-work-6", title="Of Nothing", kind="arrangement", parts="work-99999"
    ),
    _row("kind", "no such kind", work="bad-work-7", title="Odd Kind", kind="symphony"),
)
_RECORDINGS: Final = (
    _row("isrc", "not the form of one", recording="bad-rec-1", title="Cut Off", isrc="KR9ZA21000"),
    _row("isrc", "not the form of one", recording="bad-rec-2", title="Letters", isrc="KR9ZAXX00001"),
    _row("works", "reference to nothing", recording="bad-rec-3", title="Of No Work", works="work-99999"),
    _row("duration_ms", "not a whole number", recording="bad-rec-4", title="Negative", duration_ms="-5"),
    _row("recording", "key with a colon", recording="bad:rec", title="Odd Key"),
)
_SHARES_OF_WORKS: Final = (
    _row(
        "share",
        "above 100 percent",
        subject="work-00001",
        party="pub-03",
        role="publisher",
        right="mechanical",
        share="250",
    ),
    _row("share", "negative", subject="work-00001", party="pub-03", role="publisher", right="mechanical", share="-10"),
    _row("role", "no such role", subject="work-00001", party="pub-03", role="friend", right="mechanical", share="1"),
    _row("party", "reference to nothing", subject="work-00001", party="p-99999", role="composer", right="mechanical"),
    _row("subject", "reference to nothing", subject="work-99999", party="pub-03", role="publisher"),
    _row("territory", "no such territory", subject="work-00001", party="pub-03", role="publisher", territory="XX"),
    _row("role", "role of the other side", subject="work-00001", party="label-01", role="producer"),
)
_STATEMENTS: Final = (
    _row("uses", "a yes names each use", party="p-soyul", says="yes", uses="training", scope="present_works"),
    _row("uses", "no such use", party="p-soyul", says="no", uses="remix", scope="present_works"),
    _row("scope_of", "names no recording", party="p-soyul", says="ask", uses="input", scope="recording"),
    _row(
        "min_price", "not an amount", party="p-soyul", says="yes", uses="input", scope="present_works", min_price="lots"
    ),
    _row(
        "min_price",
        "condition of a no",
        party="p-soyul",
        says="no",
        uses="input",
        scope="present_works",
        min_price="5 KRW",
    ),
)
_DELEGATIONS: Final = (
    _row(
        "delegate", "to itself", delegation="bad-1", principal="p-soyul", delegate="p-soyul", kind="agent", uses="input"
    ),
    _row(
        "kind",
        "no such kind",
        delegation="bad-2",
        principal="p-soyul",
        delegate="agency-01",
        kind="friend",
        uses="input",
    ),
)
_LINKS: Final = (
    _row("left", "wrong code", left="isrc:KR9", relation="identifies", right="rec-00002"),
    _row("right", "reference to nothing", left="isrc:KR9ZA2199999", relation="identifies", right="rec-99999"),
    _row("tier", "no such tier", left="isrc:KR9ZA2199999", relation="identifies", right="rec-00002", tier="certain"),
)

ROWS: Final[dict[tuple[str, str], tuple[Bad, ...]]] = {
    ("parties", _PERFORMERS): _PARTIES,
    ("works", _AUTHORS): _WORKS,
    ("recordings", _PRODUCERS): _RECORDINGS,
    ("shares", _AUTHORS): _SHARES_OF_WORKS,
    ("statements", _PERFORMERS): _STATEMENTS,
    ("delegations", _PERFORMERS): _DELEGATIONS,
    ("links", _CONTENT): _LINKS,
}
MANIFEST: Final = (
    _row("isrc", "not the form of one", refused=False, isrc="KR9ZA"),
    _row("iswc", "wrong check digit", refused=False, iswc="T9990000010"),
    _row("media", "no such medium", refused=False, isrc="KR9ZA2100001", media="video"),
)
PLAYS: Final = (
    _row("plays", "none", event="bad-1", code="isrc:KR9ZA2100001", territory="KR", date="2026-09-03", plays="0"),
    _row("plays", "negative", event="bad-2", code="isrc:KR9ZA2100001", territory="KR", date="2026-09-03", plays="-12"),
    _row("date", "no such day", event="bad-3", code="isrc:KR9ZA2100001", territory="KR", date="2026-02-30", plays="4"),
    _row("code", "wrong code", event="bad-4", code="isrc:KR9", territory="KR", date="2026-09-03", plays="4"),
    _row(
        "territory",
        "no such territory",
        event="bad-5",
        code="isrc:KR9ZA2100001",
        territory="XX",
        date="2026-09-03",
        plays="4",
    ),
)
