"""climb_and_take_turns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

EVENTS = (
    *("started", "opened", "told", "accepted", "done", "solved", "reopened", "cancelled", "noted"),
)
NEW_EVENTS = ("passed", "asked", "answered", "returned")
ROLES = ("leader", "deputy", "member", "duty")
NEW_ROLES = ("helper",)
SUPPRESSIONS = ("news", "erased", "advertising")
NEW_SUPPRESSIONS = ("invited",)


def _one_of(table: str, column: str, values: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table)
    listed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(name, table, f"{column} IN ({listed})")


def upgrade() -> None:
    _one_of("request_events", "event", EVENTS + NEW_EVENTS)
    _one_of("memberships", "role", ROLES + NEW_ROLES)
    _one_of("suppressions", "kind", SUPPRESSIONS + NEW_SUPPRESSIONS)
    op.create_table(
        "gap_warnings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "warned_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "level IN ('hamlet', 'commune', 'province')", name=op.f("ck_gap_warnings_level")
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_gap_warnings_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_warnings")),
    )
    op.create_index(
        op.f("ix_gap_warnings_area_id_begins_at"),
        "gap_warnings",
        ["area_id", "begins_at"],
        unique=False,
    )
    op.create_table(
        "pending_acts",
        sa.Column("phone_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=False),
        sa.Column("wrong", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_pending_acts_phone_id")),
        sa.PrimaryKeyConstraint("phone_id", name=op.f("pk_pending_acts")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("from_at < until_at", name=op.f("ck_absences_order")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(
        op.f("ix_absences_person_id_until_at"),
        "absences",
        ["person_id", "until_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "duties",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_duties_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_duties_team_id")),
        sa.PrimaryKeyConstraint("team_id", "day", name=op.f("pk_duties")),
    )
    op.create_index(op.f("ix_duties_day"), "duties", ["day"], unique=False)
    op.create_index(op.f("ix_duties_person_id"), "duties", ["person_id"], unique=False)
    op.create_table(
        "duty_swaps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("giver_id", sa.BigInteger(), nullable=False),
        sa.Column("for_day", sa.Date(), nullable=True),
        sa.Column("taker_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "offered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["giver_id"], ["people.id"], name=op.f("fk_duty_swaps_giver_id")),
        sa.ForeignKeyConstraint(["taker_id"], ["people.id"], name=op.f("fk_duty_swaps_taker_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_duty_swaps_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_swaps")),
    )
    op.create_index(op.f("ix_duty_swaps_giver_id"), "duty_swaps", ["giver_id"], unique=False)
    op.create_index(op.f("ix_duty_swaps_taker_id"), "duty_swaps", ["taker_id"], unique=False)
    op.create_index(
        "uq_duty_swaps_open",
        "duty_swaps",
        ["team_id", "day"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("phone_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.CheckConstraint("char_length(name) <= 80", name=op.f("ck_invitations_name_length")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_invitations_area_id")),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["people.id"], name=op.f("fk_invitations_invited_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_invitations_person_id")
        ),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_invitations_phone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_invited_by"), "invitations", ["invited_by"], unique=False)
    op.create_index(op.f("ix_invitations_person_id"), "invitations", ["person_id"], unique=False)
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["phone_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "pins",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.Column("pending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrong", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pins_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_pins")),
    )
    op.create_table(
        "climb_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("lap", sa.BigInteger(), nullable=False),
        sa.Column("rung", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["help_requests.id"], name=op.f("fk_climb_steps_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_climb_steps")),
        sa.UniqueConstraint(
            "request_id",
            "lap",
            "rung",
            "times",
            name=op.f("uq_climb_steps_request_id_lap_rung_times"),
        ),
    )
    op.create_table(
        "climbs",
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("lap", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("rung", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["help_requests.id"], name=op.f("fk_climbs_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_climbs")),
    )
    op.create_index(
        "ix_climbs_due_at",
        "climbs",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "inquiries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("phone_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("char_length(answer) <= 200", name=op.f("ck_inquiries_answer_length")),
        sa.CheckConstraint(
            "char_length(question) <= 200", name=op.f("ck_inquiries_question_length")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_inquiries_asked_by")),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_inquiries_phone_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["help_requests.id"], name=op.f("fk_inquiries_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiries")),
    )
    op.create_index(op.f("ix_inquiries_asked_by"), "inquiries", ["asked_by"], unique=False)
    op.create_index(
        op.f("ix_inquiries_phone_id"),
        "inquiries",
        ["phone_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_inquiries_open",
        "inquiries",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("task_numbers", sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "help_requests", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_help_requests_in_hand",
        "help_requests",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.add_column("households", sa.Column("contact_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_households_contact_id", "households", "people", ["contact_id"], ["id"]
    )
    op.add_column("people", sa.Column("awake_from", sa.SmallInteger(), nullable=True))
    op.add_column("people", sa.Column("awake_until", sa.SmallInteger(), nullable=True))
    op.add_column("phones", sa.Column("doubted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("teams", sa.Column("neighbour_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_teams_neighbour_id"), "teams", "teams", ["neighbour_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_people_awake"),
        "people",
        "0 <= awake_from AND awake_from < awake_until AND awake_until <= 1440"
        " OR awake_from IS NULL AND awake_until IS NULL",
    )
    # What is open has been told to its whole team, as was done before there were ladders.
    op.execute("""
        INSERT INTO climbs (request_id, ladder, rung, times, party, due_at)
        SELECT id, 'ordinary', 2, 1, 'team', clock_timestamp() + interval '3 hours'
        FROM help_requests WHERE state = 'open'
    """)


def downgrade() -> None:
    op.execute(
        "DELETE FROM request_events WHERE event = ANY(ARRAY['passed', 'asked', 'answered', 'returned'])"
    )
    _one_of("request_events", "event", EVENTS)
    op.execute("UPDATE memberships SET role = 'member' WHERE role = 'helper'")
    _one_of("memberships", "role", ROLES)
    op.execute("DELETE FROM suppressions WHERE kind = 'invited'")
    _one_of("suppressions", "kind", SUPPRESSIONS)
    op.drop_constraint(op.f("fk_teams_neighbour_id"), "teams", type_="foreignkey")
    op.drop_column("teams", "neighbour_id")
    op.drop_column("phones", "doubted_at")
    op.drop_constraint(op.f("ck_people_awake"), "people")
    op.drop_column("people", "awake_until")
    op.drop_column("people", "awake_from")
    op.drop_constraint("fk_households_contact_id", "households", type_="foreignkey")
    op.drop_column("households", "contact_id")
    op.drop_index(
        "ix_help_requests_in_hand",
        table_name="help_requests",
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.drop_column("help_requests", "reminded_at")
    op.drop_column("task_numbers", "passed_at")
    op.drop_index(
        "uq_inquiries_open", table_name="inquiries", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(
        op.f("ix_inquiries_phone_id"),
        table_name="inquiries",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_inquiries_asked_by"), table_name="inquiries")
    op.drop_table("inquiries")
    op.drop_index(
        "ix_climbs_due_at", table_name="climbs", postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.drop_table("climbs")
    op.drop_table("climb_steps")
    op.drop_table("pins")
    op.drop_index(
        "uq_invitations_open",
        table_name="invitations",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_invitations_person_id"), table_name="invitations")
    op.drop_index(op.f("ix_invitations_invited_by"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_index(
        "uq_duty_swaps_open", table_name="duty_swaps", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(op.f("ix_duty_swaps_taker_id"), table_name="duty_swaps")
    op.drop_index(op.f("ix_duty_swaps_giver_id"), table_name="duty_swaps")
    op.drop_table("duty_swaps")
    op.drop_index(op.f("ix_duties_person_id"), table_name="duties")
    op.drop_index(op.f("ix_duties_day"), table_name="duties")
    op.drop_table("duties")
    op.drop_index(
        op.f("ix_absences_person_id_until_at"),
        table_name="absences",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("absences")
    op.drop_table("pending_acts")
    op.drop_index(op.f("ix_gap_warnings_area_id_begins_at"), table_name="gap_warnings")
    op.drop_table("gap_warnings")
