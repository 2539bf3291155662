"""Reads how the files of deploy/ start each process, so that tests can start it the same way without a container."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
GONGBAO = str(Path(sys.executable).with_name("gongbao"))
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Recipe(NamedTuple):
    """A process as it is deployed: its arguments, its whole environment, and how long it may take to end."""

    name: str
    argv: list[str]
    env: dict[str, str]
    grace: float


def compose() -> dict[str, Any]:
    """The compose file, with its anchors resolved."""
    read: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    return read


def in_compose() -> list[Recipe]:
    """What runs the program in compose.yaml, as the image's entry point and environment make it."""
    return [_service(name, service) for name, service in compose()["services"].items() if "build" in service]


def in_units() -> list[Recipe]:
    """What the systemd units run; a template once for each instance that the target wants."""
    wanted = _unit("gongbao.target", "")["Wants"].split()
    return [_started_by(name) for name in ["gongbao-migrate.service", *wanted]]


def image_environment() -> dict[str, str]:
    """ENV of the last stage of the Dockerfile, its PATH aside."""
    last = (DEPLOY / "Dockerfile").read_text().rpartition("\nFROM ")[2].replace("\\\n", " ")
    line = next(line for line in last.splitlines() if line.startswith("ENV "))
    pairs = dict(pair.split("=", 1) for pair in shlex.split(line.removeprefix("ENV ")))
    return {name: value for name, value in pairs.items() if name != "PATH"}


def variables(path: Path) -> dict[str, str]:
    """The NAME=value lines of an environment file."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def adapted(recipe: Recipe, values: Mapping[str, str], **env: str) -> Recipe:
    """The same with `values` for what only exists in a deployment, in arguments and environment, and `env` over it."""

    def adapt(text: str) -> str:
        for old, new in values.items():
            text = text.replace(old, new)
        return text

    chosen = {name: adapt(value) for name, value in recipe.env.items()} | env
    return recipe._replace(argv=[adapt(part) for part in recipe.argv], env=chosen)


def _service(name: str, service: dict[str, Any]) -> Recipe:
    files = [DEPLOY / "env.example" if file == "gongbao.env" else None for file in service["env_file"]]
    given = [variables(file) for file in files if file]
    env = image_environment() | {key: value for file in given for key, value in file.items()} | service["environment"]
    return Recipe(name, [GONGBAO, *service["command"]], env, _seconds(service.get("stop_grace_period", "10s")))


def _started_by(unit: str) -> Recipe:
    name, _, instance = unit.removesuffix(".service").partition("@")
    read = _unit(f"{name}@.service" if instance else unit, instance)
    env = dict(pair.split("=", 1) for pair in read.get("Environment", "").split())
    for file in read["EnvironmentFile"].split():
        own = UNITS / Path(file).name
        env |= variables(own if own.exists() else DEPLOY / "env.example")
    line = re.sub(r"\$\{(\w+)\}", lambda found: env[found[1]], read["ExecStart"])
    program, *arguments = shlex.split(line)
    assert program == "/opt/gongbao/bin/gongbao"
    return Recipe(unit, [GONGBAO, *arguments], env, _seconds(read.get("TimeoutStopSec", "90")))


def _unit(file: str, instance: str) -> dict[str, str]:
    """Directives of a unit; those that may stand several times are joined by a space."""
    read: dict[str, str] = {}
    for line in (UNITS / file).read_text().replace("%i", instance).splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            read[name] = f"{read[name]} {value}" if name in read else value
    return read


def _seconds(text: str) -> float:
    return float(text[:-1]) * _SECONDS[text[-1]] if text[-1] in _SECONDS else float(text)
