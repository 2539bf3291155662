"""Hostile clients: each attack on the running server has its promised answer, and the next honest request is served."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import pytest

from tests.abuse.door import ON_LINUX, Door, door, everything
from tests.serving import KEY
from worker.signing import sign
from worker.web.bodies import MOST_BYTES

MIB = 1024 * 1024
CANARY = "canary-8f3a61"
HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST /v1/ingest HTTP/1.1\r\n" + HOST
CLOSED = 0
BODY = b'{"urls": ["https://clone.example.com/"]}'


@dataclass(frozen=True)
class Attack:
    """Raw bytes, and the status promised for them: CLOSED where the connection ends without an answer."""

    sent: bytes
    status: int
    half_close: bool = False


def headers(body: bytes = BODY, message_id: str = "msg_1", key: bytes = KEY, at: float | None = None) -> bytes:
    """The signature's headers as bytes."""
    signed = sign(key, message_id, int(time.time() if at is None else at), body)
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in signed.items())


def get(path: bytes, more: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + more + b"Connection: close\r\n\r\n"


def post(more: bytes, body: bytes = b"") -> bytes:
    return POST + more + b"Connection: close\r\n\r\n" + body


def sized(body: bytes, told: bytes | None = None) -> bytes:
    return b"Content-Length: " + (told or str(len(body)).encode()) + b"\r\n"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked\r\n"
ATTACKS = {
    "no HTTP": Attack(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", 400),
    "a TLS greeting": Attack(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n", 400),
    "HTTP/2": Attack(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404),
    "HTTP/0.9": Attack(b"GET /\r\n\r\n", 400),
    "no host": Attack(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "two hosts": Attack(get(b"/", b"Host: evil.example\r\n"), 400),
    "NUL in a header": Attack(get(b"/", b"X: \x00\r\n"), 400),
    "NUL in the path": Attack(get(b"/\x00"), 400),
    "a folded header": Attack(get(b"/healthz", b"X: 1\r\n 2\r\n"), 200),
    "a header without a name": Attack(get(b"/", b": 1\r\n"), 400),
    "a space before the colon": Attack(get(b"/", b"X : 1\r\n"), 400),
    "a megabyte in one header": Attack(get(b"/", b"X: " + b"x" * MIB + b"\r\n"), 400),
    "a hundred thousand headers": Attack(get(b"/", b"X: 1\r\n" * 100_000), 400),
    "a megabyte of path": Attack(get(b"/" + b"a" * MIB), 400),
    "a long query": Attack(get(b"/v1/reports?limit=" + b"1" * 20_000), 422),
    "a thousand parameters": Attack(get(b"/v1/reports?" + b"limit=1&" * 1000), 200),
    "encoded line breaks in the path": Attack(get(b"/v1/reports/%0d%0aX:%201"), 404),
    "encoded dots in the path": Attack(get(b"/v1/feeds/%2e%2e%2f%2e%2e%2fetc%2fpasswd.atom"), 404),
    "bad percent signs": Attack(get(b"/v1/reports/%zz%"), 404),
    "bytes that are no UTF-8": Attack(get(b"/v1/reports?portal=%ff%fe"), 404),
    "a proxy's request": Attack(b"GET http://169.254.169.254/ HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 404),
    "CONNECT": Attack(b"CONNECT 127.0.0.1:6379 HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 404),
    "a websocket": Attack(get(b"/v1/events", b"Upgrade: websocket\r\nConnection: upgrade\r\n"), 200),
    "no signature": Attack(post(sized(BODY), BODY), 401),
    "somebody else's signature": Attack(post(sized(BODY) + headers(key=b"x" * 32), BODY), 401),
    "a signature of last week": Attack(post(sized(BODY) + headers(at=1_700_000_000), BODY), 401),
    "a signature of next year": Attack(post(sized(BODY) + headers(at=time.time() + 3e7), BODY), 401),
    "a signature for another body": Attack(post(sized(BODY) + headers(b"{}"), BODY), 401),
    "a signature that is no text": Attack(
        post(sized(BODY) + headers().replace(b"signature: v1", b"signature: \xff"), BODY), 401
    ),
    "headers that are no text": Attack(post(sized(BODY) + headers().replace(b"msg_1", b"\xe5\x8f\xb7"), BODY), 401),
    "a body of 256 KiB and a byte": Attack(
        post(sized(b"x" * (MOST_BYTES + 1)) + headers(), b"x" * (MOST_BYTES + 1)), 413
    ),
    "a body said to have a terabyte": Attack(post(sized(b"", b"1000000000000") + headers()), 413),
    "a length of forty digits": Attack(post(sized(b"", b"9" * 40) + headers()), 400),
    "a negative length": Attack(post(sized(b"", b"-1") + headers()), 400),
    "a length in words": Attack(post(sized(b"", b"ten") + headers()), 400),
    "two lengths": Attack(post(sized(BODY) + sized(b"x") + headers(), BODY), 400),
    "a length and chunks": Attack(post(sized(BODY) + CHUNKED + headers(), b"0\r\n\r\n"), 401),
    "an unknown transfer coding": Attack(post(b"Transfer-Encoding: gzip, chunked\r\n" + headers(), b"0\r\n\r\n"), 400),
    "a chunk size in words": Attack(post(CHUNKED + headers(), b"ten\r\n"), 400),
    "a chunk size of thirty digits": Attack(post(CHUNKED + headers(), b"f" * 30 + b"\r\n"), 400),
    "half a body": Attack(post(sized(BODY) + headers(), BODY[:5]), CLOSED, half_close=True),
    "half a chunk": Attack(post(CHUNKED + headers(), b"ff\r\nabc"), CLOSED, half_close=True),
    "deep JSON": Attack(post(sized(b"[" * 200_000) + headers(b"[" * 200_000), b"[" * 200_000), 400),
}


@pytest.fixture(scope="module")
def open_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    secret = f"redis://user:{CANARY}@127.0.0.1:1/0"
    with door(tmp_path_factory.mktemp("door"), broker_url=secret, webhook_rate="100000") as started:
        assert started.get("/v1/reports").status == 200
        yield started


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else CLOSED


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_has_its_promised_answer_and_the_next_request_is_served(open_door: Door, attack: Attack) -> None:
    answer = open_door.say(attack.sent, half_close=attack.half_close)
    assert status(answer) == attack.status
    assert open_door.get("/healthz").status == 200
    assert status(open_door.say(post(sized(BODY) + headers(), BODY))) == 202


def test_pipelined_requests_are_answered_one_by_one(open_door: Door) -> None:
    answer = open_door.say(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n" + get(b"/nowhere"))
    assert (answer.count(b"HTTP/1.1 200 OK"), answer.count(b"HTTP/1.1 404 Not Found")) == (1, 1)


def test_a_request_hidden_in_a_refused_body_is_never_answered(open_door: Door) -> None:
    hidden = b"GET /hidden HTTP/1.1\r\n" + HOST + b"\r\n"
    answer = open_door.say(post(sized(hidden), hidden))
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_client_that_waits_to_be_told_is_not_told_to_send_what_is_refused(open_door: Door) -> None:
    with open_door.connect() as client:
        client.sendall(post(sized(BODY) + b"Expect: 100-continue\r\n"))
        assert status(client.recv(65536)) == 401


@pytest.mark.skipif(not ON_LINUX, reason="the kernel tells the peak here")
def test_300_mib_in_chunks_are_refused_and_leave_no_trace_in_memory(open_door: Door) -> None:
    piece = chunk(bytes(MIB))
    before = open_door.peak
    answer = open_door.say(post(CHUNKED + headers()), *(piece for _ in range(300)))
    assert status(answer) in (413, CLOSED)
    assert open_door.peak - before < 20 * MIB
    assert open_door.get("/healthz").status == 200


def test_a_body_over_the_limit_is_told_so_before_it_ends(open_door: Door) -> None:
    with open_door.connect() as client:
        client.sendall(post(CHUNKED + headers()) + chunk(bytes(MOST_BYTES + 1)))
        assert status(client.recv(65536)) == 413


@pytest.mark.slow
def test_two_hundred_slow_clients_keep_nobody_out_and_are_sent_away(open_door: Door) -> None:
    lines, before = len(open_door.lines), open_door.peak
    with ExitStack() as stack:
        heads = [stack.enter_context(open_door.connect()) for _ in range(100)]
        bodies = [stack.enter_context(open_door.connect()) for _ in range(100)]
        for client in heads:
            client.sendall(POST + b"X: ")
        for client in bodies:
            client.sendall(POST + sized(BODY) + headers() + b"\r\n{")
        assert (
            open_door.get(
                "/healthz",
            ).status
            == 200
        )
        assert status(open_door.say(post(sized(BODY) + headers(), BODY))) == 202
        assert {everything(client) for client in heads} == {b""}
        assert {status(everything(client)) for client in bodies} == {408}
    assert len(open_door.lines) - lines <= 200
    assert open_door.peak - before < 20 * MIB


@pytest.mark.slow
def test_a_client_that_drips_its_head_is_sent_away_however_long_it_could_go_on(open_door: Door) -> None:
    with open_door.connect() as client:
        client.sendall(POST)
        drip(client, b"X: 1\r\n")


@pytest.mark.slow
def test_a_client_that_goes_on_behind_its_answer_is_sent_away(open_door: Door) -> None:
    with open_door.connect() as client:
        client.sendall(post(CHUNKED).replace(b"Connection: close\r\n", b""))
        assert status(client.recv(65536)) == 401
        drip(client, chunk(b"x"))


def drip(client: socket.socket, piece: bytes) -> None:
    """Send a piece every tenth of a second until the other side ends the connection."""
    client.settimeout(0.1)
    with suppress(ConnectionError):
        while True:
            client.sendall(piece)
            with suppress(TimeoutError):
                if not client.recv(65536):
                    return


def test_clients_that_leave_in_the_middle_cost_a_line_at_most(open_door: Door) -> None:
    lines = len(open_door.lines)
    for _ in range(50):
        with open_door.connect() as client:
            client.sendall(POST + sized(BODY) + headers() + b"\r\n{")
    assert open_door.get("/healthz").status == 200
    assert len(open_door.lines) - lines <= 50


FORGED = r"https://clone.example.com/\r\n{\"event\": \"forged\"}\u001b[31m"


@pytest.mark.parametrize(
    ("path", "more"),
    [
        (b"/v1/reports/%0a%7b%22event%22:%22forged%22%7d", b""),
        (b"/%1b%5b31mforged", b""),
        (b"/", b"User-Agent: \x1b[31mforged\r\n"),
        (b"/", b"X-Forwarded-For: forged\r\n"),
    ],
)
def test_no_request_forges_a_line_of_the_log(open_door: Door, path: bytes, more: bytes) -> None:
    open_door.say(get(path, more))
    body = f'{{"urls": ["{FORGED}"]}}'.encode()
    assert status(open_door.say(post(sized(body) + headers(body, "msg_forged"), body))) == 422
    assert [line for line in open_door.lines if line["event"] == "forged"] == []
    assert "\x1b" not in open_door.log


def test_no_secret_is_in_a_log_an_error_or_an_answer(open_door: Door) -> None:
    answers = [
        open_door.get(path).text for path in ("/", "/metrics", "/readyz", "/docs", "/openapi.json", "/v1/reports")
    ]
    answers.append(open_door.say(post(sized(BODY) + headers(key=b"x" * 32), BODY)).decode())
    for text in (*answers, open_door.log):
        assert CANARY not in text
        assert "whsec_" not in text
    assert json.loads(open_door.get("/readyz").body)["broker"] is False


@pytest.mark.skipif(not ON_LINUX, reason="the kernel tells the peak here")
def test_memory_stays_bounded_through_all_of_them(open_door: Door) -> None:
    assert open_door.peak < 200 * MIB
