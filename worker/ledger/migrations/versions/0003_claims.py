"""Who reads a page: the claim of a process that was killed need not be waited for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("frontier", sa.Column("claimed_by", sa.String(), nullable=True))
