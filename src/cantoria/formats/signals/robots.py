"""robots.txt (RFC 9309): the groups of crawlers that serve AI, and the rules that others put there: `Content-Usage`
(AIPREF), `Content-Signal`, and `License` (RSL).

Rules tell crawlers where not to go; read as a signal, a site that keeps the crawlers for training out refuses training.
A longer file is read up to the limit (section 2.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from cantoria.consent.signals import Found, Offer, OutsideSignal, Said, Stance, Standard, quoted
from cantoria.consent.signals.crosswalk import crosswalk
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals import aipref
from cantoria.formats.signals.common import Notes, SignalsRead, normal, take_some

VERSION: Final = "RFC 9309"
_KNOWN: Final = frozenset(crosswalk().categories(Standard.ROBOTS))
_ANSWERS: Final = {"yes": Stance.ALLOWED, "no": Stance.REFUSED}


@dataclass(slots=True)
class _Group:
    """The crawlers that a group names, and its rules in order: where, and whether they may go there."""

    agents: list[str] = field(default_factory=list)
    rules: list[tuple[str, bool]] = field(default_factory=list)
    begun: bool = False  # a rule has been given: the next crawler begins another group


def read(source: bytes | BinaryIO, *, file: str = "robots.txt") -> SignalsRead:
    """Return the signals of a robots.txt, those of crawlers group by group. It never fails: bytes that are not UTF-8
    and lines that are not understood are passed over."""
    notes = Notes(file)
    data = take_some(source, bytes_max=SIGNALS.robots_bytes_max + 1)
    if len(data) > SIGNALS.robots_bytes_max:
        data = data[: data.rfind(b"\n", 0, SIGNALS.robots_bytes_max) + 1]
        notes.add(f"longer than {SIGNALS.robots_bytes_max} bytes: the rest is not read", remedy="shorten it")
    groups: list[_Group] = []
    others: list[OutsideSignal] = []
    for number, name, value in _lines(data.decode("utf-8-sig", "replace")):
        if name == "user-agent":
            _agent(groups, value)
        elif name in ("allow", "disallow"):
            _rule(groups, name, value, number, notes)
        else:
            others += _other(name, value, number, file, notes)
    named = [signal for group in groups for signal in _signals(group, file)]
    if len(named) + len(others) > SIGNALS.rules_max:
        notes.add(f"more than {SIGNALS.rules_max} rules: the strictest are read as if for the whole site")
        named = [_whole_site(named)]
        others = others[: SIGNALS.rules_max]
    return SignalsRead((*named, *others), notes.all())


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        name, colon, value = raw.partition("#")[0].partition(":")
        if colon:
            yield number, name.strip().lower(), value.strip()[: SIGNALS.text_chars_max]


def _agent(groups: list[_Group], value: str) -> None:
    if not groups or groups[-1].begun:
        groups.append(_Group())
    groups[-1].agents.append(value.partition("/")[0].strip().lower())


def _rule(groups: list[_Group], name: str, value: str, number: int, notes: Notes) -> None:
    if not groups:
        notes.add("a rule before any user-agent holds for nobody", line=number, field=name, value=value)
        return
    groups[-1].begun = True
    if value or name == "disallow":  # an empty allow says nothing, an empty disallow that nothing is disallowed
        groups[-1].rules.append((normal(value) if value else "/", name == "allow" or not value))


def _signals(group: _Group, file: str) -> Iterator[OutsideSignal]:
    agents = [agent for agent in dict.fromkeys(group.agents) if agent in _KNOWN]
    for location, allowed in dict.fromkeys(group.rules) if agents else ():
        stance = Stance.ALLOWED if allowed else Stance.REFUSED
        yield OutsideSignal(
            standard=Standard.ROBOTS,
            version=VERSION,
            found=Found.FILE,
            place=file,
            said=tuple(Said(agent, stance) for agent in agents),
            location=location,
        )


def _whole_site(signals: list[OutsideSignal]) -> OutsideSignal:
    """Return one signal that is at least as strict everywhere as all of these are anywhere."""
    refused = {one.category for signal in signals for one in signal.said if one.stance is Stance.REFUSED}
    said = tuple(Said(category, Stance.REFUSED) for category in sorted(refused))
    place = signals[0].place if signals else ""
    return OutsideSignal(standard=Standard.ROBOTS, version=VERSION, found=Found.FILE, place=place, said=said)


def _other(name: str, value: str, number: int, file: str, notes: Notes) -> Iterator[OutsideSignal]:
    if name == "content-usage":
        location, value = _located(value)
        place = f"{file}: {aipref.FIELD}"
        signal = aipref.preferences(value, found=Found.FILE, place=place, notes=notes, line=number, location=location)
        if signal is not None:
            yield signal
    elif name == "content-signal":
        yield from _content_signal(value, number, file, notes)
    elif name == "license" and value:
        yield OutsideSignal(
            standard=Standard.RSL,
            version="1.0",
            found=Found.FILE,
            place=f"{file}: License",
            offers=(Offer(quoted(value), "an RSL file with the licences on offer"),),
        )


def _located(value: str) -> tuple[str, str]:
    """Return the path that a rule begins with, if it does, and the rest."""
    if not value.startswith("/"):
        return "", value
    path, _, rest = value.partition(" ")
    return normal(path), rest.strip()


def _content_signal(value: str, number: int, file: str, notes: Notes) -> Iterator[OutsideSignal]:
    location, value = _located(value)
    said = []
    for part in value.split(","):
        category, _, answer = (text.strip().lower() for text in part.partition("="))
        stance = _ANSWERS.get(answer)
        if stance is None:
            if category:
                notes.add("neither yes nor no: nothing is said", line=number, field="Content-Signal", value=part)
            continue
        said.append(Said(quoted(category), stance))
    if said:
        yield OutsideSignal(
            standard=Standard.CONTENT_SIGNAL,
            version="2025-09",
            found=Found.FILE,
            place=f"{file}: Content-Signal",
            said=tuple(dict.fromkeys(said)),
            location=location,
        )
