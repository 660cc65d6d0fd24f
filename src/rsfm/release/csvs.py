"""csv/: a data package of its own, the tables in canonical CSV beside their descriptor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rsfm import csvfile
from rsfm.engine import LINE, Engine
from rsfm.package import Package, Table
from rsfm.typed import Value, value_of

NAME = FOLDER = "csv"


def write(package: Package, engine: Engine, folder: Path) -> None:
    """Write csv/TABLE.csv for each table."""
    (folder / FOLDER).mkdir()
    for table in package.tables:
        count = len(engine.forms[table.name].header)
        columns = ", ".join(f"c{number}" for number in range(count))
        cursor = engine.connection.execute(f"SELECT {columns} FROM raw.{table.sql} ORDER BY {LINE}")
        header = engine.forms[table.name].header
        with (folder / FOLDER / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            file.write(csvfile.canonical(header, []))
            while rows := cursor.fetchmany(10_000):
                file.write("".join(csvfile.canonical(row, []) for row in rows))


def read(package: Package, folder: Path, table: Table) -> Iterator[tuple[Value, ...]]:
    """The rows of a table, typed."""
    del package
    path = folder / FOLDER / f"{table.name}.csv"
    parsed = csvfile.read(path, path.name, ",")
    fields = [table.by_name[name] for name in parsed.header]
    for _, cells in parsed.rows:
        yield tuple(value_of(cell, field, table) for cell, field in zip(cells, fields, strict=True))
