"""index_what_waits_by_number."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_messages_out_number",
        "messages_out",
        ["msisdn", "lane", "id"],
        postgresql_where=sa.text("state IN ('queued', 'leased', 'sending')"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_out_number", "messages_out")
