"""Signatures, against the library of the standard itself, and everything that is none."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from config.portal import ConfigError
from tests.serving import KEY, SECRET
from worker.signing import TOLERANCE_SECONDS, Forged, Sender, key_of, new_secret, read_headers, sender_of, senders, sign

NOW = 1_800_000_000.0
BODY = '{"urls": ["https://www.example.gov.cn/法治"]}'.encode()
ME = Sender("me", KEY)


def verified(headers: dict[str, str], body: bytes = BODY, known: tuple[Sender, ...] = (ME,), now: float = NOW) -> str:
    return sender_of(known, read_headers(headers, now), body)


def test_what_we_sign_the_library_of_the_standard_verifies() -> None:
    headers = sign(KEY, "msg_1", int(time.time()), BODY)
    assert Webhook(SECRET).verify(BODY, headers)["urls"]


def test_what_the_library_of_the_standard_signs_we_verify() -> None:
    digest = Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(NOW, UTC), BODY.decode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(NOW)), "webhook-signature": digest}
    assert verified(headers) == "me"


def test_one_of_several_signatures_by_one_of_several_secrets_is_enough() -> None:
    other = Sender("other", b"o" * 32)
    headers = sign(KEY, "msg_1", int(NOW), BODY)
    headers["webhook-signature"] = "v1a,abc v1,AAAA " + headers["webhook-signature"]
    assert verified(headers, known=(other, ME)) == "me"


def test_a_secret_that_is_being_replaced_stands_twice_under_one_name() -> None:
    new = new_secret()
    known = senders(SecretStr(f"me={SECRET}, me={new.get_secret_value()}"))
    for key in (KEY, key_of(new)):
        assert verified(sign(key, "msg_1", int(NOW), BODY), known=known) == "me"


@pytest.mark.parametrize("seconds", [-TOLERANCE_SECONDS, TOLERANCE_SECONDS])
def test_a_clock_may_differ_by_five_minutes(seconds: int) -> None:
    assert verified(sign(KEY, "msg_1", int(NOW) + seconds, BODY)) == "me"


@pytest.mark.parametrize(("seconds", "reason"), [(-301, "late"), (301, "early")])
def test_a_clock_may_not_differ_by_more(seconds: int, reason: str) -> None:
    with pytest.raises(Forged, match=reason):
        verified(sign(KEY, "msg_1", int(NOW) + seconds, BODY))


SIGNED = sign(KEY, "msg_1", int(NOW), BODY)
DIGEST = SIGNED["webhook-signature"].removeprefix("v1,")
FORGED = {
    "no id": ({"webhook-id": ""}, "missing"),
    "no timestamp": ({"webhook-timestamp": ""}, "missing"),
    "no signature": ({"webhook-signature": ""}, "missing"),
    "an id with a space": ({"webhook-id": "a b"}, "malformed"),
    "an id in Chinese": ({"webhook-id": "号"}, "malformed"),
    "an id of a thousand letters": ({"webhook-id": "a" * 1000}, "malformed"),
    "a timestamp in words": ({"webhook-timestamp": "now"}, "malformed"),
    "a timestamp that is NaN": ({"webhook-timestamp": "nan"}, "malformed"),
    "a timestamp with a fraction": ({"webhook-timestamp": f"{int(NOW)}.5"}, "malformed"),
    "a timestamp with an underscore": ({"webhook-timestamp": "1_800_000_000"}, "malformed"),
    "a timestamp in Arabic digits": ({"webhook-timestamp": "١٨٠٠٠٠٠٠٠٠"}, "malformed"),
    "a negative timestamp": ({"webhook-timestamp": "-1"}, "malformed"),
    "a timestamp of forty digits": ({"webhook-timestamp": "9" * 40}, "malformed"),
    "only a version": ({"webhook-signature": "v1"}, "malformed"),
    "only a comma": ({"webhook-signature": ","}, "malformed"),
    "a signature in Chinese": ({"webhook-signature": "v1,号"}, "malformed"),
    "a signature that is no base64": ({"webhook-signature": "v1,***"}, "malformed"),
    "another version": ({"webhook-signature": f"v2,{DIGEST}"}, "malformed"),
    "half a signature": ({"webhook-signature": f"v1,{DIGEST[:20]}"}, "malformed"),
    "an empty signature": ({"webhook-signature": "v1,"}, "malformed"),
    "another id": ({"webhook-id": "msg_2"}, "mismatch"),
    "another second": ({"webhook-timestamp": str(int(NOW) + 1)}, "mismatch"),
    "seventeen signatures, the last one right": (
        {"webhook-signature": f"v1,{'A' * 43}= " * 16 + f"v1,{DIGEST}"},
        "mismatch",
    ),
}


@pytest.mark.parametrize(("changed", "reason"), FORGED.values(), ids=FORGED.keys())
def test_a_forged_header_is_refused(changed: dict[str, str], reason: str) -> None:
    with pytest.raises(Forged, match=reason):
        verified({**SIGNED, **changed})


def test_a_body_with_one_byte_changed_is_refused() -> None:
    with pytest.raises(Forged, match="mismatch"):
        verified(SIGNED, BODY[:-1] + b"]")


@pytest.mark.parametrize("written", ["canary", "me=canary", "me=whsec_canary", "ME=whsec_canary", f"={SECRET}"])
def test_a_secret_that_is_none_is_an_error_that_does_not_show_it(written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        senders(SecretStr(written))
    assert "canary" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_key_is_not_shown_when_a_sender_is() -> None:
    assert "x00" not in repr(ME)
    assert SECRET not in repr(senders(SecretStr(f"me={SECRET}")))
