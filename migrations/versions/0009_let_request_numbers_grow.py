"""let_request_numbers_grow."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _numbers_up_to(most: str) -> None:
    op.drop_constraint(op.f("ck_help_requests_number"), "help_requests")
    op.create_check_constraint(
        op.f("ck_help_requests_number"), "help_requests", f"number BETWEEN 1000 AND {most}"
    )


def upgrade() -> None:
    _numbers_up_to("99999")


def downgrade() -> None:
    op.execute("UPDATE help_requests SET number = NULL, state = 'cancelled' WHERE number > 9999")
    _numbers_up_to("9999")
