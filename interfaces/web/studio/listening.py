"""The address of a server: taken before anything heavy is loaded, so that a port that is not free is known at once."""

from __future__ import annotations

import socket

from mixer.errors import UsageError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine for itself."""

_EVERYWHERE = frozenset({"0.0.0.0", "::"})


def names_of(host: str) -> frozenset[str] | None:
    """The names that a server at this address is called by; None for any, where it listens everywhere.

    >>> names_of("127.0.0.1") == LOOPBACK, names_of("0.0.0.0") is None, "10.0.0.5" in names_of("10.0.0.5")
    (True, True, True)
    """
    return None if host in _EVERYWHERE else LOOPBACK | {host.casefold()}


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens at this address.

    Raises:
        UsageError: the port is taken or not allowed, or the machine has no such address.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise UsageError(f"--host {host}: this machine has no such address; use 127.0.0.1") from None
    place = socket.socket(family, kind)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind(address)
        place.listen(128)
    except OSError as error:
        place.close()
        why = (error.strerror or "it cannot be used").lower()
        raise UsageError(f"--port {port}: {why} on {host}; take another one with --port") from None
    return place


def address_of(place: socket.socket, host: str) -> str:
    """What a browser opens."""
    name = "127.0.0.1" if host in _EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{place.getsockname()[1]}/"
