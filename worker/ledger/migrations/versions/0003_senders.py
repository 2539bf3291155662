"""Senders of webhooks: how much of their allowance is used, shared by every process that serves."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "senders",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("full_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
