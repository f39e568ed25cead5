"""keep_the_do_not_call_list."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _kinds(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f("ck_suppressions_kind"), "suppressions")
    op.create_check_constraint(op.f("ck_suppressions_kind"), "suppressions", f"kind IN ({listed})")


def upgrade() -> None:
    _kinds("news", "erased", "advertising")


def downgrade() -> None:
    op.execute("DELETE FROM suppressions WHERE kind = 'advertising'")
    _kinds("news", "erased")
