"""One line a person can act on for every reason: which party, which rule, what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Answer, Cleared, Reason


@dataclass(frozen=True, slots=True)
class Message:
    """Templates of one reason: `{party}` and `{subject}` are filled in. `rule` is the section of RULES."""

    what: str
    rule: str
    next_step: str


MESSAGES: Final[dict[ReasonCode, Message]] = {
    ReasonCode.NOT_FOUND: Message(
        "none of the row's codes is registered", "3", "register the recording or work, or correct the code"
    ),
    ReasonCode.AMBIGUOUS: Message(
        "the row's codes name several things", "3", "add a code that tells them apart, or have the links reviewed"
    ),
    ReasonCode.CODES_DISAGREE: Message(
        "the row's codes contradict each other", "3", "correct the code that is wrong, or have the links reviewed"
    ),
    ReasonCode.STOPPED: Message("{party} has stopped this use of {subject}", "2", "leave the row out"),
    ReasonCode.SAID_NO: Message("{party} said no to this use of {subject}", "2", "leave the row out"),
    ReasonCode.SIGNAL_REFUSES: Message(
        "an outside signal on {subject}, or on something in it, or beside the row, refuses this use",
        "6",
        "leave the row out, or ask whoever set the signal for a licence where it says that one is on offer",
    ),
    ReasonCode.NO_LINKED_WORK: Message(
        "no musical work is linked to {subject} or to something that it samples",
        "4",
        "link every recording to every work that it embodies",
    ),
    ReasonCode.ORIGINAL_UNKNOWN: Message(
        "a work in {subject} is made of others that are not all known", "4", "register its originals or parts"
    ),
    ReasonCode.SAMPLE_UNKNOWN: Message(
        "{subject} samples recordings that are not all known", "4", "register all sampled recordings"
    ),
    ReasonCode.HOLDERS_INCOMPLETE: Message(
        "not all holders of {subject} are known",
        "4",
        "have the producer (recording) or a publisher or CMO (work) sign that its holders are complete",
    ),
    ReasonCode.BLOCKING_DISPUTE: Message(
        "a documented dispute over {subject} is open", "4", "settle the case that is shown with it"
    ),
    ReasonCode.NO_PERSON_NAMED: Message(
        "the request names nobody whose yes it needs", "1", "name the persons, or say that the row was used as input"
    ),
    ReasonCode.UNREACHABLE: Message(
        "{party}, who has a say in {subject}, cannot be reached", "3", "register how to reach the party"
    ),
    ReasonCode.CONDITION_UNMET: Message(
        "{party} says yes for {subject} under conditions that the request does not meet",
        "2",
        "meet the model version, attribution, label or campaign that the statement names",
    ),
    ReasonCode.CONDITION_UNKNOWN: Message(
        "{party} says yes for {subject} under terms that no program can evaluate",
        "2",
        "agree with the party in writing",
    ),
    ReasonCode.SILENT: Message("{party} has said nothing about {subject}", "2", "ask {party} for permission"),
    ReasonCode.PRICE_OPEN: Message(
        "{party} says yes for {subject} from a price that the offer does not meet", "2", "offer {party} that price"
    ),
    ReasonCode.ASKS: Message("{party} wants to be asked about {subject}", "2", "ask {party} for permission"),
}


def explain(reason: Reason, *, name: Callable[[str], str] = str) -> str:
    """Return the reason as one line; `name` turns an id of a party or subject into what people call it."""
    message = MESSAGES[reason.code]
    names = {
        "party": name(reason.party) if reason.party else "somebody",
        "subject": name(reason.subject) if reason.subject else "the row",
    }
    what, next_step = message.what.format(**names), message.next_step.format(**names)
    return f"{what} (rule {message.rule}): {next_step}"


def explain_all(answer: Answer, *, name: Callable[[str], str] = str) -> tuple[str, ...]:
    """Return one line for each reason of an answer, in order of precedence; none for a cleared row."""
    return () if isinstance(answer, Cleared) else tuple(explain(reason, name=name) for reason in answer.reasons)
