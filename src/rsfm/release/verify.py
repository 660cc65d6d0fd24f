"""What was written, read again and compared with the tables, cell by cell and type by type."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Protocol

from rsfm.engine import LINE, Engine
from rsfm.package import Package, Table
from rsfm.typed import Value, typed_columns


class MismatchError(ValueError):
    """A file of the release does not read back as the table it was written from."""


class Writer(Protocol):
    """A format: a module with a name and a way to read a table back."""

    NAME: str

    def read(self, package: Package, folder: Path, table: Table) -> Iterator[tuple[Value, ...]]:
        """The rows of a table, typed."""
        ...


def compare(package: Package, engine: Engine, folder: Path, writer: Writer) -> None:
    """Raise MismatchError where a table of the release differs from the package's."""
    for table in package.tables:
        query = f"SELECT {typed_columns(table.fields)} FROM {table.sql} ORDER BY {LINE}"
        cursor = engine.connection.cursor()
        cursor.execute(query)
        expected = iter(cursor.fetchone, None)
        number = 0
        for number, (want, got) in enumerate(zip_longest(expected, writer.read(package, folder, table)), start=1):
            if repr(want) != repr(got):  # tells 1 from 1.0 and True, and finds NaN equal to itself
                raise MismatchError(f"{writer.NAME}: row {number} of {table.name} reads back as {got}, not {want}")
        if number == 0 and (row := engine.connection.execute(f"SELECT count(*) FROM {table.sql}").fetchone()) != (0,):
            raise MismatchError(f"{writer.NAME}: {table.name} reads back empty, not with {row} rows")
