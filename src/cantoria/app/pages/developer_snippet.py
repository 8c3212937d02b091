"""A request once more in other words: a program with a gate for pipelines, and the question of the veto view."""

from __future__ import annotations

from typing import Any, Final

from cantoria.clearance.types import Request

_PROMISES: Final = ("attribution", "label", "tuned_on", "used_input")


def gate_snippet(request: Request, *, server: str, key: str, certificate: str, manifest: str = "manifest.csv") -> str:
    """Return a program that fetches the snapshot of `server`, verified under the log's `key`, and filters a CSV by the
    request that the certificate is for. Every text in it is a Python literal: nothing of it can end one."""
    asked = "".join(f"    {name}={_literal(value)},\n" for name, value in arguments(request).items())
    out = _literal(manifest.rpartition(".")[0] + "-cleared.csv")
    money = ""
    if request.offer is not None:
        money = "from cantoria.kernel.money import Money\n"
        price = f"{_literal(request.offer.format())}, {_literal(request.offer.currency)}"
        asked += f"    offer=Money.parse({price}),\n"
    return (
        "from cantoria import Gate\n"
        f"{money}"
        "from cantoria.sdk.client import Client\n"
        "\n"
        f"SERVER = {_literal(server)}\n"
        f"KEY = {_literal(key)}  # of the log: pin it\n"
        f"CERTIFICATE = {_literal(certificate)}  # what was cleared, on the ledger\n"
        "\n"
        'snapshot = Client(SERVER).download("cantoria-snapshots", key=KEY)\n'
        "gate = Gate(\n"
        "    snapshot,\n"
        "    key=KEY,\n"
        f"{asked}"
        ")\n"
        f"gate.csv({_literal(manifest)}, {out})  # or dataset.filter(gate, batched=True)\n"
        "print(gate.report())\n"
    )


def arguments(request: Request) -> dict[str, Any]:
    """Return the arguments of a gate for a request; what says nothing is left out."""
    given: dict[str, Any] = {
        "use": request.use.value,
        "licensee": request.licensee,
        "territories": request.territories,
        "training_place": request.training_place,
        "establishment": request.establishment,
        "markets": request.markets,
        "profile": "" if request.profile == "base" else request.profile,
        "model_version": request.model_version or "",
        "licensee_classes": sorted(request.licensee_classes),
        "attribution": request.attribution,
        "label": request.label,
        "campaign": request.campaign or "",
        "persons": list(request.persons),
        "tuned_on": request.tuned_on,
        "used_input": request.used_input,
    }
    return {name: value for name, value in given.items() if value}


def question_of(request: Request) -> dict[str, Any]:
    """Return how the view of why a row is not cleared is asked the same; what says nothing is left out."""
    offer = request.offer
    given: dict[str, Any] = {
        "use": request.use.value,
        "licensee": request.licensee,
        "territory": request.territories,
        "training_place": request.training_place,
        "establishment": request.establishment,
        "markets": request.markets,
        "offer": "" if offer is None else f"{offer.currency} {offer.format()}",
        "profile": "" if request.profile == "base" else request.profile,
        "licensee_classes": sorted(request.licensee_classes),
        "model_version": request.model_version or "",
        "campaign": request.campaign or "",
        "persons": list(request.persons),
        **{name: "true" for name in _PROMISES if getattr(request, name)},
    }
    return {name: value for name, value in given.items() if value}


def _literal(value: Any) -> str:
    """Return a value as Python writes it, texts in double quotes and ASCII."""
    if isinstance(value, str):
        return '"' + value.encode("unicode_escape").decode().replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_literal(one) for one in value) + "]"
    return str(value)
