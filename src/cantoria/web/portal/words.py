"""Words for codes: what an enumeration's value, such as `train_generative`, is called in English, to be translated.

Each text is a message of the catalogue `common.po`. Values that people know as they are (`ISRC`, `TDMRep`) are names
and have no translation.
"""

from __future__ import annotations

from typing import Final

from cantoria.web.portal.words_of_trade import TRADE
from cantoria.web.portal.words_of_work import WORK


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text as a message; it is translated where it is shown."""
    return text


NAMES: Final[dict[str, str]] = {
    "iswc": "ISWC",
    "isrc": "ISRC",
    "ipi_name": "IPI",
    "ipi_base": "IPI base",
    "ipn": "IPN",
    "isni": "ISNI",
    "uci": "UCI",
    "youtube_asset": "YouTube",
    "dpid": "DPID",
    "gtin": "GTIN",
    "grid": "GRid",
    "iscc": "ISCC",
    "tdmrep": "TDMRep",
    "rsl": "RSL",
    "aipref": "AIPREF",
    "content-signal": "Content-Signal",
    "robots": "robots.txt",
    "noai": "noai",
    "c2pa": "C2PA",
    "cawg": "CAWG",
    "ddex": "DDEX",
    "odrl": "ODRL",
}
WORDS: Final[dict[str, str]] = {
    # uses (RULES section 1) and their families
    "analyse": N_("analysis"),
    "train_nongenerative": N_("training of non-generative AI"),
    "train_generative": N_("training of generative AI"),
    "input": N_("use as input"),
    "style": N_("imitation of style"),
    "voice": N_("imitation of voice"),
    "likeness": N_("use of name or image"),
    "release_output": N_("release of outputs"),
    "advertise": N_("advertising"),
    "all": N_("every use"),
    "training": N_("all training"),
    "generation": N_("all generation"),
    "persona": N_("the person: voice, likeness, style"),
    "output": N_("all outputs"),
    # answers of clearance, and what a party says
    "cleared": N_("cleared"),
    "denied": N_("denied"),
    "licensable": N_("licensable"),
    "unknown": N_("unknown"),
    "stop": N_("stop"),
    "no": N_("no"),
    "ask": N_("ask me"),
    "yes": N_("yes"),
    "silent": N_("silence"),
    # things
    "recording": N_("recording"),
    "work": N_("work"),
    "release": N_("release"),
    "party": N_("party"),
    "person": N_("person"),
    "group": N_("group"),
    "organisation": N_("organisation"),
    "catalogue": N_("catalogue"),
    "present_works": N_("all present works"),
    "future_works": N_("all future works"),
    "certificate": N_("certificate"),
    "model": N_("model"),
    "run": N_("training run"),
    "case": N_("conflict case"),
    "statement": N_("statement"),
    "licence": N_("licence"),
    "society": N_("society number"),
    "own": N_("own number"),
    # to whom
    "named": N_("one named party"),
    "class": N_("a class of licensees"),
    "any": N_("anyone"),
    **TRADE,
    **WORK,
}


def english(value: object) -> str:
    """Return the English word for a value of an enumeration (its value, or an IntEnum's name); else the value."""
    text = str(value)
    found = WORDS.get(text) or WORDS.get(text.lower())
    return found or NAMES.get(text, text)
