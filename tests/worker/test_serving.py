"""The commands that serve and steer, as users run them: the whole system with its door open, and what is told out."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from tests.adversary import Adversary, answer
from tests.serving import SECRET, Service
from tests.stack import command, deps_of, environment, gongbao
from tests.wanted import PAGE, wanted
from worker.ledger import claims, frontier, outbox
from worker.replica.server import serve
from worker.replica.site import World

PATIENCE = 120
HOOK = {"/hook": answer(b"", "204 No Content")}


@pytest.fixture
def env(tmp_path: Path) -> Mapping[str, str]:
    return environment(tmp_path, webhook_allow="127.0.0.1:9000")


@contextmanager
def running(env: Mapping[str, str]) -> Iterator[Service]:
    """`gongbao run` with its door on a free port."""
    process = subprocess.Popen(
        command(["run", "--bind", "127.0.0.1:0", "--json"]), env=dict(env), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield Service(int(json.loads(line)["url"].rpartition(":")[2]))
    finally:
        process.terminate()
        process.communicate(timeout=60)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail after two minutes."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.mark.slow
def test_the_whole_system_takes_requests_runs_portals_and_tells_subscribers(tmp_path: Path) -> None:
    with serve(World(20, 1)) as replica, Adversary(HOOK) as receiver:
        allow = f"127.0.0.1:{receiver.port}"
        env = environment(tmp_path, replica, webhook_allow=allow, webhook_secrets=f"sender={SECRET}")
        [made] = gongbao("subscriptions", "add", f"http://{allow}/hook", "--json", env=env).lines
        with running(env) as service:
            asked = gongbao("trigger", "tahe", "--wait", "--json", env=env)
            [state] = asked.lines
            taken = service.ingest("https://dxalth.gov.cn/nowhere.html")
            until(lambda: service.get(taken.headers["location"]).json["done"])
            events = service.get("/v1/events?limit=200").json["events"]
            until(lambda: len(receiver.asked) >= len(events))
            until(lambda: "gongbao_deliveries{" in service.get("/metrics").text)
            ended = service.get(taken.headers["location"]).json["urls"]
    assert (asked.status, state["portal"], state["state"], "hand" in state["reasons"]) == (0, "tahe", "done", True)
    assert [each["outcome"] for each in ended] == ["gone"]
    heard = [Webhook(made["secret"]).verify(each.body, each.headers) for each in receiver.asked]
    assert {event["event_id"] for event in events} <= {event["event_id"] for event in heard}
    assert len(events) > 5


def test_a_subscription_is_made_listed_sent_again_and_removed(env: Mapping[str, str]) -> None:
    url = "http://127.0.0.1:9000/hook"
    [made] = gongbao("subscriptions", "add", url, "--kind", "report.new", "--portal", "tahe", "--json", env=env).lines
    assert made["secret"].startswith("whsec_")
    listed = gongbao("subscriptions", "list", "--json", env=env)
    [line] = listed.lines
    assert (line["id"], line["url"], line["kinds"], line["portals"]) == (made["id"], url, ["report.new"], ["tahe"])
    assert (line["pending"], line["dead"]) == (0, 0)
    shown = listed.out + gongbao("subscriptions", "list", env=env).out
    assert "whsec_" not in shown
    again = gongbao("subscriptions", "redeliver", made["id"], "--since", "2025-01-01", "--json", env=env)
    assert again.lines == [{"id": made["id"], "pending": 0}]
    assert gongbao("subscriptions", "remove", made["id"], env=env).status == 0
    assert gongbao("subscriptions", "remove", made["id"], env=env).status == 2


def test_a_secret_may_come_from_a_file_and_is_not_shown(env: Mapping[str, str], tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n", encoding="utf-8")
    url = "http://127.0.0.1:9000/"
    [made] = gongbao("subscriptions", "add", url, "--secret-file", file, "--json", env=env).lines
    assert made["secret"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "http://127.0.0.1:1/"),
        ("add", "http://127.0.0.1:9000/", "--portal", "nowhere"),
        ("add", "http://127.0.0.1:9000/", "--secret-file", "/nowhere"),
        ("remove", "sub_0"),
        ("redeliver", "sub_0"),
    ],
)
def test_a_wrong_subscription_command_is_wrong_usage(env: Mapping[str, str], arguments: tuple[str, ...]) -> None:
    done = gongbao("subscriptions", *arguments, env=env)
    assert (done.status, done.err.count("\n"), done.err.startswith("gongbao: ")) == (2, 1, True)


def test_portals_are_paused_and_resumed(env: Mapping[str, str]) -> None:
    paused = gongbao("pause", "tahe", "--json", env=env)
    assert paused.lines == [{"portal": "tahe", "paused": True}]
    states = {line["portal"]: line["paused"] for line in gongbao("status", "--json", env=env).lines}
    assert (states["tahe"], states["dalian-sfj"]) == (True, False)
    gongbao("resume", "tahe", env=env)
    assert not any(line["paused"] for line in gongbao("status", "--json", env=env).lines)


@pytest.mark.parametrize("verb", ["pause", "resume", "trigger", "requeue"])
def test_an_unknown_portal_is_wrong_usage(env: Mapping[str, str], verb: str) -> None:
    done = gongbao(verb, "taho", env=env)
    assert done.status == 2
    assert "did you mean tahe?" in done.err


def test_asking_twice_before_a_run_begins_asks_for_one(env: Mapping[str, str]) -> None:
    for _ in range(2):
        assert gongbao("trigger", "tahe", "--json", env=env).lines == [{"portal": "tahe", "asked": True}]


@pytest.mark.parametrize(("option", "state"), [((), "collected"), (("--fetch",), "due")])
def test_quarantined_pages_wait_again_when_requeued(tmp_path: Path, option: tuple[str, ...], state: str) -> None:
    deps = deps_of(tmp_path)
    with deps.ledger.begin() as connection:
        frontier.bring(connection, wanted("a", portal="tahe"), PAGE)
        [item] = claims.claim(connection, 1)
        claims.quarantine(connection, item, "crashed")
    done = gongbao("requeue", *option, "--json", env=environment(tmp_path))
    with deps.ledger.begin() as connection:
        assert frontier.depth(connection) == {state: 1}
    assert done.lines == [{"requeued": 1}]
    deps.ledger.dispose()


@pytest.mark.parametrize("verb", ["serve", "run"])
def test_a_secret_that_is_none_stops_the_server_and_is_not_shown(tmp_path: Path, verb: str) -> None:
    done = gongbao(verb, "--bind", "127.0.0.1:0", env=environment(tmp_path, webhook_secrets="me=whsec_canary"))
    assert done.status == 2
    assert "canary" not in done.out + done.err


def test_no_setting_shows_its_secret(tmp_path: Path) -> None:
    canaries = {
        "webhook_secrets": "me=whsec_canary",
        "read_token": "canary-0123456789",
        "broker_url": "redis://user:canary@127.0.0.1:1/0",
        "database_url": "postgresql://user:canary@127.0.0.1:1/db",
    }
    env = environment(tmp_path, **canaries)
    for arguments in (("settings",), ("settings", "--json"), ("status",), ("serve", "--bind", "127.0.0.1:0")):
        done = gongbao(*arguments, env=env)
        assert "canary" not in done.out + done.err


def test_an_event_told_while_nobody_subscribes_is_never_handed_out(tmp_path: Path) -> None:
    deps = deps_of(tmp_path)
    with deps.ledger.begin() as connection:
        outbox.tell(connection, "report.new", "r1", {"id": "r1", "portal": "tahe"}, backfill=False)
    env = environment(tmp_path, webhook_allow="127.0.0.1:9000")
    gongbao("subscriptions", "add", "http://127.0.0.1:9000/", env=env)
    [line] = gongbao("subscriptions", "list", "--json", env=env).lines
    assert line["pending"] == 0
    deps.ledger.dispose()
