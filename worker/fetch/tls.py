"""TLS contexts, one for each mode and bundle in a process, because making one costs 20 ms."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path
from typing import Literal

import httpx

_OP_LEGACY_SERVER_CONNECT = 0x4  # OpenSSL's number; Python names it from 3.12 on


@cache
def context_for(mode: Literal["default", "legacy"], ca_file: Path | None = None) -> ssl.SSLContext:
    """A context that verifies name and chain in both modes.

    `legacy` only allows what old servers need: renegotiation without RFC 5746, and OpenSSL's security level 1
    (1024-bit DH, RSA key exchange). TLS 1.2 stays the least.
    """
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()  # the machine's own authorities beside certifi's
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    if mode == "legacy":
        context.options |= _OP_LEGACY_SERVER_CONNECT
        context.set_ciphers("DEFAULT:@SECLEVEL=1")
    return context
