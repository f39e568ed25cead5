"""index_place_names."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQUEEZED = "regexp_replace(name_key, '[^[:alnum:]]', '', 'g')"
WORDS = (
    "array_to_tsvector(array_remove(string_to_array("
    "regexp_replace(name_key, '[^[:alnum:]]+', ' ', 'g'), ' '), ''))"
)
KINDS = "kind IN ('old_commune', 'old_name', 'old_district', 'spelling')"
KINDS_BEFORE = "kind IN ('old_commune', 'old_name', 'spelling')"


def upgrade() -> None:
    for table in ("areas", "area_aliases"):
        op.add_column(
            table,
            sa.Column(
                "squeezed",
                sa.Text(collation="C"),
                sa.Computed(SQUEEZED, persisted=True),
                nullable=False,
            ),
        )
        op.add_column(
            table,
            sa.Column(
                "words", postgresql.TSVECTOR(), sa.Computed(WORDS, persisted=True), nullable=False
            ),
        )
    for kind in ("commune", "hamlet"):
        op.create_index(
            f"ix_areas_words_{kind}",
            "areas",
            ["words"],
            postgresql_using="gin",
            postgresql_where=sa.text(f"kind = '{kind}'"),
        )
    op.create_index(
        op.f("ix_area_aliases_words"), "area_aliases", ["words"], postgresql_using="gin"
    )
    op.create_index(op.f("ix_areas_kind_squeezed"), "areas", ["kind", "squeezed"])
    op.create_index(op.f("ix_area_aliases_squeezed"), "area_aliases", ["squeezed"])
    op.create_table(
        "area_words",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_area_words")),
    )
    op.execute("""
        INSERT INTO area_words
        SELECT squeezed FROM areas UNION SELECT squeezed FROM area_aliases
        UNION SELECT unnest(tsvector_to_array(words)) FROM areas
        UNION SELECT unnest(tsvector_to_array(words)) FROM area_aliases
    """)
    op.add_column("areas", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("area_aliases", sa.Column("until", sa.Date(), nullable=True))
    op.drop_constraint(op.f("ck_area_aliases_kind"), "area_aliases")
    op.create_check_constraint(op.f("ck_area_aliases_kind"), "area_aliases", KINDS)


def downgrade() -> None:
    op.execute("DELETE FROM area_aliases WHERE kind = 'old_district'")
    op.drop_constraint(op.f("ck_area_aliases_kind"), "area_aliases")
    op.create_check_constraint(op.f("ck_area_aliases_kind"), "area_aliases", KINDS_BEFORE)
    op.drop_column("area_aliases", "until")
    op.drop_column("areas", "source")
    op.drop_table("area_words")
    op.drop_index(op.f("ix_area_aliases_squeezed"), table_name="area_aliases")
    op.drop_index(op.f("ix_areas_kind_squeezed"), table_name="areas")
    op.drop_index(op.f("ix_area_aliases_words"), table_name="area_aliases")
    for kind in ("commune", "hamlet"):
        op.drop_index(f"ix_areas_words_{kind}", table_name="areas")
    for table in ("areas", "area_aliases"):
        op.drop_column(table, "words")
        op.drop_column(table, "squeezed")
