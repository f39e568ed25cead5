"""The audit is only added to: the database itself refuses anything else, whoever asks."""

from __future__ import annotations

from sqlalchemy import DDL, event

from .base import Record

KEPT_YEARS = 2
"""How long a line of the audit cannot be deleted."""
REFUSES = f"""
CREATE OR REPLACE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < clock_timestamp() - interval '{KEPT_YEARS} years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
END $$
"""
LINES = """
CREATE OR REPLACE TRIGGER keep_lines BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION keep_audit()
"""
WHOLE = """
CREATE OR REPLACE TRIGGER keep_table BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()
"""

for _statement in (REFUSES, LINES, WHOLE):
    event.listen(
        Record.metadata,
        "after_create",
        DDL(_statement.replace("%", "%%")),  # type: ignore[no-untyped-call]
    )
