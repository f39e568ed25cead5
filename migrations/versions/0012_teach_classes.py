"""teach_classes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "courses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), server_default=sa.text("'villagers'"), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("'vi'"), nullable=False),
        sa.Column("bring", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("guide", sa.Text(), nullable=True),
        sa.Column("needed", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("is_offered", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "audience IN ('villagers', 'members')", name=op.f("ck_courses_audience")
        ),
        sa.CheckConstraint("char_length(bring) <= 60", name=op.f("ck_courses_bring_length")),
        sa.CheckConstraint("char_length(code) <= 20", name=op.f("ck_courses_code_length")),
        sa.CheckConstraint("char_length(title) <= 60", name=op.f("ck_courses_title_length")),
        sa.CheckConstraint("needed BETWEEN 1 AND 20", name=op.f("ck_courses_needed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("code", name=op.f("uq_courses_code")),
    )
    op.create_table(
        "trainings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.Text(), nullable=True),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("teacher_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("teacher_phone_id", sa.BigInteger(), nullable=True),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("changes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("more_wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_by_phone_id", sa.BigInteger(), nullable=True),
        sa.Column("roll_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'open', 'cancelled', 'refused')", name=op.f("ck_trainings_state")
        ),
        sa.CheckConstraint("char_length(place) <= 40", name=op.f("ck_trainings_place_length")),
        sa.CheckConstraint(
            "char_length(teacher_name) <= 80", name=op.f("ck_trainings_teacher_name_length")
        ),
        sa.CheckConstraint("number BETWEEN 10 AND 9999", name=op.f("ck_trainings_number")),
        sa.CheckConstraint("seats BETWEEN 0 AND 500", name=op.f("ck_trainings_seats")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_trainings_order")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_trainings_area_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_trainings_course_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["people.id"], name=op.f("fk_trainings_proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["called_by_phone_id"], ["phones.id"], name=op.f("fk_trainings_called_by_phone_id")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_phone_id"], ["phones.id"], name=op.f("fk_trainings_teacher_phone_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    op.create_index(op.f("ix_trainings_area_id"), "trainings", ["area_id"], unique=False)
    op.create_index(op.f("ix_trainings_course_id"), "trainings", ["course_id"], unique=False)
    op.create_index(op.f("ix_trainings_starts_at"), "trainings", ["starts_at"], unique=False)
    op.create_index(
        op.f("ix_trainings_teacher_phone_id"), "trainings", ["teacher_phone_id"], unique=False
    )
    op.create_index(
        "uq_trainings_number",
        "trainings",
        ["number"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "enrolments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("training_id", sa.BigInteger(), nullable=False),
        sa.Column("phone_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("eve_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("soon_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roll_number", sa.SmallInteger(), nullable=True),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("rating_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'offered') = (offered_until IS NOT NULL)", name=op.f("ck_enrolments_offer")
        ),
        sa.CheckConstraint(
            "state IN ('seated', 'offered', 'waiting', 'left', 'declined', 'lapsed', 'ended', 'walked_in')",
            name=op.f("ck_enrolments_state"),
        ),
        sa.CheckConstraint("char_length(name) <= 40", name=op.f("ck_enrolments_name_length")),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_enrolments_rating")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_enrolments_person_id")),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_enrolments_phone_id")),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_enrolments_training_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("certificate", name=op.f("uq_enrolments_certificate")),
    )
    op.create_index(
        "ix_enrolments_offers",
        "enrolments",
        ["offered_until"],
        unique=False,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(op.f("ix_enrolments_person_id"), "enrolments", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_enrolments_phone_id_id"), "enrolments", ["phone_id", "id"], unique=False
    )
    op.create_index(
        "ix_enrolments_row",
        "enrolments",
        ["training_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_enrolments_training_id"), "enrolments", ["training_id"], unique=False)
    op.create_index(
        "uq_enrolments_live",
        "enrolments",
        ["training_id", "phone_id", "who"],
        unique=True,
        postgresql_where=sa.text("state IN ('seated', 'offered', 'waiting')"),
    )
    op.create_index(
        "uq_enrolments_roll",
        "enrolments",
        ["training_id", "roll_number"],
        unique=True,
        postgresql_where=sa.text("roll_number IS NOT NULL"),
    )
    op.create_table(
        "training_areas",
        sa.Column("training_id", sa.BigInteger(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_training_areas_area_id")),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_training_areas_training_id")
        ),
        sa.PrimaryKeyConstraint("training_id", "area_id", name=op.f("pk_training_areas")),
    )
    op.create_index(op.f("ix_training_areas_area_id"), "training_areas", ["area_id"], unique=False)
    op.create_table(
        "enrolment_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger(), nullable=False),
        sa.Column("training_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "event IN ('seated', 'queued', 'offered', 'accepted', 'declined', 'lapsed', 'left', 'confirmed', 'moved_back', 'ended', 'walked_in', 'came', 'missed', 'rated')",
            name=op.f("ck_enrolment_events_event"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_enrolment_events_enrolment_id")
        ),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_enrolment_events_training_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_events")),
    )
    op.create_index(
        op.f("ix_enrolment_events_enrolment_id_id"),
        "enrolment_events",
        ["enrolment_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_enrolment_events_training_id_id"),
        "enrolment_events",
        ["training_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_enrolment_events_training_id_id"), table_name="enrolment_events")
    op.drop_index(op.f("ix_enrolment_events_enrolment_id_id"), table_name="enrolment_events")
    op.drop_table("enrolment_events")
    op.drop_index(op.f("ix_training_areas_area_id"), table_name="training_areas")
    op.drop_table("training_areas")
    op.drop_index(
        "uq_enrolments_roll",
        table_name="enrolments",
        postgresql_where=sa.text("roll_number IS NOT NULL"),
    )
    op.drop_index(
        "uq_enrolments_live",
        table_name="enrolments",
        postgresql_where=sa.text("state IN ('seated', 'offered', 'waiting')"),
    )
    op.drop_index(op.f("ix_enrolments_training_id"), table_name="enrolments")
    op.drop_index(
        "ix_enrolments_row", table_name="enrolments", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index(op.f("ix_enrolments_phone_id_id"), table_name="enrolments")
    op.drop_index(op.f("ix_enrolments_person_id"), table_name="enrolments")
    op.drop_index(
        "ix_enrolments_offers",
        table_name="enrolments",
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.drop_table("enrolments")
    op.drop_index(
        "uq_trainings_number",
        table_name="trainings",
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.drop_index(op.f("ix_trainings_teacher_phone_id"), table_name="trainings")
    op.drop_index(op.f("ix_trainings_starts_at"), table_name="trainings")
    op.drop_index(op.f("ix_trainings_course_id"), table_name="trainings")
    op.drop_index(op.f("ix_trainings_area_id"), table_name="trainings")
    op.drop_table("trainings")
    op.drop_table("courses")
