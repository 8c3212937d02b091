"""The context of our JSON-LD 1.1: schema.org terms where it has them, own terms for what it has not.

`spec/context.jsonld` holds the same for whoever reads the files; a test keeps both equal. Own IRIs are URNs, since
they name things and promise no web page.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

CONTEXT_ID: Final = "urn:cantoria:context:1"
THING: Final = "urn:cantoria:thing:"
TERM: Final = "urn:cantoria:term:"

_REFERENCE: Final = {"@type": "@id"}
_LISTED: Final = {"@type": "@id", "@container": "@list"}


def _schema(name: str, **more: Any) -> Any:
    return {"@id": f"schema:{name}", **more} if more else f"schema:{name}"


_TERMS: Final[dict[str, Any]] = {
    "@version": 1.1,
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "term": TERM,
    "thing": THING,
    "id": "@id",
    "type": "@type",
    **{
        name: _schema(name)
        for name in (
            "MusicComposition",
            "MusicRecording",
            "MusicRelease",
            "MusicGroup",
            "Organization",
            "Person",
            "PropertyValue",
        )
    },
    **{
        name: _schema(name)
        for name in ("name", "alternateName", "creditText", "duration", "isrcCode", "iswcCode", "gtin", "version")
    },
    **{name: _schema(name) for name in ("identifier", "propertyID", "value")},
    **{
        name: _schema(name, **_REFERENCE)
        for name in (
            "author",
            "byArtist",
            "composer",
            "contributor",
            "lyricist",
            "producer",
            "publisher",
            "recordingOf",
            "translator",
        )
    },
    "track": _schema("track", **_LISTED),
    "Claim": "term:Claim",
    "Collection": "term:Collection",
    "Chain": "term:Chain",
    **{name: f"term:{name}" for name in ("claim", "collection", "chain")},
    **{name: f"term:{name}" for name in ("role", "right", "share", "territory", "tier", "kind", "script", "agreement")},
    **{name: {"@id": f"term:{name}", **_REFERENCE} for name in ("party", "grantor", "acquirer", "madeFrom", "samples")},
    **{name: {"@id": f"term:{name}", "@type": "xsd:boolean"} for name in ("madeFromComplete", "samplesComplete")},
    **{name: {"@id": f"term:{name}", "@type": "xsd:dateTime"} for name in ("from", "to")},
}
CONTEXT: Final = MappingProxyType(_TERMS)
