"""The deployed processes over 200 hosts and 20,000 pages: nothing is missed, and the broker does not grow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.deploy import scale
from worker.replica.truth import truth

FLAT_MIB = 2.0
LONGEST_PAYLOAD = 4096


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.timeout(7200)
def test_a_crawl_of_200_hosts_misses_nothing_and_leaves_the_broker_as_small_as_it_was(
    tmp_path: Path, postgres_server: str
) -> None:
    crawl, world = scale.measure(postgres_server, tmp_path, hosts=200, pages=20_000)
    figures = crawl.figures
    sys.stderr.write(figures.model_dump_json(indent=2) + "\n")
    assert crawl.evidence == []
    assert crawl.hashes == {page.content_hash for page in truth(world, 1) if page.content_hash}
    assert figures.broker_rest_most_mib < figures.broker_rest_first_mib + FLAT_MIB
    assert figures.longest_payload <= LONGEST_PAYLOAD
