"""Words for codes of the daily work: licences, models, files, money, accounts."""

from __future__ import annotations

from typing import Final


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text as a message; it is translated where it is shown."""
    return text


WORK: Final[dict[str, str]] = {
    # licences and deals
    "countered": N_("counter-offer made"),
    "concluded": N_("concluded"),
    "declined": N_("declined"),
    "expired": N_("expired"),
    "accept": N_("accept"),
    "counter": N_("make a counter-offer"),
    "decline": N_("decline"),
    "per_row": N_("per recording"),
    "lump_sum": N_("lump sum"),
    "this_version": N_("this model version only"),
    "any_model": N_("any model"),
    "not_yet": N_("not yet in force"),
    "in_force": N_("in force"),
    "ended": N_("ended"),
    # what a withdrawal asks of a certificate's holder
    "keep": N_("may be kept"),
    "retire_by": N_("to be retired by a date"),
    "unlearn_by": N_("to be unlearned by a date"),
    # models and runs
    "completed": N_("completed"),
    "aborted": N_("aborted"),
    "retired": N_("retired"),
    "unlearned": N_("unlearned"),
    "no_certificate": N_("no such certificate"),
    "certificate_not_yet": N_("the certificate is not yet in force"),
    "certificate_expired": N_("the certificate has expired"),
    "other_licensee": N_("the certificate is for another licensee"),
    "other_use": N_("the certificate is for another use"),
    "other_version": N_("the certificate is for another model version"),
    "not_in_certificate": N_("not in the certificate"),
    "not_cleared": N_("not cleared in the certificate"),
    "no_longer_cleared": N_("no longer cleared"),
    # revocations
    "refused": N_("refused"),
    "mandate": N_("mandate ended"),
    "holders": N_("rights holders changed"),
    "identity": N_("identity changed"),
    "dispute": N_("dispute opened"),
    "batch": N_("batch changed"),
    # signals
    "allowed": N_("allowed"),
    "constrained": N_("allowed under conditions"),
    # files and their lines
    "error": N_("error"),
    "warning": N_("warning"),
    "info": N_("note"),
    "new": N_("new"),
    "changed": N_("changed"),
    "duplicate": N_("duplicate"),
    "passed_over": N_("passed over"),
    "recordings": N_("recordings"),
    "works": N_("works"),
    "releases": N_("releases"),
    "parties": N_("parties"),
    "links": N_("links"),
    # jobs
    "queued": N_("waiting in line"),
    "running": N_("running"),
    "done": N_("done"),
    "failed": N_("failed"),
    "cancelled": N_("cancelled"),
    # usage and money
    "matched": N_("matched"),
    "suspense": N_("kept until matched"),
    "invalid": N_("invalid"),
    "provisional": N_("provisional"),
    "closed": N_("closed"),
    "equal_per_work": N_("equally per work"),
    "equal_per_recording": N_("equally per recording"),
    "attribution": N_("by attribution"),
    "usage": N_("by use"),
    "performers": N_("performers"),
    "training_set": N_("the training set"),
    "named_pool": N_("a named pool"),
    "unattributed": N_("unattributed"),
    "lower_bound": N_("the lower bound"),
    "point": N_("the point estimate"),
    "artist": N_("artist"),
    "contested": N_("contested"),
    "not_an_artist": N_("not an artist"),
    "corrected": N_("corrected"),
    "upheld": N_("upheld as it was"),
    # law
    "consent_required": N_("consent required"),
    "lawful_without_consent": N_("lawful without consent"),
    "extended_licence": N_("extended collective licence"),
    "not_assessed": N_("not assessed"),
    "statutory": N_("statutory licence"),
    # accounts: roles
    "manager": N_("manager"),
    "owner": N_("owner"),
    "rights": N_("rights desk"),
    "reviewer": N_("reviewer"),
    "finance": N_("finance"),
    "developer": N_("developer"),
    "auditor": N_("auditor"),
    # accounts: permissions
    "decide": N_("decide on uses"),
    "answer_requests": N_("answer requests"),
    "read_earnings": N_("read earnings"),
    "submit_files": N_("submit files"),
    "review_matches": N_("review matches"),
    "decide_cases": N_("decide conflict cases"),
    "onboard_members": N_("register members"),
    "pay": N_("distribute and pay"),
    "clear_datasets": N_("clear datasets"),
    "ask_licences": N_("ask for licences"),
    "manage_staff": N_("manage colleagues"),
    "manage_keys": N_("manage API keys"),
    "read_audit": N_("read the audit log"),
}
