"""The tables for Python: load(), records(), connect(), tables(), describe(), cite()."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from rsfm import csvfile
from rsfm.citation import citation_line
from rsfm.data import bundled_package
from rsfm.opening import open_package
from rsfm.package import Package, Table
from rsfm.sql import literal, quoted
from rsfm.typed import kind_of, typed_columns, value_of

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow

ENGINES = ("pandas", "polars", "pyarrow", "duckdb")


def tables(path: str | Path | None = None) -> list[str]:
    """The names of the tables, in the descriptor's order.

    ``path`` is the folder of another data package; by default rsfm's own data is read. Raises PackageError.
    """
    return [table.name for table in _package(path).tables]


@overload
def load(name: str, path: str | Path | None = None, *, engine: Literal["pandas"] = ...) -> pandas.DataFrame: ...
@overload
def load(name: str, path: str | Path | None = None, *, engine: Literal["polars"]) -> polars.DataFrame: ...
@overload
def load(name: str, path: str | Path | None = None, *, engine: Literal["pyarrow"]) -> pyarrow.Table: ...
@overload
def load(name: str, path: str | Path | None = None, *, engine: Literal["duckdb"]) -> duckdb.DuckDBPyRelation: ...
def load(name: str, path: str | Path | None = None, *, engine: str = "pandas") -> Any:
    """Load a table, one row a record, columns as in ``describe(name)``, with the data frame library ``engine``.

    pandas: integers are ``Int64``, numbers ``Float64``, booleans ``boolean``, dates ``datetime64[s]``, all else text;
    missing values are NA (NaT for dates). polars, pyarrow and duckdb have their own types for the same, and null. A
    cell with several values is text with ``|`` between them: ``frame["authors"].str.split("|")``. Units stand in
    ``describe(name)``.

    Raises ValueError for an unknown name or engine, ImportError where the engine is not installed, PackageError where
    the package cannot be read.
    """
    table, _ = _table(name, path)
    if engine not in ENGINES:
        raise ValueError(f"no engine {engine!r}; there are {', '.join(ENGINES)}")
    try:
        module = importlib.import_module(engine)
    except ImportError:
        raise ImportError(f"this needs {engine}; install it with: pip install 'rsfm[{engine}]'") from None
    if engine == "duckdb":
        return connect(path).table(name)
    rows = records(name, path)
    columns = {field.name: [row[field.name] for row in rows] for field in table.fields}
    types = {field.name: getattr(kind_of(field), engine) for field in table.fields}
    if engine == "polars":
        return module.DataFrame(columns, schema={name: getattr(module, kind) for name, kind in types.items()})
    if engine == "pyarrow":
        return module.table(columns, schema=module.schema([(n, module.type_for_alias(k)) for n, k in types.items()]))
    return module.DataFrame({name: module.Series(cells, dtype=types[name]) for name, cells in columns.items()})


def connect(path: str | Path | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB database in memory that has each table as a view, typed, for SQL.

    ``path`` is the folder of another data package. Raises PackageError where it cannot be read.
    """
    import duckdb

    package = _package(path)
    connection = duckdb.connect()
    for table in package.tables:
        path, names = literal(str(package.root / table.path)), [field.column for field in table.fields]
        rows = csvfile.text_rows_sql(path, names, table.missing_values, table.delimiter)
        query = f"SELECT {typed_columns(table.fields)} FROM {rows}"
        connection.execute(f"CREATE VIEW {quoted(table.name)} AS {query}")
    return connection


def cite(form: Literal["text", "bibtex"] = "text") -> str:
    """How to cite the data that ``load`` gives, in the version that is installed."""
    package = bundled_package()
    if form == "text":
        return citation_line(package)
    descriptor = package.descriptor
    fields = {
        "title": f"{{{descriptor['title']}}}",
        "author": " and ".join(f"{{{person['title']}}}" for person in descriptor["contributors"]),
        "year": descriptor["created"][:4],
        "version": descriptor["version"],
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{descriptor['name']}-{descriptor['version']},\n{lines}}}\n"


def records(name: str, path: str | Path | None = None) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries of typed values (None: missing); needs nothing but the standard library.

    Raises ValueError for an unknown name, PackageError where the package cannot be read.
    """
    table, root = _table(name, path)
    parsed = csvfile.read(root / table.path, table.path, table.delimiter)
    fields = [table.by_name[header] for header in parsed.header]
    return [
        {field.name: value_of(cell, field, table) for field, cell in zip(fields, cells, strict=True)}
        for _, cells in parsed.rows
    ]


def describe(name: str, path: str | Path | None = None) -> Mapping[str, Any]:
    """The Table Schema of a table: title, description, and each field's type, unit, constraints and an example.

    Raises ValueError for an unknown name, PackageError where the package cannot be read.
    """
    return _table(name, path)[0].schema


def _package(path: str | Path | None) -> Package:
    return bundled_package() if path is None else open_package(Path(path))


def _table(name: str, path: str | Path | None) -> tuple[Table, Path]:
    package = _package(path)
    if name not in package.by_name:
        raise ValueError(f"no table {name!r}; there are {', '.join(package.by_name)}")
    return package.by_name[name], package.root
