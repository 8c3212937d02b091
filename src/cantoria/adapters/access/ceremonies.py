"""The two ceremonies of passkeys (WebAuthn Level 3 sections 7.1 and 7.2): to add one, and to sign in with one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cantoria.app.access.types import Account, Passkey
from cantoria.kernel.errors import InputError

TITLE: Final = "Cantoria"
TIMEOUT_MS: Final = 300_000
_FAULTS: Final = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What the browser is asked, as JSON, and the challenge to remember."""

    options: dict[str, Any]
    challenge: str


def begin_adding(account: Account, known: list[Passkey], *, origin: str) -> Ceremony:
    """Return what to ask a browser that is to make a passkey for the portal at `origin`."""
    options = generate_registration_options(
        rp_id=urlsplit(origin).hostname or "",
        rp_name=TITLE,
        user_name=account.login,
        user_id=account.id.encode(),
        user_display_name=account.name,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in known],
    )
    return Ceremony(json.loads(options_to_json(options)), bytes_to_base64url(options.challenge))


def finish_adding(
    account: Account, credential: dict[str, Any], *, name: str, challenge: str, origin: str, now: int
) -> Passkey:
    """Return the passkey that a browser made; what does not answer the challenge at this origin is refused."""
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=urlsplit(origin).hostname or "",
            expected_origin=origin,
            require_user_verification=True,
        )
    except _FAULTS as error:
        raise InputError("this passkey cannot be added", "begin again") from error
    return Passkey(
        id=bytes_to_base64url(made.credential_id),
        account=account.id,
        name=name,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        created_at=now,
        last_used=None,
    )


def begin_signing_in(*, origin: str) -> Ceremony:
    """Return what to ask a browser that is to sign in with any passkey for the portal at `origin`."""
    options = generate_authentication_options(
        rp_id=urlsplit(origin).hostname or "",
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Ceremony(json.loads(options_to_json(options)), bytes_to_base64url(options.challenge))


def finish_signing_in(credential: dict[str, Any], passkey: Passkey, *, challenge: str, origin: str) -> int:
    """Return the passkey's new count after a genuine answer; a forged one, or a cloned key's, is refused."""
    handle = credential.get("response", {}).get("userHandle") if isinstance(credential.get("response"), dict) else None
    try:
        seen = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=urlsplit(origin).hostname or "",
            expected_origin=origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        owner = base64url_to_bytes(handle).decode("utf-8", "replace") if isinstance(handle, str) else passkey.account
    except _FAULTS as error:
        raise InputError("this passkey is not accepted", "try again, or sign in another way") from error
    if owner != passkey.account:
        raise InputError("this passkey is not accepted", "try again, or sign in another way")
    return seen.new_sign_count
