"""open_the_console."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("name_digest", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "char_length(address) <= 45", name=op.f("ck_sign_in_tries_address_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(
        op.f("ix_sign_in_tries_address_at"), "sign_in_tries", ["address", "at"], unique=False
    )
    op.create_index(op.f("ix_sign_in_tries_at"), "sign_in_tries", ["at"], unique=False)
    op.create_index(
        op.f("ix_sign_in_tries_name_digest_at"),
        "sign_in_tries",
        ["name_digest", "at"],
        unique=False,
    )
    op.create_table(
        "console_users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("totp_salt", sa.Text(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role = 'operator') <= (area_id IS NULL)",
            name=op.f("ck_console_users_operator_everywhere"),
        ),
        sa.CheckConstraint(
            "(role IN ('province', 'commune')) <= (area_id IS NOT NULL)",
            name=op.f("ck_console_users_placed"),
        ),
        sa.CheckConstraint(
            "name ~ '^[a-z0-9][a-z0-9._-]{1,39}$'", name=op.f("ck_console_users_name")
        ),
        sa.CheckConstraint(
            "role IN ('operator', 'province', 'commune', 'viewer')",
            name=op.f("ck_console_users_role"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_console_users_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_users")),
        sa.UniqueConstraint("name", name=op.f("uq_console_users_name")),
    )
    op.create_table(
        "console_links",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("totp_salt", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["console_users.id"], name=op.f("fk_console_links_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_console_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_console_links_digest")),
    )
    op.create_table(
        "console_sessions",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["console_users.id"], name=op.f("fk_console_sessions_user_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_console_sessions")),
    )
    op.create_index(
        op.f("ix_console_sessions_user_id"), "console_sessions", ["user_id"], unique=False
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["console_users.id"], name=op.f("fk_recovery_codes_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_recovery_codes")),
    )


def downgrade() -> None:

    op.drop_table("recovery_codes")
    op.drop_index(op.f("ix_console_sessions_user_id"), table_name="console_sessions")
    op.drop_table("console_sessions")
    op.drop_table("console_links")
    op.drop_table("console_users")
    op.drop_index(op.f("ix_sign_in_tries_name_digest_at"), table_name="sign_in_tries")
    op.drop_index(op.f("ix_sign_in_tries_at"), table_name="sign_in_tries")
    op.drop_index(op.f("ix_sign_in_tries_address_at"), table_name="sign_in_tries")
    op.drop_table("sign_in_tries")
