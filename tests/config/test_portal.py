"""Portals: ten lines of TOML, each mistake named with its file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.portal import ConfigError, choose, load_portals, owner, read_portal

GOOD = {
    "title": '"某局"',
    "family": '"plain"',
    "url": '"https://some.example.gov.cn"',
    "columns": '[{name = "报告", url = "https://some.example.gov.cn/list.html"}]',
}
LIST = '[{{name = "a", url = "https://some.example.gov.cn/", {}}}]'


def write(folder: Path, **facts: str | None) -> Path:
    path = folder / "some.toml"
    lines = [f"{key} = {value}" for key, value in {**GOOD, **facts}.items() if value is not None]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_portal_is_named_by_its_file(tmp_path: Path) -> None:
    portal = read_portal(write(tmp_path))
    assert (portal.name, portal.host) == ("some", "some.example.gov.cn")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"title": None}, "title"),
        ({"columns": None}, "columns"),
        ({"columns": "[]"}, "columns"),
        ({"famly": '"x"'}, "unknown key famly; did you mean family?"),
        ({"selectors": '{titel = "h1"}'}, "unknown key selectors.titel; did you mean title?"),
        ({"url": '"some.example.gov.cn"'}, "must be an origin"),
        ({"url": '"https://some.example.gov.cn/path"'}, "must be an origin"),
        ({"columns": '[{name = "a", url = "https://other.example.gov.cn/"}]'}, "is not on some.example.gov.cn"),
        (
            {
                "columns": '[{name = "a", url = "https://some.example.gov.cn/"},'
                ' {name = "a", url = "https://some.example.gov.cn/"}]'
            },
            "two columns have the same name",
        ),
        ({"region_code": '"23"'}, "region_code"),
        ({"delay": "-1"}, "delay"),
        ({"every_minutes": "0"}, "every_minutes"),
        ({"cron": '"sometimes"'}, "cron expression"),
        ({"columns": '[{name = "a", url = "https://some.example.gov.cn/", order = "any"}]'}, "order"),
        ({"columns": '[{name = "a", url = "https://some.example.gov.cn/", since = "2025-3-1"}]'}, "since"),
        ({"columns": '[{name = "a", url = "https://some.example.gov.cn/", max_pages = 0}]'}, "max_pages"),
        ({"columns": LIST.format('since = "2025-13-45"')}, "since: 2025-13-45 is no day; write it as 2025-03-01"),
        ({"columns": LIST.format("since = 2025")}, "since: 2025 is no day"),
        ({"url": '"https://[some"'}, "must be an origin"),
        ({"url": '"https://some.example.gov.cn:99999"'}, "must be an origin"),
        ({"aliases": '"www.example.gov.cn"'}, "aliases: Input should be a list"),
        ({"aliases": '["https://www.example.gov.cn"]'}, "https://www.example.gov.cn is no host"),
        ({"aliases": '["WWW.example.gov.cn"]'}, "small letters"),
        ({"aliases": '["www.example.gov.cn:8080"]'}, "without a port"),
        ({"encoding": '"klingon"'}, "encoding: klingon is no encoding"),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, facts: dict[str, str | None], said: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        read_portal(write(tmp_path, **facts))
    assert "some.toml" in str(refusal.value)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "Value error" not in str(refusal.value)


@pytest.mark.parametrize("day", ['"2025-03-01"', "2025-03-01"])
def test_a_day_may_be_text_or_a_day_of_toml(tmp_path: Path, day: str) -> None:
    [column] = read_portal(write(tmp_path, columns=LIST.format(f"since = {day}"))).columns
    assert column.since == "2025-03-01"


def test_an_operators_portal_replaces_a_built_in_one_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path).rename(tmp_path / "tahe.toml")
    portals = load_portals(tmp_path)
    assert portals["tahe"].title == "某局"
    assert set(portals) == set(load_portals())


def test_two_portals_with_a_host_in_common_must_share_its_lane(tmp_path: Path) -> None:
    write(tmp_path, aliases='["www.hrbpf.gov.cn"]')
    with pytest.raises(ConfigError, match=r'www\.hrbpf\.gov\.cn belongs to harbin-pingfang and some: set lane = "'):
        load_portals(tmp_path)
    write(tmp_path, aliases='["www.hrbpf.gov.cn"]', lane=f'"{load_portals()["harbin-pingfang"].host}"')
    assert "some" in load_portals(tmp_path)


def test_an_address_belongs_to_the_portal_of_its_host_whatever_its_spelling() -> None:
    portals = load_portals()
    for url in ("http://HRBPF.gov.cn/a", "http://www.hrbpf.gov.cn:80/a", "https://hrbpf.gov.cn./a"):
        found = owner(portals, url)
        assert found is not None
        assert found.name == "harbin-pingfang"
    for url in ("http://evil-hrbpf.gov.cn/", "http://hrbpf.gov.cn.evil.org/", "ftp://hrbpf.gov.cn/", "http://[", "x"):
        assert owner(portals, url) is None


def test_no_name_chooses_all_and_an_unknown_one_is_an_error() -> None:
    portals = load_portals()
    assert [portal.name for portal in choose(portals, [])] == sorted(portals)
    with pytest.raises(ConfigError, match="did you mean tahe"):
        choose(portals, ["tahee"])
