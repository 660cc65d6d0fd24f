"""Strict CSV reading that knows the physical line of every row; the one canonical form of writing."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rsfm.package import Fault
from rsfm.sql import literal

CHUNK = 1 << 22
LARGEST_CELL = 100_000  # characters; a cell beyond this is a fault, a file is read whatever its cells hold

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Scan:
    """What the bytes of a file say before it is parsed."""

    size: int
    newlines: int
    quotes: int
    has_returns: bool
    has_nul: bool
    faults: tuple[Fault, ...]

    @property
    def decodable(self) -> bool:
        """Whether the file is text that can be parsed at all."""
        return not any(fault.kind in {"not-utf-8", "empty-file"} for fault in self.faults)


@dataclass(frozen=True)
class Parsed:
    """A parsed file: header, rows with the physical line each starts on, faults of form."""

    header: list[str]
    header_faults: tuple[Fault, ...]
    rows: list[Row]
    faults: tuple[Fault, ...]
    whole: bool


def scan(path: Path, name: str) -> Scan:
    """Look at the bytes of a file, in bounded memory; ``name`` is how faults call it. Raises OSError."""
    size = newlines = quotes = 0
    has_returns = False
    last = b""
    faults: dict[str, Fault] = {}
    decoder = codecs.getincrementaldecoder("utf-8")()

    def note(kind: str, line: int) -> None:
        faults.setdefault(kind, Fault(kind, name, line))

    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if size == 0 and chunk.startswith(codecs.BOM_UTF8):
                note("byte-order-mark", 1)
            for kind, sign in (("nul-byte", b"\0"), ("carriage-return", b"\r")):
                if kind not in faults and sign in chunk:
                    note(kind, newlines + chunk.count(b"\n", 0, chunk.index(sign)) + 1)
            pending = len(decoder.getstate()[0])
            if "not-utf-8" not in faults and (pending or not chunk.isascii()):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    note("not-utf-8", newlines + chunk.count(b"\n", 0, max(error.start - pending, 0)) + 1)
            quotes += chunk.count(b'"')
            has_returns = has_returns or b"\r" in chunk
            newlines += chunk.count(b"\n")
            size += len(chunk)
            last = chunk[-1:]
    if "not-utf-8" not in faults and decoder.getstate()[0]:
        note("not-utf-8", newlines + 1)
    if size == 0 or (size == 3 and "byte-order-mark" in faults):
        note("empty-file", 1)
    elif last not in (b"\n", b"\r"):
        note("no-last-newline", newlines + 1)
    return Scan(
        size=size,
        newlines=newlines,
        quotes=quotes,
        has_returns=has_returns,
        has_nul="nul-byte" in faults,
        faults=tuple(faults.values()),
    )


def read_header(path: Path, name: str, delimiter: str) -> Parsed:
    """The header alone, from the first MiB of a file that can be decoded."""
    with path.open("rb") as file:
        start = file.read(1 << 20)
    text = start.decode("utf-8-sig", errors="ignore")
    end = re.search(r"[\r\n]", text)
    if end and '"' not in text[: end.start()]:
        text = text[: end.start() + 1]
    return parse(text, name, delimiter, header_only=True)


def read(path: Path, name: str, delimiter: str) -> Parsed:
    """Parse a whole file; it must be UTF-8. Raises OSError and UnicodeDecodeError."""
    return parse(path.read_bytes().decode("utf-8-sig"), name, delimiter)


def parse(text: str, name: str, delimiter: str = ",", *, header_only: bool = False) -> Parsed:
    """Parse CSV text. Every row gets as many cells as the header; what had to be changed for that is a fault."""
    faults: list[Fault] = []
    rows: list[Row] = []
    header: list[str] | None = None
    header_faults: tuple[Fault, ...] = ()
    whole = True
    for line, cells, source in _rows(text, delimiter):
        if cells is None:
            faults.append(Fault("unbalanced-quote", name, line, {"start": _short(source)}))
            whole = False
            break
        if header is None:
            header, header_faults = cells, tuple(_header_faults(cells, name))
            if _canonical(cells, delimiter) != source:
                faults.append(Fault("not-canonical", name, line, {"found": _short(source)}))
            if header_only:
                break
            continue
        if not any(cells):
            faults.append(Fault("blank-line", name, line))
            continue
        if "\n" in source and any(_swallows_rows(cell, len(header), delimiter) for cell in cells):
            faults.append(Fault("unbalanced-quote", name, line, {"start": _short(source)}))
            whole = False
            continue
        if len(cells) != len(header):
            faults.append(Fault("ragged-row", name, line, {"found": len(cells), "expected": len(header)}))
            cells = (cells + [""] * len(header))[: len(header)]
        elif _canonical(cells, delimiter) != source:
            faults.append(Fault("not-canonical", name, line, {"found": _short(source)}))
        faults.extend(
            Fault("huge-cell", name, line, {"field": column, "length": len(cell)})
            for column, cell in zip(header, cells, strict=True)
            if len(cell) > LARGEST_CELL
        )
        rows.append((line, cells))
    return Parsed(header or [], header_faults, rows, tuple(faults), whole)


def canonical(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """The one way to write a table: LF, a quote only where a cell holds the delimiter, a quote or a line break."""
    return "".join(_canonical(row, delimiter) + "\n" for row in (header, *rows))


def _canonical(cells: Sequence[str], delimiter: str) -> str:
    if len(cells) == 1 and not cells[0]:
        return '""'  # an empty line would not be read as a row
    return delimiter.join(_quote(cell, delimiter) for cell in cells)


def _quote(cell: str, delimiter: str) -> str:
    if delimiter in cell or '"' in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def canonical_sql(columns: Sequence[str], delimiter: str) -> str:
    """An SQL expression for the canonical line of a row of these (quoted) columns; the same form as canonical()."""
    signs = f'[\\x{{{ord(delimiter):x}}}"\\n\\r]'
    cells = [
        f"CASE WHEN regexp_matches({column}, '{signs}') THEN '\"' || replace({column}, '\"', '\"\"') || '\"'"
        f" ELSE {column} END"
        for column in columns
    ]
    if len(cells) == 1:
        return f"CASE WHEN {columns[0]} = '' THEN '\"\"' ELSE {cells[0]} END"
    return f" || chr({ord(delimiter)}) || ".join(cells)


def text_rows_sql(path: str, columns: Sequence[str], missing: Sequence[str], delimiter: str = ",") -> str:
    """SQL for the rows of a CSV file (a literal) as text, under these names; missing values are NULL."""
    named = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    options = f"header = true, auto_detect = false, delim = {literal(delimiter)}, quote = '\"', escape = '\"'"
    limit = f"max_line_size = {LARGEST_CELL * 8}, nullstr = [{', '.join(map(literal, missing))}]"
    return f"read_csv({path}, {options}, {limit}, columns = {{{named}}})"


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | None, str]]:
    """Yield (physical line, cells, source without its line end); cells is None where a quote does not close."""
    sign = re.escape(delimiter)
    cell = re.compile(rf'(?:"((?:[^"]|"")*)"|((?!")[^{sign}\r\n]*))({sign}|\r\n|\n|\r|\Z)')
    position, line = 0, 1
    while position < len(text):
        start = position
        cells: list[str] = []
        while True:
            match = cell.match(text, position)
            if match is None:
                here = line + text.count("\n", start, position)
                yield here, None, text[position : position + 60]
                return
            quoted, plain, end = match.groups()
            cells.append(plain if quoted is None else quoted.replace('""', '"'))
            position = match.end()
            if end != delimiter:
                break
        yield line, cells, text[start : position - len(end)]
        line += max(text.count("\n", start, position), 1 if end == "\r" else 0)


def _header_faults(header: list[str], name: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, column in enumerate(header, start=1):
        if not column.strip():
            yield Fault("missing-header-name", name, 1, {"number": number})
        elif column in seen:
            yield Fault("repeated-header-name", name, 1, {"field": column})
        seen.add(column)


def _swallows_rows(cell: str, width: int, delimiter: str) -> bool:
    """Whether a cell holds whole rows, as it does when its quote was never meant to stay open so long.

    Every line behind the first has the delimiters of a row, none of them followed by a space as in prose; the last
    line may be the start of one.
    """
    counts = [len(re.findall(re.escape(delimiter) + "(?! )", line)) for line in cell.split("\n")[1:]]
    return width > 1 and width - 1 in counts and set(counts[:-1]) <= {width - 1} and counts[-1] < width


def _short(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= 60 else line[:57] + "..."
