"""parquet/: one typed file a table and long table, Snappy, with the metadata from which pandas restores its types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rsfm.engine import Engine
from rsfm.package import Package, Table
from rsfm.release.long import long_tables
from rsfm.sql import literal
from rsfm.typed import KINDS, TEXT, Kind, kind_of, typed_columns

NAME = FOLDER = "parquet"


def write(package: Package, engine: Engine, folder: Path) -> None:
    """Write parquet/TABLE.parquet for each table, in the tables' order, and parquet/TABLE_FIELD.parquet."""
    (folder / FOLDER).mkdir()
    engine.connection.execute("SET threads = 1")  # the row groups must not depend on the machine
    for table in package.tables:
        query = f"SELECT {typed_columns(table.fields)} FROM {table.sql}"
        _copy(engine, query, folder / FOLDER / f"{table.name}.parquet", [(f.name, kind_of(f)) for f in table.fields])
    for long in long_tables(package):
        columns = [*((field.name, TEXT) for field in long.key), ("position", KINDS["integer"]), (long.field.name, TEXT)]
        _copy(engine, long.query, folder / FOLDER / f"{long.name}.parquet", columns)
    engine.connection.execute("RESET threads")


def _copy(engine: Engine, query: str, path: Path, columns: Sequence[tuple[str, Kind]]) -> None:
    metadata = f"KV_METADATA {{pandas: {literal(_pandas_metadata(columns))}}}"
    options = f"(FORMAT parquet, COMPRESSION snappy, {metadata})"
    engine.connection.execute(f"COPY ({query}) TO {literal(str(path))} {options}")


def scan(package: Package, folder: Path, table: Table) -> str:
    """SQL for the rows of a table, typed."""
    del package
    return f"SELECT * FROM read_parquet({literal(str(folder / FOLDER / f'{table.name}.parquet'))})"


def _pandas_metadata(columns: Sequence[tuple[str, Kind]]) -> str:
    described: list[dict[str, Any]] = []
    for name, kind in columns:
        numpy_type = kind.pandas if kind.arrow in {"int64", "float64", "bool"} else "object"
        kinds = {"pandas_type": kind.arrow, "numpy_type": numpy_type}
        described.append({"name": name, "field_name": name, **kinds, "metadata": None})
    metadata = {"index_columns": [], "column_indexes": [], "columns": described, "pandas_version": "2.0.0"}
    return json.dumps(metadata)
