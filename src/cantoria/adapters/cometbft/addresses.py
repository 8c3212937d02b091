"""Addresses as CometBFT writes them: `unix:///path` and `tcp://host:port`."""

from __future__ import annotations

import socket
import stat
from pathlib import Path
from typing import Final

from cantoria.kernel.errors import InputError, UnavailableError

_BACKLOG: Final = 16
# Linux gives a socket's name 108 bytes with its NUL, other systems a little less.
_UNIX_PATH_BYTES_MAX: Final = 100


def unix_path(address: str) -> Path | None:
    """Return the socket file of a `unix://` address, None for any other. Raises `InputError` for one too long."""
    if not address.startswith("unix://"):
        return None
    path = Path(address.removeprefix("unix://"))
    if not path.is_absolute() or len(str(path).encode()) > _UNIX_PATH_BYTES_MAX:
        raise InputError(
            f"{address:.200} cannot name a socket", f"give an absolute path of at most {_UNIX_PATH_BYTES_MAX} bytes"
        )
    return path


def host_and_port(address: str) -> tuple[str, int]:
    """Return the two parts of `tcp://host:port`. Raises `InputError` for anything else."""
    host, colon, port = address.removeprefix("tcp://").rpartition(":")
    if not address.startswith("tcp://") or not colon or not host or not port.isascii() or not port.isdigit():
        raise InputError(f"{address!r:.200} is not an address", "write unix:///path or tcp://host:port")
    if int(port) > 65535:
        raise InputError(f"{address!r:.200} names no port", "ports end at 65535")
    return host.strip("[]"), int(port)


def listen(address: str) -> socket.socket:
    """Return a listening socket, not blocking. A socket file that a dead process left is replaced; it is only for its
    owner. Raises `UnavailableError` where somebody else listens already."""
    path = unix_path(address)
    try:
        return _listen_tcp(*host_and_port(address)) if path is None else _listen_unix(path)
    except OSError as error:
        raise UnavailableError(f"cannot listen on {address}: {error}", "is another node running here?") from error


def answers(address: str) -> bool:
    """True when somebody accepts connections on the address now."""
    path = unix_path(address)
    try:
        with _dial(path if path is not None else host_and_port(address)):
            return True
    except OSError:
        return False


def _dial(where: Path | tuple[str, int]) -> socket.socket:
    if not isinstance(where, Path):
        return socket.create_connection(where, timeout=1)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(1)
        sock.connect(str(where))
    except OSError:
        sock.close()
        raise
    return sock


def _listen_unix(path: Path) -> socket.socket:
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        if answers(f"unix://{path}"):
            raise OSError("somebody answers there already")
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(str(path))
        # Nobody can connect between bind and listen, so nobody meets the mode that the umask left.
        path.chmod(0o600)
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _listen_tcp(host: str, port: int) -> socket.socket:
    sock = socket.create_server((host, port), backlog=_BACKLOG, family=_family(host))
    sock.setblocking(False)
    return sock


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
