"""Answers that no honest server gives, each with the end that is promised for it."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.adversary import Answer, Talk, answer, cut, raw, redirect
from worker.fetch.values import MIB

TEXT = "关于法治政府建设情况的报告。".encode() * 400
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Hostile:
    """An answer and its promised end; `seconds` is the deadline where waiting is the attack."""

    answer: Answer
    promise: str
    seconds: float = 60.0


def bomb(wbits: int) -> bytes:
    """1 GiB of zeros in about 1 MB, made from one block that is repeated."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, wbits)
    start = deflate.compress(bytes(MIB)) + deflate.flush(zlib.Z_FULL_FLUSH)
    block = deflate.compress(bytes(MIB)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return start + block * 1023


def coded(body: bytes, coding: str) -> Answer:
    """A body under a Content-Encoding."""
    return answer(body, headers={"Content-Encoding": coding})


def flood(start: bytes, again: bytes, every: float = 0.0) -> Answer:
    """A start, then the same bytes until the client is gone."""

    def send(talk: Talk) -> None:
        talk.send(start)
        talk.repeat(again, every)

    return send


def then(start: bytes, end: Callable[[Talk], None]) -> Answer:
    """A start, then what `end` does with the connection."""

    def send(talk: Talk) -> None:
        talk.send(start)
        end(talk)

    return send


def length(told: str, body: bytes = b"1234567890") -> Answer:
    """A body under that Content-Length, then the end."""
    return cut(OK + f"Content-Length: {told}\r\n\r\n".encode() + body)


def _zstd_bomb() -> bytes:
    """1 GiB of zeros in 33 KB: 8192 blocks that repeat one byte 131,072 times (RFC 8878 §3.1.1.2)."""
    block = (131_072 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    last = (131_072 << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\xe0" + (1 << 30).to_bytes(8, "little") + block * 8191 + last


GZIP = gzip.compress(TEXT)
ZSTD_BOMB = _zstd_bomb()
BROTLI_BOMB = zlib.decompress(  # 1 GiB of zeros in 809 bytes, by brotli -q 9 -w 24
    base64.b64decode(
        "eNo7//9/PYMKw6ONDkXv///8/5+/gcVBRqzh3V/7////M05g6DjMdGHv/+f//9szCDEURjDs+v7/z///7A5MCnzcDt//zQeqYvBg"
        "OJLI+OLe/8///8szcDZY6DDc/V3/7/9/ZgVGgXbWBdX/z0Mt2cBQMmrJqCVD0RJ7APFnrt4="
    )
)

BODIES = {
    "gzip bomb": Hostile(coded(bomb(31), "gzip"), "Unexpected too_large"),
    "deflate bomb": Hostile(coded(bomb(15), "deflate"), "Unexpected too_large"),
    "bare deflate bomb": Hostile(coded(bomb(-15), "deflate"), "Unexpected too_large"),
    "gzip of gzip": Hostile(coded(gzip.compress(bomb(31)), "gzip, gzip"), "Unexpected encoding"),
    "deflate of gzip": Hostile(coded(zlib.compress(GZIP), "gzip, deflate"), "Unexpected encoding"),
    "two hundred codings": Hostile(coded(GZIP, ",".join(["gzip"] * 200)), "Unexpected encoding"),
    "two encoding headers": Hostile(
        cut(OK + b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n" + GZIP), "Unexpected encoding"
    ),
    "a brotli bomb": Hostile(coded(BROTLI_BOMB, "br"), "Unexpected encoding"),
    "a zstd bomb": Hostile(coded(ZSTD_BOMB, "zstd"), "Unexpected encoding"),
    "brotli, not asked for": Hostile(coded(b"\xcf\xff\xff\x7f\xf8\x27\x00" * 25, "br"), "Unexpected encoding"),
    "zstd, not asked for": Hostile(coded(b"\x28\xb5\x2f\xfd" * 100, "zstd"), "Unexpected encoding"),
    "unknown coding": Hostile(coded(TEXT, "aes128gcm"), "Unexpected encoding"),
    "half a million gzip members": Hostile(coded(gzip.compress(b"") * 500_000, "gzip"), "Unexpected too_large"),
    "half a gzip": Hostile(coded(GZIP[: len(GZIP) // 2], "gzip"), "Transient truncated"),
    "gzip without its end": Hostile(coded(GZIP[:-8], "gzip"), "Transient truncated"),
    "gzip with half a second member": Hostile(coded(GZIP + GZIP[:20], "gzip"), "Transient truncated"),
    "gzip of nothing at all": Hostile(cut(OK + b"Content-Encoding: gzip\r\n\r\n"), "Transient truncated"),
    "gzip with a wrong checksum": Hostile(coded(GZIP[:-8] + b"1234" + GZIP[-4:], "gzip"), "Transient undecodable"),
    "text called gzip": Hostile(coded(TEXT, "gzip"), "Transient undecodable"),
    "gzip called deflate": Hostile(coded(GZIP, "deflate"), "Transient undecodable"),
    "half a deflate": Hostile(coded(zlib.compress(TEXT)[:-9], "deflate"), "Transient truncated"),
    "Content-Length too long": Hostile(length("100"), "Transient truncated"),
    "Content-Length too short": Hostile(length("5"), "Transient truncated"),
    "Content-Length zero": Hostile(length("0"), "Transient truncated"),
    "Content-Length negative": Hostile(length("-1"), "Transient protocol"),
    "Content-Length in words": Hostile(length("ten"), "Transient protocol"),
    "Content-Length in a list of two": Hostile(length("10, 11"), "Transient protocol"),
    "Content-Length of 40 digits": Hostile(length("9" * 40), "Transient protocol"),
    "Content-Length of a terabyte": Hostile(
        flood(OK + b"Content-Length: 1000000000000\r\n\r\n", b"x" * 65536), "Unexpected too_large"
    ),
    "chunks cut off": Hostile(cut(CHUNKED + b"a\r\n12345"), "Transient truncated"),
    "chunks without the last": Hostile(cut(CHUNKED + b"5\r\n12345\r\n"), "Transient truncated"),
    "chunk size in words": Hostile(cut(CHUNKED + b"ten\r\n1234567890\r\n"), "Transient truncated"),
    "chunk size of 30 digits": Hostile(cut(CHUNKED + b"f" * 30 + b"\r\nx"), "Transient truncated"),
    "chunk extensions for ever": Hostile(flood(CHUNKED, b"1;" + b"x" * 32768 + b"\r\nx\r\n"), "Unexpected too_large"),
    "trailers for ever": Hostile(flood(CHUNKED + b"0\r\n", b"X-T: 1\r\n" * 1024), "Transient truncated"),
    "endless body": Hostile(flood(OK + b"\r\n", b"x" * 65536), "Unexpected too_large"),
    "endless chunks": Hostile(flood(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n"), "Unexpected too_large"),
    "chunks of one byte": Hostile(flood(CHUNKED, b"1\r\nx\r\n" * 10_000), "Unexpected too_large"),
    "slow body": Hostile(flood(OK + b"\r\n", b"x", every=0.02), "Transient timeout", seconds=0.5),
    "body that stops": Hostile(then(OK + b"\r\nhalf", Talk.hang), "Transient timeout", seconds=0.5),
    "reset in the body": Hostile(then(OK + b"Content-Length: 99\r\n\r\nx", Talk.reset), "Transient reset"),
}

HEADS = {
    "silence": Hostile(Talk.hang, "Transient timeout", seconds=0.5),
    "slow headers": Hostile(flood(OK, b"X: 1\r\n", every=0.02), "Transient timeout", seconds=0.5),
    "slow header letters": Hostile(flood(OK + b"X: ", b"x", every=0.02), "Transient timeout", seconds=0.5),
    "slow 103 answers": Hostile(
        flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", every=0.02), "Transient timeout", seconds=0.5
    ),
    "103 answers for ever": Hostile(
        flood(b"", b"HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n" * 500), "Unexpected too_large"
    ),
    "headers for ever": Hostile(flood(OK, b"X: 1\r\n" * 512), "Unexpected too_large"),
    "one header for ever": Hostile(flood(OK + b"X: ", b"x" * 4096), "Unexpected too_large"),
    "70 KB of headers": Hostile(raw(OK + b"X: 1\r\n" * 12_000 + b"\r\n"), "Unexpected too_large"),
    "200 KB in one header": Hostile(answer(TEXT, headers={"X": "x" * 200_000}), "Unexpected too_large"),
    "no answer": Hostile(cut(), "Transient protocol"),
    "reset": Hostile(Talk.reset, "Transient reset"),
    "half a head": Hostile(cut(OK + b"Content-"), "Transient protocol"),
    "no HTTP": Hostile(cut(b"SSH-2.0-OpenSSH_9.6\r\n"), "Transient protocol"),
    "HTTP/0.9": Hostile(cut(TEXT), "Transient protocol"),
    "HTTP/2": Hostile(cut(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)), "Transient protocol"),
    "status in words": Hostile(cut(b"HTTP/1.1 OK 200\r\n\r\n"), "Transient protocol"),
    "status 999": Hostile(answer(TEXT, status="999 Said"), "Transient server_error"),
    "unasked upgrade": Hostile(
        cut(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), "Transient protocol"
    ),
    "unasked 304": Hostile(raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "Transient protocol"),
    "unasked 206": Hostile(answer(TEXT[:100], status="206 Partial Content"), "Unexpected status"),
    "NUL in a header": Hostile(cut(OK + b"X: \x00\r\n\r\n"), "Transient protocol"),
    "header without a name": Hostile(cut(OK + b": 1\r\n\r\n"), "Transient protocol"),
    "unknown Transfer-Encoding": Hostile(cut(OK + b"Transfer-Encoding: gzip\r\n\r\n"), "Transient protocol"),
    "404 that never ends": Hostile(flood(b"HTTP/1.1 404 No\r\n\r\n", b"x" * 65536), "Gone gone"),
    "404 that stops": Hostile(then(b"HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\n", Talk.hang), "Gone gone"),
}

REDIRECTS = {
    "to itself for ever": Hostile(redirect("/hostile"), "NotAReport redirect"),
    "to itself with ever another query": Hostile(
        lambda talk: redirect(f"/hostile?{talk.asked.path}")(talk), "NotAReport redirect"
    ),
    "to nowhere": Hostile(answer(status="302 Found"), "NotAReport redirect"),
    "to an empty address": Hostile(redirect(""), "NotAReport redirect"),
    "with two thousand cookies": Hostile(
        redirect("/hostile", headers={f"Set-Cookie: {n}=1; X": "1" for n in range(2000)}), "NotAReport redirect"
    ),
    "with binary cookies": Hostile(
        raw(
            b"HTTP/1.1 302 Found\r\nSet-Cookie: \xff\xfe=\x80; Path=/\r\n"
            b"Location: /hostile\r\nContent-Length: 0\r\n\r\n"
        ),
        "NotAReport redirect",
    ),
    "with a cookie of no age": Hostile(
        redirect("/hostile", headers={"Set-Cookie": "a=b; Max-Age; Expires; Domain=.; Path"}), "NotAReport redirect"
    ),
    "with a body that never ends": Hostile(
        flood(b"HTTP/1.1 302 Found\r\nLocation: /hostile\r\n\r\n", b"x" * 65536), "NotAReport redirect"
    ),
}

ALL = {**BODIES, **HEADS, **REDIRECTS}
