"""The strict CSV reader and the canonical writer, against each other, Python's csv module and DuckDB."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsfm import csvfile
from rsfm.sql import literal

CELLS = st.text(alphabet=st.sampled_from('ab",\n\r |é中 ;\t\\'), max_size=6)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
)


def kinds(parsed: csvfile.Parsed) -> list[tuple[str, int]]:
    return [(fault.kind, fault.line) for fault in parsed.faults]


@given(TABLES, st.sampled_from(",;\t|"))
def test_what_is_written_reads_back(table: list[list[str]], delimiter: str) -> None:
    header = [f"column{number}" for number in range(len(table[0]))]
    text = csvfile.canonical(header, table, delimiter)
    parsed = csvfile.parse(text, "t.csv", delimiter)
    assert parsed.header == header
    swallowed = [fault for fault in parsed.faults if fault.kind == "unbalanced-quote"]
    assert {fault.kind for fault in parsed.faults} <= {"unbalanced-quote", "blank-line"}
    if not swallowed:  # a cell may hold what looks like swallowed rows
        assert [cells for _, cells in parsed.rows] == [row for row in table if any(row)]  # a blank row is a fault


@given(TABLES)
def test_agrees_with_the_standard_library(table: list[list[str]]) -> None:
    header = [f"column{number}" for number in range(len(table[0]))]
    text = csvfile.canonical(header, table)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [header, *table]


@given(TABLES)
def test_lines_are_physical(table: list[list[str]]) -> None:
    cells = [[cell.replace("\r", "") for cell in row] for row in table]
    header = [f"column{number}" for number in range(len(cells[0]))]
    parsed = csvfile.parse(csvfile.canonical(header, cells), "t.csv")
    line = 2
    found = {start for start, _ in parsed.rows} | {fault.line for fault in parsed.faults}
    for row in cells:
        assert line in found
        line += 1 + sum(cell.count("\n") for cell in row)


@settings(deadline=None)
@given(TABLES, st.sampled_from(",;\t|"))
def test_sql_writes_the_same_canonical_line(table: list[list[str]], delimiter: str) -> None:
    columns = [f"c{number}" for number in range(len(table[0]))]
    expression = csvfile.canonical_sql(columns, delimiter)
    for row in table:
        values = ", ".join(f"{literal(cell)} AS {name}" for cell, name in zip(row, columns, strict=True))
        with duckdb.connect() as connection:
            found = connection.execute(f"SELECT {expression} FROM (SELECT {values})").fetchall()
        assert found == [(csvfile.canonical([], [row], delimiter)[1:-1],)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", []),
        ("a,b\n1\n", [("ragged-row", 2)]),
        ("a,b\n1,2,3\n", [("ragged-row", 2)]),
        ("a,b\n\n1,2\n", [("blank-line", 2)]),
        ('a,b\n"1",2\n', [("not-canonical", 2)]),
        ('a,b\n1"2,3\n', [("not-canonical", 2)]),
        ('a,b\n1,"2\n', [("unbalanced-quote", 2)]),
        ('a,b\n1,2\n3,"4" x\n', [("unbalanced-quote", 3)]),
        ('a,b\n1,"2\n3,4\n5,6"\n7,8\n', [("unbalanced-quote", 2)]),
        ('a,b\n"1\n2",3\n4\n', [("ragged-row", 4)]),
        ('a,b\n"1\n2","3\n', [("unbalanced-quote", 3)]),
        ('a,b\n1,"first, of two\nsecond, and last"\n', []),
        ('a,b\n1,"x\ny"\n', []),
        ("a\n1\n", []),
        ('a\n""\n', [("blank-line", 2)]),
        ("a\n\n", [("blank-line", 2)]),
        ("a,b\r1\r", [("ragged-row", 2)]),
    ],
)
def test_faults_of_form(text: str, expected: list[tuple[str, int]]) -> None:
    assert kinds(csvfile.parse(text, "t.csv")) == expected


def test_ragged_rows_keep_the_width_of_the_header() -> None:
    parsed = csvfile.parse("a,b\n1\n1,2,3\n", "t.csv")
    assert parsed.rows == [(2, ["1", ""]), (3, ["1", "2"])]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,2\n", []),
        (b"", [("empty-file", 1)]),
        (b"\xef\xbb\xbf", [("byte-order-mark", 1), ("empty-file", 1)]),
        (b"\xef\xbb\xbfa\n", [("byte-order-mark", 1)]),
        (b"a\n1\r\n", [("carriage-return", 2)]),
        (b"a\n1\n2\0\n", [("nul-byte", 3)]),
        (b"a\n\xe9\n", [("not-utf-8", 2)]),
        (b"a\nb\xe4\xb8", [("not-utf-8", 2), ("no-last-newline", 2)]),
        (b"a\n1", [("no-last-newline", 2)]),
    ],
)
def test_faults_of_bytes(data: bytes, expected: list[tuple[str, int]], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    found = [(fault.kind, fault.line) for fault in csvfile.scan(path, "t.csv").faults]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("chunk", [1, 2, 3, 5])
def test_the_scan_does_not_depend_on_its_chunks(chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("a,b\né,中\n1,\0\r\n".encode() + b"x,\xff\n1,2")
    whole = csvfile.scan(path, "t.csv")
    monkeypatch.setattr(csvfile, "CHUNK", chunk)
    assert csvfile.scan(path, "t.csv") == whole
    assert {fault.kind: fault.line for fault in whole.faults} == {
        "nul-byte": 3,
        "carriage-return": 3,
        "not-utf-8": 4,
        "no-last-newline": 5,
    }
