"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("band", "report_id"),
    )
    op.create_index("bands_by_report", "bands", ["report_id"], unique=False)
    op.create_table(
        "columns",
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("baseline_at", sa.Float(), nullable=True),
        sa.Column("walked_at", sa.Float(), nullable=True),
        sa.Column("walk", JSON, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("portal", "name"),
    )
    op.create_table(
        "contents",
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("content_hash", "report_id"),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "frontier",
        sa.Column("id", ID, nullable=False),
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("column", sa.String(), nullable=True),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("backfill", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("next_attempt_at", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("starts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("raw", JSON, nullable=True),
        sa.Column("parts", JSON, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("portal", "key"),
    )
    op.create_index("frontier_by_run", "frontier", ["run_id"], unique=False)
    op.create_index(
        "frontier_collected",
        "frontier",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'collected'"),
        sqlite_where=sa.text("state = 'collected'"),
    )
    op.create_index(
        "frontier_due",
        "frontier",
        ["lane", "priority", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
        sqlite_where=sa.text("state = 'due'"),
    )
    op.create_table(
        "lanes",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("token", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.Float(), server_default="0", nullable=False),
        sa.Column("not_before", sa.Float(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_at", sa.Float(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("robots", JSON, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "near_duplicates",
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("differences", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "other_id"),
    )
    op.create_index("near_duplicates_by_other", "near_duplicates", ["other_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.Float(), nullable=False),
        sa.Column("backfill", sa.Boolean(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
        sa.UniqueConstraint("seq"),
    )
    op.create_index(
        "outbox_unsent",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL"),
        sqlite_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("lead_id", ID, nullable=True),
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_at", sa.String(), nullable=True),
        sa.Column("first_seen_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("document", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("reports_by_hash", "reports", ["content_hash"], unique=False)
    op.create_index("reports_by_portal", "reports", ["portal", "first_seen_at"], unique=False)
    op.create_index("reports_by_time", "reports", ["first_seen_at"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcomes", JSON, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("runs_by_portal", "runs", ["portal", "id"], unique=False)
    op.create_index(
        "runs_open",
        "runs",
        ["portal"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
        sqlite_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "schedule",
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("next_due_at", sa.Float(), nullable=False),
        sa.Column("paused_at", sa.Float(), nullable=True),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("portal"),
    )
    op.create_table(
        "sketches",
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", JSON, nullable=False),
        sa.PrimaryKeyConstraint("report_id"),
    )
    op.create_table(
        "visits",
        sa.Column("id", ID, nullable=False),
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("report_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("visits_by_key", "visits", ["portal", "key", "id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("id", ID, nullable=False),
        sa.Column("portal", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("published_at", sa.String(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("row_mark", sa.String(), nullable=True),
        sa.Column("report_id", sa.String(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("diverged", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("first_seen_at", sa.Float(), nullable=False),
        sa.Column("last_seen_at", sa.Float(), nullable=False),
        sa.Column("checked_at", sa.Float(), nullable=False),
        sa.Column("next_visit_at", sa.Float(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("visits", sa.Integer(), server_default="0", nullable=False),
        sa.Column("missing_since", sa.Float(), nullable=True),
        sa.Column("missing_times", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("portal", "key"),
    )
    op.create_index("publications_by_report", "publications", ["report_id"], unique=False)
    op.create_index("publications_by_url", "publications", ["url"], unique=False)
    op.create_index("publications_to_visit", "publications", ["next_visit_at"], unique=False)
    op.create_table(
        "versions",
        sa.Column("publication_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("raw", JSON, nullable=False),
        sa.Column("raw_sha256", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.Column("extractor", sa.String(), nullable=False),
        sa.Column("extract", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
        ),
        sa.PrimaryKeyConstraint("publication_id", "number"),
    )
    op.create_index("versions_by_hash", "versions", ["content_hash"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE report_text USING fts5(report_id UNINDEXED, words, tokenize='unicode61')")
    else:
        op.execute("CREATE TABLE report_text (report_id varchar PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX report_text_words ON report_text USING gin (words)")
