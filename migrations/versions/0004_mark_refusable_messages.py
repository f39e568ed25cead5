"""mark_refusable_messages."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _consents(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f("ck_consents_kind"), "consents")
    op.create_check_constraint(op.f("ck_consents_kind"), "consents", f"kind IN ({listed})")


def upgrade() -> None:
    op.add_column("messages_out", sa.Column("recipient_digest", sa.Text(), nullable=True))
    _consents("storage", "news", "promo")


def downgrade() -> None:
    op.execute("DELETE FROM consents WHERE kind = 'promo'")
    _consents("storage", "news")
    op.drop_column("messages_out", "recipient_digest")
