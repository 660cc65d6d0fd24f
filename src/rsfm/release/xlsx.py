"""NAME.xlsx: one sheet a table, with a frozen header, filters and links that can be clicked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rsfm.engine import LINE, Engine
from rsfm.package import Field, Package, PackageError, Table
from rsfm.release.zips import write_zip
from rsfm.typed import PARSERS, TEXT, Value, kind_of, typed_columns

NAME, FOLDER = "xlsx", ""
ROWS, CELL, SHEET, LINKS = 1_048_576, 32_767, 31, 65_530
"""What Excel can hold: rows a sheet, characters a cell, characters a sheet's name, links a sheet."""
EXACT = 10**15  # Excel's numbers have 15 digits; a larger integer is written as text
FIRST_DAY = date(1900, 3, 1)  # before that day Excel counts wrongly; such a date is written as text
TIMES = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss"}


def fits(package: Package, engine: Engine) -> bool:
    """Whether a workbook can hold the tables."""
    for table in package.tables:
        longest = ", ".join(f"max(length({field.sql}))" for field in table.fields)
        rows, *lengths = engine.connection.execute(f"SELECT count(*), {longest} FROM {table.sql}").fetchone() or (0,)
        if rows >= ROWS or max(length or 0 for length in lengths) > CELL or len(table.name) > SHEET:
            return False
    return True


def write(package: Package, engine: Engine, folder: Path) -> None:
    """Write the workbook. Raises PackageError where xlsxwriter is not installed."""
    try:
        import xlsxwriter
    except ImportError:
        raise PackageError("a workbook needs xlsxwriter and openpyxl; install: pip install 'rsfm[release]'") from None
    path = _path(package, folder)
    try:
        _write(package, engine, path, xlsxwriter)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(getattr(error.args[0], "errno", None), str(error), str(path)) from None
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    write_zip(path, entries)


def _write(package: Package, engine: Engine, path: Path, xlsxwriter: Any) -> None:
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(path, options) as book:
        title = str(package.descriptor.get("title", package.descriptor["name"]))
        book.set_properties({"title": title, "created": datetime(1980, 1, 1)})
        styles = {name: book.add_format({"num_format": form}) for name, form in TIMES.items()}
        styles["head"] = book.add_format({"bold": True})
        for table in package.tables:
            _fill(book.add_worksheet(table.name), table, engine, styles)


def _fill(sheet: Any, table: Table, engine: Engine, styles: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 1)
    for number, field in enumerate(table.fields):
        sheet.set_column(number, number, 45 if field.name.startswith(("title", "summary", "url")) else 18)
    sheet.write_row(0, 0, [field.name for field in table.fields], styles["head"])
    query = f"SELECT {typed_columns(table.fields)} FROM {table.sql} ORDER BY {LINE}"
    cursor = engine.connection.execute(query)
    links = [field.format == "uri" for field in table.fields]
    last = 0
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            last += 1
            for number, value in enumerate(row):
                _put(sheet, last, number, value, styles, link=links[number] and last * sum(links) < LINKS)
    sheet.autofilter(0, 0, last, len(table.fields) - 1)


def _put(sheet: Any, row: int, column: int, value: Value, styles: dict[str, Any], *, link: bool) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, str):
        if link and len(value) < 2000:
            sheet.write_url(row, column, value, string=value)
        else:
            sheet.write_string(row, column, value)
    elif isinstance(value, date):  # a datetime is a date too
        kind = "datetime" if isinstance(value, datetime) else "date"
        day = value.date() if isinstance(value, datetime) else value
        if day < FIRST_DAY or (isinstance(value, datetime) and value.microsecond):
            sheet.write_string(row, column, value.isoformat())
        else:
            sheet.write_datetime(row, column, value, styles[kind])
    elif isinstance(value, int) and abs(value) >= EXACT:
        sheet.write_string(row, column, str(value))
    else:
        sheet.write_number(row, column, value)


def read(package: Package, folder: Path, table: Table) -> Iterator[tuple[Value, ...]]:
    """The rows of a table, typed."""
    from openpyxl import load_workbook

    book = load_workbook(_path(package, folder), read_only=True)
    try:
        width = len(table.fields)
        for row in book[table.name].iter_rows(min_row=2, max_col=width, values_only=True):
            cells = (*row, *[None] * (width - len(row)))
            yield tuple(_restored(value, field) for value, field in zip(cells, table.fields, strict=True))
    finally:
        book.close()


def _restored(value: Any, field: Field) -> Value:
    kind = kind_of(field)
    if value is None or kind is TEXT or isinstance(value, bool):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str):
        return PARSERS[field.type](value)
    if kind.arrow == "date" and isinstance(value, datetime):
        return value.date()
    restored: Value = {"int64": int, "float64": float}.get(kind.arrow, lambda same: same)(value)
    return restored


def _path(package: Package, folder: Path) -> Path:
    return folder / f"{package.descriptor['name']}.xlsx"
