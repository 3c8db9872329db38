"""The address of a vCenter as one line of text: `host` or `host:port`, an IPv6 address in brackets."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Final

HTTPS: Final = 443
_LAST_PORT: Final = 65535

_NAME = re.compile(r"(?P<host>(?=[^-.])[\w.-]+)(:(?P<port>[0-9]{1,5}))?")  # also IPv4
_BRACKETS = re.compile(r"\[(?P<host>[^]]+)\](:(?P<port>[0-9]{1,5}))?")


def split_address(text: str) -> tuple[str, int]:
    """Return host (IPv6 without its brackets) and port, 443 where none is said.

    Raises `ValueError` for anything else, such as a scheme, a path, or a port that there is not.
    """
    if found := _NAME.fullmatch(text):
        host = found["host"]
    else:
        found = _BRACKETS.fullmatch(text)
        host = found["host"] if found else text  # an IPv6 address as it is: then there is no port
        IPv6Address(host)
    port = int(found["port"] or HTTPS) if found else HTTPS
    if not 1 <= port <= _LAST_PORT:
        raise ValueError(f"no such port: {port}")
    return host, port


def is_address(text: str) -> bool:
    """Tell whether a text is an address of that shape."""
    try:
        split_address(text)
    except ValueError:
        return False
    return True


def joined_address(host: str, port: int) -> str:
    """Return the line for a host and a port; 443 goes without saying."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return shown if port == HTTPS else f"{shown}:{port}"
