"""Signs and verifies webhooks as Standard Webhooks 1.0 asks, over the raw bytes and in constant time.

Headers: `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature`, a space-separated list of
`v1,<base64 of HMAC-SHA256(id.timestamp.body)>`. Several secrets and several signatures make rotation possible.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from pydantic import SecretStr

from config.portal import ConfigError

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
_KEY_BYTES = range(24, 65)
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TIME = re.compile(r"[0-9]{1,12}")
_MOST_SIGNATURES = 16


class Forged(Exception):
    """A request that nobody we know has signed; `reason` is one word, and nothing here repeats what was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Sender:
    """Somebody who may ask: a name, and the key that is shared with them."""

    name: str
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Signature:
    """What the headers claim, well-formed and in time but not yet compared with a body."""

    message_id: str
    timestamp: int
    digests: tuple[bytes, ...] = field(repr=False)


def senders(written: SecretStr | None) -> tuple[Sender, ...]:
    """The senders in `name=whsec_…,name=whsec_…`; one name may stand twice while its secret is being replaced.

    Raises ConfigError, which names the entry and never shows it.
    """
    entries = (written.get_secret_value() if written else "").split(",")
    return tuple(_sender(number, entry.strip()) for number, entry in enumerate(entries, 1) if entry.strip())


def key_of(secret: SecretStr) -> bytes:
    """The key in `whsec_<base64>`. Raises ConfigError unless it has 24 to 64 bytes."""
    text = secret.get_secret_value().strip()
    try:
        key = base64.b64decode(text.removeprefix(PREFIX) + "==", validate=False) if text.startswith(PREFIX) else b""
    except binascii.Error:
        key = b""
    if len(key) not in _KEY_BYTES:
        raise ConfigError(f"a webhook secret is {PREFIX} and the base64 of 24 to 64 random bytes; this one is not")
    return key


def new_secret() -> SecretStr:
    """A fresh secret of 32 random bytes."""
    return SecretStr(PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii"))


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers for a message."""
    digest = base64.b64encode(_digest(key, message_id, timestamp, body)).decode("ascii")
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{digest}"}


def read_headers(headers: Mapping[str, str], now: float) -> Signature:
    """What the headers (names in lower case) claim at `now`, seconds since 1970. Raises Forged."""
    message_id, timestamp, listed = (headers.get(f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    if not message_id or not timestamp or not listed:
        raise Forged("missing")
    if not _ID.fullmatch(message_id) or not _TIME.fullmatch(timestamp):
        raise Forged("malformed")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise Forged("late" if int(timestamp) < now else "early")
    return Signature(message_id, int(timestamp), tuple(_digests(listed)))


def sender_of(known: Sequence[Sender], signature: Signature, body: bytes) -> str:
    """The name of who signed this body. Raises Forged; every comparison is made, whichever of them matches."""
    found = None
    for sender in known:
        expected = _digest(sender.key, signature.message_id, signature.timestamp, body)
        for given in signature.digests:
            if hmac.compare_digest(expected, given):
                found = found or sender.name
    if found is None:
        raise Forged("mismatch")
    return found


def well_formed(message_id: str) -> bool:
    """Whether this can be a webhook-id."""
    return bool(_ID.fullmatch(message_id))


def _sender(number: int, entry: str) -> Sender:
    name, equals, secret = entry.partition("=")
    if not equals or not _NAME.fullmatch(name):
        raise ConfigError(f"GONGBAO_WEBHOOK_SECRETS: entry {number} is not name={PREFIX}…")
    try:
        return Sender(name, key_of(SecretStr(secret)))
    except ConfigError as error:
        raise ConfigError(f"GONGBAO_WEBHOOK_SECRETS, {name}: {error}") from None


def _digest(key: bytes, message_id: str, timestamp: int, body: bytes) -> bytes:
    return hmac.new(key, f"{message_id}.{timestamp}.".encode("ascii") + body, hashlib.sha256).digest()


def _digests(listed: str) -> list[bytes]:
    """The v1 signatures of a list; whatever else stands there is passed over."""
    found = []
    for part in listed.split(" ")[:_MOST_SIGNATURES]:
        version, _, encoded = part.partition(",")
        if version == "v1" and encoded.isascii():
            with suppress(binascii.Error):
                found.append(base64.b64decode(encoded, validate=True))
    found = [digest for digest in found if len(digest) == hashlib.sha256().digest_size]
    if not found:
        raise Forged("malformed")
    return found
