"""Long tables: a cell with several values as a row for each of them, TABLE_FIELD with the key, position and value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rsfm.engine import LINE
from rsfm.package import Field, Package, Table
from rsfm.sql import literal, quoted


@dataclass(frozen=True)
class LongTable:
    """The values of one column; a table without a key has none."""

    table: Table
    field: Field

    @property
    def name(self) -> str:
        """TABLE_FIELD."""
        return f"{self.table.name}_{self.field.name}"

    @property
    def key(self) -> tuple[Field, ...]:
        """The key columns of the table it belongs to."""
        return tuple(self.table.by_name[name] for name in self.table.primary_key)

    @property
    def query(self) -> str:
        """SQL: the key, position from 1, value; in the order of the table."""
        key = ", ".join(field.sql for field in self.key)
        items = f"string_split({self.field.sql}, {literal(self.field.delimiter or '')})"
        parts = f"unnest({items}) AS value, generate_subscripts({items}, 1) AS position"
        return (
            f"SELECT {key}, position, value AS {quoted(self.field.name)} FROM (SELECT {LINE}, {key}, {parts}"
            f" FROM {self.table.sql} WHERE {self.field.sql} IS NOT NULL) ORDER BY {LINE}, position"
        )


def long_tables(package: Package) -> Iterator[LongTable]:
    """The long table of each column whose cells have several values."""
    for table in package.tables:
        for field in table.fields:
            if field.delimiter and table.primary_key and field.name not in table.primary_key:
                yield LongTable(table, field)
