"""The documents of terms that a house knows: the standard ones, and those that organisations published."""

from __future__ import annotations

from typing import Final

from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.kernel.errors import InputError
from cantoria.licensing.licence_facts import TermsPublished
from cantoria.licensing.standard_terms import STANDARD
from cantoria.licensing.terms import Terms

TEXT_MAX: Final = 256 * 1024


def known(house: House) -> tuple[Terms, ...]:
    """Return all documents, the standard ones first, the others in the order of the ledger; each once."""
    size = house.index.catch_up()
    published = [said.fact.terms for said in house.index.scan(tags=[TermsPublished.TYPE.tag], size=size)]
    return tuple({terms.digest: terms for terms in (*STANDARD, *published)}.values())


def of_digest(house: House, digest: str) -> Terms:
    """Return the document with this digest, or raise `InputError`: nobody agrees to what cannot be read."""
    for terms in STANDARD:
        if terms.digest == digest:
            return terms
    for said in house.index.about([digest], tags=[TermsPublished.TYPE.tag]):
        published: Terms = said.fact.terms
        if published.digest == digest:
            return published
    raise InputError(f"no terms {digest:.16} are known here", "have who offers them publish the document")


def named(house: House, text: str) -> Terms:
    """Return the document called `text`: its digest (or at least 8 digits of it), `name@version`, or a name, which
    means its latest version here. Two documents of one name by different organisations need the digest."""
    every = known(house)
    found = [one for one in every if text in (one.digest, f"{one.name}@{one.version}")]
    found = found or [one for one in every if len(text) >= 8 and one.digest.startswith(text)]
    found = found or [one for one in every if one.name == text][-1:]
    if len(found) != 1:
        what = "several documents of terms" if found else "no terms"
        raise InputError(f"{what} called {text!r:.80}", "see `cantoria licence terms list`")
    return found[0]


def publish(house: House, terms: Terms, *, author: Author) -> Receipt:
    """Record a document of terms and return the receipt. A name and version stand for one text."""
    if len(terms.text.encode()) > TEXT_MAX:
        raise InputError(f"the text has more than {TEXT_MAX} bytes", "shorten it")
    same = [one for one in known(house) if (one.name, one.version) == (terms.name, terms.version)]
    if same:
        raise InputError(f"there are terms {terms.name}@{terms.version} already", "give it another version")
    return house.journal.record([TermsPublished(terms=terms)], author=author)[0]
