"""Read a legal profile strictly: one JSON document, all of it understood, or an `InputError` that says where.

What a document cannot say matters as much as what it can: there is no form in which a profile demands less than the
base (spec/law.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cantoria.consent.law import (
    FORMAT,
    MAJORITY_AGES,
    Cite,
    Finding,
    LawDocument,
    LawKind,
    SchemeKind,
    Topic,
    period_of,
)
from cantoria.consent.needs import ASKED_OF_SIDES
from cantoria.kernel import canonical, territories
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import Period, parse_moment

DOCUMENT_BYTES_MAX: Final = 256 * 1024
TEXT_CHARS_MAX: Final = 2_000
LINES_MAX: Final = 500
VERSION_MAX: Final = 10_000
_CODE: Final = re.compile("[A-Z]{2}")
# Control and format characters steer terminals and turn lines of text around.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def parse_document(data: bytes) -> LawDocument:
    """Return the document in `data`; raises `InputError` for anything else than one that is whole and consistent."""
    value = canonical.parse(data, size_max=DOCUMENT_BYTES_MAX)
    _check_texts(value, "document")
    document = from_json(LawDocument, value, path="document")
    try:
        check_document(document)
    except InputError as error:
        raise InputError(f"{document.label}: {error.message}", error.remedy, error.context) from error
    return document


def check_document(document: LawDocument) -> None:
    """Raise `InputError` unless a document is consistent in itself."""
    if document.format != FORMAT:
        raise InputError(f"format {document.format[:40]!r} is not known", f"write {FORMAT}")
    if not 1 <= document.version <= VERSION_MAX:
        raise InputError(f"version {document.version}", f"count versions from 1 to {VERSION_MAX}")
    for name in ("name", "disclaimer", "check"):
        if not getattr(document, name).strip():
            raise InputError(f"{name} is empty", "say it in a few words")
    period_of(document.since, document.until)
    for code in (document.territory, *document.inherits):
        if not _CODE.fullmatch(code):
            raise InputError(f"territory {code[:40]!r} is no code of two letters", "write KR, or EU for the union")
    if not territories.resolve(document.territory, at=parse_moment(_day(document.assessed_on))):
        raise InputError(f"territory {document.territory!r} holds no country", "name a country or a group such as EU")
    _check_sources(document)
    _check_verdicts(document)
    _check_notes(document)
    _check_schemes(document)
    _check_profile(document)


def _check_sources(document: LawDocument) -> None:
    for key, source in document.sources.items():
        if not source.title.strip() or not source.published.strip():
            raise InputError(f"source {key!r} lacks title or place of publication", "say where it can be read")
    cited = Counter(cite.source for cite in _cites(document))
    for key in sorted(cited):
        if key not in document.sources:
            raise InputError(f"source {key[:40]!r} is cited and not described", "describe it among `sources`")
    for key in sorted(document.sources):
        if not cited[key]:
            raise InputError(f"source {key[:40]!r} is cited nowhere", "cite it or leave it out")


def _cites(document: LawDocument) -> Iterator[Cite]:
    for verdict in document.verdicts:
        yield from verdict.cites
    for note in document.notes:
        yield from note.cites
    for scheme in document.schemes.values():
        yield from scheme.cites


def _check_verdicts(document: LawDocument) -> None:
    schemes = document.schemes
    spans: dict[str, list[Period]] = {}
    for position, verdict in enumerate(document.verdicts):
        place = f"verdict {position + 1}"
        if not verdict.uses or not verdict.basis.strip() or not verdict.cites:
            raise InputError(f"{place} lacks uses, basis or source", "say for what, why and by which source")
        if verdict.assessed_on:
            _day(verdict.assessed_on)
        if (verdict.kind is LawKind.EXTENDED_LICENCE) != bool(verdict.scheme):
            raise InputError(
                f"{place}: kind and scheme contradict each other", "name the scheme of extended_licence only"
            )
        if verdict.scheme:
            scheme = schemes.get(verdict.scheme)
            if scheme is None or scheme.kind is not SchemeKind.EXTENDED_LICENCE or not verdict.uses <= scheme.uses:
                raise InputError(f"{place} rests on no extended licence for its uses", "describe it among `schemes`")
        span = period_of(verdict.since, verdict.until)
        for use in sorted(verdict.uses):
            if any(span.intersect(other) for other in spans.get(use, ())):
                raise InputError(f"{place}: a second verdict on {use} at the same time", "end the one before")
            spans.setdefault(use, []).append(span)


def _check_notes(document: LawDocument) -> None:
    for position, note in enumerate(document.notes):
        period_of(note.since, note.until)
        if not note.says.strip():
            raise InputError(f"note {position + 1} says nothing", "say what was found, or that nothing was assessed")
        if note.finding in (Finding.RULE, Finding.UNSETTLED) and not note.cites:
            raise InputError(f"note {position + 1} ({note.topic}) names no source", "cite what it rests on")
    missing = sorted(set(Topic) - {note.topic for note in document.notes})
    if missing:
        raise InputError(f"nothing on {', '.join(missing)}", "add a note; not_assessed is an honest finding")


def _check_schemes(document: LawDocument) -> None:
    for key, scheme in document.schemes.items():
        period_of(scheme.since, scheme.until)
        if not (scheme.uses and scheme.roles and scheme.cites):
            raise InputError(
                f"scheme {key[:40]!r} lacks uses, roles or source", "say for what, to whom and by which source"
            )
        if not (scheme.title.strip() and scheme.cmo.strip() and scheme.tariff.strip()):
            raise InputError(f"scheme {key[:40]!r} lacks title, cmo or tariff", "say who collects what by which tariff")


def _check_profile(document: LawDocument) -> None:
    profile = document.profile
    if profile.majority_age and profile.majority_age not in MAJORITY_AGES:
        raise InputError(f"age of majority {profile.majority_age}", "leave it out where it is not known")
    if (profile.trust_cmo or profile.estate_representative or profile.adds) and not profile.why.strip():
        raise InputError("the profile adds demands and does not say why", "give the reason in `why`")
    for line in profile.adds:
        if line.persons == bool(line.roles):
            raise InputError(
                f"a line added to {line.use} asks holders and persons at once, or nobody", "one or the other"
            )
        if line.asks is not (line.use if line.persons else ASKED_OF_SIDES[line.use]):
            raise InputError(f"a line added to {line.use} asks for {line.asks}", "ask for what the base asks for")


def _check_texts(value: Any, place: str) -> None:
    """Refuse long text, unseen characters and endless lists anywhere in a document."""
    if isinstance(value, str):
        if len(value) > TEXT_CHARS_MAX:
            raise InputError(f"{place}: text of {len(value)} characters", f"at most {TEXT_CHARS_MAX}")
        if any(unicodedata.category(character) in _UNSEEN for character in value):
            raise InputError(f"{place}: text with control characters", "write plain text on one line")
    elif isinstance(value, dict | list):
        if len(value) > LINES_MAX:
            raise InputError(f"{place}: {len(value)} items", f"at most {LINES_MAX}")
        pairs: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in pairs:
            if isinstance(key, str):
                _check_texts(key, place)
            _check_texts(item, f"{place}.{key}"[:200])


def _day(text: str) -> str:
    period_of(text, "")
    if not text:
        raise InputError("assessed_on is empty", "write the day, such as 2026-11-20")
    return text
