"""refuse_news_to_unnamed_numbers."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Waiting since before 0004, and long not valid any more; nobody can say who refused it.
    op.execute("""
        UPDATE messages_out SET state = 'cancelled', code = 'unnamed', changed_at = clock_timestamp()
        WHERE class IN ('notice', 'promo') AND state IN ('held', 'queued')
          AND recipient_digest IS NULL
    """)
    op.create_check_constraint(
        op.f("ck_messages_out_refusable"),
        "messages_out",
        "class NOT IN ('notice', 'promo') OR state NOT IN ('held', 'queued')"
        " OR recipient_digest IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_messages_out_refusable"), "messages_out")
