"""The tables as text columns in DuckDB; runs the queries of the rules and returns problems."""

from __future__ import annotations

import dataclasses
import os
import re
import string
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import compress, groupby
from pathlib import Path
from typing import Any

import duckdb

from rsfm import csvfile
from rsfm.csvfile import Parsed, Scan
from rsfm.opening import is_file, is_folder
from rsfm.package import Fault, Field, Package, Table
from rsfm.problem import CellFix, Problem, Rewrite, Severity
from rsfm.sql import literal, quoted

LINE = "_line"
BATCH = 50_000  # rows handed over at once
SMALL_PACKAGE = 10_000_000  # bytes of all tables
SMALL = 30_000  # bytes; up to here parsing a file is faster than starting DuckDB's reader
NO_NULL = "[chr(2) || 'no null' || chr(2)]"  # read_csv wants a text for NULL; this one stands in no file


@dataclass(frozen=True)
class Check:
    """A query for the rows of ``table`` that break a rule.

    Give ``where``, a predicate over the table's columns; or ``query``, a SELECT with a column ``line``; or ``test``, a
    function from a cell to what is wrong with it (None: nothing), run once for each distinct value of ``field``.
    ``guard`` is a pattern that each row which ``where`` is true of fits, its cells joined by NUL: where no row of the
    table fits any guard, one pass over it spares all the checks that have one.
    ``message`` is a format string over ``value`` (the cell), ``note`` (what ``test`` said), the names in ``values``
    (SQL expressions) and the query's own columns. ``fix`` is an SQL expression for the mended cell, a function from the
    cell to the mended cell (with ``only_fixable``, what it cannot mend is no problem), or ``rewrite`` says that writing
    the table canonically mends it. ``suspect`` is an aggregate over the table without which ``query`` finds nothing.
    ``gate`` is a query that finds a row wherever a ``where`` with this gate is true: one query that spares many.
    """

    table: Table
    field: Field | None
    message: str
    where: str = ""
    query: str = ""
    test: Callable[[str], str | None] | None = None
    guard: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    fix: str | Callable[[str], str | None] = ""
    only_fixable: bool = False
    rewrite: bool = False
    suspect: str = ""
    gate: str = ""
    code: str = ""
    name: str = ""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class Form:
    """The form of one table's file, and whether its rows are in the engine."""

    table: Table
    faults: tuple[Fault, ...]
    columns: tuple[str, ...]
    header: tuple[str, ...]
    loaded: bool

    @property
    def rewritable(self) -> bool:
        """Whether the table can be written again without losing anything: every row was read, with its width."""
        return self.loaded and not any(fault.kind == "ragged-row" for fault in self.faults)

    def of(self, kind: str) -> Iterator[Fault]:
        """The faults that the rule of this name reports."""
        return (fault for fault in self.faults if fault.kind == kind)


class Engine:
    """A DuckDB connection that holds the tables of one package."""

    def __init__(self, package: Package) -> None:
        self.package = package
        sizes = [path.stat().st_size for path in map(self._path, package.tables) if is_file(path)]
        self._is_small = sum(sizes) < SMALL_PACKAGE
        self.connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        self.connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA raw")
        if self._is_small:
            self.connection.execute("SET threads = 1")
        self._local = threading.local()
        with self._pool() as pool:
            self.forms = {form.table.name: form for form in pool.map(self._load, package.tables)}

    def close(self) -> None:
        """Free the memory."""
        self.connection.close()

    def _path(self, table: Table) -> Path:
        return self.package.root / table.path

    def _pool(self) -> ThreadPoolExecutor:
        """Where queries run, several at once; each in one thread where the tables are small."""
        return ThreadPoolExecutor(os.cpu_count() or 1)

    def _load(self, table: Table) -> Form:
        path = self._path(table)
        try:
            scan = csvfile.scan(path, table.path)
            if not scan.decodable:
                return Form(table, scan.faults, (), (), loaded=False)
            top = csvfile.read_header(path, table.path, table.delimiter)
        except OSError as error:
            reason = "is a folder" if is_folder(path) else error.strerror or "cannot be read"
            missing = Fault("missing-file", *self._where(table), {"file": table.path, "reason": reason})
            return Form(table, (missing,), (), (), loaded=False)
        faults = [*scan.faults, *top.header_faults]
        if top.header_faults or not top.whole:
            return Form(table, (*faults, *(() if top.whole else top.faults)), (), tuple(top.header), loaded=False)
        if not self._load_plain(table, path, scan, top):
            parsed = csvfile.read(path, table.path, table.delimiter)
            faults += parsed.faults
            if not parsed.whole:
                return Form(table, tuple(faults), (), tuple(parsed.header), loaded=False)
            self._load_parsed(table, parsed)
        columns = self._create_view(table, top.header)
        return Form(table, tuple(faults), columns, tuple(top.header), loaded=True)

    def _where(self, table: Table) -> tuple[str, int]:
        document = self.package.document
        for index, resource in enumerate(self.package.descriptor["resources"]):
            if isinstance(resource, dict) and resource.get("name") == table.name:
                return self.package.name, document.line("resources", index, "path")
        return self.package.name, 1

    def _load_plain(self, table: Table, path: Path, scan: Scan, top: Parsed) -> bool:
        """Let DuckDB read a file that is canonical; False, and nothing loaded, where it is small or not quite that."""
        if scan.size < SMALL or scan.faults or scan.has_returns or scan.has_nul or top.faults:
            return False
        raw = f"raw.{table.sql}"
        columns = {f"c{number}": "VARCHAR" for number in range(len(top.header))}
        options = (
            "header=false, skip=1, auto_detect=false, quote='\"', escape='\"', strict_mode=true, new_line='\\n',"
            f" nullstr={NO_NULL}, max_line_size={csvfile.LARGEST_CELL * 8}"
        )
        source = f"read_csv(?, delim={literal(table.delimiter)}, columns={columns}, {options})"
        try:
            self._execute(
                f"CREATE TABLE {raw} AS SELECT row_number() OVER () + 1 AS {LINE}, * FROM {source}", [str(path)]
            )
        except duckdb.Error:
            self._execute(f"DROP TABLE IF EXISTS {raw}")
            return False
        plain = self._is_canonical(table, path, scan, top)
        if not plain:
            self._execute(f"DROP TABLE {raw}")
        return plain

    def _is_canonical(self, table: Table, path: Path, scan: Scan, top: Parsed) -> bool:
        """Whether each line of the file is the canonical form of the row that was read from it.

        It is where all quotes stand around cells that hold the delimiter, and nothing else stands there but the cells.
        """
        raw = f"raw.{table.sql}"
        columns = [f"c{number}" for number in range(len(top.header))]
        size = " + ".join(f"strlen({column})" for column in columns)
        quoted = " + ".join(f"contains({column}, {literal(table.delimiter)})::INT" for column in columns)
        looks = ["count(*)", f"min({size})", f"max({size})", f"sum({size})", f"sum({quoted})" if scan.quotes else "0"]
        rows, shortest, longest, filled, needed = self._row(raw, looks)
        if rows != scan.newlines - 1 or not shortest or longest > csvfile.LARGEST_CELL:
            return False
        if scan.quotes == 2 * needed:
            header = csvfile.canonical(top.header, (), table.delimiter).encode()
            return bool(len(header) + filled + 2 * needed + rows * len(columns) == scan.size)
        lines = (
            "read_csv(?, header=false, skip=1, auto_detect=false, quote='', escape='', delim=chr(1), new_line='\\n',"
            f" columns={{'source': 'VARCHAR'}}, nullstr={NO_NULL}, max_line_size={csvfile.LARGEST_CELL * 8})"
        )
        canonical = csvfile.canonical_sql(columns, table.delimiter)
        query = (
            f"SELECT count(*) FROM {raw} AS t POSITIONAL JOIN {lines} AS f"
            f" WHERE contains(f.source, chr(34)) AND f.source IS DISTINCT FROM {canonical}"
        )
        try:
            row = self._execute(query, [str(path)]).fetchone()
        except duckdb.Error:
            return False
        return row is not None and row[0] == 0

    def _load_parsed(self, table: Table, parsed: Parsed) -> None:
        """Load rows that were parsed here."""
        columns = [f"c{number}" for number in range(len(parsed.header))]
        declared = ", ".join(f"{name} VARCHAR" for name in columns)
        self._execute(f"CREATE TABLE raw.{table.sql} ({LINE} BIGINT, {declared})")
        values = ", ".join(["unnest(?::BIGINT[])", *("unnest(?::VARCHAR[])" for _ in columns)])
        for start in range(0, len(parsed.rows), BATCH):
            batch = parsed.rows[start : start + BATCH]
            cells = [list(column) for column in zip(*(row for _, row in batch), strict=True)]
            lines = [line for line, _ in batch]
            self._execute(f"INSERT INTO raw.{table.sql} SELECT {values}", [lines, *cells])

    def _create_view(self, table: Table, header: Sequence[str]) -> tuple[str, ...]:
        """Name the columns as the schema does, missing values NULL; returns the names of the fields that are there."""
        if not table.fields:
            return ()
        missing = ", ".join(literal(value) for value in table.missing_values)
        columns: list[str] = []
        found: list[str] = []
        for number, name in enumerate(header):
            item = table.by_name.get(name)
            if item is None:
                continue
            absent = f"CASE WHEN c{number} IN ({missing}) THEN NULL ELSE c{number} END" if missing else f"c{number}"
            columns.append(f"{absent} AS {item.sql}")
            found.append(name)
        kind = "TABLE" if self._is_small else "VIEW"  # a view saves memory, a table saves planning
        self._execute(f"CREATE {kind} {table.sql} AS SELECT {', '.join([LINE, *columns])} FROM raw.{table.sql}")
        return tuple(found)

    def run(self, checks: Sequence[Check]) -> Iterator[Problem]:
        """Run the checks; the predicates over one table are tried in a single pass over it.

        What spares checks their queries runs first, beside the checks that nothing spares.
        """
        gates = dict.fromkeys(check.gate for check in checks if check.gate)
        guarded = [check for check in checks if check.guard]
        suspect = _by_table(check for check in checks if check.suspect)
        free = [check for check in checks if check.test or (check.query and not check.suspect)]
        with self._pool() as pool:
            fitted = pool.submit(self._fitted_guards, guarded)
            opened = {gate: pool.submit(self._finds, gate) for gate in gates}
            suspected = [pool.submit(self._suspected, group) for group in suspect]
            found = [pool.submit(self._problems, check) for check in free]
            plain = [check for check in checks if check.where and (not check.gate or opened[check.gate].result())]
            plain = [check for check in plain if not check.guard or (check.table.name, check.guard) in fitted.result()]
            found += [pool.submit(self._run_predicates, group) for group in _by_table(plain)]
            for group in suspected:
                found += [pool.submit(self._problems, check) for check in group.result()]
            for problems in found:
                yield from problems.result()

    def _problems(self, check: Check) -> list[Problem]:
        return list(self._run_test(check) if check.test else self._rows(check, check.query))

    def _execute(self, query: str, parameters: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        """Run a query on this thread's own cursor."""
        if not hasattr(self._local, "cursor"):
            self._local.cursor = self.connection.cursor()
        cursor: duckdb.DuckDBPyConnection = self._local.cursor
        return cursor.execute(query, parameters)

    def _run_predicates(self, checks: Sequence[Check]) -> list[Problem]:
        found = self._row(checks[0].table.sql, [f"bool_or({check.where})" for check in checks])
        return [
            problem
            for check, broken in zip(checks, found, strict=True)
            if broken
            for problem in self._rows(check, self._select(check, check.where))
        ]

    def _finds(self, gate: str) -> bool:
        return bool(self._row(f"({gate} LIMIT 1)", ["count(*)"])[0])

    def _suspected(self, checks: Sequence[Check]) -> list[Check]:
        """Those of the checks over one table whose query may find something."""
        found = self._row(checks[0].table.sql, [check.suspect for check in checks])
        return list(compress(checks, found))

    def _fitted_guards(self, checks: Sequence[Check]) -> set[tuple[str, str]]:
        """The names of tables, each with a guard that some row of it fits; one pass over all tables."""
        guards = sorted({check.guard for check in checks})
        tables = list({check.table.name: check.table for check in checks}.values())
        if not tables:
            return set()
        texts = []
        for number, table in enumerate(tables):
            columns = ", ".join(table.by_name[name].sql for name in self.forms[table.name].columns)
            texts.append(f"SELECT {number} AS number, concat_ws(chr(0), {columns}) AS text FROM {table.sql}")
        fits = [f"regexp_matches(text, {literal(guard)})" for guard in guards]
        suspects = (
            f"SELECT * FROM ({' UNION ALL '.join(texts)}) WHERE regexp_matches(text, {literal('|'.join(guards))})"
        )
        found = ", ".join(f"bool_or({fit})" for fit in fits)
        try:
            rows = self._execute(f"SELECT number, {found} FROM ({suspects}) GROUP BY number").fetchall()
        except duckdb.Error as error:
            raise EngineError(f"guards of {', '.join(table.name for table in tables)}: {error}") from error
        return {(tables[number].name, guard) for number, *fitted in rows for guard in compress(guards, fitted)}

    def _row(self, source: str, aggregates: Sequence[str]) -> Sequence[Any]:
        """The aggregates over a table or query, in one pass."""
        try:
            return self._execute(f"SELECT {', '.join(aggregates)} FROM {source}").fetchone() or ()
        except duckdb.Error as error:
            raise EngineError(f"{source}: {error}") from error

    def _select(self, check: Check, where: str) -> str:
        columns = [f"{LINE} AS line"]
        if check.field:
            columns.append(f"{check.field.sql} AS value")
        columns += [f"{expression} AS {quoted(name)}" for name, expression in check.values.items()]
        if isinstance(check.fix, str) and check.fix:
            columns.append(f"{check.fix} AS fix")
        return f"SELECT {', '.join(columns)} FROM {check.table.sql} WHERE {where} ORDER BY 1"

    def _run_test(self, check: Check) -> Iterator[Problem]:
        column, test = check.field, check.test
        if column is None or test is None:
            raise EngineError(f"{check.code}: a test needs a field")
        table = check.table.sql
        query = f"SELECT DISTINCT {column.sql} FROM {table} WHERE {column.sql} IS NOT NULL"
        notes = {}
        for (value,) in self._execute(query).fetchall():
            note = test(value)
            if note is not None:
                notes[value] = note
        if notes:
            rows = self._execute(
                f"SELECT {LINE} AS line, {column.sql} AS value FROM {table}"
                f" WHERE list_contains(?, {column.sql}) ORDER BY 1",
                [list(notes)],
            ).fetchall()
            for line, value in rows:
                yield self._problem(check, {"line": line, "value": value, "note": notes[value]})

    def _rows(self, check: Check, query: str) -> Iterator[Problem]:
        try:
            cursor = self._execute(query)
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall()
        except duckdb.Error as error:
            raise EngineError(f"{check.code}: {error}") from error
        for row in rows:
            problem = self._problem(check, dict(zip(names, row, strict=True)))
            if problem.fixable or not check.only_fixable:
                yield problem

    def _problem(self, check: Check, row: dict[str, Any]) -> Problem:
        name = check.field.name if check.field else None
        fix: CellFix | Rewrite | None = Rewrite(check.table.name) if check.rewrite else None
        mended = check.fix(row["value"]) if callable(check.fix) else row.get("fix")
        rewritable = self.forms[check.table.name].rewritable
        if rewritable and mended is not None and name is not None and mended != row.get("value"):
            fix = CellFix(check.table.name, row["line"], name, mended)
        shown = {key: shorten(value) for key, value in (row | {"fix": mended}).items()}
        message = _Formatter().vformat(check.message, (), shown)
        return Problem(check.code, check.name, check.severity, check.table.path, row["line"], name, message, fix)

    def keys(self, table: Table, lines: Sequence[int]) -> dict[int, str]:
        """The primary key of the rows that start at these lines, its fields joined by ``|``."""
        form = self.forms[table.name]
        if not form.loaded or not table.primary_key or not set(table.primary_key) <= set(form.columns):
            return {}
        key = " || '|' || ".join(f"coalesce({table.by_name[name].sql}, '')" for name in table.primary_key)
        rows = self._execute(
            f"SELECT {LINE}, {key} FROM {table.sql} WHERE list_contains(?, {LINE})", [list(lines)]
        ).fetchall()
        return dict(rows)


def _by_table(checks: Iterable[Check]) -> Iterator[list[Check]]:
    """The checks over each table."""
    ordered = sorted(checks, key=lambda check: check.table.name)
    return (list(group) for _, group in groupby(ordered, key=lambda check: check.table.name))


class EngineError(RuntimeError):
    """A rule's query does not run: a defect of the rule, never of the data."""


class _Formatter(string.Formatter):
    """Formats messages; a value that holds braces is never formatted itself."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return format(str(value), format_spec)


def plain(text: str) -> str:
    """A text as a part of a message's format string that stands for itself."""
    return shorten(text).replace("{", "{{").replace("}", "}}")  # type: ignore[no-any-return]


def shorten(value: Any) -> Any:
    """A text short enough for a message, on one line, with what nobody would see made visible."""
    if not isinstance(value, str):
        return value
    text = visible(value)
    return text if len(text) <= 80 else text[:77] + "..."


def visible(text: str, more: str = "\\n") -> str:
    """The text with its control, zero-width and direction characters (and those in ``more``) as escapes."""
    signs = rf"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff{more}]"
    return re.sub(signs, lambda match: match.group().encode("unicode_escape").decode("ascii"), text)
