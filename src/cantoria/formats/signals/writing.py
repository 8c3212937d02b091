"""Writers: a position as ODRL 2.2, RSL, TDMRep, AIPREF or a CAWG assertion (spec/signals.md section 6).

What is written is read back by the readers beside this as at least as strict, for every use that the standard has a
category for; of the others `Position.unsaid` tells. Nothing here says anything about search, of which Cantoria knows
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from cantoria.consent.signals import Stance, Standard
from cantoria.formats.signals import aipref, odrl, rsl, tdmrep
from cantoria.formats.signals.common import is_address
from cantoria.formats.signals.positions import Position
from cantoria.kernel.uses import Use


class Form(StrEnum):
    """In which standard a position is written."""

    ODRL = "odrl"
    RSL = "rsl"
    TDMREP = "tdmrep"
    AIPREF = "aipref"
    CAWG = "cawg"


CATEGORIES: Final[Mapping[Form, tuple[str, ...]]] = MappingProxyType(
    {
        Form.ODRL: tuple(f"cantoria:{use.value}" for use in Use),
        Form.RSL: ("ai-train", "ai-input", "ai-index"),
        Form.TDMREP: (tdmrep.MINE,),
        Form.AIPREF: ("train-ai",),
        Form.CAWG: ("cawg.data_mining", "cawg.ai_inference", "cawg.ai_training", "cawg.ai_generative_training"),
    }
)
_STANDARDS: Final = {form: Standard(form.value) for form in Form}
_CAWG: Final = {Stance.ALLOWED: "allowed", Stance.CONSTRAINED: "constrained", Stance.REFUSED: "notAllowed"}


def write(position: Position, *, form: Form) -> bytes:
    """Return a position in a standard, UTF-8 with a line end at the end."""
    return _WRITERS[form](position).encode() + b"\n"


def unsaid(position: Position, *, form: Form) -> tuple[Use, ...]:
    """Return the uses that are not allowed and of which this standard cannot speak."""
    return position.unsaid(_STANDARDS[form], CATEGORIES[form])


def _stances(position: Position, form: Form) -> dict[str, Stance]:
    return {category: position.of_category(_STANDARDS[form], category) for category in CATEGORIES[form]}


def _odrl(position: Position) -> str:
    stances = _stances(position, Form.ODRL)
    stances[f"tdm:{tdmrep.MINE}"] = position.of_category(Standard.ODRL, f"tdm:{tdmrep.MINE}")
    rules: dict[str, list[dict[str, Any]]] = {"permission": [], "prohibition": []}
    for action, stance in stances.items():
        rule: dict[str, Any] = {"target": position.target, "action": action}
        if stance is Stance.CONSTRAINED:
            rule["duty"] = [{"action": "odrl:obtainConsent"}]
        rules["prohibition" if stance is Stance.REFUSED else "permission"].append(rule)
    policy: dict[str, Any] = {
        "@context": [
            "http://www.w3.org/ns/odrl.jsonld",
            {"cantoria": odrl.USES, "tdm": "http://www.w3.org/ns/tdmrep#", "odrl": "http://www.w3.org/ns/odrl/2/"},
        ],
        "@type": "Offer" if position.contact else "Set",
        "uid": f"{position.target}#policy",
        "profile": odrl.PROFILE,
        "conflict": "prohibit",
    }
    if position.contact:
        policy["assigner"] = {"uid": position.contact}
    return _json({**policy, **{kind: found for kind, found in rules.items() if found}})


def _rsl(position: Position) -> str:
    stances = _stances(position, Form.RSL)
    of: dict[Stance, list[str]] = {stance: [] for stance in Stance}
    for token, stance in stances.items():
        of[stance].append(token)
    lines = [f'<rsl xmlns="{rsl.NAMESPACE}">', f"  <content url={quoteattr(position.location)}>"]
    if of[Stance.REFUSED]:
        tokens = " ".join(
            ("ai-all", *of[Stance.REFUSED]) if len(of[Stance.REFUSED]) == len(stances) else of[Stance.REFUSED]
        )
        lines += ["    <license>", f'      <prohibits type="usage">{tokens}</prohibits>', "    </license>"]
    if of[Stance.ALLOWED]:
        tokens = " ".join(of[Stance.ALLOWED])
        lines += ["    <license>", f'      <permits type="usage">{tokens}</permits>', '      <payment type="free"/>']
        lines.append("    </license>")
    if of[Stance.CONSTRAINED]:
        tokens = " ".join(of[Stance.CONSTRAINED])
        lines += ["    <license>", f'      <permits type="usage">{tokens}</permits>', '      <payment type="use">']
        lines += [f"        <custom>{escape(position.contact)}</custom>", "      </payment>", "    </license>"]
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', *lines, "  </content>", "</rsl>"))


def _tdmrep(position: Position) -> str:
    stance = position.of_category(Standard.TDMREP, tdmrep.MINE)
    rule: dict[str, Any] = {"location": position.location, tdmrep.RESERVATION: int(stance is not Stance.ALLOWED)}
    if is_address(position.contact):
        rule[tdmrep.POLICY] = position.contact
    return _json([rule])


def _aipref(position: Position) -> str:
    said = (
        f"{category}={'y' if stance is Stance.ALLOWED else 'n'}"
        for category, stance in _stances(position, Form.AIPREF).items()
    )
    return f"{aipref.FIELD}: {', '.join(said)}"


def _cawg(position: Position) -> str:
    entries = {}
    for category, stance in _stances(position, Form.CAWG).items():
        entries[category] = {"use": _CAWG[stance]}
        if stance is Stance.CONSTRAINED:
            entries[category]["constraint_info"] = position.contact
    return _json({"label": "cawg.training-mining", "data": {"entries": entries}})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


_WRITERS: Final[Mapping[Form, Callable[[Position], str]]] = MappingProxyType(
    {
        Form.ODRL: _odrl,
        Form.RSL: _rsl,
        Form.TDMREP: _tdmrep,
        Form.AIPREF: _aipref,
        Form.CAWG: _cawg,
    }
)
