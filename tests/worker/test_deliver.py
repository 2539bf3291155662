"""Webhooks out: every event reaches every receiver, in order for each report, whatever the receiver is up to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from standardwebhooks.webhooks import Webhook

from config.portal import ConfigError
from config.settings import load_settings
from tests.adversary import Adversary, Answer, answer, raw, redirect
from tests.serving import SECRET
from tests.stack import deps_on, settings_of
from tests.wanted import portal
from worker.deliver import AT_ONCE, SCHEDULE, check_receiver, deliver
from worker.deps import Deps
from worker.fetch import FetchPolicy
from worker.fetch.posting import Reply, allowed, post
from worker.ledger import lanes, outbox, subscriptions
from worker.ledger.lanes import BREAKER_FAILURES
from worker.ledger.subscriptions import Subscription

HOUR = 3600.0
OK, DOWN, BROKEN = Reply(status=204), Reply(error="ConnectError: refused"), Reply(status=500)
URL = "https://hooks.example.com/"


class Receiver:
    """A subscriber that answers what it is told to, and keeps what it accepted."""

    def __init__(self) -> None:
        self.reply = OK
        self.replies: dict[str, Reply] = {}
        self.asked = 0
        self.taken: list[dict[str, Any]] = []

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Take one event."""
        self.asked += 1
        event = Webhook(SECRET).verify(body, dict(headers))
        assert event["event_id"] == headers["webhook-id"]
        reply = self.replies.get(event["report"]["id"], self.reply)
        if reply.status and reply.status < 300:
            self.taken.append(event)
        return reply

    def heard(self) -> list[tuple[str, int]]:
        """The reports and their versions, repetitions dropped by event_id."""
        once = {event["event_id"]: event["report"] for event in self.taken}
        return [(report["id"], report["version"]) for report in once.values()]


@pytest.fixture
def deps(database: str, tmp_path: Path) -> Iterator[Deps]:
    made = deps_on(database, tmp_path, {"example": portal()})
    yield made
    made.ledger.dispose()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


def subscribe(deps: Deps, **wants: Any) -> Subscription:
    with deps.ledger.begin() as connection:
        return subscriptions.add(connection, URL, SecretStr(SECRET), **wants)


def tell(deps: Deps, report: str, version: int = 1, **facts: Any) -> None:
    document = {"id": report, "version": version, "portal": "example", "body": "正文", "sections": [], **facts}
    kind = "report.new" if version == 1 else "report.revised"
    with deps.ledger.begin() as connection:
        outbox.tell(connection, kind, report, document, backfill=False)


def send(deps: Deps, receiver: Receiver) -> int:
    return asyncio.run(deliver(deps, 10, receiver))


def let_pass(deps: Deps, seconds: float) -> None:
    """Move everything that waits for a time nearer by so much."""
    with deps.ledger.begin() as connection:
        for table, column in (("deliveries", "next_attempt_at"), ("lanes", "not_before")):
            connection.execute(text(f"UPDATE {table} SET {column} = {column} - {seconds}"))  # noqa: S608 - our names


def backlog(deps: Deps, subscription: Subscription) -> tuple[int, int]:
    with deps.ledger.begin() as connection:
        left = subscriptions.backlog(connection, subscription.id)
    return left.pending, left.dead


def state_of(deps: Deps, subscription: Subscription) -> Subscription:
    with deps.ledger.begin() as connection:
        return next(each for each in subscriptions.every(connection) if each.id == subscription.id)


def test_an_event_is_sent_once_signed_and_whole(deps: Deps, receiver: Receiver) -> None:
    subscribe(deps)
    tell(deps, "r1")
    assert (send(deps, receiver), send(deps, receiver)) == (1, 0)
    [event] = receiver.taken
    assert event.keys() == {"event_id", "kind", "occurred_at", "backfill", "report"}
    assert (event["kind"], event["report"]["body"], event["occurred_at"][-1]) == ("report.new", "正文", "Z")


def test_every_subscriber_gets_every_event(deps: Deps, receiver: Receiver) -> None:
    subscribe(deps)
    subscribe(deps)
    tell(deps, "r1")
    assert send(deps, receiver) == 2


def test_what_happened_before_the_subscription_is_not_sent(deps: Deps, receiver: Receiver) -> None:
    tell(deps, "before")
    subscribe(deps)
    tell(deps, "between")
    subscribe(deps)
    tell(deps, "after")
    send(deps, receiver)
    assert sorted(receiver.heard()) == [("after", 1), ("between", 1)]
    assert receiver.asked == 3


def test_only_the_kinds_and_portals_that_were_asked_for_are_sent(deps: Deps, receiver: Receiver) -> None:
    subscribe(deps, kinds=["report.new"], portals=["example"])
    tell(deps, "r1")
    tell(deps, "r1", 2)
    tell(deps, "r2", portal="another")
    send(deps, receiver)
    assert receiver.heard() == [("r1", 1)]


def test_bodies_are_left_out_where_the_operator_wants_it(database: str, tmp_path: Path, receiver: Receiver) -> None:
    deps = deps_on(database, tmp_path, {}, event_body=False)
    subscribe(deps)
    tell(deps, "r1")
    send(deps, receiver)
    assert receiver.taken[0]["report"].keys() == {"id", "version", "portal"}
    deps.ledger.dispose()


def test_a_subscriber_that_was_down_for_a_day_gets_everything_in_order_for_each_report(
    deps: Deps, receiver: Receiver
) -> None:
    subscription = subscribe(deps)
    receiver.reply = DOWN
    for hour in range(24):
        tell(deps, f"r{hour % 5}", hour // 5 + 1)
        for _ in range(4):
            send(deps, receiver)
            let_pass(deps, HOUR / 4)
    assert (receiver.taken, backlog(deps, subscription)) == ([], (24, 0))
    assert receiver.asked < 60
    receiver.reply = OK
    let_pass(deps, 6 * HOUR)  # the longest that a silent receiver is left alone
    while send(deps, receiver):
        pass
    heard = receiver.heard()
    assert len(heard) == 24
    for number in range(5):
        versions = [version for report, version in heard if report == f"r{number}"]
        assert versions == sorted(versions)
    assert backlog(deps, subscription) == (0, 0)


def test_a_delivery_whose_acknowledgement_was_lost_is_repeated_under_the_same_id(
    deps: Deps, receiver: Receiver
) -> None:
    subscribe(deps)
    tell(deps, "r1")

    async def taken_and_cut(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        await receiver(url, body, headers)
        return DOWN

    asyncio.run(deliver(deps, 10, taken_and_cut))
    let_pass(deps, HOUR)
    send(deps, receiver)
    first, second = receiver.taken
    assert first["event_id"] == second["event_id"]
    assert receiver.heard() == [("r1", 1)]


def test_a_later_event_waits_for_an_earlier_one_of_its_report_and_no_other(deps: Deps, receiver: Receiver) -> None:
    subscribe(deps)
    for report, version in (("r1", 1), ("r2", 1), ("r1", 2), ("r3", 1)):
        tell(deps, report, version)
    receiver.replies["r1"] = BROKEN
    send(deps, receiver)
    assert receiver.heard() == [("r2", 1), ("r3", 1)]
    del receiver.replies["r1"]
    let_pass(deps, 6)
    send(deps, receiver)
    assert receiver.heard() == [("r2", 1), ("r3", 1), ("r1", 1), ("r1", 2)]


def test_attempts_keep_the_written_schedule_and_the_last_failure_disables(deps: Deps, receiver: Receiver) -> None:
    subscription = subscribe(deps)
    receiver.reply = BROKEN
    tell(deps, "r1")
    for pause in SCHEDULE:
        asked = receiver.asked
        send(deps, receiver)
        assert receiver.asked == asked + 1
        clear_lane(deps, subscription)
        let_pass(deps, pause * 0.5)
        send(deps, receiver)
        assert receiver.asked == asked + 1
        let_pass(deps, pause * 0.61)
    tell(deps, "r2")
    receiver.replies["r2"] = OK
    send(deps, receiver)
    after = state_of(deps, subscription)
    assert after.disabled_for is not None
    assert "three days" in after.disabled_for
    assert backlog(deps, subscription) == (0, 2)
    assert 3 * 24 * HOUR < sum(SCHEDULE) < 4 * 24 * HOUR


def clear_lane(deps: Deps, subscription: Subscription) -> None:
    with deps.ledger.begin() as connection:
        connection.execute(lanes.lanes.delete().where(lanes.lanes.c.name == subscriptions.lane_of(subscription.id)))


def test_a_receiver_that_is_gone_is_disabled_at_once_and_collects_dead_letters(deps: Deps, receiver: Receiver) -> None:
    subscription = subscribe(deps)
    tell(deps, "r1")
    receiver.reply = Reply(status=410)
    send(deps, receiver)
    tell(deps, "r2")
    send(deps, receiver)
    assert (receiver.asked, backlog(deps, subscription)) == (1, (0, 2))


def test_dead_letters_are_sent_again_when_asked_for(deps: Deps, receiver: Receiver) -> None:
    subscription = subscribe(deps)
    tell(deps, "r1")
    receiver.reply = Reply(status=410)
    send(deps, receiver)
    tell(deps, "r2")
    send(deps, receiver)
    receiver.reply = OK
    with deps.ledger.begin() as connection:
        assert subscriptions.send_again(connection, subscription.id) == 2
    send(deps, receiver)
    assert (receiver.heard(), state_of(deps, subscription).disabled_at) == ([("r1", 1), ("r2", 1)], None)


def test_everything_since_a_time_is_sent_again_when_asked_for(deps: Deps, receiver: Receiver) -> None:
    tell(deps, "before")
    subscription = subscribe(deps)
    tell(deps, "r1")
    send(deps, receiver)
    with deps.ledger.begin() as connection:
        assert subscriptions.send_again(connection, subscription.id, since=0.0) == 2
    send(deps, receiver)
    assert receiver.heard() == [("r1", 1), ("before", 1)]


def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(deps: Deps, receiver: Receiver) -> None:
    subscribe(deps)
    tell(deps, "r1")
    tell(deps, "r2")
    receiver.reply = Reply(status=503, retry_after=7200.0)
    send(deps, receiver)
    let_pass(deps, 3600)
    send(deps, receiver)
    assert receiver.asked == 1
    receiver.reply = OK
    let_pass(deps, 3700)
    send(deps, receiver)
    assert len(receiver.heard()) == 2


def test_receivers_that_are_down_keep_none_that_is_up_waiting(deps: Deps, receiver: Receiver) -> None:
    for _ in range(AT_ONCE):
        subscribe(deps, kinds=["report.new"])
    tell(deps, "r1")
    receiver.reply = DOWN
    for _ in range(BREAKER_FAILURES):
        send(deps, receiver)
        let_pass(deps, 6 * HOUR)
    send(deps, receiver)
    let_pass(deps, 60)
    with deps.ledger.begin() as connection:
        assert not subscriptions.waiting(connection)
    subscribe(deps)
    tell(deps, "r2", 2)
    receiver.reply = OK
    assert (send(deps, receiver), receiver.heard()) == (1, [("r2", 2)])


def test_two_workers_never_speak_to_one_receiver_at_once(deps: Deps, receiver: Receiver) -> None:
    subscription = subscribe(deps)
    tell(deps, "r1")
    with deps.ledger.begin() as connection:
        assert lanes.acquire(connection, subscriptions.lane_of(subscription.id), "another worker")
    assert (send(deps, receiver), receiver.asked) == (0, 0)


def test_a_removed_subscription_is_forgotten(deps: Deps, receiver: Receiver) -> None:
    subscription = subscribe(deps)
    tell(deps, "r1")
    send(deps, receiver)
    tell(deps, "r2")
    with deps.ledger.begin() as connection:
        subscriptions.hand_out(connection)
        assert subscriptions.remove(connection, subscription.id)
        assert not subscriptions.remove(connection, subscription.id)
        assert not subscriptions.waiting(connection)
    assert send(deps, receiver) == 0


# The network under a delivery: what goes out, and where it may go.


def posted(server: Adversary, path: str = "/", **more: Any) -> Reply:
    return asyncio.run(
        post(
            FetchPolicy(user_agent="Gongbao/0.1"),
            f"http://127.0.0.1:{server.port}{path}",
            b'{"a": 1}',
            {"webhook-id": "evt_1"},
            excepted=allowed(f"127.0.0.1:{server.port}"),
            **more,
        )
    )


def test_an_excepted_receiver_on_loopback_gets_the_post_as_it_is() -> None:
    with Adversary({"/hook?a=1": answer(b"", "204 No Content")}) as server:
        assert posted(server, "/hook?a=1") == Reply(status=204)
    [asked] = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/hook?a=1", b'{"a": 1}')
    assert (asked.headers["webhook-id"], asked.headers["content-type"]) == ("evt_1", "application/json")


@pytest.mark.parametrize(
    ("told", "reply"),
    {
        "a redirect": (redirect("http://127.0.0.1/"), Reply(status=302)),
        "an error": (answer(b"no", "500 Oops"), Reply(status=500)),
        "busy": (answer(b"", "503 Busy", {"Retry-After": "60"}), Reply(status=503, retry_after=60.0)),
        "an endless body": (raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000), Reply(status=200)),
    }.values(),
    ids=["a redirect", "an error", "busy", "an endless body"],
)
def test_of_an_answer_only_the_head_counts_and_no_redirect_is_followed(told: Answer, reply: Reply) -> None:
    with Adversary({"/": told}) as server:
        assert posted(server) == reply
    assert len(server.asked) == 1


def test_a_receiver_that_answers_nonsense_is_an_error_and_no_exception() -> None:
    with Adversary({"/": raw(b"SSH-2.0\r\n\r\n")}) as server:
        assert posted(server).error is not None


INSIDE = {
    "loopback": "http://127.0.0.1:9/",
    "loopback by another spelling": "http://2130706433/",
    "metadata": "http://169.254.169.254/latest/",
    "private network": "https://10.0.0.1/",
    "mapped loopback": "http://[::ffff:127.0.0.1]/",
    "another port": "https://hooks.example.com:8443/",
    "credentials": "https://user:pass@hooks.example.com/",
    "the excepted receiver as user name": "http://127.0.0.1:9000@hooks.example.com:22/",
    "the excepted receiver with credentials": "http://a:b@127.0.0.1:9000/",
    "file": "file:///etc/passwd",
    "gopher on the excepted receiver": "gopher://127.0.0.1:9000/",
    "no address": "hooks",
}


@pytest.mark.parametrize("url", INSIDE.values(), ids=INSIDE.keys())
def test_no_subscription_leads_inside(tmp_path: Path, url: str) -> None:
    settings = settings_of(tmp_path, webhook_allow="127.0.0.1:9000")
    with pytest.raises(ConfigError):
        check_receiver(settings, url)
    reply = asyncio.run(post(FetchPolicy(user_agent="t"), url, b"", {}, excepted=allowed(settings.webhook_allow)))
    assert (reply.status, reply.error is not None) == (None, True)


def test_a_name_that_resolves_inside_is_refused_when_it_is_dialled() -> None:
    async def rebound(_host: str) -> list[str]:
        return ["93.184.215.14", "127.0.0.1"]

    with Adversary({"/": answer()}) as server:
        policy = FetchPolicy(user_agent="t")
        reply = asyncio.run(post(policy, "http://hooks.example.com/", b"", {}, resolve=rebound))
    assert reply.status is None
    assert reply.error is not None
    assert (reply.error.startswith("guard"), server.connections) == (True, 0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/hook", "https://hooks.example.com/x?y=z", "http://[::1]:9000/"])
def test_a_public_or_excepted_receiver_may_be_subscribed(tmp_path: Path, url: str) -> None:
    check_receiver(settings_of(tmp_path, webhook_allow="127.0.0.1:9000, [::1]:9000"), url)


@pytest.mark.parametrize("written", ["127.0.0.1", ":9000", "127.0.0.1:http", "a:1,b"])
def test_an_exception_that_is_no_host_and_port_is_an_error(written: str) -> None:
    with pytest.raises(ConfigError, match="GONGBAO_WEBHOOK_ALLOW"):
        load_settings({"GONGBAO_WEBHOOK_ALLOW": written}, None)


def test_a_whole_delivery_over_a_socket_verifies_at_the_receiver(database: str, tmp_path: Path) -> None:
    with Adversary({"/hook": answer(b"", "204 No Content")}) as server:
        deps = deps_on(database, tmp_path, {}, webhook_allow=f"127.0.0.1:{server.port}", connect_to="127.0.0.1:9")
        with deps.ledger.begin() as connection:
            subscriptions.add(connection, f"http://127.0.0.1:{server.port}/hook", SecretStr(SECRET))
        tell(deps, "r1")
        assert asyncio.run(deliver(deps, 10)) == 1
        deps.ledger.dispose()
    [asked] = server.asked
    assert Webhook(SECRET).verify(asked.body, asked.headers) == json.loads(asked.body)
