"""A page that a portal no longer serves is believed to be gone slowly, and never in a mass."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select, update

from worker.ledger import absence
from worker.ledger.engine import insert, now, open_engine
from worker.ledger.migrate import migrate
from worker.ledger.schema import outbox, publications, reports
from worker.outcomes import Ended, Outcome

PORTAL = "somewhere"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    migrate(engine)
    yield engine
    engine.dispose()


def publish(connection: Connection, key: str) -> None:
    """A publication that leads a report."""
    at = now(connection)
    page = insert(connection, publications).values(
        portal=PORTAL, key=key, url=f"https://x.gov.cn/{key}", state="live", report_id=key, version=1, diverged=False,
        first_seen_at=at, last_seen_at=at, checked_at=at,
    )  # fmt: skip
    page_id = connection.execute(page.returning(publications.c.id)).scalar_one()
    connection.execute(
        insert(connection, reports).values(
            id=key, content_hash=key, lead_id=page_id, portal=PORTAL, title=key, first_seen_at=at, changed_at=at,
            document={"id": key},
        )
    )  # fmt: skip


def see(connection: Connection, key: str, outcome: Outcome, times: int = 1) -> None:
    ended = Ended(portal=PORTAL, url=f"https://x.gov.cn/{key}", outcome=outcome, reason="gone")
    for _ in range(times):
        absence.note(connection, PORTAL, key, ended, None)


def age(connection: Connection, seconds: float) -> None:
    """Let the first sight of what is missing lie further back."""
    connection.execute(update(publications).values(missing_since=publications.c.missing_since - seconds))


def state(connection: Connection, key: str) -> str:
    return str(connection.execute(select(publications.c.state).where(publications.c.key == key)).scalar_one())


def test_three_sights_within_a_day_are_not_enough(ledger: Engine) -> None:
    with ledger.begin() as connection:
        publish(connection, "a")
        see(connection, "a", Outcome.GONE, times=5)
        assert state(connection, "a") == "live"


def test_three_sights_over_a_day_make_it_gone_and_are_told_once(ledger: Engine) -> None:
    with ledger.begin() as connection:
        publish(connection, "a")
        see(connection, "a", Outcome.GONE, times=2)
        age(connection, absence.GONE_SECONDS)
        see(connection, "a", Outcome.GONE, times=3)
        assert state(connection, "a") == "gone"
        assert connection.execute(select(outbox.c.kind)).scalars().all() == ["report.gone"]


def test_another_trouble_in_between_starts_the_count_again(ledger: Engine) -> None:
    with ledger.begin() as connection:
        publish(connection, "a")
        see(connection, "a", Outcome.GONE, times=2)
        age(connection, absence.GONE_SECONDS)
        see(connection, "a", Outcome.BLOCKED)
        see(connection, "a", Outcome.GONE)
        assert state(connection, "a") == "live"


def test_a_mass_of_missing_pages_means_that_the_portal_moved(ledger: Engine) -> None:
    keys = [f"p{number}" for number in range(20)]
    with ledger.begin() as connection:
        for key in keys:
            publish(connection, key)
            see(connection, key, Outcome.GONE, times=2)
        age(connection, absence.GONE_SECONDS)
        for key in keys:
            see(connection, key, Outcome.GONE)
        assert {state(connection, key) for key in keys} == {"live"}
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 0


def test_a_page_that_never_was_a_report_is_marked_at_its_first_sight(ledger: Engine) -> None:
    with ledger.begin() as connection:
        see(connection, "never", Outcome.SKIPPED)
        assert state(connection, "never") == "skipped"
