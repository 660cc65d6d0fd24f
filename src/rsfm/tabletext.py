"""A table's rows as the one text that its file has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rsfm import csvfile
from rsfm.package import Table


def table_text(table: Table, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The canonical CSV of the rows, sorted by the table's primary key."""
    key = [header.index(name) for name in table.primary_key if name in header]
    numeric = [table.by_name[header[number]].type == "integer" for number in key]

    def place(row: Sequence[str]) -> list[tuple[int, str]]:
        return [_sort_key(row[k], numeric=n) for k, n in zip(key, numeric, strict=True)]

    return csvfile.canonical(header, sorted(rows, key=place) if key else rows, table.delimiter)


def _sort_key(value: str, *, numeric: bool) -> tuple[int, str]:
    """How a key's cells are ordered: integers by value, then text by code point."""
    whole = numeric and re.fullmatch(r"[+-]?[0-9]{1,38}", value)
    return (int(value) if whole else 0), value
