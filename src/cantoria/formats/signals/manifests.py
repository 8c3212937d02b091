"""Assertions on training and data mining in a C2PA manifest store, given as the JSON that C2PA tools print.

Read are `cawg.training-mining` (CAWG 1.0, 1.1) and the older `c2pa.training-mining`, in every manifest of the store:
those of ingredients speak of what went into the sound. Whether the store's signatures hold is not checked here; a no
counts all the same, and an allowed never counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from cantoria.consent.signals import Covers, Found, Offer, OutsideSignal, Said, Stance, Standard, quoted
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals.common import Notes, SignalsRead, listed, parse_json, take
from cantoria.kernel.errors import InputError

VERSIONS: Final = {Standard.CAWG: "1.1", Standard.C2PA: "1.4"}
LABEL: Final = ".training-mining"
_STANCES: Final = {
    "allowed": Stance.ALLOWED,
    "notallowed": Stance.REFUSED,
    "not_allowed": Stance.REFUSED,
    "constrained": Stance.CONSTRAINED,
}


def read(source: bytes | BinaryIO, *, file: str) -> SignalsRead:
    """Return one signal for each assertion of a store, or of an assertion given alone. Raises `InputError` for what is
    neither."""
    value = parse_json(take(source, file=file, bytes_max=SIGNALS.manifest_bytes_max), file=file)
    if not isinstance(value, dict):
        raise InputError(f"{file} is no manifest store", "give the JSON that a C2PA tool prints for the sound file")
    notes = Notes(file)
    signals = []
    for place, label, data in _assertions(value, file):
        signal = _signal(place, label, data, notes)
        if signal is not None:
            signals.append(signal)
    if str(value.get("validation_state", "")).lower() == "invalid" or value.get("validation_status"):
        notes.add("the tool reports that the store does not validate: its refusals count all the same")
    return SignalsRead(tuple(dict.fromkeys(signals)), notes.all())


def _assertions(value: Mapping[str, Any], file: str) -> Iterator[tuple[str, str, Any]]:
    """Give (place, label, data) of each assertion on training and mining."""
    manifests = value.get("manifests")
    if isinstance(manifests, dict):
        named: list[tuple[str, Any]] = list(manifests.items())
    elif isinstance(manifests, list):
        named = [(str(one.get("label", "")), one) for one in manifests if isinstance(one, dict)]
    elif "assertions" in value:
        named = [("", value)]
    elif "entries" in value or "data" in value:
        yield file, str(value.get("label", _label_of(value))), value.get("data", value)
        return
    else:
        raise InputError(f"{file} holds neither manifests nor assertions", "give a C2PA manifest store as JSON")
    active = value.get("active_manifest")
    for name, manifest in named:
        for one in listed(manifest.get("assertions")) if isinstance(manifest, dict) else []:
            if isinstance(one, dict) and _stem(str(one.get("label", ""))).endswith(LABEL):
                role = "" if not name or name == active else " (ingredient)"
                yield f"{file}: {quoted(name)}{role}", str(one["label"]), one.get("data")


def _label_of(value: Mapping[str, Any]) -> str:
    keys = list(value.get("entries") or ())
    return f"{keys[0].partition('.')[0]}{LABEL}" if keys and isinstance(keys[0], str) else ""


def _stem(label: str) -> str:
    """Return a label without the number of its instance."""
    return label.partition("__")[0]


def _signal(place: str, label: str, data: Any, notes: Notes) -> OutsideSignal | None:
    name = _stem(label).removesuffix(LABEL)
    if name not in ("cawg", "c2pa"):
        notes.add("an assertion of an unknown kind on training and mining: not read", field="label", value=label)
        return None
    standard = Standard(name)
    entries = data.get("entries") if isinstance(data, dict) else None
    if not isinstance(entries, dict):
        notes.add("an assertion without entries says nothing", field=label, value=data)
        return None
    said, offers = [], []
    for key, entry in entries.items():
        one = _said(key, entry, notes)
        if one is not None:
            said.append(one)
            if one.stance is Stance.CONSTRAINED and one.detail:
                offers.append(Offer(one.detail))
    if not said:
        return None
    return OutsideSignal(
        standard=standard,
        version=VERSIONS[standard],
        found=Found.MANIFEST,
        place=place,
        said=tuple(said),
        covers=Covers.RECORDING,
        offers=tuple(dict.fromkeys(offers)),
    )


def _said(key: str, entry: Any, notes: Notes) -> Said | None:
    use = entry.get("use") if isinstance(entry, dict) else entry
    stance = _STANCES.get(use.strip().lower()) if isinstance(use, str) else None
    if stance is None:
        message = "neither allowed, notAllowed nor constrained: nothing is said, which is no permission"
        notes.add(message, field=key, value=use)
        return None
    info = entry.get("constraint_info") if isinstance(entry, dict) else None
    return Said(quoted(key), stance, quoted(info) if isinstance(info, str) else "")
