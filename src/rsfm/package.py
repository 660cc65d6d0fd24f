"""A data package opened: its descriptor and Table Schemas as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rsfm.jsonfile import JsonDocument
from rsfm.sql import quoted

DESCRIPTOR = "datapackage.json"
TYPES = frozenset(
    {"string", "number", "integer", "boolean", "object", "array", "list", "any", "default"}
    | {"date", "time", "datetime", "year", "yearmonth", "duration", "geopoint", "geojson"}
)


class PackageError(Exception):
    """The package cannot be opened at all; the message says where and what to write."""


@dataclass(frozen=True)
class Fault:
    """What a reader found wrong: ``kind`` is the name of the rule that reports it, ``values`` fill its message."""

    kind: str
    path: str
    line: int
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """A column as its Table Schema describes it; ``column`` is its name in the engine, unique whatever the case."""

    name: str
    type: str
    format: str
    descriptor: Mapping[str, Any]
    column: str

    @cached_property
    def constraints(self) -> Mapping[str, Any]:
        """The constraints object, empty where there is none."""
        constraints = self.descriptor.get("constraints")
        return constraints if isinstance(constraints, dict) else {}

    @property
    def delimiter(self) -> str | None:
        """What separates the items of a cell with several values; None for a cell with one."""
        value = self.descriptor.get("delimiter")
        return value if isinstance(value, str) and value and self.type == "string" else None

    @property
    def vocabulary(self) -> str | None:
        """The vocabulary whose terms the cell (or each of its items) takes; None where it is free."""
        value = self.descriptor.get("vocabulary")
        return value if isinstance(value, str) else None

    @property
    def sql(self) -> str:
        """The column as a quoted SQL identifier."""
        return quoted(self.column)


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values stand in the columns ``reference_fields`` of table ``resource``."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A tabular resource: a CSV file and its Table Schema."""

    name: str
    path: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    missing_values: tuple[str, ...]
    delimiter: str
    schema_path: str
    schema: Mapping[str, Any]
    column: str

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their names."""
        return {item.name: item for item in self.fields}

    @property
    def sql(self) -> str:
        """The table as a quoted SQL identifier."""
        return quoted(self.column)


@dataclass(frozen=True)
class Package:
    """A descriptor (the file ``name`` in ``root``), its tables, and the faults that could be read past."""

    root: Path
    name: str
    document: JsonDocument
    tables: tuple[Table, ...]
    faults: tuple[Fault, ...]
    schemas: Mapping[str, JsonDocument]

    @property
    def descriptor(self) -> dict[str, Any]:
        """The descriptor as it was written."""
        value: dict[str, Any] = self.document.value
        return value

    @cached_property
    def by_name(self) -> Mapping[str, Table]:
        """The tables by their names."""
        return {table.name: table for table in self.tables}
