"""What was written, read again and compared with the tables, cell by cell and type by type."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from types import ModuleType

from rsfm.engine import LINE, Engine
from rsfm.package import Package, Table
from rsfm.sql import quoted
from rsfm.typed import typed_columns


class MismatchError(ValueError):
    """A file of the release does not read back as the table it was written from."""


def compare(package: Package, engine: Engine, folder: Path, writer: ModuleType) -> None:
    """Raise MismatchError where a table of the release differs from the package's.

    A format has ``scan``, SQL that gives the rows of a table, or ``read``, which yields them.
    """
    for table in package.tables:
        differences = _scanned if hasattr(writer, "scan") else _read
        for number, want, got in differences(package, engine, folder, writer, table):
            raise MismatchError(f"{writer.NAME}: row {number} of {table.name} reads back as {got}, not {want}")


Difference = tuple[int, object, object]


def _scanned(package: Package, engine: Engine, folder: Path, writer: ModuleType, table: Table) -> Iterator[Difference]:
    """By the hashes of the rows with their numbers; where those differ, row beside row, which takes more memory."""
    want = f"SELECT {typed_columns(table.fields)} FROM {table.sql}"
    got = writer.scan(package, folder, table)
    run = engine.connection.execute
    types = [[row[:2] for row in run(f"DESCRIBE {query}").fetchall()] for query in (want, got)]
    if types[0] != types[1]:
        yield 0, types[0], types[1]
        return
    names = [quoted(field.name) for field in table.fields]
    numbered = f"SELECT hash(row_number() OVER (), {', '.join(names)}) AS h FROM"
    sums = [run(f"SELECT count(*), bit_xor(h), sum(h) FROM ({numbered} ({query}))").fetchall() for query in (want, got)]
    if sums[0] == sums[1]:
        return
    differs = " OR ".join(f"w.{name} IS DISTINCT FROM g.{name}" for name in names)
    both = f"(SELECT TRUE AS there, * FROM ({want})) AS w POSITIONAL JOIN (SELECT TRUE AS there, * FROM ({got})) AS g"
    either = "w.there IS DISTINCT FROM g.there"
    cells = ", ".join([*(f"w.{name}" for name in names), *(f"g.{name}" for name in names)])
    query = f"SELECT row_number() OVER () AS number, {either} OR {differs} AS differs, {cells} FROM {both}"
    row = run(f"SELECT * EXCLUDE (differs) FROM ({query}) WHERE differs LIMIT 1").fetchone()
    if row:
        yield row[0], row[1 : len(names) + 1], row[len(names) + 1 :]


def _read(package: Package, engine: Engine, folder: Path, writer: ModuleType, table: Table) -> Iterator[Difference]:
    """Row by row, as the format's own reader gives them."""
    cursor = engine.connection.cursor()
    cursor.execute(f"SELECT {typed_columns(table.fields)} FROM {table.sql} ORDER BY {LINE}")
    expected = iter(cursor.fetchone, None)
    for number, (want, got) in enumerate(zip_longest(expected, writer.read(package, folder, table)), start=1):
        if repr(want) != repr(got):  # tells 1 from 1.0 and True, and finds NaN equal to itself
            yield number, want, got
