"""Planted secrets come out nowhere: not in what a command prints, not in a log, an error, a page or an answer."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from tests.abuse.door import door
from tests.stack import Done, environment, gongbao, quick
from worker.logs import hidden
from worker.replica.server import serve
from worker.replica.site import World
from worker.signing import PREFIX

CANARY = "cAnAry0123456789"
KEY = base64.b64encode(CANARY.encode() * 2).decode()
TOKEN = f"{CANARY}-token"

URLS = {
    "user and password": "{0}://user:{1}@127.0.0.1:1/0",
    "a password alone": "{0}://:{1}@127.0.0.1:1/0",
    "a password with a slash": "{0}://user:a/{1}@127.0.0.1:1/0",
    "a password with an @": "{0}://user:a@{1}@127.0.0.1:1/0",
    "a password as an option": "{0}://127.0.0.1:1/0?password={1}",
    "a port in words": "{0}://user:{1}@127.0.0.1:port/0",
    "a port out of range": "{0}://user:{1}@127.0.0.1:99999/0",
    "no colon": "{0}//user:{1}@127.0.0.1/0",
    "another scheme": "mysql://user:{1}@127.0.0.1/0",
    "the secret and nothing else": "{1}",
}


def silent(done: Done) -> None:
    """Nothing that was printed shows the canary, and a mistake is told in a line."""
    assert CANARY.lower() not in (done.out + done.err).lower()
    assert KEY not in done.out + done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("written", URLS.values(), ids=URLS.keys())
@pytest.mark.parametrize("command", ["settings --json", "status"])
def test_no_command_shows_the_password_of_the_database(tmp_path: Path, command: str, written: str) -> None:
    env = environment(tmp_path, database_url=written.format("postgresql", CANARY))
    silent(quick(*command.split(), env=env))


@pytest.mark.parametrize("written", URLS.values(), ids=URLS.keys())
@pytest.mark.parametrize("command", ["settings", "worker"])
def test_no_command_shows_the_password_of_the_broker(tmp_path: Path, command: str, written: str) -> None:
    silent(quick(*command.split(), env=environment(tmp_path, broker_url=written.format("redis", CANARY))))


@pytest.mark.parametrize("setting", ["webhook_secrets", "read_token"])
@pytest.mark.parametrize("written", [CANARY[:8], f"me={PREFIX}{CANARY}", f"me={CANARY},{CANARY}=me", f"{PREFIX}{KEY}"])
def test_no_command_shows_a_secret_whether_it_is_right_or_wrong(tmp_path: Path, setting: str, written: str) -> None:
    for command in ("settings", "settings --json", "migrate"):
        done = quick(*command.split(), env=environment(tmp_path, **{setting: written}))
        assert CANARY[:8].lower() not in (done.out + done.err).lower()
        silent(done)


def test_a_whole_run_with_every_secret_set_shows_none(tmp_path: Path) -> None:
    with serve(World(10)) as replica:
        env = environment(tmp_path, replica, webhook_secrets=f"me={PREFIX}{KEY}", read_token=TOKEN, log_level="debug")
        add = gongbao(
            "subscriptions", "add", "https://receiver.example/hook", "--secret-file", _file(tmp_path), env=env
        )
        ran = gongbao("run", "--once", "--json", env=env)
        listed = gongbao("subscriptions", "list", "--json", env=env)
    assert (add.status, ran.status, listed.status) == (0, 0, 0), ran.err[-2000:]
    for done in (add, ran, listed):
        silent(done)


def _file(folder: Path) -> Path:
    path = folder / "secret"
    path.write_text(PREFIX + KEY, encoding="ascii")
    return path


def test_no_page_and_no_answer_shows_a_secret(tmp_path: Path) -> None:
    broker = f"redis://user:{CANARY}@127.0.0.1:1/0"
    with door(tmp_path, broker_url=broker, read_token=TOKEN, webhook_secrets=f"me={PREFIX}{KEY}") as service:
        paths = ("/", "/metrics", "/readyz", "/healthz", "/docs", "/openapi.json", "/v1/reports", "/v1/events", "/none")
        answers = [service.get(path, Authorization=f"Bearer {TOKEN}") for path in paths]
        answers += [service.get(path, Authorization=f"Bearer {TOKEN}x") for path in paths]
        answers.append(service.ingest("https://clone.example.com/"))
        said = service.log
    assert [answer.status for answer in answers[:8]] == [200, 200, 503, 200, 200, 200, 200, 200]
    for text in (said, *(answer.text + json.dumps(answer.headers) for answer in answers)):
        assert CANARY not in text
        assert KEY not in text


def test_settings_that_are_printed_by_mistake_show_nothing() -> None:
    url = f"postgresql://user:{CANARY}@127.0.0.1/0"
    settings = Settings(database_url=url, broker_url=f"redis://:{CANARY}@h", read_token=SecretStr(TOKEN))
    assert CANARY not in f"{settings!r} {settings}"


@pytest.mark.parametrize("piece", ["://", "://:", "://u:x", "?password", "&a", "bearer ", "whsec_", "@", "://a:b@"])
def test_hiding_takes_no_longer_for_whoever_repeats_what_secrets_begin_with(piece: str) -> None:
    def seconds(times: int) -> float:
        started = time.process_time()
        hidden(piece * times)
        return time.process_time() - started

    assert seconds(20_000) < max(0.5, 40 * seconds(2_000))  # ten times as much for ten times the length, and no hundred


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("at redis://user:s3/cr@t@host:1/0 now", "at redis://user:***@host:1/0 now"),
        ("postgresql://host/db?password=s3&a=b", "postgresql://host/db?password=***&a=b"),
        ("postgresql://host/db?a=b&sslpassword=s3", "postgresql://host/db?a=b&sslpassword=***"),
        ("Authorization: Bearer s3", "Authorization: Bearer ***"),
        ("whsec_c2VjcmV0", "whsec_***"),
        ("https://host:8080/a?b=c", "https://host:8080/a?b=c"),
        ("mail to a@b about https://host/", "mail to a@b about https://host/"),
    ],
)
def test_secrets_are_hidden_and_addresses_are_not(said: str, shown: str) -> None:
    assert hidden(said) == shown
