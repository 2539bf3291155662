"""Settings: from the environment first, then `.env`; anything misspelt or misfit is an error at start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.portal import ConfigError
from config.settings import Settings, load_settings


def test_defaults_need_nothing() -> None:
    settings = load_settings({}, None)
    assert settings == Settings()
    assert settings.database == "sqlite:///data/gongbao.sqlite3"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("GONGBAO_HOME=/from/file\nGONGBAO_LOG_LEVEL=debug\nOTHER=1\n", encoding="utf-8")
    settings = load_settings({"GONGBAO_HOME": "/from/environment", "PATH": "x"}, dotenv)
    assert (str(settings.home), settings.log_level) == ("/from/environment", "debug")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"GONGBAO_HOM": "x"}, "unknown setting GONGBAO_HOM; did you mean GONGBAO_HOME?"),
        ({"GONGBAO_QQQQ": "x"}, "run `gongbao settings` for the list"),
        ({"GONGBAO_LOG_LEVEL": "loud"}, "GONGBAO_LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'"),
        ({"GONGBAO_STREAM_CAP": "5"}, "GONGBAO_STREAM_CAP"),
        ({"GONGBAO_DELAY": "0"}, "only allowed together with GONGBAO_CONNECT_TO"),
        ({"GONGBAO_DELAY": "-1", "GONGBAO_CONNECT_TO": "127.0.0.1:1"}, "GONGBAO_DELAY"),
        ({"GONGBAO_CONNECT_TO": "93.184.215.14:80"}, "loopback"),
        ({"GONGBAO_CONNECT_TO": "127.0.0.1"}, "loopback"),
        ({"GONGBAO_CONNECT_TO": "127.0.0.1:99999"}, "loopback"),
        ({"GONGBAO_CONNECT_TO": "127.0.0.1:0"}, "loopback"),
        ({"GONGBAO_WEBHOOK_ALLOW": "127.0.0.1:70000"}, "GONGBAO_WEBHOOK_ALLOW: 127.0.0.1:70000 is no host:port"),
        ({"GONGBAO_USER_AGENT": "a\nb"}, "GONGBAO_USER_AGENT: a header holds printable ASCII only"),
        ({"GONGBAO_USER_AGENT": "公报"}, "GONGBAO_USER_AGENT: a header holds printable ASCII only"),
        ({"GONGBAO_HOM": ""}, "unknown setting GONGBAO_HOM"),
    ],
)
def test_a_mistake_names_the_setting(environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load_settings(environ, None)
    assert said in str(refusal.value)
    assert "Value error" not in str(refusal.value)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"GONGBAO_HOME=x\nGONGBAO_DELAY: 3\n", "line 2 is no NAME=value"),
        (b"=x\n", "line 1 is no NAME=value"),
        (b"\xff\xfeG", "cannot read"),
        (b"GONGBAO_HOM=x\n", "did you mean GONGBAO_HOME?"),
    ],
)
def test_a_mistake_in_the_file_is_told(tmp_path: Path, written: bytes, said: str) -> None:
    (tmp_path / ".env").write_bytes(written)
    with pytest.raises(ConfigError, match=re.escape(said)):
        load_settings({}, tmp_path / ".env")


def test_the_file_may_have_comments_exports_quotes_and_a_mark_of_its_encoding(tmp_path: Path) -> None:
    written = "\ufeffGONGBAO_HOME='/a b'\n\n# no\nexport GONGBAO_LOG_LEVEL=debug  # yes\n"
    (tmp_path / ".env").write_text(written, encoding="utf-8")
    settings = load_settings({}, tmp_path / ".env")
    assert (str(settings.home), settings.log_level) == ("/a b", "debug")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
@pytest.mark.parametrize("form", ["GONGBAO_{}", "GONGBAO_{}_FILE"])
def test_an_empty_variable_sets_nothing(name: str, form: str) -> None:
    assert load_settings({form.format(name.upper()): ""}, None) == Settings()


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
