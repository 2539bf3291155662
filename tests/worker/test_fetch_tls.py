"""TLS stays verified in both modes, against the name and not the address."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.adversary import Adversary, answer, cut
from tests.fetching import HOST, PUBLIC, NameServer, Switchboard, outcome, policy, portal, told
from worker.fetch import Fetcher
from worker.fetch.tls import context_for

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="the openssl command makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for www.example.gov.cn with its key, signed by itself."""
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    name = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command = [str(OPENSSL), "req", "-x509", *kind, *name, "-keyout", str(path), "-out", str(path) + ".crt"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[Adversary]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Adversary({"/a": answer(b"ok")}, context) as running:
        yield running


def visit(server: Adversary, host: str, tls: str, ca_file: Path | None) -> str:
    async def run() -> str:
        board = Switchboard(server.port)
        async with Fetcher(policy(ca_file=ca_file), resolve=NameServer([PUBLIC]), dial=board) as fetcher:
            return told(await outcome(fetcher, f"https://{host}/a", portal(tls=tls)))

    return asyncio.run(run())


@needs_openssl
@pytest.mark.parametrize("tls", ["default", "legacy"])
class TestVerification:
    def test_the_name_is_what_the_certificate_must_show(self, server: Adversary, certificate: Path, tls: str) -> None:
        assert visit(server, HOST, tls, certificate) == "RawPage"

    def test_a_certificate_for_another_name_is_refused(self, server: Adversary, certificate: Path, tls: str) -> None:
        assert visit(server, "example.gov.cn", tls, certificate) == "Transient tls"
        assert server.asked == []

    def test_a_certificate_of_unknown_origin_is_refused(self, server: Adversary, tls: str) -> None:
        assert visit(server, HOST, tls, None) == "Transient tls"
        assert server.asked == []


def test_a_server_that_hangs_up_in_the_handshake_is_transient() -> None:
    with Adversary({}) as plain:
        assert visit(plain, HOST, "default", None).startswith("Transient")


def test_legacy_relaxes_renegotiation_and_security_level_and_nothing_else() -> None:
    legacy, default = context_for("legacy"), context_for("default")
    assert (legacy.options ^ default.options) == 0x4
    assert legacy.verify_mode is default.verify_mode is ssl.CERT_REQUIRED
    assert legacy.check_hostname
    assert legacy.minimum_version == default.minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_context_is_made_once() -> None:
    assert context_for("legacy") is context_for("legacy")


@pytest.mark.parametrize(("tls", "said"), [("legacy", 1), ("default", 0)])
def test_each_use_of_relaxed_tls_is_logged(tls: str, said: int) -> None:
    async def run(port: int) -> None:
        async with Fetcher(policy(connect_to=f"127.0.0.1:{port}")) as fetcher:
            await outcome(fetcher, "/a", portal(tls=tls))

    with Adversary({"/a": cut(b"")}) as plain, capture_logs() as logs:
        asyncio.run(run(plain.port))
    assert [line["event"] for line in logs].count("tls.relaxed") == said
