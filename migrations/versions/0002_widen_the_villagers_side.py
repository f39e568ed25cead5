"""widen_the_villagers_side."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")


def moment(name: str, *, known: bool = False) -> sa.Column:
    """A point in time; `known` ones are written by the database itself."""
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        server_default=NOW if known else None,
        nullable=False,
    )


EVENTS = ("started", "opened", "told", "accepted", "done", "solved", "reopened", "cancelled")


def _events(*more: str) -> None:
    listed = ", ".join(f"'{event}'" for event in (*EVENTS, *more))
    op.drop_constraint(op.f("ck_request_events_event"), "request_events")
    op.create_check_constraint(
        op.f("ck_request_events_event"), "request_events", f"event IN ({listed})"
    )


def upgrade() -> None:
    op.add_column(
        "people",
        sa.Column("wants_marks", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("help_requests", sa.Column("beneficiary", sa.Text(), nullable=True))
    op.add_column("help_requests", sa.Column("spoken", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_help_requests_beneficiary_length"),
        "help_requests",
        "char_length(beneficiary) <= 60",
    )
    _events("noted")
    op.create_table(
        "suppressions",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        moment("since", known=True),
        sa.CheckConstraint("kind IN ('news', 'erased')", name=op.f("ck_suppressions_kind")),
        sa.PrimaryKeyConstraint("digest", "kind", name=op.f("pk_suppressions")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        moment("published_at", known=True),
        moment("expires_at"),
        sa.CheckConstraint("char_length(body) <= 600", name=op.f("ck_notices_body_length")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_notices_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_area_id_published_at"), "notices", ["area_id", "published_at"])
    op.create_table(
        "notice_readings",
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("phone_id", sa.BigInteger(), nullable=False),
        moment("read_at", known=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_readings_notice_id")
        ),
        sa.ForeignKeyConstraint(
            ["phone_id"], ["phones.id"], name=op.f("fk_notice_readings_phone_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", "phone_id", name=op.f("pk_notice_readings")),
    )
    op.create_table(
        "text_dialogues",
        sa.Column("msisdn", sa.Text(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        moment("asked_at", known=True),
        moment("expires_at"),
        sa.PrimaryKeyConstraint("msisdn", name=op.f("pk_text_dialogues")),
    )
    op.create_table(
        "shown",
        sa.Column("phone_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_shown_phone_id")),
        sa.PrimaryKeyConstraint("phone_id", "subject", "day", name=op.f("pk_shown")),
    )


def downgrade() -> None:
    op.execute("DELETE FROM request_events WHERE event = 'noted'")
    _events()
    for table in ("shown", "text_dialogues", "notice_readings", "notices", "suppressions"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_help_requests_beneficiary_length"), "help_requests")
    for table, column in (
        ("help_requests", "spoken"),
        ("help_requests", "beneficiary"),
        ("people", "wants_marks"),
    ):
        op.drop_column(table, column)
