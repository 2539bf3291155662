"""The network guard: which addresses may be asked for, decided on the address as written and on the IP as resolved."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from config.portal import Portal
from crawlers.errors import Blocked, PageError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_URL = re.compile(r"(https?)://([^/?#\\]+)((?:[/?][^#]*)?)(?:#.*)?", re.IGNORECASE | re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_AUTHORITY = re.compile(r"([^:@\[\]%]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_LONGEST_URL = 8192
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Python 3.11 calls some of these global (CVE-2024-4032 and 192.88.99.0/24), so is_global alone does not do.
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; holds a cloud's metadata host
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "168.63.129.16/32",  # a metadata host with a public address
        "2001::/23",  # Teredo and other protocol blocks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
# The rest of IPv6 (mapped ::ffff:0:0/96, NAT64 64:ff9b::/96, ULA, link-local, multicast) lies outside of this block.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True)
class Target:
    """An http address that passed the guard, taken apart once so that nothing reads it in two ways.

    `path` begins with a slash and includes the query, percent-encoded; `host` is lower-case, without brackets.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header: no port where it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address in its one spelling."""
        return f"{self.scheme}://{self.authority}{self.path}"


def aim(url: str, ports: frozenset[int] = frozenset(_DEFAULT_PORTS.values())) -> Target:
    """Take an address apart. Raises Blocked('guard') for any that is not plainly http(s)://host[:port]/path.

    User names, ports that are not in `ports`, hosts in non-ASCII letters and numbers that merely resolve to an IP
    (decimal, octal, hex, short) are refused, as are literal addresses that `check` refuses.
    """
    match = _URL.fullmatch(url.strip())
    if match is None or len(url) > _LONGEST_URL or _UNPRINTABLE.search(url.strip()):
        raise _refusal(url, "not an http address")
    scheme, authority, path = match.groups()
    parts = _AUTHORITY.fullmatch(authority.lower()) if authority.isascii() else None  # lower() makes k of U+212A
    if parts is None:
        raise _refusal(url, "the host is not plainly written")
    scheme = scheme.lower()
    host, port = parts.groups()
    target = Target(scheme, _host(host, url), int(port or _DEFAULT_PORTS[scheme]), _path(path))
    if target.port not in ports:
        raise _refusal(url, f"port {target.port}")
    return target


def ports(portal: Portal) -> frozenset[int]:
    """80, 443, and any port that the portal's own TOML writes out."""
    written = (urlsplit(url).port for url in (portal.url, *(column.url for column in portal.columns)))
    return frozenset(_DEFAULT_PORTS.values()) | frozenset(port for port in written if port)


def check(address: str) -> IPAddress:
    """A resolved address as a value. Raises Blocked('guard') unless it is on the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        raise _refusal(address, "not an address") from None
    inside = ip.version == 6 and ip not in _GLOBAL_UNICAST
    if inside or not ip.is_global or any(ip in network for network in _REFUSED if network.version == ip.version):
        raise _refusal(address, "not on the public internet")
    return ip


def _host(host: str, url: str) -> str:
    """The host without brackets and closing dot."""
    if host.startswith("["):
        return str(check(host.strip("[]")))
    name = host.removesuffix(".")
    if not _NAME.fullmatch(name) or len(name) > 253:
        raise _refusal(url, "the host is not plainly written")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return str(check(name))
    return name


def _path(path: str) -> str:
    """Path and query in ASCII; what is already encoded stays."""
    return quote(path if path.startswith("/") else f"/{path}", safe=_PRINTABLE)


def _refusal(url: str, why: str) -> PageError:
    return Blocked("guard", why, url=url)
