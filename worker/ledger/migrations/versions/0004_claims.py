"""Who reads a page, so that a killed process's claim need not be waited for; and who waits for an event, by index."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("frontier", sa.Column("claimed_by", sa.String(), nullable=True))
    op.create_index("deliveries_by_event", "deliveries", ["outbox_id"], unique=False)
