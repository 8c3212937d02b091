"""Codes and links of a thing, each with everything that was said of it: who asserts it, how well evidenced, disputed
by whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cantoria.app.pages.registry_names import Names, Value, code_value
from cantoria.registry import Registry
from cantoria.registry.types import LinkView, Relation

STRIP: Final = ("isrc", "iswc", "youtube_asset", "uci")  # the four codes that connect a recording to the trade


def link_value(link: LinkView, *, names: Names) -> Value:
    """Return one link with its evidence."""
    return {
        "link": str(link.link),
        "left": link.left,
        "relation": link.relation.value,
        "right": link.right,
        "state": link.state.value,
        "tier": link.tier.name.lower(),
        "vouched": link.vouched,
        "asserted_by": [names.ref(one) for one in link.asserted_by],
        "entry": link.index,
    }


def codes_value(registry: Registry, thing: str, *, names: Names) -> list[Value]:
    """Return the codes that name a thing, each with the evidence of its link."""
    links = [link for link in registry.links(thing) if link.relation is Relation.IDENTIFIES and link.right == thing]
    names.want(one for link in links for one in link.asserted_by)
    found = [{**code_value(link.left), "names": thing, **link_value(link, names=names)} for link in links]
    return sorted(found, key=lambda one: (one["state"] == "withdrawn", one["scheme"], one["value"]))


def strip_value(codes: Iterable[Value], *, of_works: Iterable[Value] = ()) -> Mapping[str, list[Value]]:
    """Return the strip of the four codes: the ISWCs are those of the works."""
    own, works = list(codes), list(of_works)
    strip = {scheme: [one for one in own if one["scheme"] == scheme] for scheme in STRIP}
    strip["iswc"] += [one for one in works if one["scheme"] == "iswc"]
    return strip


def embodied_value(registry: Registry, recording: str, *, names: Names) -> list[Value]:
    """Return the works that somebody links a recording to, with the evidence of each link."""
    links = [
        link for link in registry.links(recording) if link.relation is Relation.EMBODIES and link.left == recording
    ]
    names.want([name for link in links for name in (link.right, *link.asserted_by)])
    return [{"work": names.ref(link.right), **link_value(link, names=names)} for link in links]


def same_value(registry: Registry, thing: str, *, names: Names) -> list[Value]:
    """Return what somebody says is the same as a thing."""
    links = [link for link in registry.links(thing) if link.relation is Relation.SAME_AS]
    found = []
    for link in links:
        other = link.right if link.left == thing else link.left
        found.append({"other": names.ref(other), **link_value(link, names=names)})
    return found
