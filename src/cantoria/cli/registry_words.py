"""What `cantoria registry show` says of a thing beside its links and holders: as JSON values, and as lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cantoria.app.house import House
from cantoria.kernel.periods import format_moment
from cantoria.registry import Registry
from cantoria.registry.answer_facts import RegistrationAnswered
from cantoria.registry.answers import Answers, Registration
from cantoria.registry.disclosure_facts import AiDisclosed, DealSignalled, NoticeGiven
from cantoria.registry.disclosures import Disclosures
from cantoria.registry.views import ChainView, CollectionView

TAGS: Final = tuple(cls.TYPE.tag for cls in (AiDisclosed, DealSignalled, NoticeGiven, RegistrationAnswered))


def heading(registry: Registry, subject: str) -> dict[str, Any]:
    """Return what a thing is called, by whom it is performed, and how long it is."""
    recording = registry.recording(subject)
    if recording is not None:
        return {
            "title": recording.title,
            "artist": recording.display_artist,
            "version": recording.version,
            "duration_ms": recording.duration_ms,
        }
    view = registry.work(subject) or registry.release(subject)
    return {"title": view.title if view else ""}


def beside(house: House, registry: Registry, subject: str, *, size: int, at: int) -> dict[str, Any]:
    """Return titles, collection, chain of title, answers of societies, and what messages disclose and signal of AI."""
    said = list(house.index.about([subject], tags=TAGS, size=size))
    disclosures = Disclosures.fold(said)
    notice = disclosures.standing(subject)
    return {
        "titles": [
            {"title": one.title, "kind": one.kind.value, "language": one.language} for one in registry.titles(subject)
        ],
        "chains": [_chain(one) for one in registry.chains(subject)],
        "collected": [_collected(one) for one in registry.collections(subject) if one.fact.share],
        "answers": [_answer(one) for one in Answers.fold(said).of(subject)],
        "ai": [_disclosed(one) for one in disclosures.disclosed(subject)],
        "signals": [
            {"said_by": one.said_by, "uses": list(one.uses), "territories": list(one.territories)}
            for one in disclosures.signals(subject, at=at)
        ],
        "notice": notice.kind.value if notice else "",
    }


def _chain(one: ChainView) -> dict[str, Any]:
    fact = one.fact
    return {
        "grantor": fact.grantor,
        "acquirer": fact.acquirer,
        "kind": fact.kind.value,
        "territory": fact.territory,
        "agreement": fact.agreement,
        "counts": one.effective,
    }


def _collected(one: CollectionView) -> dict[str, str]:
    fact = one.fact
    return {
        "party": fact.party,
        "right": fact.right.value,
        "share": str(fact.share),
        "territory": fact.territory,
    }


def _answer(one: Registration) -> dict[str, str]:
    return {
        "answered_by": one.fact.answered_by,
        "status": one.fact.status.value,
        "state": one.state.value,
        "next_actor": one.next_actor.value,
        "said_at": format_moment(one.fact.said_at),
    }


def _disclosed(one: AiDisclosed) -> dict[str, Any]:
    parts = [
        {"roles": list(part.roles), "party": part.party, "extent": part.extent.value if part.extent else ""}
        for part in one.parts
    ]
    return {"said_by": one.said_by, "contains": one.extent.value if one.extent else "", "parts": parts}


def told(house: House, value: dict[str, Any]) -> Iterator[str]:
    """Give the lines for a person."""
    for one in value["titles"]:
        yield f"also called {one['title']} ({one['kind']})"
    for one in value["chains"]:
        grantor = house.index.name_of(one["grantor"]) if one["grantor"] else "somebody not named"
        weight = "" if one["counts"] else ", without effect: who recorded it answers for neither side"
        yield f"chain: {grantor} → {house.index.name_of(one['acquirer'])} ({one['kind']}, {one['territory']}{weight})"
    for one in value["collected"]:
        party = house.index.name_of(one["party"])
        yield f"collects: {party} {one['share']} of {one['right']} in {one['territory']}"
    for one in value["answers"]:
        turn = "" if one["next_actor"] == "nobody" else f"; next: the {one['next_actor']}"
        yield f"registered with {one['answered_by']}: {one['state']} ({one['status']}, {one['said_at'][:10]}{turn})"
    for one in value["ai"]:
        parts = ", ".join(_part(house, part) for part in one["parts"])
        extent = one["contains"] or "no word on the whole"
        yield f"AI, as {one['said_by']} discloses: {extent}{'; ' + parts if parts else ''}"
    for one in value["signals"]:
        yield f"a deal of {one['said_by']} names {', '.join(one['uses'])}: a signal, nobody's yes"
    if value["notice"] in ("taken_down", "purged"):
        yield f"{value['notice'].replace('_', ' ')} by who delivered it"


def _part(house: House, part: dict[str, Any]) -> str:
    who = house.index.name_of(part["party"]) if part["party"] else "a generative AI"
    extent = f" ({part['extent']})" if part["extent"] else ""
    return f"{'/'.join(part['roles'])} by {who}{extent}"
