"""Scores extraction and lists on the labelled pages of `../shared/corpus`, when they are there: `make score`.

The corpus is no part of the project and its scorers are run as they are. Besides the pages as they come, every detail
page is forced through the generic reader, averaged by site, so that a family's rules cannot hide a weak fallback; and
read with its classes and ids replaced by names that nobody knows, so that neither can a list of known names.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from config.portal import Portal, load_portals
from crawlers import generic, registry
from crawlers.errors import PageError
from crawlers.models import Extract, Follow, Listing, RawPage
from crawlers.page import Page

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
_NAMES = re.compile(rb"(\b(?:class|id)\s*=\s*)([\"'])([^\"'>]*)\2", re.IGNORECASE)
_OWN_TAG = re.compile(rb"</?ucap\w+>", re.IGNORECASE)
_NOW = datetime.now(UTC)
Line = dict[str, Any]


def main() -> None:
    """Print every figure; say so when there is no corpus."""
    if not CORPUS.is_dir():
        _say(f"no labelled pages at {CORPUS}: nothing to score")
        return
    portals = load_portals()
    by_text = {row["file"]: portals.get(row["portal"]) for row in _rows("gold_texts.jsonl")}
    texts = [_extract(path, by_text.get(f"texts/{path.name}")) for path in _files("texts", "txt")]
    _table("texts, portal given", "gold_texts.jsonl", texts)
    _table("texts, no portal", "gold_texts.jsonl", [_extract(path) for path in _files("texts", "txt")])
    _table("detail pages", "gold.jsonl", [_extract(path) for path in _files("pages/detail")])
    forced = [_extract(path, read=generic.report) for path in _files("pages/detail")]
    _table("detail pages, generic", "gold.jsonl", forced)
    _by_site(forced)
    _table(
        "detail pages, names hidden", "gold.jsonl", [_extract(p, change=_hide_names) for p in _files("pages/detail")]
    )
    _table("news pages, generic", "gold_news.jsonl", [_extract(p, read=generic.report) for p in _files("pages/bench")])
    _table("lists", "gold_list.jsonl", [_listing(path) for path in _files("pages/list")], "score_list.py")
    _refusals()


def _extract(
    path: Path,
    portal: Portal | None = None,
    read: Callable[[Page], Extract | Follow] = registry.report,
    change: Callable[[bytes], bytes] = bytes,
) -> Line:
    return _line(path, lambda: read(_page(path, portal, change)))


def _hide_names(body: bytes) -> bytes:
    """A page whose classes and ids say nothing: each name is replaced by the same meaningless one throughout."""

    def hidden(match: re.Match[bytes]) -> bytes:
        names = (b"k" + hashlib.sha256(name).hexdigest()[:6].encode() for name in match[3].split())
        return match[1] + match[2] + b" ".join(names) + match[2]

    return _OWN_TAG.sub(b"", _NAMES.sub(hidden, body))


def _listing(path: Path) -> Line:
    return _line(path, lambda: registry.listing(_page(path, None)))


def _line(path: Path, read: Callable[[], Extract | Follow | Listing]) -> Line:
    try:
        found = read()
    except PageError as error:
        return {"file": str(path), "outcome": "skipped", "reason": error.reason, "error": str(error)}
    if isinstance(found, Follow):
        return {"file": str(path), "error": "asks for further pages"}
    return {"file": str(path), **found.model_dump(mode="json")}


def _page(path: Path, portal: Portal | None, change: Callable[[bytes], bytes] = bytes) -> Page:
    headers = (("content-type", "text/plain"),) if path.suffix == ".txt" else ()
    return Page(RawPage(url=None, headers=headers, body=change(path.read_bytes()), fetched_at=_NOW), portal)


def _files(folder: str, ending: str = "html") -> Iterable[Path]:
    return sorted((CORPUS / folder).glob(f"*.{ending}"))


def _rows(name: str) -> list[Line]:
    return [json.loads(line) for line in (CORPUS / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def _table(title: str, gold: str, predicted: list[Line], scorer: str = "score.py") -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in predicted))
        file.flush()
        command = [sys.executable, str(CORPUS / scorer), str(CORPUS / gold), file.name, "--json"]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    _say(f"\n{title}")
    for name, value in figures.items():
        share, of = (value["share"], value["of"]) if isinstance(value, dict) else (value, "")
        _say(f"  {name:12s} {share!s:>7} {f'of {of}' if of else ''}")


def _by_site(predicted: list[Line]) -> None:
    """Mean body F1 of each site, then over the sites."""
    score = _scorer()
    sites = {row["file"]: row.get("site") for row in _rows("manifest.jsonl")}
    got = {score.key(line["file"]): line for line in predicted}
    by_site: dict[str, list[float]] = defaultdict(list)
    for gold in _rows("gold.jsonl"):
        row = score.score(gold, got[score.key(gold["file"])])
        by_site[str(sites.get(gold["file"]))].append(row["body_f1"])
    means = [sum(values) / len(values) for values in by_site.values()]
    _say(f"  body_f1 averaged by site {sum(means) / len(means):.4f} of {len(means)} sites")


def _refusals() -> None:
    """Pages that are no reports: how many are refused, and with a labelled reason."""
    rows = _rows("gold_other.jsonl")
    got = {Path(line["file"]).name: line for line in (_extract(path) for path in _files("pages/other"))}
    wanted = [row for row in rows if row["reasons"] is not None]
    right = sum(got[Path(row["file"]).name].get("reason") in row["reasons"] for row in wanted)
    _say(f"\nno reports\n  refused with the right reason {right} of {len(wanted)}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpus_score", CORPUS / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(CORPUS / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
