"""NAME.sqlite: all tables and long tables in one file, with types, keys, indexes and full-text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from rsfm.engine import LINE, Engine
from rsfm.package import Field, Package, Table
from rsfm.release.long import LongTable, long_tables
from rsfm.sql import literal, quoted
from rsfm.typed import PARSERS, TEXT, Value, kind_of, typed_columns

NAME, FOLDER = "sqlite", ""
WRITER_VERSION = slice(96, 100)  # of the file header: which SQLite wrote it, the one thing that depends on the machine


def write(package: Package, engine: Engine, folder: Path) -> None:
    """Write the database; referenced tables are filled before those that refer to them."""
    path = _path(package, folder)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA page_size = 4096")
        database.execute("PRAGMA foreign_keys = OFF")
        for table in package.tables:
            database.execute(_create(table, package))
            marks = ", ".join("?" for _ in table.fields)
            query = f"SELECT {typed_columns(table.fields)} FROM {table.sql} ORDER BY {LINE}"
            cursor = engine.connection.execute(query)
            while rows := cursor.fetchmany(10_000):
                stored = [tuple(_stored(value) for value in row) for row in rows]
                database.executemany(f"INSERT INTO {quoted(table.name)} VALUES ({marks})", stored)
            for key in table.foreign_keys:
                columns = ", ".join(map(quoted, key.fields))
                name = quoted(f"{table.name}_{'_'.join(key.fields)}")
                database.execute(f"CREATE INDEX {name} ON {quoted(table.name)} ({columns})")
        for long in long_tables(package):
            _fill_long(database, long, engine)
        for table in package.tables:
            _index_texts(database, table)
        database.commit()
        database.execute("VACUUM")
    data = bytearray(path.read_bytes())
    data[WRITER_VERSION] = bytes(4)
    path.write_bytes(data)


def _fill_long(database: sqlite3.Connection, long: LongTable, engine: Engine) -> None:
    """A long table: it refers to its table, and finds the rows that have a value by an index."""
    key, value = [quoted(field.name) for field in long.key], quoted(long.field.name)
    columns = [f"{quoted(field.name)} {kind_of(field).sqlite} NOT NULL" for field in long.key]
    columns += ["position INTEGER NOT NULL", f"{value} TEXT NOT NULL", f"PRIMARY KEY ({', '.join(key)}, position)"]
    columns += [f"FOREIGN KEY ({', '.join(key)}) REFERENCES {quoted(long.table.name)} ({', '.join(key)})"]
    database.execute(f"CREATE TABLE {quoted(long.name)} ({', '.join(columns)}) STRICT, WITHOUT ROWID")
    cursor = engine.connection.execute(long.query)
    marks = ", ".join("?" for _ in range(len(key) + 2))
    while rows := cursor.fetchmany(10_000):
        database.executemany(f"INSERT INTO {quoted(long.name)} VALUES ({marks})", rows)
    database.execute(f"CREATE INDEX {quoted(f'{long.name}_value')} ON {quoted(long.name)} ({value})")


def _index_texts(database: sqlite3.Connection, table: Table) -> None:
    """TABLE_search, the full-text index of the columns that the schema marks with ``search``; three letters or more."""
    columns = ", ".join(quoted(field.name) for field in table.fields if field.descriptor.get("search") is True)
    if not columns:
        return
    name = quoted(f"{table.name}_search")
    options = f"content={literal(table.name)}, tokenize='trigram'"  # words and Chinese alike
    database.execute(f"CREATE VIRTUAL TABLE {name} USING fts5({columns}, {options})")
    database.execute(f"INSERT INTO {name}({name}) VALUES ('rebuild')")


def read(package: Package, folder: Path, table: Table) -> Iterator[tuple[Value, ...]]:
    """The rows of a table, typed; raises sqlite3.IntegrityError where a foreign key is broken."""
    with closing(sqlite3.connect(_path(package, folder))) as database:
        broken = database.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise sqlite3.IntegrityError(f"foreign key of {broken[0]} row {broken[1]}")
        for row in database.execute(f"SELECT * FROM {quoted(table.name)} ORDER BY rowid"):
            yield tuple(_restored(value, field) for value, field in zip(row, table.fields, strict=True))


def _path(package: Package, folder: Path) -> Path:
    return folder / f"{package.descriptor.get('name', 'package')}.sqlite"


def _create(table: Table, package: Package) -> str:
    lines = []
    for field in table.fields:
        required = field.constraints.get("required") is True or field.name in table.primary_key
        column = f"{quoted(field.name)} {kind_of(field).sqlite}" + (" NOT NULL" if required else "")
        if field.type == "boolean":
            column += f" CHECK ({quoted(field.name)} IN (0, 1))"
        lines.append(column)
    if table.primary_key:
        lines.append(f"PRIMARY KEY ({', '.join(map(quoted, table.primary_key))})")
    for key in table.foreign_keys:
        if key.reference_fields != package.by_name[key.resource].primary_key:
            continue  # SQLite refers to keys only
        here, there = ", ".join(map(quoted, key.fields)), ", ".join(map(quoted, key.reference_fields))
        lines.append(f"FOREIGN KEY ({here}) REFERENCES {quoted(key.resource)} ({there})")
    return f"CREATE TABLE {quoted(table.name)} (\n  " + ",\n  ".join(lines) + "\n) STRICT"


def _stored(value: Value) -> str | int | float | None:
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _restored(value: str | int | float | None, field: Field) -> Value:
    if value is None:
        return None
    if kind_of(field).sqlite == "INTEGER" and field.type == "boolean":
        return bool(value)
    return PARSERS[field.type](value) if isinstance(value, str) and kind_of(field) is not TEXT else value
