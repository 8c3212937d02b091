"""Trusted time stamps over a file, by RFC 3161: make the request, check the answer. Nothing here uses a network.

A person sends the request to an authority of their choice and keeps its answer beside the file. The answer shows that
these very bytes existed at that time, whatever becomes of the keys that signed them (RFC 3161 sections 2.4.1, 2.4.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.periods import moment_of

RESPONSE_BYTES_MAX: Final = 1024 * 1024
ROOTS_BYTES_MAX: Final = 4 * 1024 * 1024
_OPENSSL: Final = re.compile(r'"Verify error: ([^"]+)"')  # the one word of meaning in OpenSSL's stack of errors


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A time stamp that holds: `time` is UTC microseconds, `accuracy` how far it may be off (microseconds, None where
    the authority does not say), `authority` the subject of the certificate that signed it, `policy` its OID."""

    time: int
    accuracy: int | None
    authority: str
    policy: str


def make_request(data: bytes) -> bytes:
    """Return a time stamp query (DER) for the SHA-256 of `data`, with a fresh nonce, that asks for the certificates."""
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    return bytes(builder.cert_request(cert_request=True).nonce(nonce=True).build().as_bytes())


def check_response(response: bytes, *, data: bytes, roots: bytes) -> TimeStamp:
    """Return the time at which an authority under one of `roots` (PEM) says to have seen `data`.

    `InputError` for roots that cannot be read. `IntegrityError` when the response is none, was not granted, is of other
    bytes, or is not signed by a certificate for time stamping (critical extended key usage) that leads to a root and
    was valid then.
    """
    trusted = _certificates(roots)
    if len(response) > RESPONSE_BYTES_MAX:
        raise _refused("it is larger than a time stamp can be")
    try:
        stamp = decode_timestamp_response(response)
        VerifierBuilder(roots=trusted).build().verify_message(stamp, data)
        return _read(stamp)
    except (VerificationError, ValueError) as error:
        found = _OPENSSL.search(str(error))
        raise _refused(found[1] if found else str(error)) from error


def _certificates(roots: bytes) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(roots)
    except ValueError as error:
        raise InputError("the roots are no certificates in PEM", "give the authority's root certificate") from error
    return list(dict.fromkeys(found))


def _read(stamp: TimeStampResponse) -> TimeStamp:
    info = stamp.tst_info
    return TimeStamp(
        time=moment_of(info.gen_time),
        accuracy=_accuracy(info.accuracy),
        authority=_signer(stamp).subject.rfc4514_string(),
        policy=info.policy.dotted_string,
    )


def _signer(stamp: TimeStampResponse) -> x509.Certificate:
    """Return the certificate that signed. Which ones lie beside a stamp is not signed: of two that bear the issuer and
    number of the right one, the one whose name would be shown need not be the one that was verified."""
    signer = next(iter(stamp.signed_data.signer_infos))
    held = [x509.load_der_x509_certificate(one) for one in stamp.signed_data.certificates]
    fitting = [one for one in held if (one.issuer, one.serial_number) == (signer.issuer, signer.serial_number)]
    if len(fitting) != 1:
        raise _refused(f"{len(fitting)} of its certificates claim to be the one that signed it")
    return fitting[0]


def _accuracy(accuracy: object) -> int | None:
    if accuracy is None:
        return None
    seconds, millis, micros = (getattr(accuracy, name) or 0 for name in ("seconds", "millis", "micros"))
    return int(seconds) * 1_000_000 + int(millis) * 1_000 + int(micros)


def _refused(why: str) -> IntegrityError:
    return IntegrityError(f"the time stamp does not hold: {why}", "do not rely on it; ask for a new one")
