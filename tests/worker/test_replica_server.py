"""The replica over a socket: hosts and their aliases, phases, conditional requests, data calls and the request log."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from worker.replica import server
from worker.replica.plan import Quirk
from worker.replica.router import address
from worker.replica.server import Replica
from worker.replica.site import World

WORLD = World()
COLUMN = "/col/col3945/index.html"
DALIAN, GANSU = "sfj.dl.gov.cn", "www.gszfw.gov.cn"


@pytest.fixture
def replica() -> Iterator[Replica]:
    with server.serve(WORLD) as running:
        yield running


@pytest.fixture
def client(replica: Replica) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{replica.port}", trust_env=False) as opened:
        yield opened


def get(client: httpx.Client, host: str, path: str, **headers: str) -> httpx.Response:
    return client.get(path, headers={"Host": host, **headers})


def path_of(quirk: Quirk) -> tuple[str, str]:
    """Host and path of the first page with that quirk."""
    found = next(
        address(portal, page) for portal in WORLD.portals for page in WORLD.pages(portal, 2) if page.quirk is quirk
    )
    return urlsplit(found).netloc, urlsplit(found).path


@pytest.mark.parametrize("host", [DALIAN, f"www.{DALIAN}", f"{DALIAN}:443", f"{DALIAN}.", DALIAN.upper()])
def test_a_portal_answers_to_every_spelling_of_its_host(client: httpx.Client, host: str) -> None:
    assert "大连市司法局" in get(client, host, COLUMN).text


def test_the_scheme_that_was_asked_for_changes_nothing(client: httpx.Client) -> None:
    host, path = path_of(Quirk.RETITLED)
    plain, secure = (get(client, host, path, **{"X-Forwarded-Proto": scheme}) for scheme in ("http", "https"))
    assert plain.content == secure.content


@pytest.mark.parametrize(("host", "path"), [("www.example.gov.cn", "/"), (DALIAN, "/nowhere.html"), (GANSU, "/Show/1")])
def test_unknown_hosts_and_paths_are_not_found(client: httpx.Client, host: str, path: str) -> None:
    assert get(client, host, path).status_code == 404


def test_robots_txt_lets_reports_be_read(client: httpx.Client) -> None:
    assert get(client, GANSU, "/robots.txt").text.startswith("User-agent: *")


@pytest.mark.parametrize(("quirk", "status"), [(Quirk.MISSING, 404), (Quirk.SOFT_MISSING, 200), (Quirk.CHALLENGE, 412)])
def test_refusals_have_the_status_of_their_kind(client: httpx.Client, quirk: Quirk, status: int) -> None:
    assert get(client, *path_of(quirk)).status_code == status


@pytest.mark.parametrize(
    ("path", "content"),
    [("", "2"), ("", "2\n"), ("", "phase=2"), ("", '{"phase": 2}'), ("", '{"phase": "2"}'), ("?phase=2", ""), ("", "")],
)
def test_a_post_switches_the_phase_of_a_running_replica(client: httpx.Client, path: str, content: str) -> None:
    host, page = path_of(Quirk.ADDED)
    assert get(client, host, page).status_code == 404
    assert client.post(f"/__phase{path}", content=content).text == "phase 2\n"
    assert get(client, host, page).status_code == 200


@pytest.mark.parametrize("content", ["3", "12", "phase", "2 1"])
def test_an_unknown_phase_is_refused_and_changes_nothing(client: httpx.Client, content: str) -> None:
    answer = client.post("/__phase", content=content)
    assert (answer.status_code, answer.text) == (400, "phase 1\n")


def test_a_static_page_that_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    host, path = path_of(Quirk.RETITLED)
    tag = get(client, host, path).headers["ETag"]
    again = get(client, host, path, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    client.post("/__phase", content="2")
    assert get(client, host, path, **{"If-None-Match": tag}).status_code == 200


def test_a_data_call_answers_alike_to_get_and_post(client: httpx.Client) -> None:
    unit = get(client, DALIAN, COLUMN).text.partition("unitid:'")[2].partition("'")[0]
    fields = {"startrecord": "2", "endrecord": "3", "perpage": "5", "columnid": "3945", "unitid": unit}
    url, headers = "/module/web/jpage/dataproxy.jsp", {"Host": DALIAN}
    got, posted = client.get(url, params=fields, headers=headers), client.post(url, data=fields, headers=headers)
    assert got.text == posted.text
    assert got.text.count("<record>") == 2


def test_a_data_call_for_an_unknown_unit_has_no_records(client: httpx.Client) -> None:
    answer = get(client, DALIAN, "/module/web/jpage/dataproxy.jsp?page=1&columnid=3945&unitid=1")
    assert "<record>" not in answer.text


def test_attachments_and_pictures_are_there(client: httpx.Client) -> None:
    host, path = path_of(Quirk.FILES)
    page = get(client, host, path).text
    href = page.partition("downfile.jsp")[2].partition('"')[0].replace("&amp;", "&")
    file = get(client, host, f"/module/download/downfile.jsp{href}")
    assert file.headers["Content-Type"].startswith("application/")


def test_the_log_tells_host_path_and_when_each_request_began_and_ended(client: httpx.Client, replica: Replica) -> None:
    get(client, DALIAN, COLUMN)
    get(client, GANSU, "/nowhere")
    first, second = replica.requests
    assert (first.host, first.path, first.status) == (DALIAN, COLUMN, 200)
    assert (second.host, second.path, second.status) == (GANSU, "/nowhere", 404)
    assert first.started <= first.ended <= second.started <= second.ended


def test_a_taken_port_is_an_os_error(replica: Replica) -> None:
    with pytest.raises(OSError, match="in use"):
        server.serve(WORLD, port=replica.port)


def test_stopping_twice_does_no_harm() -> None:
    replica = server.serve(WORLD)
    replica.stop()
    replica.stop()
