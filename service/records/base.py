"""What all tables share: naming, key and time types."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, MetaData, Text, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
LARGEST_ID = 2**63 - 1
"""The largest key there can be; PostgreSQL refuses to look for a larger one."""
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Created = Annotated[
    datetime,
    mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()")),
]


class Record(DeclarativeBase):
    """Base of every table; times are aware UTC, text is unbounded and bounded by CHECK."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True), int: BigInteger}  # noqa: RUF012 - SQLAlchemy's protocol


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Let the database itself refuse a value that is not in the enumeration."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def at_most(column: str, characters: int) -> CheckConstraint:
    """Let the database refuse a text that the code should have cut."""
    return CheckConstraint(f"char_length({column}) <= {characters}", name=f"{column}_length")
