"""What a gated dataset says of itself: `croissant.json` (Croissant 1.1) and a dataset card, made from its receipt.

`usageInfo` states in ODRL 2.2 what was asked and cleared, and nothing beyond it; PROV says from which dataset, by which
snapshot and when it was made. Neither is a licence: they repeat the receipt, which is beside them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.periods import format_moment
from cantoria.sdk.dataset_card import PLACES, Card, card_text, summary_of
from cantoria.sdk.gate.files import RECEIPT_KEY
from cantoria.sdk.receipts import verify_receipt

CROISSANT_FILE: Final = "croissant.json"
CARD_FILE: Final = "README.md"
CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.1"
USE_VOCABULARY: Final = "urn:cantoria:use:"
_PROMISES: Final = {"attribution": "odrl:attribute", "label": f"{USE_VOCABULARY}label"}
_SAME: Final = ("snapshot", "request_digest", "revocations", "on_unknown")
# The context that Croissant 1.1 prescribes, and the vocabularies of usage and of provenance.
_CR: Final = """
arrayShape citeAs column containedIn equivalentProperty extract field fileProperty fileObject fileSet format includes
isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate
separator source subField transform
""".split()  # noqa: SIM905 - a list in a row is read, one in a column is not
_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{name: f"cr:{name}" for name in _CR},
}
_TYPES: Final = (
    ("bool", "sc:Boolean"),
    ("int", "sc:Integer"),
    ("uint", "sc:Integer"),
    ("double", "sc:Float"),
    ("float", "sc:Float"),
    ("halffloat", "sc:Float"),
    ("string", "sc:Text"),
    ("large_string", "sc:Text"),
    ("date", "sc:Date"),
    ("timestamp", "sc:DateTime"),
)


def write(folder: str | os.PathLike[str], *, receipt: Mapping[str, Any], card: Card) -> tuple[Path, Path]:
    """Write `croissant.json` and the dataset card `README.md` into the folder of a gated dataset (its Parquet or CSV
    files); return their paths. The receipt is verified, and must be that of these files: an `IntegrityError` where they
    have other rows than it tells of. A card that a person wrote is not written over."""
    place = Path(folder)
    checked = verify_receipt(dict(receipt)).receipt
    files = sorted([*place.rglob("*.parquet"), *place.glob("*.csv")])
    if not files:
        raise InputError(f"{place} has no Parquet or CSV file", "give the folder that the gate wrote to")
    paths = (place / CROISSANT_FILE, place / CARD_FILE)
    if paths[1].exists() and "cantoria" not in paths[1].read_text("utf-8", errors="replace")[:4_096]:
        raise InputError(f"{paths[1]} is there already", "move it away, or write the card elsewhere")
    _check_rows(files, checked)
    document = croissant(files, root=place, receipt=checked, card=card)
    paths[0].write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    paths[1].write_text(card_text(checked, card=card), "utf-8")
    return paths


def _check_rows(files: Sequence[Path], receipt: Mapping[str, Any]) -> None:
    """Raise unless the files have the rows that the receipt tells of: one left from before would be vouched for."""
    import pyarrow.parquet as pq

    told = receipt["kept"]["rows"] + (receipt["counts"].get("unknown", 0) if receipt["on_unknown"] == "flag" else 0)
    rows = 0
    for path in files:
        if path.suffix != ".parquet":
            rows += _csv_rows(path)
            continue
        metadata = pq.read_metadata(path)
        rows += metadata.num_rows
        own = (metadata.metadata or {}).get(RECEIPT_KEY)
        if own is not None and any(verify_receipt(own).receipt[name] != receipt[name] for name in _SAME):
            raise IntegrityError(f"{path.name} is of another run of a gate", "remove what this run did not write")
    if rows != told:
        raise IntegrityError(
            f"the files have {rows} rows, the receipt tells of {told}", "remove what this run did not write"
        )


def _csv_rows(path: Path) -> int:
    import csv

    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return max(0, sum(1 for _ in csv.reader(file)) - 1)


def croissant(files: Sequence[Path], *, root: Path, receipt: Mapping[str, Any], card: Card) -> dict[str, Any]:
    """Return the Croissant description of files below `root`, one record set for each."""
    objects, records = [], []
    for number, path in enumerate(files, 1):
        name = path.relative_to(root).as_posix()
        objects.append(_file_object(path, name, place=_id(name, number)))
        records.append(_record_set(path, name, place=_id(name, number)))
    made = format_moment(receipt["made_at"])
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": card.name,
        "description": card.description or summary_of(receipt),
        "version": card.version,
        "datePublished": made[:10],
        "usageInfo": usage_info(receipt),
        "prov:wasGeneratedBy": _activity(receipt),
        "distribution": objects,
        "recordSet": records,
    }
    if card.license:
        document["license"] = card.license
    if card.url:
        document["url"] = card.url
    if card.cite_as:
        document["citeAs"] = card.cite_as
    if card.creator:
        document["creator"] = {"@type": "sc:Organization", "name": card.creator}
    if card.derived_from:
        document["prov:wasDerivedFrom"] = {"@id": card.derived_from}
    return document


def usage_info(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was cleared as an ODRL 2.2 set: this use, by this licensee, in these territories, as it promised to
    do, until the snapshot ends; every other use is prohibited, as silence is a no."""
    request = receipt["request"]
    limits = [_limit("dateTime", "lt", format_moment(receipt["until"]))]
    for part in PLACES:
        if request.get(part):
            limits.append(_limit("spatial", "isPartOf", str(request[part])))
    for part, operand in (("model_version", "product"), ("campaign", "purpose")):
        if request.get(part):
            limits.append(_limit(operand, "eq", str(request[part])))
    action = {"@id": f"{USE_VOCABULARY}{request.get('use', '')}"}
    return {
        "@type": "odrl:Set",
        "@id": f"urn:cantoria:receipt:{_digest(receipt)}",
        "odrl:profile": {"@id": USE_VOCABULARY},
        "odrl:conflict": {"@id": "odrl:prohibit"},
        "odrl:permission": [
            {
                "@type": "odrl:Permission",
                "odrl:action": action,
                "odrl:assignee": {"@id": f"urn:cantoria:{request.get('licensee', '')}"},
                "odrl:constraint": limits,
            }
            | ({"odrl:duty": duties} if (duties := _duties(request)) else {})
        ],
    }


def _duties(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the request promised, and the yeses may rest on: to name the holders, to label, to pay."""
    names = [name for name in _PROMISES if request.get(name)]
    duties: list[dict[str, Any]] = [{"@type": "odrl:Duty", "odrl:action": {"@id": _PROMISES[name]}} for name in names]
    offer = request.get("offer")
    if isinstance(offer, Mapping):
        pay = _limit("payAmount", "eq", str(offer.get("amount", "")))
        pay["odrl:unit"] = {"@id": f"urn:iso:std:iso:4217:{offer.get('currency', '')}"}
        duties.append(
            {"@type": "odrl:Duty", "odrl:action": {"@id": "odrl:compensate"}, "odrl:constraint": [pay]},
        )
    return duties


def _activity(receipt: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "prov:Activity",
        "prov:endedAtTime": format_moment(receipt["made_at"]),
        "prov:used": {"@id": f"urn:cantoria:{receipt['snapshot']}"},
        "prov:wasAssociatedWith": {"@id": f"urn:cantoria:{receipt['request'].get('licensee', '')}"},
    }


def _limit(operand: str, operator: str, value: str) -> dict[str, Any]:
    return {
        "@type": "odrl:Constraint",
        "odrl:leftOperand": {"@id": f"odrl:{operand}"},
        "odrl:operator": {"@id": f"odrl:{operator}"},
        "odrl:rightOperand": value,
    }


def _file_object(path: Path, name: str, *, place: str) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "@type": "cr:FileObject",
        "@id": place,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet" if path.suffix == ".parquet" else "text/csv",
        "sha256": digest,
    }


def _record_set(path: Path, name: str, *, place: str) -> dict[str, Any]:
    fields = _parquet_fields(path) if path.suffix == ".parquet" else _csv_fields(path)
    made, records = [], f"rows/{place}"
    for number, (column, kind, is_list) in enumerate(fields, 1):
        field: dict[str, Any] = {
            "@type": "cr:Field",
            "@id": f"{records}/{_id(column, number)}",
            "name": column,
            "dataType": kind,
            "source": {"fileObject": {"@id": place}, "extract": {"column": column}},
        }
        made.append(field | ({"isArray": True, "arrayShape": "-1"} if is_list else {}))
    return {"@type": "cr:RecordSet", "@id": records, "name": f"rows of {name}", "field": made}


def _id(name: str, number: int) -> str:
    """Return a name as an id: no spaces and no signs of addresses in it; where one had to go, with its number."""
    plain = re.sub(r"[^A-Za-z0-9._/-]", "_", name)
    return plain if plain == name else f"{plain}-{number}"


def _parquet_fields(path: Path) -> list[tuple[str, str, bool]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = []
    for field in pq.read_schema(path):
        is_list = pa.types.is_list(field.type) or pa.types.is_large_list(field.type)
        kind = _type_of(str(field.type.value_type if is_list else field.type))
        if kind is not None:
            found.append((field.name, kind, is_list))
    return found


def _csv_fields(path: Path) -> list[tuple[str, str, bool]]:
    import csv

    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return [(name, "sc:Text", False) for name in next(csv.reader(file), [])]


def _type_of(name: str) -> str | None:
    """Return the Croissant type of an Arrow type, None for one that has none (structures, bytes)."""
    return next((kind for prefix, kind in _TYPES if name.startswith(prefix)), None)


def _digest(receipt: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(receipt, sort_keys=True).encode()).hexdigest()[:32]
