"""The files of deploy/ are well-formed, agree with each other and with the program, and hold no secret."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from tests.deploy.recipes import DEPLOY, ROOT, UNITS, compose, in_compose, in_units, variables
from worker.letters import QUEUES

SERVICES = sorted(UNITS.glob("*.service"))
OURS = {name: service for name, service in compose()["services"].items() if "build" in service}
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on PATH")


def _run(*command: object, cwd: Path | None = None) -> str:
    """What a linter has to say; nothing means that it is content."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def _tool(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def _units(folder: Path) -> Path:
    """The units with a program that exists: systemd-analyze looks for it."""
    for unit in [*SERVICES, UNITS / "gongbao.target"]:
        text = unit.read_text().replace("/opt/gongbao/bin/gongbao", "/bin/true")
        (folder / unit.name.replace("@.", "@fetch.")).write_text(text)
    return folder


def _example() -> list[tuple[str, str]]:
    lines = (DEPLOY / "env.example").read_text().splitlines()
    pairs = [line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#?GONGBAO_", line)]
    return [(name, value) for name, value in pairs]


def _locked(path: Path) -> dict[str, str]:
    """What a lock says about each package: version, marker and hashes."""
    entries = path.read_text().replace("\\\n", " ").splitlines()
    return {entry.partition("==")[0]: entry for entry in entries if "==" in entry}


def test_the_dockerfile_has_nothing_that_hadolint_minds() -> None:
    assert _run(_tool("hadolint"), DEPLOY / "Dockerfile") == ""


def test_the_image_runs_as_nobody_in_particular() -> None:
    last = (DEPLOY / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    user = re.findall(r"^USER (.*)$", last, re.M)
    assert user == ["10001"]
    assert 'ENTRYPOINT ["gongbao"]' in last


def test_the_image_is_sent_everything_that_it_copies() -> None:
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", (DEPLOY / "Dockerfile").read_text(), re.M)
    sent = {line.removeprefix("!") for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()}
    assert {path for paths in copied for path in paths.split()} <= sent


def test_the_compose_file_keeps_its_schema() -> None:
    done = _run(_tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    assert done == ""


def test_no_file_names_a_registry_or_an_index() -> None:
    text = "".join(path.read_text() for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert not re.search(r"index-url|pypi|docker\.io|ghcr|quay\.io|mirror", text, re.IGNORECASE)


def test_no_secret_is_written_into_the_compose_file() -> None:
    given = [str(service.get("environment", {})) for service in compose()["services"].values()]
    assert not re.search(r"password|secret|token|://[^/@:]+:[^/@]+@", " ".join(given), re.IGNORECASE)


def test_the_compose_workers_and_the_units_each_work_every_queue_once() -> None:
    for recipes in (in_compose(), in_units()):
        worked = [part for recipe in recipes if "--queues" in recipe.argv for part in _queues(recipe.argv)]
        assert sorted(worked) == sorted(QUEUES)


def _queues(argv: list[str]) -> list[str]:
    return argv[argv.index("--queues") + 1].split(",")


def test_every_process_is_given_longer_to_end_than_soft_shutdown_takes() -> None:
    short = [recipe.name for recipe in [*in_compose(), *in_units()] if "worker" in recipe.argv and recipe.grace < 30]
    assert short == []


def test_every_worker_is_told_to_end_softly_before_python_starts() -> None:
    # Celery reads it while it is imported, so that setting it later does nothing.
    workers = [recipe for recipe in [*in_compose(), *in_units()] if "worker" in recipe.argv]
    assert {recipe.env.get("REMAP_SIGTERM") for recipe in workers} == {"SIGQUIT"}


@pytest.mark.parametrize("name", OURS)
def test_a_compose_service_is_confined_and_bounded(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert {"mem_limit", "pids_limit", "restart", "init"} <= set(service)


def test_the_broker_keeps_what_it_was_given() -> None:
    command = compose()["services"]["broker"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"


def test_the_example_environment_lists_every_setting_in_order() -> None:
    assert [name for name, _ in _example()] == [f"GONGBAO_{name.upper()}" for name in Settings.model_fields]


def test_the_example_environment_shows_the_defaults() -> None:
    defaults = {f"GONGBAO_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    shown = {name: value for name, value in _example() if defaults[name] is not None}
    assert shown == {name: str(value) for name, value in defaults.items() if value is not None}


def test_the_example_environment_is_valid_as_it_stands_and_without_its_comment_signs() -> None:
    assert variables(DEPLOY / "env.example") == {}
    assert load_settings(dict(_example()), None).database_url is not None


def test_the_lock_of_the_image_says_what_the_lock_of_the_project_says() -> None:
    image, project = _locked(DEPLOY / "requirements.lock"), _locked(ROOT / "requirements.lock")
    assert {name: project.get(name) for name in image} == image


@needs_systemd
def test_the_units_verify(tmp_path: Path) -> None:
    units = sorted(path.name for path in _units(tmp_path).iterdir())
    assert _run("systemd-analyze", "verify", "--man=no", *(f"./{name}" for name in units), cwd=tmp_path) == ""


@needs_systemd
@pytest.mark.parametrize("unit", [path.name for path in SERVICES])
def test_a_unit_is_hardly_exposed(unit: str, tmp_path: Path) -> None:
    name = unit.replace("@.", "@fetch.")
    _units(tmp_path)
    found = _run("systemd-analyze", "security", "--offline=true", "--threshold=15", f"./{name}", cwd=tmp_path)
    assert found == ""


@pytest.mark.parametrize("unit", [path.name for path in SERVICES if "migrate" not in path.name])
def test_a_unit_is_restarted_always_and_bounded(unit: str) -> None:
    text = (UNITS / unit).read_text()
    assert all(f"\n{line}" in text for line in ("Restart=always", "MemoryMax=", "TasksMax=", "TimeoutStopSec="))
