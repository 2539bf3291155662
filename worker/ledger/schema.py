"""The tables. Times are seconds since 1970 by the database's clock; JSON columns hold what models dumped."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
_JSON = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _where(condition: str) -> dict[str, Any]:
    """A partial index, in both dialects."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


_ID = BigInteger().with_variant(Integer(), "sqlite")

# One row a portal: when it is due, whether it is paused, and which run is under way.
schedule = Table(
    "schedule",
    metadata,
    Column("portal", String, primary_key=True),
    Column("next_due_at", Float, nullable=False),
    Column("paused_at", Float),
    Column("asked", _JSON, nullable=False),  # reasons of triggers that no run has taken up yet
    Column("run_id", _ID),
)

# One row a run of a portal; a list that did not change writes nothing but this.
runs = Table(
    "runs",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("portal", String, nullable=False),
    Column("reasons", _JSON, nullable=False),
    Column("state", String, nullable=False),  # running, done, short, failed
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("pages", Integer, nullable=False, server_default="0"),  # list pages read
    Column("found", Integer, nullable=False, server_default="0"),  # rows that were new
    Column("outcomes", _JSON, nullable=False),
    Column("error", Text),
    Index("runs_by_portal", "portal", "id"),
    Index(
        "runs_open",
        "portal",
        unique=True,
        postgresql_where=text("state = 'running'"),
        sqlite_where=text("state = 'running'"),
    ),
)

# One row a column: how far its baseline got and the walk under way.
columns = Table(
    "columns",
    metadata,
    Column("portal", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("baseline_at", Float),
    Column("walked_at", Float),
    Column("walk", _JSON),
    Column("error", Text),
)

# The hot table: what is to be fetched (due) or read (collected). A row leaves when its page has an outcome.
frontier = Table(
    "frontier",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("portal", String, nullable=False),
    Column("key", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("kind", String, nullable=False),  # list, report
    Column("priority", Integer, nullable=False),
    Column("request", _JSON, nullable=False),
    Column("column", String),
    Column("run_id", _ID),
    Column("backfill", Boolean, nullable=False),
    Column("state", String, nullable=False),  # due, collected, quarantined
    Column("next_attempt_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),  # fetches charged to the page
    Column("starts", Integer, nullable=False, server_default="0"),  # times its reading was begun
    Column("token", BigInteger),
    Column("lease_until", Float),
    Column("raw", _JSON),  # the archived pages: [{key, fetched_at}], parts after the first
    Column("parts", _JSON),  # further requests that belong to the page
    Column("error", Text),
    Column("created_at", Float, nullable=False),
    Column("claimed_by", String),  # the process that reads it, while lease_until lies ahead
    UniqueConstraint("portal", "key"),
    Index(
        "frontier_due",
        "lane",
        "priority",
        "next_attempt_at",
        postgresql_where=text("state = 'due'"),
        sqlite_where=text("state = 'due'"),
    ),
    Index(
        "frontier_collected",
        "next_attempt_at",
        postgresql_where=text("state = 'collected'"),
        sqlite_where=text("state = 'collected'"),
    ),
    Index("frontier_by_run", "run_id"),
)

# One row a lane: who may talk to that host until when, and how the host has been.
lanes = Table(
    "lanes",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String),
    Column("token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", Float, nullable=False, server_default="0"),
    Column("not_before", Float, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("opened_at", Float),
    Column("error", Text),
    Column("robots", _JSON),  # by host: {host: {text, status, fetched_at}}
)

# A page at an address, with what it said last.
publications = Table(
    "publications",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("portal", String, nullable=False),
    Column("key", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("state", String, nullable=False),  # live, skipped, gone, blocked, quarantined
    Column("title", Text),
    Column("published_at", String),
    Column("source", Text),
    Column("row_mark", String),  # what its list row said, hashed
    Column("report_id", String, ForeignKey("reports.id", deferrable=True, initially="DEFERRED")),
    Column("content_hash", String),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("diverged", Boolean, nullable=False, server_default="0"),
    Column("first_seen_at", Float, nullable=False),
    Column("last_seen_at", Float, nullable=False),
    Column("checked_at", Float, nullable=False),
    Column("next_visit_at", Float),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("visits", Integer, nullable=False, server_default="0"),
    Column("missing_since", Float),
    Column("missing_times", Integer, nullable=False, server_default="0"),
    UniqueConstraint("portal", "key"),
    Index("publications_by_report", "report_id"),
    Index("publications_by_url", "url"),
    Index("publications_to_visit", "next_visit_at"),
)

# What a publication said at a time.
versions = Table(
    "versions",
    metadata,
    Column("publication_id", _ID, ForeignKey("publications.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content_hash", String, nullable=False),
    Column("recipe", Integer, nullable=False),
    Column("report_id", String, nullable=False),
    Column("raw", _JSON, nullable=False),
    Column("raw_sha256", String, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("extractor", String, nullable=False),
    Column("extract", _JSON, nullable=False),
    Index("versions_by_hash", "content_hash"),
)

# A document, as its lead publication says it.
reports = Table(
    "reports",
    metadata,
    Column("id", String, primary_key=True),
    Column("content_hash", String, nullable=False),
    Column("lead_id", _ID),
    Column("portal", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("published_at", String),
    Column("first_seen_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("merged_into", String),
    Column("document", _JSON, nullable=False),
    Index("reports_by_hash", "content_hash"),
    Index("reports_by_portal", "portal", "first_seen_at"),
    Index("reports_by_time", "first_seen_at"),
)

# Every content a report was ever known by, with the facts that may keep two reports of one content apart.
contents = Table(
    "contents",
    metadata,
    Column("content_hash", String, primary_key=True),
    Column("report_id", String, primary_key=True),
    Column("facts", _JSON, nullable=False),
)

# What happened to an address; written once for each outcome.
visits = Table(
    "visits",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("portal", String, nullable=False),
    Column("key", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", String),
    Column("detail", Text),
    Column("run_id", _ID),
    Column("report_id", String),
    Index("visits_by_key", "portal", "key", "id"),
)

# What still has to be told; `seq` is given when it is relayed, gap-free, and names the stream entry.
outbox = Table(
    "outbox",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("seq", BigInteger, unique=True),
    Column("event_id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("occurred_at", Float, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("report_id", String, nullable=False),
    Column("payload", _JSON, nullable=False),
    Column("sent_at", Float),
    Column("handed_out_at", Float),  # to the subscriptions; a mark, since a cursor would pass by late commits
    Index("outbox_unsent", "id", **_where("sent_at IS NULL")),
    Index("outbox_not_handed_out", "id", **_where("handed_out_at IS NULL")),
)

# A MinHash of each report's body, and the bands by which its like are found; never used to merge.
sketches = Table(
    "sketches",
    metadata,
    Column("report_id", String, primary_key=True),
    Column("content_hash", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", _JSON, nullable=False),
)
bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True),
    Column("report_id", String, primary_key=True),
    Index("bands_by_report", "report_id"),
)

# Pairs of reports that say almost the same: the later one, the earlier one, and the lines that differ.
near_duplicates = Table(
    "near_duplicates",
    metadata,
    Column("report_id", String, primary_key=True),
    Column("other_id", String, primary_key=True),
    Column("similarity", Float, nullable=False),
    Column("differences", _JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("found_at", Float, nullable=False),
    Index("near_duplicates_by_other", "other_id"),
)

# Single facts about this ledger: the stream's epoch, when it was made.
facts = Table("facts", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False))

# Requests of other systems, by webhook; one sender's id names one request for ever.
ingest_requests = Table(
    "ingest_requests",
    metadata,
    Column("id", String, primary_key=True),
    Column("sender", String, nullable=False),
    Column("message_id", String, nullable=False),
    Column("digest", String, nullable=False),  # SHA-256 of the body
    Column("received_at", Float, nullable=False),
    Column("urls", _JSON, nullable=False),  # [{url, portal, key, reason}]; without a portal it was refused
    UniqueConstraint("sender", "message_id"),
)

# How much of their allowance of requests senders have used: the time at which it will be whole again.
senders = Table(
    "senders",
    metadata,
    Column("name", String, primary_key=True),
    Column("full_at", Float, nullable=False),
)

# Who wants to hear of events by webhook; empty kinds and portals mean all.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("kinds", _JSON, nullable=False),
    Column("portals", _JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("disabled_at", Float),
    Column("disabled_for", Text),
)

# What one subscriber has not acknowledged yet; a row leaves when it has.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("subscription_id", String, ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False),
    Column("outbox_id", _ID, ForeignKey("outbox.id"), nullable=False),
    Column("report_id", String, nullable=False),
    Column("state", String, nullable=False),  # pending, dead
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Float, nullable=False),
    Column("error", Text),
    UniqueConstraint("subscription_id", "outbox_id"),
    Index("deliveries_by_report", "subscription_id", "report_id", "outbox_id"),
    Index("deliveries_by_event", "outbox_id"),  # asked for each event that is to be forgotten
    Index("deliveries_due", "next_attempt_at", **_where("state = 'pending'")),
)
