"""The release of a package: every format written, read back, compared with the tables, and put in place as a whole."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from rsfm.atomic import replace_folder
from rsfm.engine import LINE, Engine
from rsfm.history import earlier_release
from rsfm.linter import lint_engine
from rsfm.opening import open_package
from rsfm.package import Package, PackageError
from rsfm.problem import Problem, Severity
from rsfm.release import (
    bibliography,
    changes,
    croissant,
    csvs,
    descriptor,
    jsonl,
    metadata,
    parquet,
    sqlite,
    sums,
    xlsx,
    zips,
)
from rsfm.release.long import long_tables
from rsfm.release.verify import MismatchError, compare
from rsfm.rules import all_rules
from rsfm.typed import TEXT, kind_of

__all__ = ["MismatchError", "RefusedError", "build"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
BEYOND = {
    "integer": "try_cast({0} AS BIGINT) IS NULL AND {0} IS NOT NULL",  # 64 bits
    "number": "NOT isfinite(try_cast({0} AS DOUBLE))",  # SQLite has no NaN, JSON no infinity
    "date": "try_cast({0} AS DATE) < DATE '0001-01-01'",  # Python begins there
}
WRITERS = {writer.NAME: writer for writer in (csvs, parquet, jsonl, sqlite, xlsx)}
"""The formats; each module has write(), which makes its files, and scan() or read(), which give the rows again."""


class RefusedError(Exception):
    """The package has errors, so it is not released."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def build(
    path: Path,
    out: Path | None = None,
    *,
    since: str | None = None,
    formats: Collection[str] = tuple(WRITERS),
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Lint the package at ``path`` and write its release to ``out`` (default: dist/NAME-VERSION); returns the folder.

    ``since`` names the release before, as versions.version() does; by default it is the last tag of an earlier version.
    ``formats`` names those wanted; CSV is always there, and a workbook only where it can hold the tables. The folder
    is replaced whole, or left as it was. Raises PackageError, RefusedError when the package has errors, MismatchError
    when what was written does not read back as it should, and OSError.
    """
    package = open_package(path)
    target = out or Path("dist")
    _check_names(package)
    if out is None:
        target /= f"{package.descriptor['name']}-{package.descriptor['version']}"
    _check_target(target, package)
    before = since or earlier_release(package.root, package.descriptor["version"])
    differences = changes.since(package, before) if before else None
    progress("linting")
    engine = Engine(package)
    try:
        problems = [item for item in lint_engine(engine, all_rules()) if item.severity is Severity.ERROR]
        if problems:
            raise RefusedError(problems)
        _check_values(package, engine)
        wanted = {"csv", *formats}
        if "xlsx" in wanted and not xlsx.fits(package, engine):
            wanted.remove("xlsx")
        writers = [writer for name, writer in WRITERS.items() if name in wanted]
        with _explained(target), replace_folder(target) as folder:
            for writer in writers:
                progress(f"writing {writer.NAME}")
                writer.write(package, engine, folder)
            descriptor.write(package, engine, folder)
            for writer in writers:
                progress(f"reading back {writer.NAME}")
                compare(package, engine, folder, writer)
            progress("describing it")
            for about in (zips, bibliography, croissant):
                about.write(package, folder)
            changes.write(differences, folder)
            metadata.write(package, folder)
            sums.write(folder)
    finally:
        engine.close()
        progress("")
    return target


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Say of what keeps the release from being written what to do, whichever library found it."""
    try:
        yield
    except (duckdb.IOException, sqlite3.OperationalError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error).split("\n", 1)[0]
        advice = "what was there is as it was; make room or give rights there, or name another folder with --out"
        raise OSError(getattr(error, "errno", None) or errno.EIO, f"{reason}; {advice}", str(target)) from error


def _check_names(package: Package) -> None:
    """Refuse what cannot name a file or a table on every system; no name leads out of the release's folder."""
    file = package.root / package.name
    for key, example in (("name", "my-data"), ("version", "1.0.0")):
        value = package.descriptor.get(key)
        if not isinstance(value, str) or not NAME.fullmatch(value):
            line = package.document.line(key)
            raise PackageError(f'{file}:{line}: {key} is {value!r}; write "{key}": "{example}"')
    for table in package.tables:
        names = [field.name.casefold() for field in table.fields]
        reason = ""
        if not NAME.fullmatch(table.name) or table.name.lower().startswith("sqlite_"):
            reason = "cannot name a file and a table; use letters, digits, - and _"
        elif table.column != table.name or len(set(names)) < len(names):
            reason = "names that differ in case alone are one to SQL; rename one"
        elif not table.fields:
            reason = "has no schema; write one"
        if reason:
            raise PackageError(f"{file}:1: resource {table.name!r}: {reason}")
    for long in long_tables(package):
        if long.name in package.by_name or "position" in {field.name for field in (*long.key, long.field)}:
            reason = f"its long table {long.name} takes the name of another table or column; rename one"
            raise PackageError(f"{file}:1: resource {long.table.name!r}: {reason}")


def _check_values(package: Package, engine: Engine) -> None:
    """Refuse a value that is of its type but beyond what the formats hold."""
    for table in package.tables:
        for field in table.fields:
            beyond = BEYOND.get(field.type)
            if beyond is None or kind_of(field) is TEXT:
                continue
            query = f"SELECT {LINE}, {field.sql} FROM {table.sql} WHERE {beyond.format(field.sql)} ORDER BY 1 LIMIT 1"
            row = engine.connection.execute(query).fetchone()
            if row:
                message = f"{row[1]} cannot be stored in every format as a {field.type}; make the field a string"
                raise PackageError(f"{package.root / table.path}:{row[0]}:{field.name}: {message}")


def _check_target(target: Path, package: Package) -> None:
    """Refuse a target that holds anything but an earlier release."""
    if target.is_dir():
        if any(target.iterdir()) and not (target / sums.NAME).is_file():
            raise PackageError(f"{target}: holds something other than a release; name an empty or a new folder")
    elif target.exists():
        raise PackageError(f"{target}: is a file; name a folder")
    if package.root.is_relative_to(target.resolve()):
        raise PackageError(f"{target}: holds the package itself; name another folder")
