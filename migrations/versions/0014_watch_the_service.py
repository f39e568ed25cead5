"""watch_the_service."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")
MOMENT = sa.DateTime(timezone=True)

KEEP_AUDIT = """
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < clock_timestamp() - interval '2 years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
END $$
"""

ENDED_ILL = (
    "state IN ('rejected', 'failed', 'expired', 'undelivered', 'unknown_closed', 'cancelled')"
)
WEEK = "(CAST(date_trunc('week', opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh') AS date))"
AUDIT = (["actor", "at", "action"], ["action", "at"], ["about", "at"])


def upgrade() -> None:
    _curves()
    _watches()
    _alarms()
    _audit()
    _by_hand()
    _searches()
    _look_ups()


def _curves() -> None:
    op.create_table(
        "pulses",
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.CheckConstraint("span IN ('minute', 'hour')", name=op.f("ck_pulses_span")),
        sa.PrimaryKeyConstraint("span", "series", "at", name=op.f("pk_pulses")),
    )
    op.create_table(
        "gauges",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("read_at", MOMENT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_gauges")),
    )


def _watches() -> None:
    op.create_table(
        "watches",
        sa.Column("signal", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("over_since", MOMENT, nullable=True),
        sa.Column("clear_since", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("signal", "about", name=op.f("pk_watches")),
    )


def _alarms() -> None:
    op.add_column("alarms", sa.Column("acknowledged_at", MOMENT, nullable=True))
    op.add_column("alarms", sa.Column("acknowledged_by", sa.Text(), nullable=True))
    op.add_column("alarms", sa.Column("severity", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_alarms_severity"), "alarms", "severity IN ('page', 'ticket', 'note')"
    )
    op.create_index(op.f("ix_alarms_opened_at"), "alarms", ["opened_at"])
    op.create_index(op.f("ix_alarms_closed_at"), "alarms", ["closed_at"])
    op.create_table(
        "tellings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("alarm_id", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, server_default=NOW, nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint("word IN ('opened', 'resolved')", name=op.f("ck_tellings_word")),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarms.id"], name=op.f("fk_tellings_alarm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tellings")),
        sa.UniqueConstraint("alarm_id", "word", "way", name=op.f("uq_tellings_alarm_id_word_way")),
    )
    op.create_index(
        "ix_tellings_due", "tellings", ["due_at"], postgresql_where=sa.text("done_at IS NULL")
    )


def _audit() -> None:
    op.execute(KEEP_AUDIT)
    op.execute(
        "CREATE TRIGGER keep_lines BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION keep_audit()"
    )
    op.execute(
        "CREATE TRIGGER keep_table BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()"
    )


def _by_hand() -> None:
    op.add_column("messages_out", sa.Column("sent_again_as", sa.BigInteger(), nullable=True))
    op.add_column("messages_out", sa.Column("person_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_messages_out_held",
        "messages_out",
        ["msisdn", "id"],
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_messages_out_ended_ill",
        "messages_out",
        ["changed_at"],
        postgresql_where=sa.text(ENDED_ILL),
    )


def _searches() -> None:
    op.create_index(op.f("ix_help_requests_area_id_id"), "help_requests", ["area_id", "id"])
    op.drop_index("ix_help_requests_week", table_name="help_requests")
    op.create_index("ix_help_requests_week", "help_requests", [sa.text(WEEK), "id"])
    op.create_index(
        "ix_request_events_accepted",
        "request_events",
        ["request_id", "at"],
        postgresql_where=sa.text("event = 'accepted'"),
    )
    beginning = {"actor": "text_pattern_ops", "about": "text_pattern_ops"}
    for columns in AUDIT:
        op.create_index(
            op.f(f"ix_audit_{'_'.join(columns)}"),
            "audit",
            columns,
            postgresql_ops={c: beginning[c] for c in columns if c in beginning},
        )


def _look_ups() -> None:
    """What the life of a number and of a request is found by."""
    op.create_index(
        op.f("ix_messages_in_sender_received_at"), "messages_in", ["sender", "received_at"]
    )
    op.create_index(op.f("ix_help_requests_number_id"), "help_requests", ["number", "id"])


def downgrade() -> None:
    op.drop_index("ix_messages_out_ended_ill", table_name="messages_out")
    op.drop_index("ix_messages_out_held", table_name="messages_out")
    op.drop_column("messages_out", "person_id")
    op.drop_column("messages_out", "sent_again_as")
    for columns in AUDIT:
        op.drop_index(op.f(f"ix_audit_{'_'.join(columns)}"), table_name="audit")
    op.drop_index("ix_request_events_accepted", table_name="request_events")
    op.drop_index("ix_help_requests_week", table_name="help_requests")
    op.create_index("ix_help_requests_week", "help_requests", [sa.text(WEEK)])
    op.drop_index(op.f("ix_help_requests_area_id_id"), table_name="help_requests")
    op.drop_index(op.f("ix_help_requests_number_id"), table_name="help_requests")
    op.drop_index(op.f("ix_messages_in_sender_received_at"), table_name="messages_in")
    op.execute("DROP TRIGGER keep_table ON audit")
    op.execute("DROP TRIGGER keep_lines ON audit")
    op.execute("DROP FUNCTION keep_audit()")
    op.drop_table("tellings")
    op.drop_index(op.f("ix_alarms_closed_at"), table_name="alarms")
    op.drop_index(op.f("ix_alarms_opened_at"), table_name="alarms")
    op.drop_constraint(op.f("ck_alarms_severity"), "alarms")
    op.drop_column("alarms", "severity")
    op.drop_column("alarms", "acknowledged_by")
    op.drop_column("alarms", "acknowledged_at")
    op.drop_table("watches")
    op.drop_table("gauges")
    op.drop_table("pulses")
