"""A file of each standard of outside signals, valid and broken: what readers and fuzzers are tried on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from cantoria.formats.signals import Kind

RSL_NS: Final = "https://rslstandard.org/rsl"


def rsl(*contents: str) -> bytes:
    """Return an RSL file with these content elements."""
    return f'<?xml version="1.0" encoding="UTF-8"?><rsl xmlns="{RSL_NS}">{"".join(contents)}</rsl>'.encode()


def manifest_store(entries: Any, *, label: str = "cawg.training-mining") -> bytes:
    """Return a manifest store with one assertion on training and mining."""
    assertion = {"label": label, "data": {"entries": entries}}
    return json.dumps({"active_manifest": "urn:a", "manifests": {"urn:a": {"assertions": [assertion]}}}).encode()


def policy(**rules: Any) -> bytes:
    """Return an ODRL policy with these rules."""
    context = ["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep#"}]
    head = {"@context": context, "@type": "Offer", "uid": "https://label.example/policy"}
    return json.dumps({**head, "assigner": {"vcard:hasEmail": "mailto:ai@label.example"}, **rules}).encode()


# One valid file for each kind; each refuses training somewhere.
VALID: Final[Mapping[Kind, bytes]] = MappingProxyType(
    {
        Kind.TDMREP: json.dumps(
            [
                {"location": "/audio/*", "tdm-reservation": 1, "tdm-policy": "https://label.example/policy"},
                {"location": "/press/", "tdm-reservation": 0},
            ]
        ).encode(),
        Kind.ODRL: policy(
            permission=[
                {"target": "https://label.example/a", "action": "tdm:mine", "duty": [{"action": "compensate"}]}
            ],
            prohibition=[{"target": "https://label.example/a", "action": "urn:cantoria:use:train_generative"}],
        ),
        Kind.RSL: rsl(
            '<content url="/audio/*" server="https://licences.example"><license>'
            '<permits type="usage">ai-input</permits>'
            '<payment type="use"><amount currency="EUR">0.05</amount></payment></license></content>'
        ),
        Kind.ROBOTS: b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\nAllow: /press/\n\nUser-agent: *\nAllow: /\n"
        b"Content-Usage: train-ai=n\nContent-Signal: search=yes, ai-train=no\nLicense: https://label.example/license.xml\n",
        Kind.HEADERS: b"HTTP/1.1 200 OK\r\nTDM-Reservation: 1\r\nContent-Usage: train-ai=n, search=y\r\n"
        b'X-Robots-Tag: noai\r\nLink: <https://label.example/l.xml>; rel="license"; type="application/rsl+xml"\r\n',
        Kind.PAGE: b'<!doctype html><html><head><meta name="tdm-reservation" content="1">'
        b'<meta name="robots" content="noai">'
        b'<link rel="license" type="application/rsl+xml" href="/license.xml"></head><body></body></html>',
        Kind.MANIFEST: manifest_store(
            {
                "cawg.ai_generative_training": {"use": "notAllowed"},
                "cawg.ai_training": {"use": "constrained", "constraint_info": "https://label.example/licence"},
                "cawg.data_mining": {"use": "allowed"},
            }
        ),
        Kind.LICENCE: b"---\nlicense: cc-by-nc-4.0\n---\n# A data set\n\nIt may not be used to train generative AI.\n",
    }
)

# Files that a reader refuses whole.
REFUSED: Final[tuple[tuple[Kind, bytes, str], ...]] = (
    (Kind.TDMREP, b"{}", "no list of rules"),
    (Kind.TDMREP, b"[", "not JSON"),
    (Kind.TDMREP, b"\xff\xfe[\x00]\x00", "not UTF-8"),
    (Kind.TDMREP, b'[{"location": "/", "location": "/a", "tdm-reservation": 1}]', "twice"),
    (Kind.TDMREP, b'[{"location": "/", "tdm-reservation": NaN}]', "no JSON number"),
    (Kind.TDMREP, b"[" * 100_000, "nested too deep"),
    (Kind.TDMREP, b"[" * 40 + b"]" * 40, "nested deeper"),
    (Kind.TDMREP, b"[" + b"1," * 300_000 + b"1]", "more than"),
    (Kind.TDMREP, b"[" + b'{"location":"/"},' * 6_000 + b"{}]", "more than"),
    (Kind.TDMREP, b"[1" + b"0" * 5_000 + b"]", "not JSON"),
    (Kind.ODRL, b'{"@type": "Set"}', "no ODRL policy"),
    (Kind.ODRL, b"[]", "no ODRL policy"),
    (Kind.RSL, b"<rsl/>", "no content element"),
    (Kind.RSL, b"<rsl><content></rsl>", "not well-formed"),
    (Kind.RSL, b'<!DOCTYPE r [<!ENTITY a "aaaa">]><rsl><content url="&a;"/></rsl>', "document type"),
    (Kind.RSL, b"<?xml version='1.0' encoding='utf-7'?><rsl><content url='/'/></rsl>", "not UTF-8"),
    (Kind.RSL, b"<?xml version='1.0' encoding='nonsense'?><rsl><content url='/'/></rsl>", "not UTF-8"),
    (Kind.RSL, '<rsl><content url="/"/></rsl>'.encode("utf-16"), "not UTF-8"),
    (Kind.RSL, b"<a>" * 300 + b"</a>" * 300, "not well-formed"),
    (Kind.MANIFEST, b"[]", "no manifest store"),
    (Kind.MANIFEST, b'{"a": 1}', "neither manifests nor assertions"),
)

# Files that are read, with a finding, and refuse nothing: what is malformed says nothing.
SILENT: Final[tuple[tuple[Kind, bytes], ...]] = (
    (Kind.TDMREP, b'[{"location": "/", "tdm-reservation": 2}]'),
    (Kind.TDMREP, b'[{"tdm-reservation": 1}, 7, {"location": 3, "tdm-reservation": 1}]'),
    (Kind.TDMREP, b'[{"location": "/", "tdm-reservation": 0, "tdm-policy": "nowhere"}]'),
    (Kind.ROBOTS, b"Disallow: /\nContent-Usage: train-ai\nContent-Signal: ai-train=perhaps\n"),
    (Kind.ROBOTS, b"Content-Usage: train-ai=n,\n"),
    (Kind.HEADERS, b"Content-Usage: train-ai=N\n"),
    (Kind.HEADERS, b"tdm-policy: https://label.example/p\n"),
    (Kind.HEADERS, b"no field at all\n"),
    (Kind.MANIFEST, manifest_store({"cawg.ai_training": {"use": "maybe"}, "cawg.data_mining": 4})),
    (Kind.MANIFEST, manifest_store(["cawg.ai_training"])),
    (Kind.MANIFEST, manifest_store({"x.ai_training": "notAllowed"}, label="x.training-mining")),
    (Kind.LICENCE, b"All rights reserved.\n"),
    (Kind.RSL, rsl('<content url="/"/>')),
    (Kind.ODRL, policy(permission=[{"target": "https://label.example/a", "action": {"x": 1}}])),
)
