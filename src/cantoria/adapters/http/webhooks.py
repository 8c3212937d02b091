"""Webhooks in the form of Standard Webhooks 1.0: signed with Ed25519, sent to addresses of the open internet alone.

    webhook-id: msg_…    webhook-timestamp: seconds    webhook-signature: v1a,base64(signature of "id.timestamp.body")

Whoever names an address could make this machine speak to its own network: an address is https, without a user, and
resolves to public addresses only; the connection goes to the very address that was checked; no redirect is followed.
"""

from __future__ import annotations

import base64
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from cantoria.adapters.http.watching import Watch
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.ed25519 import Signer

URL_CHARS_MAX: Final = 2_000
SECONDS_MAX: Final = 15.0
KEY_PREFIX: Final = "whpk_"
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
Resolve = Callable[[str, int], list[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: the address as it was named, its host, and the one IP address that is spoken to."""

    url: str
    host: str
    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver said: an HTTP status, or 0 and why there is none."""

    status: int
    why: str = ""

    @property
    def taken(self) -> bool:
        """Tell whether the receiver has the message."""
        return 200 <= self.status < 300

    @property
    def ended(self) -> bool:
        """Tell whether the receiver wants no more (410 Gone)."""
        return self.status == 410


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; `UnavailableError` where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnavailableError(f"{host!r:.120} has no address: {error}", "check the name") from error
    return sorted({str(entry[4][0]) for entry in found})


def check_target(url: str, *, loopback: bool, resolver: Resolve = resolve) -> Target:
    """Return where an address leads. `InputError` unless it is https on the open internet, or, where `loopback` is
    allowed, on this very machine."""
    parts = _split(url)
    host, port = parts.hostname or "", _port(parts)
    addresses = [_address(text) for text in resolver(host, port)]
    local = bool(addresses) and all(one.is_loopback for one in addresses)
    if not addresses or not ((local and loopback) or all(_open(one) for one in addresses)):
        raise InputError(
            f"{host!r:.120} is not on the open internet",
            "name a public address; for one of this machine give --allow-loopback",
        )
    if parts.scheme != "https" and not local:
        raise InputError(f"{url!r:.200} is not https", "write it as https://host/path")
    return Target(url, host, str(addresses[0]), port)


def _split(url: str) -> SplitResult:
    problem = ""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise InputError(f"{url!r:.200} is no address: {error}", "write it as https://host/path") from error
    if len(url) > URL_CHARS_MAX or not url.isascii() or any(sign <= " " or sign in "\\\x7f" for sign in url):
        problem = "is too long, or holds signs that no address has"
    elif parts.scheme not in ("https", "http") or not parts.hostname:
        problem = "is not https://host/path"
    elif "@" in parts.netloc:
        problem = "names a user"
    elif parts.fragment:
        problem = "ends in a fragment"
    if problem:
        raise InputError(f"{url!r:.200} {problem}", "write it as https://host/path")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _address(text: str) -> Address:
    """Return an IP address, or the one that is wrapped in it."""
    found = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped
        if found.sixtofour is not None:
            return found.sixtofour
        if found in _NAT64:
            return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found


def _open(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def signature_headers(name: str, body: bytes, *, signer: Signer, at: int) -> dict[str, str]:
    """Return the headers of a message sent at the second `at`."""
    signed = b".".join((name.encode(), str(at).encode(), body))
    value = base64.b64encode(signer.sign(signed)).decode()
    return {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": f"v1a,{value}"}


def public_key_text(signer: Signer) -> str:
    """Return the public key as receivers write it into their settings."""
    return KEY_PREFIX + base64.b64encode(signer.public_key).decode()


def send(target: Target, body: bytes, *, headers: Mapping[str, str], trusted: ssl.SSLContext | bool = True) -> Reply:
    """Send a message once and return what the receiver said; its body is not read. `trusted` are the
    authorities of certificates, those that everybody trusts without."""
    watch = Watch()
    scheme = urlsplit(target.url).scheme
    shown = f"[{target.ip}]" if ":" in target.ip else target.ip
    address = httpx.URL(target.url).copy_with(host=shown.strip("[]"), port=target.port)
    told = {
        **headers,
        "Host": httpx.URL(target.url).netloc.decode(),
        "Content-Type": "application/json",
        "User-Agent": "cantoria-webhooks/1",
    }
    extensions = watch.extensions | ({"sni_hostname": target.host} if scheme == "https" else {})
    try:
        with (
            httpx.Client(follow_redirects=False, timeout=SECONDS_MAX, trust_env=False, verify=trusted) as client,
            watch.within(SECONDS_MAX),
            client.stream("POST", address, content=body, headers=told, extensions=extensions) as response,
        ):
            return Reply(response.status_code, "" if response.is_success else f"it answered {response.status_code}")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Reply(0, "it did not answer in time" if watch.over else str(error) or type(error).__name__)
