"""The Table Schema's types as SQL, Parquet, SQLite and pandas know them: one table for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias

from rsfm.package import Field, Table
from rsfm.sql import literal, quoted

Value: TypeAlias = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Kind:
    """One type in each system."""

    duckdb: str
    sqlite: str
    pandas: str
    arrow: str
    polars: str
    pyarrow: str


TEXT = Kind("VARCHAR", "TEXT", "str", "unicode", "String", "string")
KINDS = {
    "integer": Kind("BIGINT", "INTEGER", "Int64", "int64", "Int64", "int64"),
    "year": Kind("BIGINT", "INTEGER", "Int64", "int64", "Int64", "int64"),
    "number": Kind("DOUBLE", "REAL", "Float64", "float64", "Float64", "float64"),
    "boolean": Kind("BOOLEAN", "INTEGER", "boolean", "bool", "Boolean", "bool"),
    "date": Kind("DATE", "TEXT", "datetime64[s]", "date", "Date", "date32"),
    "datetime": Kind("TIMESTAMP", "TEXT", "datetime64[s]", "datetime", "Datetime", "timestamp[us]"),
}


OWN_WAYS = ("groupChar", "decimalChar", "bareNumber")


def moment(cell: str) -> datetime:
    """A date and time; one with a zone as that of UTC, without it."""
    value = datetime.fromisoformat(cell)
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


PARSERS: dict[str, Callable[[str], Value]] = {
    "integer": int,
    "year": int,
    "number": float,
    "date": date.fromisoformat,
    "datetime": moment,
}


def kind_of(field: Field) -> Kind:
    """How the field's type is stored; text where it has none elsewhere, or is written in a way of its own."""
    plain = field.format == "default" and not any(key in field.descriptor for key in OWN_WAYS)
    return KINDS.get(field.type, TEXT) if plain else TEXT


def true_values(field: Field) -> list[str]:
    """The texts that mean true."""
    return [str(item) for item in field.descriptor.get("trueValues", ["true", "True", "TRUE", "1"])]


def false_values(field: Field) -> list[str]:
    """The texts that mean false."""
    return [str(item) for item in field.descriptor.get("falseValues", ["false", "False", "FALSE", "0"])]


def value_of(cell: str, field: Field, table: Table) -> Value:
    """A cell's text as a typed value; raises ValueError where it is not of the field's type."""
    if cell in table.missing_values:
        return None
    if field.type == "boolean":
        return cell in true_values(field)
    return PARSERS.get(field.type, str)(cell) if kind_of(field) is not TEXT else cell


def typed_columns(fields: Sequence[Field]) -> str:
    """SQL expressions that turn text columns into typed ones of the same names; a value that does not fit fails."""
    return ", ".join(typed_column(field) for field in fields)


def typed_column(field: Field) -> str:
    """One of typed_columns()."""
    return f"{_typed(field)} AS {quoted(field.name)}"


def _typed(field: Field) -> str:
    if field.type == "boolean":
        return f"{field.sql} IN ({', '.join(map(literal, true_values(field)))})"
    return f"CAST({field.sql} AS {kind_of(field).duckdb})"
