"""A release read by pandas, polars, DuckDB, SQLite and R: types, missing values and text are those of the tables."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import jsonschema
import openpyxl
import pandas
import polars
import pytest

import rsfm

ROOT = Path(__file__).resolve().parents[1]

# The tables are read here with the csv module and their schemas alone: rsfm must not vouch for itself.
PARSE: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"TRUE": True, "FALSE": False}.__getitem__,
    "date": date.fromisoformat,
}
PANDAS = {"string": "str", "integer": "Int64", "number": "Float64", "boolean": "boolean", "date": "object"}
POLARS = {
    "string": polars.String(),
    "integer": polars.Int64(),
    "number": polars.Float64(),
    "boolean": polars.Boolean(),
    "date": polars.Date(),
}
ARROW = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool", "date": "date32[day]"}
DUCKDB = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
SQLITE = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "date": "TEXT"}
R = {"string": "character", "integer": "integer", "number": "numeric", "boolean": "logical", "date": "Date"}

R_SCRIPT = """
options(warn = 2)
arguments <- commandArgs(trailingOnly = TRUE)
source(arguments[1])
tables <- read_rsfm(arguments[2])
each <- function(measure) lapply(tables, function(table) lapply(table, measure))
result <- list(
  utf8 = l10n_info()[["UTF-8"]],
  rows = lapply(tables, nrow),
  classes = each(class),
  missing = each(function(column) sum(is.na(column))),
  cells = each(identity),
  authors = strsplit(tables$papers$authors, "|", fixed = TRUE)
)
jsonlite::write_json(result, arguments[3], na = "null", digits = NA)
"""


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


NAMES: list[str] = [resource["name"] for resource in read_json(ROOT / "datapackage.json")["resources"]]


@cache
def schema(name: str) -> dict[str, Any]:
    content: dict[str, Any] = read_json(ROOT / f"schema/{name}.json")
    return content


def types(name: str, system: Mapping[str, Any]) -> dict[str, Any]:
    """What the type of each column of a table is called in a system."""
    return {field["name"]: system[field["type"]] for field in schema(name)["fields"]}


LONG = {
    f"{name}_{field['name']}": (name, field["name"])
    for name in NAMES
    for field in read_json(ROOT / f"schema/{name}.json")["fields"]
    if "delimiter" in field
}
"""The long tables, each with its table and column."""


@cache
def expected_long(name: str) -> list[tuple[str | int, ...]]:
    """The rows of a long table: key, position, value."""
    table, column = LONG[name]
    keys = zip(*(expected(table)[key] for key in schema(table)["primaryKey"]), strict=True)
    pairs = zip(keys, expected(table)[column], strict=True)
    return [(*key, place, part) for key, cell in pairs if cell for place, part in enumerate(cell.split("|"), start=1)]


@cache
def expected(name: str) -> dict[str, list[Any]]:
    """The cells of a table, column by column, typed; None where the cell is empty."""
    with (ROOT / f"data/{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    return {
        column: [parse(row[column]) if row[column] else None for row in rows]
        for column, parse in types(name, PARSE).items()
    }


def assert_same(got: Mapping[str, Sequence[Any]], want: Mapping[str, Sequence[Any]]) -> None:
    """The same columns in the same order, each with the same values of the same types: 1 is neither 1.0 nor True."""
    assert list(got) == list(want)
    for column, cells in want.items():
        assert [(type(cell), cell) for cell in got[column]] == [(type(cell), cell) for cell in cells], column


def pandas_cells(frame: pandas.DataFrame) -> dict[str, list[Any]]:
    return {
        str(column): [None if pandas.isna(cell) else cell for cell in series.tolist()]
        for column, series in frame.items()
    }


def pandas_types(frame: pandas.DataFrame) -> dict[str, str]:
    return {str(column): str(dtype) for column, dtype in frame.dtypes.items()}


def test_the_tables_hold_what_a_reader_can_lose() -> None:
    """Without such cells the tests below would prove little."""
    cells = [cell for name in NAMES for column in expected(name).values() for cell in column]
    assert {type(cell) for cell in cells} == {type(None), str, int, float, bool, date}
    assert all(re.search("[\u4e00-\u9fff]", text) for text in expected("papers")["summary_zh"])
    assert any("|" in authors for authors in expected("papers")["authors"])
    assert any(count and count >= 2**31 for count in expected("models")["parameters_total"])


@pytest.mark.parametrize("name", NAMES)
def test_pandas_reads_parquet(release: Path, name: str) -> None:
    frame = pandas.read_parquet(release / f"parquet/{name}.parquet")
    assert pandas_types(frame) == types(name, PANDAS)
    assert_same(pandas_cells(frame), expected(name))


@pytest.mark.parametrize(
    ("name", "column"),
    [(name, field["name"]) for name in NAMES for field in schema(name)["fields"] if "delimiter" in field],
)
def test_pandas_splits_cells_with_several_values(release: Path, name: str, column: str) -> None:
    series = pandas.read_parquet(release / f"parquet/{name}.parquet")[column]
    assert series.dropna().str.split("|").tolist() == [cell.split("|") for cell in expected(name)[column] if cell]


@pytest.mark.parametrize("place", [None, "", "csv"], ids=["bundled", "release", "release-csv"])
@pytest.mark.parametrize("name", NAMES)
def test_load_gives_what_parquet_holds(release: Path, name: str, place: str | None) -> None:
    frame = rsfm.load(name, None if place is None else release / place)
    assert pandas_types(frame) == types(name, PANDAS | {"date": "datetime64[s]"})
    for column in frame.select_dtypes("datetime"):
        frame[column] = frame[column].dt.date
    assert_same(pandas_cells(frame), expected(name))
    assert_same(pandas_cells(frame), pandas_cells(pandas.read_parquet(release / f"parquet/{name}.parquet")))


@pytest.mark.parametrize("place", [None, "csv"], ids=["bundled", "release-csv"])
@pytest.mark.parametrize("name", NAMES)
def test_each_engine_loads_the_same(release: Path, name: str, place: str | None) -> None:
    path = None if place is None else release / place
    frame = rsfm.load(name, path, engine="polars")
    assert dict(frame.schema) == types(name, POLARS)
    assert_same(frame.to_dict(as_series=False), expected(name))
    table = rsfm.load(name, path, engine="pyarrow")
    assert {field.name: str(field.type) for field in table.schema} == types(name, ARROW)
    assert_same(table.to_pydict(), expected(name))
    relation = rsfm.load(name, path, engine="duckdb")
    assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == types(name, DUCKDB)
    rows = relation.fetchall()
    assert_same({column: [row[n] for row in rows] for n, column in enumerate(relation.columns)}, expected(name))


@pytest.mark.parametrize("name", NAMES)
def test_records_are_typed(release: Path, name: str) -> None:
    columns = expected(name)
    rows = rsfm.records(name, release)
    assert all(list(row) == list(columns) for row in rows)
    assert_same({column: [row[column] for row in rows] for column in columns}, columns)


@pytest.mark.parametrize("name", NAMES)
def test_polars_reads_parquet(release: Path, name: str) -> None:
    frame = polars.read_parquet(release / f"parquet/{name}.parquet")
    assert dict(frame.schema) == types(name, POLARS)
    assert_same(frame.to_dict(as_series=False), expected(name))


@pytest.mark.parametrize("name", NAMES)
def test_duckdb_reads_parquet(release: Path, name: str) -> None:
    assert_duckdb_reads("read_parquet(?)", release / f"parquet/{name}.parquet", name)


@pytest.mark.parametrize("name", NAMES)
def test_duckdb_reads_csv_as_the_descriptor_says(release: Path, name: str) -> None:
    resources = {resource["name"]: resource for resource in read_json(release / "datapackage.json")["resources"]}
    columns = {field["name"]: DUCKDB[field["type"]] for field in resources[name]["schema"]["fields"]}
    options = f"auto_detect = false, header = true, quote = '\"', escape = '\"', columns = {columns}"
    assert_duckdb_reads(f"read_csv(?, {options})", release / resources[name]["path"], name)


def assert_duckdb_reads(source: str, path: Path, name: str) -> None:
    with duckdb.connect() as database:
        cursor = database.execute(f"SELECT * FROM {source}", [str(path)])
        kinds = {column: str(kind) for column, kind, *_ in cursor.description or ()}
        rows = cursor.fetchall()
    assert kinds == types(name, DUCKDB)
    assert_same({column: [row[number] for row in rows] for number, column in enumerate(kinds)}, expected(name))


@pytest.fixture
def database(release: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(release / "rsfm.sqlite")) as connection:
        yield connection


@pytest.mark.parametrize("name", NAMES)
def test_sqlite_holds_the_types(database: sqlite3.Connection, name: str) -> None:
    declared = {column: kind for _, column, kind, *_ in database.execute("SELECT * FROM pragma_table_info(?)", [name])}
    kinds = types(name, SQLITE)
    assert declared == kinds
    for column, cells in expected(name).items():
        stored = database.execute(f'SELECT typeof("{column}"), "{column}" FROM "{name}" ORDER BY rowid').fetchall()
        assert stored == [
            ("null" if cell is None else kinds[column].lower(), cell.isoformat() if isinstance(cell, date) else cell)
            for cell in cells
        ], column


@pytest.mark.parametrize("name", NAMES)
def test_sqlite_has_every_foreign_key_with_an_index(database: sqlite3.Connection, name: str) -> None:
    keys = schema(name).get("foreignKeys", [])
    listed = database.execute('SELECT "table", "from", "to" FROM pragma_foreign_key_list(?)', [name]).fetchall()
    indexes = database.execute(
        "SELECT group_concat(i.name) FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i GROUP BY l.name",
        [name],
    ).fetchall()
    assert sorted(listed) == sorted(
        (key["reference"]["resource"], column, target)
        for key in keys
        for column, target in zip(key["fields"], key["reference"]["fields"], strict=True)
    )
    assert {(",".join(key["fields"]),) for key in keys} <= set(indexes)


def test_sqlite_keeps_its_foreign_keys(database: sqlite3.Connection) -> None:
    tables = database.execute("SELECT DISTINCT m.name FROM sqlite_schema AS m, pragma_foreign_key_list(m.name)")
    own = {name for name in NAMES if schema(name).get("foreignKeys")}
    assert {name for (name,) in tables} == own | set(LONG) != set()
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_sqlite_joins_models_and_papers(database: sqlite3.Connection) -> None:
    papers, models = expected("papers"), expected("models")
    years = dict(zip(papers["paper_id"], papers["year"], strict=True))
    joined = database.execute("SELECT model_id, year FROM models JOIN papers USING (paper_id)").fetchall()
    assert sorted(joined) == sorted(
        (model, years[paper]) for model, paper in zip(models["model_id"], models["paper_id"], strict=True) if paper
    )


@pytest.mark.parametrize("name", LONG)
def test_long_tables_have_a_row_a_value(release: Path, database: sqlite3.Connection, name: str) -> None:
    frame = pandas.read_parquet(release / f"parquet/{name}.parquet")
    keys = dict.fromkeys(schema(LONG[name][0])["primaryKey"], "str")
    assert pandas_types(frame) == keys | {"position": "Int64", LONG[name][1]: "str"}
    assert list(frame.itertuples(index=False, name=None)) == expected_long(name)
    assert sorted(database.execute(f'SELECT * FROM "{name}"')) == sorted(expected_long(name))


def test_sqlite_finds_words_in_both_languages(database: sqlite3.Connection) -> None:
    query = "SELECT paper_id FROM papers JOIN papers_search ON papers.rowid = papers_search.rowid WHERE papers_search"
    papers = expected("papers")
    for word in ("masked autoencoder", "基础模型"):
        columns = ("title", "former_titles", "short_name", "authors", "summary_en", "summary_zh")
        want = {
            papers["paper_id"][number]
            for number in range(len(papers["paper_id"]))
            if any(word in (papers[column][number] or "").lower() for column in columns)
        }
        assert {paper for (paper,) in database.execute(f"{query} MATCH ?", [f'"{word}"'])} == want != set()


@pytest.mark.parametrize("name", NAMES)
def test_jsonl_holds_types_and_arrays(release: Path, name: str) -> None:
    lines = (release / f"jsonl/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    checker = jsonschema.Draft202012Validator(read_json(release / f"jsonl/{name}.schema.json"))
    assert [error.message for row in rows for error in checker.iter_errors(row)] == []
    for field in schema(name)["fields"]:
        cells = expected(name)[field["name"]]
        want = [cell.isoformat() if isinstance(cell, date) else cell for cell in cells]
        if "delimiter" in field:
            want = [cell.split("|") if cell else [] for cell in want]
        assert [(type(row[field["name"]]), row[field["name"]]) for row in rows] == [(type(cell), cell) for cell in want]


def test_the_json_schema_refuses_what_the_table_schema_does(release: Path) -> None:
    [line, *_] = (release / "jsonl/papers.jsonl").read_text(encoding="utf-8").splitlines()
    checker = jsonschema.Draft202012Validator(read_json(release / "jsonl/papers.schema.json"))
    wrong = [{"paper_id": "No Slug"}, {"paper_id": None}, {"category": "other"}, {"year": "2024"}, {"tasks": "a|b"}]
    for change in [*wrong, {"first_public": "2024"}, {"extra": 1}]:
        assert list(checker.iter_errors(json.loads(line) | change)), change


@pytest.mark.parametrize("name", NAMES)
def test_openpyxl_reads_the_workbook(release: Path, name: str) -> None:
    book = openpyxl.load_workbook(release / "rsfm.xlsx")
    sheet = book[name]
    header, *rows = sheet.iter_rows(values_only=True)
    assert list(header) == [field["name"] for field in schema(name)["fields"]]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", sheet.dimensions)
    for number, field in enumerate(schema(name)["fields"]):
        got = [row[number].date() if isinstance(row[number], datetime) else row[number] for row in rows]
        assert got == expected(name)[field["name"]]
        if field.get("format") == "uri" and got and len(rows) < 60_000:
            assert sheet.cell(2, number + 1).hyperlink.target == got[0]


def unavailable(reason: str) -> NoReturn:
    """Skip where a reader is not installed; in CI, where it has to be, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.mark.parametrize("name", NAMES)
def test_hyparquet_reads_parquet(release: Path, name: str) -> None:
    """A small reader in JavaScript, for the browser."""
    node = shutil.which("node")
    script = ROOT / "tests/node/read_parquet.mjs"
    if node is None or not (script.parent / "node_modules/hyparquet").is_dir():
        unavailable("node or hyparquet is missing; npm ci --prefix tests/node installs it")
    command = [node, str(script), str(release / f"parquet/{name}.parquet")]
    rows = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    for column, cells in expected(name).items():
        want = [cell.isoformat() if isinstance(cell, date) else cell for cell in cells]
        is_date = any(isinstance(cell, date) for cell in cells)
        got = [row[column] for row in rows]
        assert [cell[:10] if is_date and cell else cell for cell in got] == want, column


@pytest.fixture(scope="module")
def rscript() -> str:
    """The path of Rscript, whose R has the packages that rsfm.R needs."""
    program = shutil.which("Rscript")
    if program is None:
        unavailable("Rscript is not installed")
    for package in ("readr", "jsonlite"):
        if subprocess.run([program, "-e", f"loadNamespace('{package}')"], capture_output=True, check=False).returncode:
            unavailable(f"the R package {package} is not installed")
    return program


def read_with_r(rscript: str, folder: Path, locale: str, scratch: Path) -> Any:
    """What R_SCRIPT says of the package in a folder."""
    script, output = scratch / "read.R", scratch / "read.json"
    script.write_text(R_SCRIPT, encoding="utf-8")
    command = [rscript, "--no-init-file", str(script), str(ROOT / "r/rsfm.R"), str(folder), str(output)]
    done = subprocess.run(command, env=os.environ | {"LC_ALL": locale}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = read_json(output)
    if result["utf8"] != [locale == "C.UTF-8"]:
        unavailable(f"R knows no locale {locale}")
    return result


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_r_reads_the_release(rscript: str, release: Path, tmp_path: Path, locale: str) -> None:
    read = read_with_r(rscript, release, locale, tmp_path)
    assert list(read["cells"]) == NAMES
    for name in NAMES:
        columns = expected(name)
        assert list(read["cells"][name]) == list(columns)
        assert read["rows"][name] == [len(next(iter(columns.values())))]
        assert read["classes"][name] == {field["name"]: [r_class(field)] for field in schema(name)["fields"]}
        assert read["missing"][name] == {column: [cells.count(None)] for column, cells in columns.items()}
        for column, cells in columns.items():
            texts = [cell.isoformat() if isinstance(cell, date) else cell for cell in cells]
            assert read["cells"][name][column] == texts, column
    assert read["authors"] == [authors.split("|") for authors in expected("papers")["authors"]]


def r_class(field: Mapping[str, Any]) -> str:
    """R's integers have 32 bits: only a column whose maximum says so can be one."""
    if field["type"] == "integer" and field.get("constraints", {}).get("maximum", 2**31) >= 2**31:
        return "numeric"
    return R[field["type"]]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_r_reads_cells_that_trip_readers(rscript: str, tmp_path: Path, locale: str) -> None:
    """What the tables may hold one day: the text NA, counts beyond 2^31, line breaks, other texts for missing."""
    fields = [{"name": "authors"}, {"name": "samples", "type": "integer"}, {"name": "seen", "type": "datetime"}]
    rows = [["NA", "5850000000", "2026-11-25T10:30:00Z"], ['王, "迪"\n \\n| 张 ', "-", ""], ["", "1", "-"]]
    resource = {"name": "papers", "path": "papers.csv", "schema": {"fields": fields, "missingValues": ["", "-"]}}
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}), encoding="utf-8")
    with (tmp_path / "papers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([[field["name"] for field in fields], *rows])
    read = read_with_r(rscript, tmp_path, locale, tmp_path)
    assert read["classes"]["papers"] == {
        "authors": ["character"],
        "samples": ["numeric"],
        "seen": ["POSIXct", "POSIXt"],
    }
    assert read["cells"]["papers"] == {
        "authors": [rows[0][0], rows[1][0], None],
        "samples": [5_850_000_000, None, 1],
        "seen": ["2026-11-25 10:30:00", None, None],
    }
