"""RSL 1.0 (Really Simple Licensing): licence files, feeds with licences, and licences inside a page.

A use is refused where any licence for the address prohibits it, and where licences list what they permit and none of
them lists it. What is permitted for a payment, or by a licence server, is on offer: neither yes nor no. Other words for
the same tokens that files in the wild use are taken for them, with a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from lxml import etree

from cantoria.consent.signals import Found, Offer, OutsideSignal, Said, Stance, Standard, quoted
from cantoria.consent.signals.crosswalk import crosswalk
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals.common import Notes, SignalsRead, is_address, normal, path_of, take, text_of
from cantoria.formats.xml_records import Element, child, children, line_of, namespace_of
from cantoria.formats.xml_records import text_of as words_of
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError

VERSION: Final = "1.0"
NAMESPACE: Final = "https://rslstandard.org/rsl"
TOKENS: Final = crosswalk().categories(Standard.RSL)
_OTHER_WORDS: Final = {
    "train-ai": "ai-train",
    "ai_train": "ai-train",
    "ai-training": "ai-train",
    "train-genai": "ai-train",
    "training": "ai-train",
    "train": "ai-train",
    "ai_input": "ai-input",
    "ai-inference": "ai-input",
    "inference": "ai-input",
    "ai-use": "ai-input",
    "rag": "ai-input",
    "ai_index": "ai-index",
    "ai-search": "ai-index",
    "ai_all": "ai-all",
    "ai": "ai-all",
    "any": "all",
    "*": "all",
    "index": "search",
    "search-index": "search",
}
_INSIDE: Final = {"all": frozenset(TOKENS), "ai-all": frozenset({"ai-all", "ai-train", "ai-input", "ai-index"})}
_FREE: Final = frozenset({"", "free"})
_BANNED: Final = (b"<!doctype", b"<!entity")
_ENCODINGS: Final = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_DECLARED: Final = re.compile(rb"""\A\s*<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")


def read(source: bytes | BinaryIO, *, file: str, found: Found = Found.FILE) -> SignalsRead:
    """Return the signals of each licensed address of a file or feed. Raises `InputError` for what is no XML in UTF-8,
    has a document type or entities, or holds no content of RSL at all."""
    root = _parse(take(source, file=file), file)
    notes = Notes(file)
    contents = [one for one in root.iter("{*}content") if namespace_of(one) in (NAMESPACE, "")]
    if not contents:
        raise InputError(f"{file} holds no content element of RSL", f"its namespace is {NAMESPACE}")
    if namespace_of(contents[0]) != NAMESPACE:
        notes.add("elements without the namespace of RSL: read as if they had it", remedy=f"declare {NAMESPACE}")
    if len(contents) > SIGNALS.rules_max:
        raise InputError(f"{file} has more than {SIGNALS.rules_max} contents", "join them by patterns")
    signals = [signal for content in contents for signal in _signals(content, file, found, notes)]
    return SignalsRead(tuple(signals), notes.all())


def _parse(data: bytes, file: str) -> Element:
    declared = _DECLARED.search(data[:1_000])
    if declared and declared[1].lower() not in _ENCODINGS:
        raise InputError(f"{file} is not UTF-8", "save it as UTF-8")
    text_of(data, file=file)
    if any(banned in data.lower() for banned in _BANNED):
        raise InputError(f"{file} holds a document type or an entity", "RSL has none: do not trust its sender")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"{file} is not well-formed XML: {quoted(str(error.msg))}", "write it again") from error


def _signals(content: Element, file: str, found: Found, notes: Notes) -> Iterator[OutsideSignal]:
    url = (content.get("url") or "").strip()
    if not url:
        notes.add("content without an address: read as if for all", line=line_of(content), field="url")
    location = normal(path_of(url)) if is_address(url) else normal(url)
    licences = children(content, "license")
    server = (content.get("server") or "").strip()
    if not licences:
        notes.add("content without a licence: nothing is licensed, which is no permission", line=line_of(content))
    offers = tuple(dict.fromkeys(_offers(content, licences, server)))
    if not offers and (terms := _all_terms(licences)):
        offers = (Offer(file, terms),)
    places: dict[str, list[Said]] = {territories.WORLD: []}
    for licence in licences:
        for territory, said in _refused(licence, notes):
            places.setdefault(territory, []).append(said)
    places[territories.WORLD] += _permitted(licences, notes, paid=bool(server))
    for territory, given in places.items():
        if given or (territory == territories.WORLD and offers):
            yield OutsideSignal(
                standard=Standard.RSL,
                version=VERSION,
                found=found,
                place=file,
                said=tuple(dict.fromkeys(given)),
                location=location,
                territory=territory,
                offers=offers,
            )


def _refused(licence: Element, notes: Notes) -> Iterator[tuple[str, Said]]:
    """Give what a licence prohibits, each with the territory in which it does."""
    prohibited = _listed(licence, "prohibits", "usage", notes)
    for token in prohibited:
        yield territories.WORLD, Said(token, Stance.REFUSED, "prohibited")
    if "commercial" in _listed(licence, "prohibits", "user", notes):
        yield territories.WORLD, Said("all", Stance.REFUSED, "prohibited to commercial users")
    outside = _geo(_listed(licence, "prohibits", "geo", notes), notes)
    if outside:
        yield outside, Said("all", Stance.REFUSED, "prohibited there")
    inside = _geo(_listed(licence, "permits", "geo", notes), notes)
    if inside and len(children(licence.getparent(), "license")) == 1:  # type: ignore[arg-type]
        less = " ".join(f"-{code}" for code in inside.split())
        yield f"{territories.WORLD} {less}", Said("all", Stance.REFUSED, "permitted elsewhere only")


def _permitted(licences: list[Element], notes: Notes, *, paid: bool) -> Iterator[Said]:
    """Give what the licences of one content permit, on which terms, and what none of those that list uses lists."""
    permitted: dict[str, Stance] = {}
    listing = False
    open_ended = False
    for licence in licences:
        tokens = _listed(licence, "permits", "usage", notes)
        listing |= bool(tokens)
        stance = Stance.CONSTRAINED if paid or _terms(licence) else Stance.ALLOWED
        if not tokens and not children(licence, "prohibits"):
            open_ended, tokens = True, ["all"]
        for token in tokens:
            for one in _INSIDE.get(token, frozenset({token})):
                if permitted.get(one) is not Stance.ALLOWED:
                    permitted[one] = stance
    for token in TOKENS:
        if token in permitted:
            yield Said(
                token, permitted[token], "on the terms of a licence" if permitted[token] is Stance.CONSTRAINED else ""
            )
        elif listing and not open_ended and token not in _INSIDE:
            yield Said(token, Stance.REFUSED, "not among what the licences permit")


def _listed(licence: Element, kind: str, of: str, notes: Notes) -> list[str]:
    """Return the tokens that a licence permits or prohibits, of uses in the standard's own words."""
    found: list[str] = []
    for element in children(licence, kind):
        if (element.get("type") or "usage").strip().lower() != of:
            continue
        for word in re.split(r"[\s,;]+", words_of(element)[: SIGNALS.text_chars_max]):
            if word:
                found.append(_token(word.lower(), element, kind, notes) if of == "usage" else word.lower())
    return list(dict.fromkeys(found))


def _token(word: str, element: Element, kind: str, notes: Notes) -> str:
    if word in TOKENS:
        return word
    meant = _OTHER_WORDS.get(word)
    if meant is None and kind == "prohibits":
        meant = "ai-all"  # a prohibition that cannot be read is taken for the widest
    if meant is None:
        notes.add("this use is not known and permits nothing", line=line_of(element), field=kind, value=word)
        return quoted(word)
    notes.add(
        f"no word of RSL: taken for {meant}", remedy=f"write {meant}", line=line_of(element), field=kind, value=word
    )
    return meant


def _geo(codes: list[str], notes: Notes) -> str:
    """Return countries and groups as a territory expression, empty for none that can be read."""
    found = []
    for code in codes:
        try:
            found.append(territories.canonical(code.upper()))
        except InputError:
            notes.add("this territory is not known", remedy="write ISO 3166 alpha-2 codes", field="geo", value=code)
    return territories.canonical(" ".join(found)) if found else ""


def _terms(licence: Element) -> str:
    """Return what a licence asks for in return, in words; empty when it asks for nothing."""
    parts = []
    for payment in children(licence, "payment"):
        kind = (payment.get("type") or "").strip().lower()
        amounts = [f"{one.get('currency', '')} {words_of(one)}".strip() for one in payment.iter("{*}amount")]
        if kind not in _FREE or amounts:
            parts.append(" ".join((kind or "payment", *amounts)))
    users = [words_of(one) for one in children(licence, "permits") if (one.get("type") or "") == "user"]
    return quoted("; ".join((*parts, *(f"for {user}" for user in users if user))))


def _all_terms(licences: list[Element]) -> str:
    return quoted("; ".join(dict.fromkeys(filter(None, map(_terms, licences)))))


def _offers(content: Element, licences: list[Element], server: str) -> Iterator[Offer]:
    terms = _all_terms(licences)
    if server:
        yield Offer(quoted(server), terms or "licence server")
    for licence in licences:
        for payment in children(licence, "payment"):
            for name in ("standard", "custom"):
                for one in children(payment, name):
                    if words_of(one):
                        yield Offer(quoted(words_of(one)), _terms(licence))
    holder = child(content, "copyright")
    if holder is not None:
        for key in ("contactUrl", "contactEmail"):
            if holder.get(key):
                yield Offer(quoted(holder.get(key) or ""), terms)
    for one in children(content, "terms"):
        if words_of(one):
            yield Offer(quoted(words_of(one)), "terms")
