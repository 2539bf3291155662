"""Settings from files, as containers are handed their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.portal import ConfigError
from config.settings import load_settings


def test_a_setting_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a token of sixteen letters\n", encoding="utf-8")
    token = load_settings({"GONGBAO_READ_TOKEN_FILE": str(file)}, None).read_token
    assert token is not None
    assert token.get_secret_value() == "a token of sixteen letters"


def test_a_setting_that_is_set_in_both_ways_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "level"
    file.write_text("debug", encoding="utf-8")
    with pytest.raises(ConfigError, match="twice"):
        load_settings({"GONGBAO_LOG_LEVEL": "info", "GONGBAO_LOG_LEVEL_FILE": str(file)}, None)


@pytest.mark.parametrize("name", ["GONGBAO_READ_TOKEN_FILE", "GONGBAO_NOTHING_FILE", "GONGBAO_FILE"])
def test_a_file_that_is_not_there_or_for_nothing_is_an_error(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load_settings({name: "/nowhere"}, None)
