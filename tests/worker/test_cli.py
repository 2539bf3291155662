"""The commands of the contract: what they print as JSON, and that people get something to read as well."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from config.portal import load_portals
from config.settings import Settings
from tests import texts
from tests.stack import environment, quick
from worker.cli import app
from worker.outcomes import Outcome
from worker.replica.server import Replica, serve
from worker.replica.site import World
from worker.replica.truth import truth

HERE = "http://hrbpf.gov.cn/pfq/c110098/202503/c01_1.shtml"
CONTRACT = {
    "demo", "run", "crawl", "extract", "listing", "ingest", "reports list", "reports show", "reports search",
    "reports export", "status", "portals list", "subscriptions add", "subscriptions list", "subscriptions remove",
    "subscriptions redeliver", "why", "migrate", "requeue", "pause", "resume", "worker", "beat", "serve", "trigger",
    "replica", "tail", "settings",
}  # fmt: skip
REPORT = {
    "id", "content_hash", "recipe", "portal", "url", "title", "published_at", "published_from", "source", "issuer",
    "editor", "index_no", "doc_no", "written_on", "breadcrumb", "region_code", "report_year", "kind", "body",
    "sections", "attachments", "images", "extractor", "warnings", "raw_sha256", "fetched_at", "first_seen_at",
}  # fmt: skip


def commands(group: Any, name: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every command with its options."""
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name}{word} ")
        else:
            yield f"{name}{word}", {option for param in command.params for option in param.opts}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a home in which five texts were ingested, the first at an address."""
    folder = tmp_path_factory.mktemp("cli")
    env = environment(folder / "home")
    for number in range(5):
        (folder / f"{number}.txt").write_text(texts.text(number), encoding="utf-8")
    first, *others = sorted(folder.glob("*.txt"))
    for arguments in ((first, "--url", HERE), others):
        done = quick("ingest", "--json", *arguments, env=env)
        assert [line["outcome"] for line in done.lines] == ["new"] * len(done.lines), done.err
        assert {"file", "outcome", "report_id", "content_hash"} <= set(done.lines[0])
    return env


def lines(env: dict[str, str], *arguments: object) -> list[dict[str, Any]]:
    done = quick(*arguments, env=env)
    assert done.status == 0, done.err
    return done.lines


@pytest.mark.parametrize(("command", "options"), list(commands(typer.main.get_command(app))))
def test_every_command_has_json(command: str, options: set[str]) -> None:
    assert "--json" in options


def test_every_command_of_the_contract_is_there() -> None:
    assert set(dict(commands(typer.main.get_command(app)))) >= CONTRACT


def test_settings_lists_every_setting_with_its_default_and_meaning(env: dict[str, str]) -> None:
    told = lines(env, "settings", "--json")
    assert [line["name"] for line in told] == [f"GONGBAO_{name.upper()}" for name in Settings.model_fields]
    assert all(line["meaning"] for line in told)


def test_settings_never_shows_a_secret(env: dict[str, str]) -> None:
    done = quick("settings", "--json", env=env | {"GONGBAO_WEBHOOK_SECRETS": "me=whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2Vj"})
    assert done.status == 0, done.err
    assert "c2Vj" not in done.out


def test_portals_lists_every_portal(env: dict[str, str]) -> None:
    assert {line["name"] for line in lines(env, "portals", "list", "--json")} == set(load_portals())


def test_status_has_a_line_a_portal(env: dict[str, str]) -> None:
    told = lines(env, "status", "--json")
    assert {line["portal"] for line in told} == set(load_portals())
    assert {line["reports"] for line in told} == {0, 1}


def test_reports_are_listed_newest_first_as_the_contract_has_them(env: dict[str, str]) -> None:
    told = lines(env, "reports", "list", "--json")
    assert len(told) == 5
    assert set(told[0]) == REPORT
    assert [line["first_seen_at"] for line in told] == sorted((line["first_seen_at"] for line in told), reverse=True)
    assert len(lines(env, "reports", "list", "--json", "--limit", 2)) == 2
    assert [line["title"] for line in lines(env, "reports", "list", "--json", "--portal", "harbin-pingfang")] == [
        texts.title(0)
    ]
    assert lines(env, "reports", "list", "--json", "--since", "2099-01-01") == []


def test_a_report_is_shown_with_its_publications(env: dict[str, str]) -> None:
    [first] = lines(env, "reports", "list", "--json", "--portal", "harbin-pingfang")
    [told] = lines(env, "reports", "show", "--json", first["id"])
    assert set(told) >= REPORT | {"publications"}
    [page] = told["publications"]
    assert (page["portal"], page["url"], page["title"]) == ("harbin-pingfang", HERE, texts.title(0))


@pytest.mark.parametrize(("words", "count"), [("东江市", 1), ("行政复议", 5), ("复议", 5), ("没有的词", 0), ('"', 0)])
def test_search_finds_phrases_of_any_length(env: dict[str, str], words: str, count: int) -> None:
    assert len(lines(env, "reports", "search", "--json", words)) == count


def test_why_tells_the_story_of_an_address(env: dict[str, str]) -> None:
    [told] = lines(env, "why", "--json", HERE)
    assert told["portal"] == "harbin-pingfang"
    assert [visit["outcome"] for visit in told["visits"]] == ["new"]
    [version] = told["versions"]
    assert all(raw["fetched_at"].endswith("Z") for raw in version["raw"])


def test_tail_shows_events_from_the_outbox_without_a_broker(env: dict[str, str]) -> None:
    told = lines(env, "tail", "--no-follow", "--json")
    assert [(line["kind"], line["backfill"]) for line in told] == [("report.new", False)] * 5
    assert set(told[0]["report"]) >= REPORT
    assert len(lines(env, "tail", "--no-follow", "--json", "--limit", 2)) == 2
    assert len(lines(env, "tail", "--no-follow", "--json", "--after", 4)) == 1
    bare = lines(env | {"GONGBAO_EVENT_BODY": "false"}, "tail", "--limit", 1, "--json")
    assert "body" not in bare[0]["report"]


def test_reports_are_exported_as_jsonl_and_csv(env: dict[str, str], tmp_path: Path) -> None:
    for name in ("out.jsonl", "out.csv", "OUT.CSV"):
        assert quick("reports", "export", "--to", tmp_path / name, env=env).status == 0
    exported = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["title"] for row in rows} == {one["title"] for one in exported} == {texts.title(n) for n in range(5)}
    assert lines(env, "reports", "export", "--json") == exported
    again = lines(env, "reports", "export", "--json", "--to", tmp_path / "again.csv")
    assert again == [{"file": str(tmp_path / "again.csv"), "reports": 5}]


@pytest.mark.parametrize(
    "arguments",
    ["status", "settings", "portals list", "reports list", "reports search 复议", f"why {HERE}", "tail --no-follow"],
)
def test_people_get_something_to_read(env: dict[str, str], arguments: str) -> None:
    done = quick(*arguments.split(), env=env)
    assert done.status == 0, done.err
    assert done.out.strip()
    assert not done.out.lstrip().startswith("{")


def test_extract_prints_a_report_of_the_contract_and_stores_nothing(env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "1.txt"
    path.write_text(texts.text(1), encoding="utf-8")
    [told] = lines(environment(tmp_path / "home"), "extract", "--json", path)
    assert set(told) == REPORT | {"file"}
    assert (told["file"], told["url"], told["title"]) == (str(path), None, texts.title(1))
    assert not (tmp_path / "home").exists()


def test_inputs_have_their_lines_in_order_and_a_refused_page_its_reason(env: dict[str, str], tmp_path: Path) -> None:
    for name, text in (("a", texts.text(1)), ("b", " "), ("c", texts.text(2))):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    paths = [str(tmp_path / f"{name}.txt") for name in "abc"]
    told = lines(env, "extract", "--json", *paths)
    assert [line["file"] for line in told] == paths
    assert {name: told[1][name] for name in ("outcome", "reason")} == {"outcome": "skipped", "reason": "empty"}


@pytest.mark.parametrize("name", ["a.txt", "a.TXT", "a", "a.text"])
def test_a_file_without_a_tag_is_text_whatever_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(texts.text(1), encoding="utf-8")
    [told] = lines(environment(tmp_path / "home"), "extract", "--json", tmp_path / name)
    assert (told["title"], told["extractor"].partition("/")[0]) == (texts.title(1), "text")


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with serve(World()) as served:
        yield served


def test_a_dry_run_says_what_would_happen_and_leaves_nothing(replica: Replica, tmp_path: Path) -> None:
    env = environment(tmp_path / "home", replica)
    done = quick("crawl", "tahe", "--dry-run", "--json", env=env)
    assert done.status == 0, done.err
    assert "new" in {line["outcome"] for line in done.lines}
    assert lines(env, "reports", "list", "--json") == []


def test_a_crawl_prints_a_line_a_page_with_the_outcomes_of_the_contract(replica: Replica, tmp_path: Path) -> None:
    done = quick("crawl", "tahe", "--json", env=environment(tmp_path / "home", replica))
    assert done.status == 0, done.err
    expected = [page for page in truth(World(), 1) if page.portal == "tahe"]
    assert {line["url"] for line in done.lines} == {page.url for page in expected}
    assert all({"url", "outcome", "report_id", "content_hash"} <= set(line) for line in done.lines)
    assert {line["outcome"] for line in done.lines} <= {outcome.value for outcome in Outcome}


def test_extract_and_listing_take_addresses_too(replica: Replica, tmp_path: Path) -> None:
    env = environment(tmp_path / "home", replica)
    page = next(page for page in truth(World(), 1) if page.portal == "gansu-zfw" and page.content_hash)
    [told] = lines(env, "extract", "--json", page.url)
    assert (told["title"], told["content_hash"], told["portal"]) == (page.title, page.content_hash, "gansu-zfw")
    [listed] = lines(env, "listing", "--json", "https://www.gszfw.gov.cn/")
    assert page.url in {item["url"] for item in listed["items"]}


def test_migrate_says_what_it_did(tmp_path: Path) -> None:
    env = environment(tmp_path / "home")
    [first], [second] = (lines(env, "migrate", "--json") for _ in range(2))
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["schema"] == second["schema"]


def test_truth_prints_what_a_right_crawl_ends_with(tmp_path: Path) -> None:
    told = lines(environment(tmp_path / "home"), "replica", "--truth", "--reports", 40, "--phase", 2)
    assert told == [page.model_dump(mode="json") for page in truth(World(40, 1), 2)]
