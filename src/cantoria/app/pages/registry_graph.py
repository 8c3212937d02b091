"""The rights graph of a recording or a work: person, share, work, recording, release, dataset, model, with what
connects them. Plain values; `web/charts/graph.py` draws them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cantoria.app.pages.registry_names import Names, Value, path_of
from cantoria.clearance import Rights
from cantoria.registry.types import Relation
from cantoria.registry.views import ClaimView

LAYERS: Final = ("person", "share", "work", "recording", "release", "dataset", "model")
RECORDINGS_MAX: Final = 60  # of a work; the page of the work lists them all


@dataclass(slots=True)
class _Sheet:
    """The graph while it is put together; a node or an edge that is named twice is there once."""

    nodes: dict[str, Value] = field(default_factory=dict)
    edges: dict[tuple[str, str], Value] = field(default_factory=dict)

    def node(self, name: str, layer: str, label: str, *, path: str = "", note: str = "", state: str = "") -> str:
        self.nodes.setdefault(
            name, {"id": name, "layer": layer, "label": label or name, "path": path, "note": note, "state": state}
        )
        return name

    def edge(self, source: str, target: str, *, state: str = "") -> None:
        if source in self.nodes and target in self.nodes:
            self.edges.setdefault((source, target), {"from": source, "to": target, "state": state})

    def value(self) -> Value:
        counts = {layer: sum(node["layer"] == layer for node in self.nodes.values()) for layer in LAYERS}
        return {
            "layers": list(LAYERS),
            "nodes": list(self.nodes.values()),
            "edges": list(self.edges.values()),
            "counts": counts,
        }


def graph_value(rights: Rights, subject: str, where: Value, *, names: Names, at: int) -> Value:
    """Return the graph around a work or recording: everything that it carries with it, its releases, and the datasets
    and models that it is in (`where` as of `registry_where`)."""
    registry = rights.registry
    closure = registry.closure(subject)
    recordings = dict.fromkeys(closure.recordings)
    if not recordings:
        recordings = dict.fromkeys(registry.recordings_of(subject)[:RECORDINGS_MAX])
    releases = sorted({name for one in recordings for name in registry.releases_of(one)})
    names.want([*closure.works, *recordings, *releases])
    sheet = _Sheet()
    for work in closure.works:
        sheet.node(work, "work", names.name(work), path=path_of(work))
    for recording in recordings:
        sheet.node(recording, "recording", names.name(recording), path=path_of(recording))
    for release in releases:
        sheet.node(release, "release", names.name(release), path=path_of(release))
    for thing in (*closure.works, *closure.recordings):
        _add_claims(sheet, registry.claims(thing), names=names, at=at)
    _add_links(sheet, rights, recordings, closure.works)
    _add_where(sheet, where)
    return sheet.value()


def _add_claims(sheet: _Sheet, claims: Iterable[ClaimView], *, names: Names, at: int) -> None:
    in_force = [claim for claim in claims if claim.in_force(at)]
    names.want(claim.fact.party for claim in in_force)
    for claim in in_force:
        fact = claim.fact
        state = "" if claim.effective else "weak"
        person = sheet.node(fact.party, "person", names.name(fact.party), path=path_of(fact.party))
        name = f"{fact.party} {fact.role.value} {fact.subject}"
        share = sheet.node(
            name,
            "share",
            fact.role.value,
            path=f"/entries/{claim.index}",
            note=str(fact.share) if fact.share is not None else "",
            state=state,
        )
        if not sheet.nodes[share]["note"] and fact.share is not None:
            sheet.nodes[share]["note"] = str(fact.share)
        sheet.edge(person, share, state=state)
        sheet.edge(share, fact.subject, state=state)


def _add_links(sheet: _Sheet, rights: Rights, recordings: Iterable[str], works: Iterable[str]) -> None:
    registry = rights.registry
    for recording in recordings:
        for link in registry.links(recording):
            if link.relation is Relation.EMBODIES and link.left == recording:
                sheet.edge(link.right, recording, state="" if link.state.value == "agreed" else link.state.value)
        view = registry.recording(recording)
        for sample in view.samples if view else ():
            sheet.edge(sample, recording, state="part")
        for release in registry.releases_of(recording):
            sheet.edge(recording, release)
    for work in works:
        seen = registry.work(work)
        for part in seen.parts if seen else ():
            sheet.edge(part, work, state="part")


def _add_where(sheet: _Sheet, where: Value) -> None:
    for one in where["certificates"]:
        name = one["certificate"]
        state = {True: "cleared", False: "refused", None: ""}[one["passed"]]
        sheet.node(name, "dataset", one["title"], path=path_of(name), state=state)
        for thing in one["things"]:
            sheet.edge(thing, name)
    runs = {one["run"]: one for one in where["runs"]}
    for model in where["models"]:
        path = path_of(model["model"]) if model["model"] else ""
        name = sheet.node(model["version"], "model", model["name"], path=path, note=model["label"])
        for run in model["runs"]:
            certificate = runs[run]["certificate"]
            for source in [certificate] if certificate in sheet.nodes else runs[run]["things"]:
                sheet.edge(source, name)
    for model in where["models"]:
        for base in model["inherited_from"]:
            sheet.edge(base, model["version"], state="part")
