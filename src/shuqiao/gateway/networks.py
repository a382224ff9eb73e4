"""Where a request comes from: the client behind the proxies that an operator trusts, and who may see the figures."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDED = "forwarded"
FORWARDED_FOR = "x-forwarded-for"


def read_networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks separated by commas. Raises ValueError naming what is neither."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies nowhere."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)


def true_client(peer: str, headers: Mapping[str, str], trusted: Sequence[Network]) -> str:
    """The address nearest to us that is no trusted proxy, from Forwarded (RFC 7239) or X-Forwarded-For.

    What stands further away was written by somebody we do not know and is not read. An entry that is no address
    ends the way: the last proxy before it counts.
    """
    client = peer
    for hop in reversed(_hops(headers)):
        if not is_within(client, trusted):
            break
        address = _address(hop)
        if not address:
            break
        client = address
    return client


def came_through_proxy(headers: Mapping[str, str]) -> bool:
    """Whether a proxy says that it passed the request on."""
    return FORWARDED in headers or FORWARDED_FOR in headers


def _hops(headers: Mapping[str, str]) -> list[str]:
    if FORWARDED in headers:
        return [_for_of(element) for element in headers[FORWARDED].split(",")]
    return headers.get(FORWARDED_FOR, "").split(",")


def _for_of(element: str) -> str:
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return value.strip().strip('"')
    return ""


def _address(hop: str) -> str:
    """The address of ``192.0.2.1``, ``192.0.2.1:4711``, ``[2001:db8::1]:4711``; empty for anything else."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
