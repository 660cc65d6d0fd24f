"""csv/: a data package of its own, the tables in canonical CSV beside their descriptor."""

from __future__ import annotations

import shutil
from pathlib import Path

from rsfm import csvfile
from rsfm.engine import LINE, Engine
from rsfm.package import Package, Table
from rsfm.sql import literal
from rsfm.typed import typed_columns

NAME = FOLDER = "csv"
LINES = "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"  # texts as they are, one a line


def write(package: Package, engine: Engine, folder: Path) -> None:
    """Write csv/TABLE.csv for each table; a file that is canonical already is copied."""
    (folder / FOLDER).mkdir()
    for table in package.tables:
        header, faults = engine.forms[table.name].header, engine.forms[table.name].faults
        if table.delimiter == "," and not faults:
            shutil.copyfile(package.root / table.path, folder / FOLDER / f"{table.name}.csv")
            continue
        line = csvfile.canonical_sql([f"c{number}" for number in range(len(header))], ",")
        first = literal(csvfile.canonical(header, []).removesuffix("\n"))
        rows = f"SELECT 0 AS {LINE}, {first} AS line UNION ALL SELECT {LINE}, {line} FROM raw.{table.sql}"
        path = literal(str(folder / FOLDER / f"{table.name}.csv"))
        engine.connection.execute(f"COPY (SELECT line FROM ({rows})) TO {path} {LINES}")


def scan(package: Package, folder: Path, table: Table) -> str:
    """SQL for the rows of a table, typed."""
    del package
    path = literal(str(folder / FOLDER / f"{table.name}.csv"))
    names = [field.column for field in table.fields]
    return f"SELECT {typed_columns(table.fields)} FROM {csvfile.text_rows_sql(path, names, table.missing_values)}"
