"""Rows added to the tables of a package: all of them, and only where the linter finds nothing new."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rsfm import csvfile
from rsfm.atomic import replace_files
from rsfm.linter import fix, lint
from rsfm.package import Package
from rsfm.problem import Problem
from rsfm.tabletext import table_text

Rows = dict[str, list[dict[str, str]]]
"""By table: rows, each from column to cell."""


class RefusedError(Exception):
    """With the rows the package would have these problems, so nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def add_rows(
    package: Package,
    rows: Mapping[str, Sequence[Mapping[str, str]]],
    instead_of: Callable[[str, Mapping[str, str]], bool] = lambda table, row: False,
) -> None:
    """Add the rows, mended where the linter can mend them, and write all tables or none.

    Those that ``instead_of`` names, by table and row, go. It is all tried in a copy of the package. Raises
    RefusedError, PackageError and OSError.
    """
    texts = {}
    for table in package.tables:
        header = [field.name for field in table.fields]
        kept = [row for row in rows_in(package, table.name) if not instead_of(table.name, row)]
        every = [*kept, *rows.get(table.name, [])]
        texts[table.path] = table_text(table, header, [[row[name] for name in header] for row in every])
    before = {_what(problem) for problem in lint(package.root)}
    with tempfile.TemporaryDirectory() as name:
        trial = Path(name) / "package"
        trial.mkdir()
        for part in ("data", "schema"):
            shutil.copytree(package.root / part, trial / part)
        shutil.copy(package.root / package.name, trial)
        replace_files({trial / path: text for path, text in texts.items()})
        _, problems = fix(trial)
        new = [problem for problem in problems if _what(problem) not in before]
        if new:
            raise RefusedError(new)
        mended = {package.root / path: (trial / path).read_bytes().decode("utf-8") for path in texts}
    replace_files(mended)


def _what(problem: Problem) -> tuple[str, ...]:
    """A problem but for its line, which other rows shift."""
    return problem.code, problem.path, problem.field or "", problem.message


def rows_in(package: Package, table: str) -> list[dict[str, str]]:
    """The rows of a table as text."""
    found = package.by_name[table]
    parsed = csvfile.read(package.root / found.path, found.path, found.delimiter)
    return [dict(zip(parsed.header, cells, strict=True)) for _, cells in parsed.rows]


def ids_in(package: Package, table: str) -> set[str]:
    """The keys of a table whose key is one column."""
    [key] = package.by_name[table].primary_key
    return {row[key] for row in rows_in(package, table)}
