"""ODRL 2.2 policies in JSON-LD: those that TDMRep points to, and those in our own profile (spec/odrl-profile.jsonld).

Only what stands in the document is read: contexts are not fetched, and a policy that another inherits from counts by
being there, so that policies which inherit from one another in a circle are read once each. A prohibition wins over a
permission whatever `conflict` says; a permission under duties or constraints is one on terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from cantoria.consent.signals import Found, Offer, OutsideSignal, Said, Stance, Standard, quoted
from cantoria.consent.signals.crosswalk import crosswalk
from cantoria.formats.signals.common import Notes, SignalsRead, is_address, listed, normal, parse_json, path_of, take
from cantoria.kernel.errors import InputError

VERSION: Final = "2.2"
USES: Final = "urn:cantoria:use:"  # the actions of our profile
PROFILE: Final = "urn:cantoria:odrl-profile:1"
_PREFIXES: Final = (
    (USES, "cantoria:"),
    ("http://www.w3.org/ns/odrl/2/", "odrl:"),
    ("http://www.w3.org/ns/tdmrep#", "tdm:"),
    ("http://www.w3.org/ns/tdmrep/", "tdm:"),
    ("https://www.w3.org/ns/tdmrep#", "tdm:"),
    ("https://www.w3.org/ns/tdmrep/", "tdm:"),
    ("tdmrep:", "tdm:"),
)
_RULES: Final = {"permission": Stance.ALLOWED, "prohibition": Stance.REFUSED}
_TERMS: Final = ("constraint", "duty", "refinement")
_CONTACTS: Final = ("vcard:hasURL", "vcard:hasEmail", "hasURL", "hasEmail", "url", "email", "uid", "@id", "id")


def read(source: bytes | BinaryIO, *, file: str) -> SignalsRead:
    """Return a signal for each target of each policy of a document. Raises `InputError` for what is no JSON object or
    list, or holds no policy at all."""
    value = parse_json(take(source, file=file), file=file)
    notes = Notes(file)
    policies = list(_policies(value))
    if not policies:
        raise InputError(f"{file} holds no ODRL policy", "a policy has permissions or prohibitions")
    known = {name for policy in policies if (name := _name(policy))}
    signals: list[OutsideSignal] = []
    for policy in policies:
        for parent in listed(policy.get("inheritFrom")):
            if _name(parent) not in known:
                notes.add(
                    "the policy inherits from one that is not in this document: its rules are not read",
                    remedy="give that policy too",
                    field="inheritFrom",
                    value=_name(parent),
                )
        signals += _signals(policy, file, notes)
    return SignalsRead(tuple(dict.fromkeys(signals)), notes.all())


def _policies(value: Any) -> Iterator[Mapping[str, Any]]:
    """Give every object of a document that has rules, wherever it stands."""
    ahead = [value]
    while ahead:
        one = ahead.pop(0)
        if isinstance(one, list):
            ahead += one
        elif isinstance(one, dict):
            if any(_rules_of(one, kind) for kind in _RULES):
                yield one
            ahead += [item for key, item in one.items() if key in ("@graph", "policy", "hasPolicy", "odrl:hasPolicy")]


def _rules_of(policy: Mapping[str, Any], kind: str) -> list[Any]:
    return [rule for key in (kind, f"odrl:{kind}") for rule in listed(policy.get(key)) if isinstance(rule, dict)]


def _signals(policy: Mapping[str, Any], file: str, notes: Notes) -> Iterator[OutsideSignal]:
    by_target: dict[str, list[Said]] = {}
    contacts = [policy.get(key) for key in ("assigner", "odrl:assigner")]
    for kind, stance in _RULES.items():
        for rule in _rules_of(policy, kind):
            contacts.append(rule.get("assigner"))
            said = _said(rule, stance, notes)
            for target in _targets(rule, policy):
                by_target.setdefault(target, []).extend(said)
    offers = tuple(dict.fromkeys(_contacts(contacts)))
    for target, given in by_target.items():
        if given:
            constrained = any(one.stance is not Stance.ALLOWED for one in given)
            yield OutsideSignal(
                standard=Standard.ODRL,
                version=VERSION,
                found=Found.POLICY,
                place=file,
                said=tuple(dict.fromkeys(given)),
                location=normal(path_of(target)) if is_address(target) else "",
                offers=offers if constrained else (),
            )


def _said(rule: Mapping[str, Any], stance: Stance, notes: Notes) -> list[Said]:
    terms = _terms(rule)
    found = []
    for action in listed(rule.get("action", rule.get("odrl:action"))):
        refined = _terms(action) if isinstance(action, dict) else ""
        category = _action(action)
        if not category:
            notes.add("an action without a name", field="action", value=action)
            continue
        if category not in crosswalk().categories(Standard.ODRL):
            message = "this action is not known: it is shown and refuses nothing"
            notes.add(message, field="action", value=category, info=True)
        detail = quoted("; ".join(filter(None, (terms, refined))))
        kept = Stance.CONSTRAINED if stance is Stance.ALLOWED and detail else stance
        found.append(Said(quoted(category), kept, detail))
    return found


def _action(action: Any) -> str:
    """Return the name of an action with a short prefix, empty for none."""
    if isinstance(action, dict):
        value = next((action[key] for key in ("rdf:value", "value", "@id", "id") if key in action), "")
        return _action(value) if value else ""
    if not isinstance(action, str) or not action:
        return ""
    for long, short in _PREFIXES:
        if action.startswith(long):
            return short + action.removeprefix(long)
    if ":" in action:
        return action
    return f"tdm:{action}" if action == "mine" else f"odrl:{action}"


def _terms(rule: Mapping[str, Any]) -> str:
    """Return the constraints and duties of a rule in words, empty for none."""
    return "; ".join(_words(one) for key in _TERMS for name in (key, f"odrl:{key}") for one in listed(rule.get(name)))


def _words(term: Any) -> str:
    if not isinstance(term, dict):
        return str(term)
    parts = []
    for key, value in term.items():
        if isinstance(value, dict):
            parts.append(_action(value) or str(value.get("@value", key)))
        elif isinstance(value, list):
            parts += [_action(one) or str(one) for one in value]
        else:
            parts.append(str(value))
    return " ".join(parts)


def _targets(rule: Mapping[str, Any], policy: Mapping[str, Any]) -> list[str]:
    given = [*listed(rule.get("target")), *listed(rule.get("odrl:target"))] or listed(policy.get("target"))
    return [_name(one) for one in given] or [""]


def _name(value: Any) -> str:
    if isinstance(value, dict):
        value = next((value[key] for key in ("uid", "@id", "id", "odrl:uid") if key in value), "")
    return value if isinstance(value, str) else ""


def _contacts(parties: list[Any]) -> Iterator[Offer]:
    """Give how the parties that offer a licence are reached."""
    for party in (one for many in parties for one in listed(many)):
        if isinstance(party, str) and party:
            yield Offer(quoted(party))
        elif isinstance(party, dict):
            for key in _CONTACTS:
                for value in listed(party.get(key)):
                    address = _name(value) or (value if isinstance(value, str) else "")
                    if address:
                        yield Offer(quoted(address))
