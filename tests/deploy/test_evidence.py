"""A page that a crawl should have stored and did not leaves evidence: what waits, why, and how its portal stands."""

from __future__ import annotations

from sqlalchemy import Engine

from tests.deploy import evidence
from tests.wanted import LANE, fetched, hold, next_due, wanted
from worker.ledger import claims, fetching, frontier, history
from worker.ledger.frontier import Priority
from worker.outcomes import Ended, Outcome
from worker.replica.truth import Truth

URL = f"https://{LANE}/k"
PAGE = Truth(url=URL, portal="example", title="t", published_at=None, outcome=Outcome.NEW, content_hash="h")


def test_what_is_known_of_a_page_that_is_missing_is_kept(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("k")])
        fetching.put_off(connection, next_due(connection), hold(connection).token, 60, "HTTP 503", charge=False)
        ended = Ended(portal="example", url=URL, outcome=Outcome.FAILED, reason="server_error")
        history.end(connection, "k", ended, 1)
        [kept] = evidence.of_difference(connection, [PAGE], ['{"portal": "example"}', '{"portal": "other"}'])
    assert kept["page"]["url"] == URL
    assert [row["error"] for row in kept["frontier"]] == ["HTTP 503"]
    assert [visit["outcome"] for story in kept["why"] for visit in story["visits"]] == ["failed"]
    assert [lane["name"] for lane in kept["lanes"]] == [LANE]
    assert kept["log"] == ['{"portal": "example"}']


def test_pages_that_were_put_off_past_their_run_are_not_at_their_end(ledger: Engine) -> None:
    with ledger.begin() as connection:
        frontier.add(connection, [wanted("again", priority=Priority.REVISIT)])
        fetched(connection, "bad")
        [bad] = claims.claim(connection, 1)
        claims.quarantine(connection, bad, "crashed")
        assert evidence.left(connection) == 0
        frontier.add(connection, [wanted("k")])
        assert evidence.left(connection) == 1
