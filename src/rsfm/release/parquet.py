"""parquet/: one typed file a table, Snappy, with the metadata from which pandas restores its types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rsfm.engine import LINE, Engine
from rsfm.package import Package, Table
from rsfm.sql import literal
from rsfm.typed import Value, kind_of, typed_columns

NAME = FOLDER = "parquet"


def write(package: Package, engine: Engine, folder: Path) -> None:
    """Write parquet/TABLE.parquet for each table, in the tables' order."""
    (folder / FOLDER).mkdir()
    engine.connection.execute("SET threads = 1")  # the order of row groups must not depend on the machine
    for table in package.tables:
        path = folder / FOLDER / f"{table.name}.parquet"
        engine.connection.execute(
            f"COPY (SELECT {typed_columns(table.fields)} FROM {table.sql} ORDER BY {LINE}) TO {literal(str(path))}"
            f" (FORMAT parquet, COMPRESSION snappy, KV_METADATA {{pandas: {literal(_pandas_metadata(table))}}})"
        )


def read(package: Package, folder: Path, table: Table) -> Iterator[tuple[Value, ...]]:
    """The rows of a table, typed."""
    import duckdb

    del package
    with duckdb.connect() as connection:
        path = literal(str(folder / FOLDER / f"{table.name}.parquet"))
        cursor = connection.execute(f"SELECT * FROM read_parquet({path})")
        while rows := cursor.fetchmany(10_000):
            yield from rows


def _pandas_metadata(table: Table) -> str:
    columns: list[dict[str, Any]] = []
    for field in table.fields:
        kind = kind_of(field)
        numpy_type = kind.pandas if kind.arrow in {"int64", "float64", "bool"} else "object"
        columns.append(
            {
                "name": field.name,
                "field_name": field.name,
                "pandas_type": kind.arrow,
                "numpy_type": numpy_type,
                "metadata": None,
            }
        )
    metadata = {"index_columns": [], "column_indexes": [], "columns": columns, "pandas_version": "2.0.0"}
    return json.dumps(metadata)
