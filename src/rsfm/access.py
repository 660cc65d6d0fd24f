"""The tables for Python: load(), records(), tables(), describe()."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rsfm import csvfile
from rsfm.data import bundled_package
from rsfm.opening import open_package
from rsfm.package import Package, Table
from rsfm.typed import kind_of, value_of

if TYPE_CHECKING:
    import pandas


def tables(path: str | Path | None = None) -> list[str]:
    """The names of the tables, in the descriptor's order.

    ``path`` is the folder of another data package; by default rsfm's own data is read. Raises PackageError.
    """
    return [table.name for table in _package(path).tables]


def load(name: str, path: str | Path | None = None) -> pandas.DataFrame:
    """Load a table as a typed pandas DataFrame, one row a record, columns as in ``describe(name)``.

    Integers are ``Int64``, numbers ``Float64``, booleans ``boolean``, dates ``datetime64[s]``, all else text;
    missing values are NA (NaT for dates). A cell with several values is text with ``|`` between them:
    ``frame["authors"].str.split("|")``. Units stand in ``describe(name)``.

    Raises ValueError for an unknown name, ImportError where pandas is not installed, PackageError where the package
    cannot be read.
    """
    table, _ = _table(name, path)
    try:
        import pandas
    except ImportError:
        raise ImportError("rsfm.load needs pandas; install it with: pip install 'rsfm[pandas]'") from None
    rows = records(name, path)
    return pandas.DataFrame(
        {
            field.name: pandas.Series([row[field.name] for row in rows], dtype=kind_of(field).pandas)
            for field in table.fields
        }
    )


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
